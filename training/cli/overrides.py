"""`ymal pin`, `ban`, `withdraw` and `overrides`: overrides by editors, live within a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from recommender.artifact import open_version
from recommender.blocks import BLOCKS
from recommender.cached_version import NO_SECTION, CachedVersion
from recommender.overrides import ARTICLES, Override, load
from training import release
from training.cli import options, output
from training.cli.override_checks import (
    check_effect,
    check_known_names,
    check_terms,
    find_warnings,
)
from training.cli.times import read_moment
from training.errors import UsageError
from training.records import to_datetime

Story = Annotated[str, typer.Argument(metavar="ID", help="Id of the article.")]
BlockKey = Annotated[
    str | None,
    typer.Option(metavar="KEY", help=f"Block: {', '.join(BLOCKS)}."),
]
Article = Annotated[str | None, typer.Option(metavar="ID", help="Only on this article's page.")]
Section = Annotated[str | None, typer.Option(metavar="NAME", help="Only on this section's pages.")]
Who = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Author, for the audit log. [default: the current user]"),
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Start, ISO 8601. [default: now]"),
]
Until = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="End, ISO 8601. [default: never]"),
]
Unknown = Annotated[
    bool,
    typer.Option(
        "--unknown",
        help="Insist on an id, section or block that the served version does not have.",
    ),
]


@dataclass(frozen=True)
class OverrideTerms:
    """Author, reason, start and end of an override, as given on the command line.

    `unknown` insists on an id, section or block that the served version does not have.
    """

    who: str | None
    why: str
    starts: str | None
    until: str | None
    unknown: bool


def pin(
    story: Story,
    slot: Annotated[int, typer.Option(min=1, max=100, metavar="N", help="Slot, from 1.")] = 1,
    block: BlockKey = "related",
    article: Article = None,
    section: Section = None,
    why: options.Reason = "",
    who: Who = None,
    from_: From = None,
    until: Until = None,
    unknown: Unknown = False,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Put a story at a slot of a block.

    On every page, on the pages of a section, or on the page of one article.
    """
    override = Override("", "pin", story, block, slot, article, section)
    _add(override, OverrideTerms(who, why, from_, until, unknown), config, artifacts, json=json)


def ban(
    story: Story,
    block: BlockKey = None,
    article: Article = None,
    section: Section = None,
    why: options.Reason = "",
    who: Who = None,
    from_: From = None,
    until: Until = None,
    unknown: Unknown = False,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Keep a story out of a block, a page, a section or everything.

    Without --block, --article and --section it is banned everywhere.
    """
    override = Override("", "ban", story, block, None, article, section)
    _add(override, OverrideTerms(who, why, from_, until, unknown), config, artifacts, json=json)


def withdraw(
    story: Story,
    why: options.Reason = "",
    who: Who = None,
    from_: From = None,
    until: Until = None,
    unknown: Unknown = False,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Take an article out of all lists and blocks.

    It stays out until `ymal overrides --lift`.
    """
    override = Override("", "withdraw", story)
    _add(override, OverrideTerms(who, why, from_, until, unknown), config, artifacts, json=json)


def overrides(
    lift: Annotated[
        list[str] | None,
        typer.Option(metavar="OVERRIDE", help="Id of an override to end; may be repeated."),
    ] = None,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """List the pins, bans and withdrawals, or lift some of them."""
    directory = options.artifacts_of(config, artifacts)
    release.served_name(directory)
    by_articles, complaint = load(directory, ARTICLES)
    if complaint:
        output.warn(complaint)
    if lift:
        found = release.change_overrides(
            directory, "lift", lambda now: _without(now, lift, by_articles)
        )
    else:
        found, complaint = load(directory)
        if complaint:
            output.warn(complaint)
    if json:
        output.print_json([override.as_dict() for override in (*found, *by_articles)])
    elif found or by_articles:
        signed = (override._replace(who="from the articles") for override in by_articles)
        output.print_table([_row(override) for override in (*found, *signed)])
    else:
        output.print_text("nothing is pinned, banned or withdrawn")


def _add(
    override: Override,
    terms: OverrideTerms,
    config: Path | None,
    artifacts: Path | None,
    *,
    json: bool,
) -> None:
    """Add an override, and print the id that lifts it."""
    directory = options.artifacts_of(config, artifacts)
    version = open_version(directory / "versions" / release.served_name(directory))
    now = datetime.now(UTC).replace(microsecond=0)
    starts, until = _time("--from", terms.starts), _time("--until", terms.until)
    check_terms(override, starts, until, now)
    cached = CachedVersion(version)
    if not terms.unknown:
        check_known_names(override, cached)
    check_effect(override, cached, directory)
    section = override.section
    if section is not None and (code := cached.section_code(section)) != NO_SECTION:
        section = version.section_names[code]
    wanted = override._replace(
        section=section,
        who=release.current_user() if terms.who is None else terms.who,
        why=terms.why,
        when=now,
        starts=starts,
        until=until,
    )
    changed = release.change_overrides(
        directory,
        override.action,
        lambda found: [*found, wanted._replace(id=_free_id(found, now))],
    )
    added = changed[-1]
    for warning in find_warnings(added, changed[:-1], version):
        output.warn(warning)
    if json:
        output.print_json(added.as_dict())
    else:
        output.print_table([_row(added)])
        begins = f"from {terms.starts} on" if starts and starts > now else "within a second"
        output.print_text(f"in force {begins}; to end it: ymal overrides --lift {added.id}")


def _without(
    found: Sequence[Override], ids: Sequence[str], by_articles: Sequence[Override]
) -> list[Override]:
    known = {override.id for override in found}
    stories = {override.id: override.story for override in by_articles}
    for name in ids:
        if name in stories and name not in known:
            raise UsageError(
                f"--lift {name}: the articles say that {stories[name]!r} is withdrawn, not "
                "published or gone; correct them, and run ymal refresh"
            )
        if name not in known:
            raise UsageError(f"--lift {name}: no such override; ymal overrides lists them")
    return [override for override in found if override.id not in ids]


def _free_id(found: Sequence[Override], now: datetime) -> str:
    """Return an unused id: the time, with a counter if that id is in use."""
    taken = {override.id for override in found}
    stem = now.strftime("o%y%m%d-%H%M%S")
    return next(
        name for name in (stem, *(f"{stem}-{n}" for n in range(2, 1000))) if name not in taken
    )


def _time(option: str, text: str | None) -> datetime | None:
    return None if text is None else to_datetime(read_moment(text, option))


def _row(override: Override) -> list[str]:
    """Return the table cells of an override."""
    where = override.block or ("" if override.action == "withdraw" else "every block")
    if override.slot:
        where += f" slot {override.slot}"
    page = "" if override.action == "withdraw" else "every page"
    if override.article is not None:
        page = f"page of {override.article}"
    elif override.section is not None:
        page = f"section {override.section}"
    fields = override.as_dict()
    span = " ".join(f"{name} {fields[name]}" for name in ("from", "until") if name in fields)
    signed = f"{override.who}: {override.why}" if override.why else override.who
    cells = [override.id, override.action, override.story, where, page, span, signed]
    return [" ".join(str(part).split()) for part in cells]
