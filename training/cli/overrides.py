"""`ymal pin`, `ban`, `withdraw` and `overrides`: overrides by editors, live within a second."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from recommender.artifact import Version, open_version
from recommender.blocks import BLOCKS
from recommender.cached_version import UNKNOWN, CachedVersion
from recommender.overrides import Override, load
from training import release
from training.cli import options, output
from training.cli.times import read_moment
from training.errors import UsageError
from training.records import to_datetime

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
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Reason, for the audit.")]
Who = Annotated[
    str | None,
    typer.Option("--who", metavar="NAME", help="Who wants it. [default: the user who runs this]"),
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Start, ISO 8601. [default: now]"),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="End, ISO 8601. [default: never]"),
]


@dataclass(frozen=True)
class OverrideTerms:
    """Author, reason, start and end of an override, as given on the command line."""

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
    """Put a story at a slot of a block: on one article's page, a section's pages, or all pages."""
    override = Override("", "pin", story, block, slot, article, section)
    _add(override, OverrideTerms(who, why, from_, until), config, artifacts, json=json)


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
    """Keep a story out of a block, an article's page, a section's pages, or all pages."""
    override = Override("", "ban", story, block, None, article, section)
    _add(override, OverrideTerms(who, why, from_, until), config, artifacts, json=json)


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
    """Take an article out of all lists and blocks, until `ymal overrides --lift`."""
    override = Override("", "withdraw", story)
    _add(override, OverrideTerms(who, why, from_, until), config, artifacts, json=json)


def overrides(
    lift: Annotated[
        list[str] | None,
        typer.Option("--lift", metavar="OVERRIDE", help="Override to end; may be repeated."),
    ] = None,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """List what is pinned, banned and withdrawn, or lift some of it."""
    directory = options.artifacts_of(config, artifacts)
    release.served_name(directory)
    if lift:
        found = release.change_overrides(directory, "lift", lambda now: _without(now, lift))
    else:
        found, complaint = load(directory)
        if complaint:
            output.warn(complaint)
    if json:
        output.say_json([override.as_dict() for override in found])
    elif found:
        output.table([_row(override) for override in found])
    else:
        output.say("nothing is pinned, banned or withdrawn")


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
    _check(override, starts, until, now)
    wanted = override._replace(
        who=release.current_user() if terms.who is None else terms.who,
        why=terms.why,
        when=now,
        starts=starts,
        until=until,
    )
    written = release.change_overrides(
        directory,
        override.action,
        lambda found: [*found, wanted._replace(id=_free_id(found, now))],
    )
    added = written[-1]
    for warning in _warnings(added, written[:-1], version):
        output.warn(warning)
    if json:
        output.say_json(added.as_dict())
    else:
        output.table([_row(added)])
        begins = f"from {terms.starts} on" if starts and starts > now else "within a second"
        output.say(f"in force {begins}; to end it: ymal overrides --lift {added.id}")


def _check(
    override: Override, starts: datetime | None, until: datetime | None, now: datetime
) -> None:
    for option, value in (("ID", override.story), ("--block", override.block)):
        if value == "":
            raise UsageError(f"{option} is empty; give a value")
    for option, value in (("--article", override.article), ("--section", override.section)):
        if value == "":
            raise UsageError(f"{option} is empty; leave it out for every page")
    if override.block is not None and override.block not in BLOCKS:
        raise UsageError(
            f"--block {override.block}: no such block; choose one of {', '.join(BLOCKS)}"
        )
    if override.article is not None and override.section is not None:
        raise UsageError("--article and --section exclude each other; leave one out")
    if until and until <= now:
        raise UsageError(f"--until {until.isoformat()}: it has passed; give a later time")
    if until and starts and until <= starts:
        raise UsageError(f"--until {until.isoformat()}: it is not after --from; give a later time")


def _warnings(added: Override, others: Sequence[Override], version: Version) -> Iterator[str]:
    """Yield a line for each possible mistake."""
    cached = CachedVersion(version)
    for article in (added.story, added.article):
        if article is not None and cached.row(article) == UNKNOWN:
            yield f"version {cached.name} has no article {article!r}; check the id"
    names = [version.section_names[row] for row in range(len(version.section_names))]
    if added.section is not None and added.section not in names:
        folded = {name.casefold(): name for name in names}
        near = difflib.get_close_matches(added.section.casefold(), folded, 1, 0.5)
        advice = f"did you mean {folded[near[0]]}?" if near else f"there are {', '.join(names)}"
        yield f"no article has the section {added.section!r}; {advice}"
    if added.action != "pin":
        return
    plans = {plan.key: plan for plan in version.page}
    if added.block not in plans:
        yield f"the page has no block {added.block}; the pin has no effect until [[page]] has it"
    elif (added.slot or 1) > plans[added.block].slots:
        yield f"block {added.block} has only {plans[added.block].slots} slots; the pin is ignored"
    if added.story == added.article:
        yield "an article is never shown on its own page; the pin has no effect"
    for other in others:
        same = (other.action, other.block, other.slot, other.article, other.section)
        if same == (added.action, added.block, added.slot, added.article, added.section):
            yield f"it replaces {other.id} ({other.story}) while both are in force"


def _without(found: Sequence[Override], ids: Sequence[str]) -> list[Override]:
    known = {override.id for override in found}
    for name in ids:
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
    written = override.as_dict()
    span = " ".join(f"{name} {written[name]}" for name in ("from", "until") if name in written)
    signed = f"{override.who}: {override.why}" if override.why else override.who
    cells = [override.id, override.action, override.story, where, page, span, signed]
    return [" ".join(str(part).split()) for part in cells]
