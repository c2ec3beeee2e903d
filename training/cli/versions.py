"""`ymal versions`, `diff` and `prune`: list versions, compare two, remove old ones."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from training import release
from training.cli import options, output
from training.config import load
from training.records import Int32, Int64, quantity
from training.release import VersionSummary
from training.storage import Arrays
from training.strings import StringArray

MAX_ARTICLES_NAMED = 10
"""Maximum number of articles that `diff` prints of each kind."""


def versions(
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """List the versions, newest first, with their status."""
    directory = options.artifacts_of(config, artifacts)
    release.served_name(directory)
    found = [_describe(version) for version in reversed(release.list_versions(directory))]
    held = release.read_hold(directory)
    if json:
        output.print_json({"hold": None if held is None else str(held), "versions": found})
        return
    head = ["version", "created", "MB", "articles", "views", "items", "overlap", "status", "reason"]
    output.print_table([head, *(_row(version) for version in found)])
    size = sum(version["bytes"] + version["state_bytes"] for version in found)
    output.print_text(f"{quantity(len(found), 'version')}, {size / 1e6:.1f} MB with states")
    if held is not None:
        output.print_text(f"{held}; ymal release lifts the hold")


def diff(
    before: Annotated[
        str, typer.Argument(metavar="BEFORE", help="Name of a version, as in ymal versions.")
    ],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Name of a later version.")],
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Compare two versions: articles, lists, and what moved most."""
    directory = options.artifacts_of(config, artifacts)
    older, newer = (_arrays(directory, name) for name in (before, after))
    found = release.compare_versions(older, newer)
    moved = found.after - found.before
    movers = np.argsort(-np.abs(moved), kind="stable")[:MAX_ARTICLES_NAMED]
    report = {
        "before": before,
        "after": after,
        "gone": {
            "count": len(found.gone),
            "first": _titles(older, found.gone[:MAX_ARTICLES_NAMED]),
        },
        "new": {"count": len(found.new), "first": _titles(newer, found.new[:MAX_ARTICLES_NAMED])},
        "lists": found.common,
        "changed": round(found.changed, 4),
        "overlap": round(found.mean_overlap, 4),
        "movers": [
            {**title, "before": int(found.before[row]), "after": int(found.after[row])}
            for title, row in zip(_titles(newer, movers), movers.tolist(), strict=True)
            if moved[row]
        ],
    }
    if json:
        output.print_json(report)
    else:
        _report(report)


def prune(
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Remove the versions and states that [versions] does not keep.

    Also remove what killed runs left behind.
    """
    settings = load(config)
    directory = settings.artifacts(artifacts)
    release.served_name(directory)
    gone = release.clean_up(directory, settings.config.versions)
    if json:
        output.print_json({"removed": gone})
    else:
        output.print_text(f"removed {', '.join(gone)}" if gone else "nothing to remove")


def _arrays(artifacts: Path, name: str) -> Arrays:
    release.version_directory(artifacts, name)  # an unknown name is a usage error, not damage
    return release.read_version(artifacts, name).arrays


def _describe(version: VersionSummary) -> dict[str, Any]:
    fields = version.fields
    counts, lists, model, seconds = (
        fields[part] if isinstance(fields.get(part), dict) else {}
        for part in ("counts", "lists", "model", "seconds")
    )
    return {
        "version": version.name,
        "standing": version.status,
        "created": fields.get("created"),
        "bytes": version.bytes,
        "state_bytes": version.state_bytes,
        "counts": counts,
        "lists": lists,
        "model": model,
        "seconds": seconds.get("total"),
        "damage": version.damage,
        **version.decision.as_dict(),
    }


def _row(version: dict[str, Any]) -> list[str]:
    counts, overlap = version["counts"], version["figures"].get("overlap")
    reasons = version["damage"] or "; ".join(version["outside"]) or version["held"] or ""
    return [
        version["version"],
        str(version["created"] or "-"),
        f"{(version['bytes'] + version['state_bytes']) / 1e6:.1f}",
        *(_count(counts.get(name)) for name in ("articles", "views")),
        _count(version["lists"].get("own_items")),
        "-" if overlap is None else f"{overlap:.1%}",
        version["standing"],
        " ".join(reasons.split()),
    ]


def _count(value: object) -> str:
    return f"{value:,}" if type(value) is int else "-"


def _titles(arrays: Arrays, rows: Int32 | Int64) -> list[dict[str, str]]:
    ids = StringArray(arrays["ids"], arrays["id_ends"])
    titles = StringArray(arrays["titles"], arrays["title_ends"])
    return [{"id": ids[row], "title": titles[row]} for row in rows]


def _report(report: dict[str, Any]) -> None:
    for kind in ("gone", "new"):
        output.print_text(f"{quantity(report[kind]['count'], 'article')} {kind}")
        output.print_table(
            [["", part["id"], part["title"] or "-"] for part in report[kind]["first"]]
        )
    output.print_text(
        f"{quantity(report['lists'], 'list')} compared: in {report['changed']:.1%} the "
        f"first five items changed; on average {report['overlap']:.1%} of them stay"
    )
    if report["movers"]:
        output.print_text("articles that moved most, by the number of lists that hold them:")
        output.print_table(
            [
                ["", part["id"], part["title"] or "-", f"{part['before']:,} to {part['after']:,}"]
                for part in report["movers"]
            ]
        )
