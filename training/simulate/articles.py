"""Generate titles, bodies and tags of the simulated articles from the grammar."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from training.simulate.grammar import EventKind, Grammar, SectionGrammar
from training.simulate.newsroom import ROLES, SECONDS_OF_DAY, Coverage
from training.simulate.sampler import Sampler

_WEEKDAYS: Final = (
    "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
)  # fmt: skip
"""Indexed by days since 1970-01-01, which was a Thursday, modulo 7."""
_THEME: Final = 5
"""Number of section nouns that the articles about one event prefer."""
_TOPIC_TRIES: Final = 8


@dataclass(frozen=True)
class ArticleText:
    """Text of an article: plain title and slug, both unique within the site; HTML body; tags."""

    title: str
    slug: str
    body: str
    tags: list[str]


@dataclass(frozen=True)
class _Event:
    """The data that all articles about an event share."""

    section: SectionGrammar
    kind: EventKind
    facts: dict[str, str]
    theme: list[str]


def write_texts(
    rng: Generator, grammar: Grammar, coverage: Coverage
) -> Iterator[tuple[int, ArticleText]]:
    """Yield the row and the text of each article, event by event.

    Articles about one event share its facts and a few nouns of its section. A wire copy repeats
    the first report, with one sentence removed and one added.
    """
    desk = _Desk(grammar, Sampler(rng))
    for rows in _rows_by_event(coverage):
        head = rows[0]
        event = desk.event(int(coverage.section[head]), int(coverage.kind[head]))
        first: list[str] = []
        for row in rows:
            role = ROLES[coverage.role[row]]
            day = int(coverage.published[row]) // SECONDS_OF_DAY
            sentences = desk.reword(first) if role == "wire" else desk.sentences(event, day)
            first = first or sentences
            title, slug = desk.title(event, "first" if role == "wire" else role)
            tags = [tag.format_map(event.facts) for tag in event.kind.tags]
            yield row, ArticleText(title, slug, desk.paragraphs(sentences), tags)


def _rows_by_event(coverage: Coverage) -> Iterator[list[int]]:
    order = np.lexsort((coverage.published, coverage.event))
    starts = np.flatnonzero(np.diff(coverage.event[order])) + 1
    for rows in np.split(order, starts):
        yield rows.tolist()


class _Desk:
    """Writes the texts of events one by one, and keeps track of used titles and topics."""

    def __init__(self, grammar: Grammar, sampler: Sampler) -> None:
        self._grammar = grammar
        self._sampler = sampler
        self._topics: set[str] = set()
        self._slugs: set[str] = set()
        self._parts: dict[str, int] = {}

    def event(self, section: int, kind: int) -> _Event:
        """Draw the facts of an event; a topic repeats only if several draws give no new one."""
        of = self._grammar.sections[section]
        facts: dict[str, str] = {}
        for _ in range(_TOPIC_TRIES):
            facts = self._facts(of.kinds[kind])
            if facts["topic"] not in self._topics:
                break
        self._topics.add(facts["topic"])
        return _Event(of, of.kinds[kind], facts, self._sampler.permute(of.nouns)[:_THEME])

    def _facts(self, kind: EventKind) -> dict[str, str]:
        facts = {}
        for name, slot in self._grammar.names.items():
            facts[name] = self._sampler.slot(slot)
            facts[name + "2"] = self._sampler.slot(slot)
            while facts[name + "2"] == facts[name]:
                facts[name + "2"] = self._sampler.slot(slot)
        for person, last in (("person", "last"), ("person2", "last2")):
            facts[last] = facts[person].split()[-1]
        for name, slot in kind.slots.items():
            facts[name] = self._sampler.slot(slot).format_map(facts)
        return facts | {"topic": kind.topic.format_map(facts)}

    def title(self, event: _Event, role: str) -> tuple[str, str]:
        """Return an unused title, of another role or numbered if necessary, and its slug."""
        roles = [role, *(other for other in event.kind.titles if other != role)]
        for name in roles:
            for template in self._sampler.permute(event.kind.titles[name]):
                title = _correct(template.format_map(event.facts))
                if self._new(_slug(title)):
                    return title, _slug(title)
        part = self._parts.get(title, 1) + 1  # large sites use up the titles
        while not self._new(_slug(f"{title}, part {part}")):
            part += 1
        self._parts[title] = part
        return f"{title}, part {part}", _slug(f"{title}, part {part}")

    def _new(self, slug: str) -> bool:
        new = slug not in self._slugs
        self._slugs.add(slug)
        return new

    def sentences(self, event: _Event, day: int) -> list[str]:
        """Write 150 to 400 words on an event; facts mostly come first, common sentences last."""
        pools = (event.kind.sentences, -0.4), (event.section.sentences, 0.3), (
            self._grammar.common, 0.5)  # fmt: skip
        ranked = [(place + self._sampler.number(), one) for pool, place in pools for one in pool]
        words = 160 + int(200 * self._sampler.number())
        sentences: list[str] = []
        for _, template in sorted(ranked):
            facts = event.facts | self._nouns(event) | {"weekday": _WEEKDAYS[day % 7]}
            sentences.append(_correct(template.format_map(facts)))
            words -= sentences[-1].count(" ") + 1
            if words <= 0:
                break
        return sentences

    def _nouns(self, event: _Event) -> dict[str, str]:
        own = self._sampler.number() < 0.75
        noun, noun2 = self._sampler.permute(event.theme)[:2]
        return {"noun": noun, "noun2": noun2 if own else self._sampler.one(event.section.nouns)}

    def reword(self, first: list[str]) -> list[str]:
        """Remove one sentence of the first report, and add one that names the agency."""
        dropped = int(self._sampler.number() * len(first))
        return [*first[:dropped], *first[dropped + 1 :], self._sampler.one(self._grammar.wire)]

    def paragraphs(self, sentences: list[str]) -> str:
        """Group sentences into HTML paragraphs of two to four."""
        paragraphs = []
        while sentences:
            size = 2 + int(3 * self._sampler.number())
            paragraphs.append(f"<p>{' '.join(sentences[:size])}</p>")
            sentences = sentences[size:]
        return "\n".join(paragraphs)


_BEFORE_VOWEL: Final = re.compile(r"\b([Aa]) (?=[aeioAEIO]|u(?!ni|se))(?!one\b|eu)")


def _correct(text: str) -> str:
    """Fix grammar after substitution: capital first letter, "an" before a vowel, "s'" for "s's"."""
    text = _BEFORE_VOWEL.sub(r"\1n ", text.replace("s's ", "s' "))
    return text[0].upper() + text[1:]


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
