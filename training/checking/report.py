"""The report of a check: facts as tables, findings, and the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

from training.checking.counting import MAX_EXAMPLES
from training.checking.facts import DayTraffic, Facts
from training.checking.findings import (
    GATE_RULES,
    UNKNOWN_WITHDRAWAL,
    Finding,
    find,
    quarantine_of,
    refusal_finding,
)
from training.config import Config
from training.data import first_of_each_reason
from training.errors import EXIT_DATA, EXIT_OK, EXIT_REFUSED, EXIT_UNKNOWN_WITHDRAWAL, DataError
from training.records import QuarantinedRow, Site, quantity

TERMINAL_DAYS: Final = 14
"""Number of last days shown in a terminal."""

PAGE_DAYS: Final = 60
"""Number of last days shown on a page."""

MAX_LANGUAGES: Final = 10
"""Number of most frequent languages shown."""


EXIT_CODES: Final = {
    UNKNOWN_WITHDRAWAL.key: EXIT_UNKNOWN_WITHDRAWAL,
    **{rule.key: EXIT_REFUSED for rule in GATE_RULES},
}
"""Exit codes of findings that stop training, other than `EXIT_DATA`."""


@dataclass(frozen=True)
class ReportPart:
    """A part of the report.

    Attributes
    ----------
    title : its heading.
    rows : rows of its table.
    head : column headings; empty if the rows need none.
    bars : a number for each row, for a bar chart; may be empty.
    """

    title: str
    rows: Sequence[Sequence[str]]
    head: Sequence[str] = ()
    bars: Sequence[int] = ()


@dataclass(frozen=True)
class CheckReport:
    """The result of a check.

    Attributes
    ----------
    findings : the most serious first.
    facts : facts of the site; None if the files cannot be read at all.
    examples : bad rows, a few of each reason, with masked readers.
    config : configuration of the site.
    """

    findings: Sequence[Finding]
    facts: Facts | None
    examples: Sequence[QuarantinedRow]
    config: Config

    @property
    def exit_code(self) -> int:
        """The exit code of `ymal train`, as far as it depends on the input."""
        stops = (finding.key for finding in self.findings if finding.level == "stops")
        return next((EXIT_CODES.get(key, EXIT_DATA) for key in stops), EXIT_OK)

    @property
    def verdict(self) -> str:
        """One line: whether training can start."""
        if self.exit_code == EXIT_REFUSED:
            return (
                f"The gate would refuse what is trained, with exit code {self.exit_code}; "
                "ymal train --force --why REASON serves it nevertheless."
            )
        if self.exit_code:
            return f"Training would stop, with exit code {self.exit_code}."
        harms = sum(finding.level == "harms" for finding in self.findings)
        if harms:
            subject = "one finding harms" if harms == 1 else f"{quantity(harms, 'finding')} harm"
            return f"Training may start; {subject} the lists."
        return "Training may start."

    def as_dict(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {
            "may_train": self.exit_code == EXIT_OK,
            "findings": [asdict(finding) for finding in self.findings],
            "facts": self.facts and asdict(self.facts),
            "examples": [asdict(row) for row in self.examples],
        }


def report(site: Site, facts: Facts) -> CheckReport:
    """Report on a site that can be read."""
    return CheckReport(find(facts, site.config), facts, _examples(site.quarantine), site.config)


def refusal(error: DataError, config: Config, lenient: CheckReport | None) -> CheckReport:
    """Report on files that cannot be read for training.

    Parameters
    ----------
    error : DataError
        The error of reading for training.
    config : Config
        All settings.
    lenient : CheckReport or None
        Report on the same files, read with any share of bad rows; None if that fails too.
    """
    if lenient is None:
        return CheckReport([refusal_finding(error)], None, _examples(quarantine_of(error)), config)
    return CheckReport(
        [refusal_finding(error), *lenient.findings], lenient.facts, lenient.examples, config
    )


def _examples(rows: Sequence[QuarantinedRow]) -> list[QuarantinedRow]:
    return first_of_each_reason(rows, MAX_EXAMPLES)


def parts(report: CheckReport, *, page: bool = False) -> Iterator[ReportPart]:
    """Yield the parts of a report; a page shows more days, and also the hours."""
    facts = report.facts
    if facts is not None:
        yield _rows(facts)
    if report.examples:
        rows = [[r.reason, f"{r.file}:{r.line}", _short(r.value)] for r in report.examples]
        yield ReportPart("Rows left out, examples", rows, ("why", "where", "found"))
    if facts is None:
        return
    yield _articles(facts)
    if facts.views.read:
        yield _days(facts, PAGE_DAYS if page else TERMINAL_DAYS)
        if page:
            yield _hours(facts)
        if facts.strangers:
            yield _unknown_ids(facts)
        yield _readers(facts)
        yield _sessions(facts)
    yield _learning(facts, report.config)
    yield _blocks(facts, report.config)


def share(part: int, whole: int) -> str:
    """Return a share as a percentage."""
    return f"{part / whole:.1%}" if whole else "-"


def _rows(facts: Facts) -> ReportPart:
    labels = {
        "read": "read",
        "kept": "kept",
        "quarantined": "left out, cannot be used",
        "duplicate": "duplicate",
        "unknown": "of unknown articles",
        "unpublished": "not published",
        "navigation": "of front and section pages",
        "other_events": "other events",
    }
    inputs = facts.articles, facts.views
    rows = [[name, *(f"{getattr(of, key):,}" for of in inputs)] for key, name in labels.items()]
    return ReportPart("Rows", rows, ("", "articles", "views"))


def _minute(time: str | None) -> str:
    return time[:16].replace("T", " ") if time else "none"


def _short(value: str) -> str:
    bare = " ".join(value.split())
    return repr(bare[:60] + ("…" if len(bare) > 60 else ""))


def _articles(facts: Facts) -> ReportPart:
    catalog = facts.catalog
    described = {
        "without title": catalog.without_title,
        "without body": catalog.without_body,
        "without both": catalog.without_text,
        "without section": catalog.without_section,
        "without time": catalog.without_time,
        "published at now or later": catalog.future,
        "with the same body as another": catalog.same_body,
    }
    always = {"with an odd id": catalog.odd_ids, "never viewed": catalog.never_viewed}
    named = {**(described if facts.articles.read else {}), **always}
    rows = [[name, f"{count:,}", share(count, catalog.count)] for name, count in named.items()]
    rows += [
        [f"in language {name!r}", f"{count:,}", share(count, catalog.count)]
        for name, count in [*catalog.languages.items()][:MAX_LANGUAGES]
    ]
    sampled = sum(catalog.scripts.values())
    rows += [
        [f"in {name} script", "", share(count, sampled)] for name, count in catalog.scripts.items()
    ]
    head = [["all", f"{catalog.count:,}", ""], ["sections", f"{catalog.sections:,}", ""]]
    return ReportPart("Articles", [*head, *rows], ("", "articles", "share"))


def _days(facts: Facts, max_days: int) -> ReportPart:
    """Show the last days, including days without views."""
    by_day = {date.fromisoformat(day.day): day for day in facts.times.days}
    last = max(by_day, default=date.min)
    span = min((last - min(by_day, default=last)).days + 1, max_days)
    days = [last - timedelta(days=back) for back in reversed(range(span))]
    found = [by_day.get(day, DayTraffic(str(day), 0, 0)) for day in days]
    rows = [[day.day, f"{day.views:,}", share(day.unknown, day.views)] for day in found]
    head = "", "views", "of unknown articles"
    return ReportPart("Views by day (UTC)", rows, head, [day.views for day in found])


def _hours(facts: Facts) -> ReportPart:
    hours = facts.times.hours
    rows = [[f"{hour:02}:00", f"{views:,}"] for hour, views in enumerate(hours)]
    return ReportPart("Views by hour of the day (UTC)", rows, ("", "views"), hours)


def _unknown_ids(facts: Facts) -> ReportPart:
    rows = [[repr(name), f"{views:,}"] for name, views in facts.strangers.items()]
    return ReportPart("Most viewed unknown articles", rows, ("id", "views"))


def _readers(facts: Facts) -> ReportPart:
    readers, times, kept = facts.readers, facts.times, facts.views.kept
    busiest, quietest = (pick(range(24), key=times.hours.__getitem__) for pick in (max, min))
    rows = {
        "now (UTC)": _minute(times.now),
        "first view": _minute(times.oldest),
        "newest view": _minute(times.newest),
        "age of the newest view": "-"
        if times.age_hours is None
        else f"{times.age_hours:,.1f} hours",
        "busiest hour": f"{busiest:02}:00",
        "quietest hour": f"{quietest:02}:00",
        "readers": f"{readers.count:,}",
        "robots": f"{readers.robots:,}",
        "views without a reader": share(facts.without_reader, kept),
        "views of robots": share(readers.robots_views, kept),
        "most views of a reader on a day": f"{readers.most_in_a_day:,}",
        "views before publication": f"{times.before_publication:,}",
        "views beyond max_views": f"{facts.sessions.over_session:,}",
        "views beyond max_day_views": f"{facts.sessions.over_day:,}",
    }
    return ReportPart("Readers and times", [*rows.items()])


def _sessions(facts: Facts) -> ReportPart:
    count, bins = facts.sessions.count, facts.sessions.by_views
    rows = [[name, f"{number:,}", share(number, count)] for name, number in bins.items()]
    return ReportPart("Sessions by length", rows, ("views", "sessions", "share"), [*bins.values()])


def _learning(facts: Facts, config: Config) -> ReportPart:
    learning, ranking = facts.learning, config.ranking
    enough = learning.lately >= ranking.min_transitions
    rows = {
        "model": "learned from readers" if enough else "the prior over text, section and age",
        "days of views": f"{facts.times.history_days:g}",
        "next clicks": f"{learning.next_reads:,}",
        f"in the last {quantity(ranking.learn_days, 'day')}": f"{learning.lately:,}, needed "
        f"{ranking.min_transitions:,}",
        "articles with 5 next clicks or more": f"{learning.from_5:,}",
        "articles with 20 or more": f"{learning.from_20:,}",
        "views of the last 7 days": f"{learning.week:,}",
        "those on articles with text": share(learning.week_with_text, learning.week),
        "articles that get a list": f"{learning.sources:,}",
        "articles that may be recommended": f"{learning.eligible:,}",
    }
    return ReportPart("What can be learned", [*rows.items()])


def _blocks(facts: Facts, config: Config) -> ReportPart:
    found: Mapping[str, int] = facts.learning.blocks
    rows = [[block.title, f"{found[block.key]:,}", str(block.slots)] for block in config.page]
    return ReportPart("The page", rows, ("block", "eligible stories", "slots"))
