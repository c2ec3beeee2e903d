"""`ymal pin`, `ban`, `withdraw` and `overrides`: what editors want, at the next request."""

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from recommender import ArtifactError, Recommender
from recommender.artifact import BLOCKS
from recommender.overrides import Override, load
from training import release
from training.cli import options, output
from training.cli.moment import read_moment
from training.config import load as load_config
from training.errors import UsageError
from training.records import moment

Story = Annotated[str, typer.Argument(metavar="ID", help="Id of the article.")]
BlockKey = Annotated[
    str | None,
    typer.Option("--block", metavar="KEY", help=f"One of {', '.join(BLOCKS)}."),
]
Article = Annotated[
    str | None, typer.Option("--article", metavar="ID", help="Only on this article's page.")
]
Section = Annotated[
    str | None, typer.Option("--section", metavar="NAME", help="Only on this section's pages.")
]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="For those who come later.")]
Who = Annotated[
    str | None, typer.Option("--who", metavar="NAME", help="Who wants it; by default who runs it.")
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="When it begins; ISO 8601, by default at once."),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="When it ends; ISO 8601, by default never."),
]


@dataclass(frozen=True)
class Wish:
    """Who wants an override, why, and for how long, as the command line has it."""

    who: str | None
    why: str
    starts: str | None
    until: str | None


def pin(
    story: Story,
    slot: Annotated[int, typer.Option("--slot", min=1, max=100, help="Place in the block.")] = 1,
    block: BlockKey = "related",
    article: Article = None,
    section: Section = None,
    why: Why = "",
    who: Who = None,
    from_: From = None,
    until: Until = None,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Put a story at a slot of a block: on one article's page, a section's pages, or every page."""
    override = Override("", "pin", story, block, slot, article, section)
    _add(override, Wish(who, why, from_, until), config, artifacts, json=json)


def ban(
    story: Story,
    block: BlockKey = None,
    article: Article = None,
    section: Section = None,
    why: Why = "",
    who: Who = None,
    from_: From = None,
    until: Until = None,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Keep a story out of a block, an article's page, a section's pages, or everywhere."""
    override = Override("", "ban", story, block, None, article, section)
    _add(override, Wish(who, why, from_, until), config, artifacts, json=json)


def withdraw(
    story: Story,
    why: Why = "",
    who: Who = None,
    from_: From = None,
    until: Until = None,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Take an article out of every list and block, until it is lifted."""
    override = Override("", "withdraw", story)
    _add(override, Wish(who, why, from_, until), config, artifacts, json=json)


def overrides(
    lift: Annotated[
        list[str] | None,
        typer.Option("--lift", metavar="ID", help="End this override; may be repeated."),
    ] = None,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """List what is pinned, banned and withdrawn, or lift some of it."""
    directory = load_config(config).artifacts(artifacts)
    if lift:
        found = release.change_overrides(directory, lambda now: _lifted(now, lift))
    else:
        found, complaint = load(directory)
        if complaint:
            output.warn(complaint)
    if json:
        output.say_json([override.as_dict() for override in found])
    elif found:
        output.table([_told(override) for override in found])
    else:
        output.say("nothing is pinned, banned or withdrawn")


def _add(
    override: Override, wish: Wish, config: Path | None, artifacts: Path | None, *, json: bool
) -> None:
    """Write an override, and say under which id it can be lifted."""
    directory = load_config(config).artifacts(artifacts)
    if override.block is not None and override.block not in BLOCKS:
        raise UsageError(f"--block {override.block}: there are {', '.join(BLOCKS)}")
    if override.article is not None and override.section is not None:
        raise UsageError("--article and --section exclude each other")
    starts, until = _time("--from", wish.starts), _time("--until", wish.until)
    if until and until <= (starts or datetime.now(UTC)):
        raise UsageError(f"--until {wish.until}: it would end before it begins")

    def written(found: list[Override]) -> list[Override]:
        return [
            *found,
            Override(
                id=_next_id(found),
                action=override.action,
                story=override.story,
                block=override.block,
                slot=override.slot,
                article=override.article,
                section=override.section,
                who=getpass.getuser() if wish.who is None else wish.who,
                why=wish.why,
                when=datetime.now(UTC).replace(microsecond=0),
                starts=starts,
                until=until,
            ),
        ]

    added = release.change_overrides(directory, written)[-1]
    if added.action != "withdraw":
        _doubt(directory, added.story)
    if json:
        output.say_json(added.as_dict())
    else:
        output.table([_told(added)])
        output.say(f"in force within a second; to end it: ymal overrides --lift {added.id}")


def _lifted(found: Sequence[Override], ids: Sequence[str]) -> list[Override]:
    known = {override.id for override in found}
    for name in ids:
        if name not in known:
            raise UsageError(f"--lift {name}: there is no such override; ymal overrides lists them")
    return [override for override in found if override.id not in ids]


def _next_id(found: Sequence[Override]) -> str:
    numbers = [int(o.id[1:]) for o in found if o.id[:1] == "o" and o.id[1:].isdecimal()]
    return f"o{max(numbers, default=0) + 1}"


def _time(option: str, text: str | None) -> datetime | None:
    return None if text is None else moment(read_moment(text, option))


def _doubt(directory: Path, story: str) -> None:
    """Warn where the served version has no such article to pin or ban: it may be a mistake."""
    try:
        snapshot = Recommender.open(directory).snapshot()
    except ArtifactError:
        return
    if story not in snapshot:
        output.warn(f"version {snapshot.version} has no article {story!r}; check the id")


def _told(override: Override) -> list[str]:
    """Say an override on one line."""
    where = override.block or ("" if override.action == "withdraw" else "every block")
    if override.slot:
        where += f" slot {override.slot}"
    page = "every page"
    if override.article is not None:
        page = f"page of {override.article}"
    elif override.section is not None:
        page = f"section {override.section}"
    written = override.as_dict()
    span = f"{written.get('from', '')}…{written.get('until', '')}"
    signed = f"{override.who}: {override.why}" if override.why else override.who
    return [override.id, override.action, override.story, where, page, span, signed]
