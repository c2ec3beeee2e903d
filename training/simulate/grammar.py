"""Read `grammar.toml`: the names, words and sentence templates of the simulated articles."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

Slot = tuple[tuple[str, ...], ...]
"""Lists of strings; a value joins one string from each list."""


@dataclass(frozen=True)
class EventKind:
    """Templates of a kind of event: topic, tags, titles and sentences, and the slots to fill in."""

    topic: str
    tags: tuple[str, ...]
    slots: Mapping[str, Slot]
    titles: Mapping[str, tuple[str, ...]]
    """Title templates by role: `first`, `follow`, `analysis`."""
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class SectionGrammar:
    """A section: its share of the events, its nouns and sentences, and its kinds of events."""

    name: str
    weight: int
    nouns: tuple[str, ...]
    sentences: tuple[str, ...]
    kinds: tuple[EventKind, ...]


@dataclass(frozen=True)
class Grammar:
    """The sections, and the names and sentences that they share."""

    names: Mapping[str, Slot]
    common: tuple[str, ...]
    wire: tuple[str, ...]
    sections: tuple[SectionGrammar, ...]


def load_grammar() -> Grammar:
    """Read the `grammar.toml` of this package."""
    words = tomllib.loads(files(__package__).joinpath("grammar.toml").read_text(encoding="utf-8"))
    return Grammar(
        names={name: _slot(values) for name, values in words["names"].items()},
        common=tuple(words["common"]),
        wire=tuple(words["wire"]),
        sections=tuple(_section(table) for table in words["section"]),
    )


def _section(table: dict[str, Any]) -> SectionGrammar:
    return SectionGrammar(
        name=table["name"],
        weight=table["weight"],
        nouns=tuple(table["nouns"]),
        sentences=tuple(table["sentences"]),
        kinds=tuple(_kind(kind, table) for kind in table["kind"]),
    )


def _kind(table: dict[str, Any], section: dict[str, Any]) -> EventKind:
    own = {"topic", "tags", "first", "follow", "sentences"}
    return EventKind(
        topic=table["topic"],
        tags=tuple(table["tags"]),
        slots={name: _slot(values) for name, values in table.items() if name not in own},
        titles={
            "first": tuple(table["first"]),
            "follow": (*table["follow"], *section["follow"]),
            "analysis": tuple(section["analysis"]),
        },
        sentences=tuple(table["sentences"]),
    )


def _slot(values: list[str] | list[list[str]]) -> Slot:
    parts = values if isinstance(values[0], list) else [values]
    return tuple(tuple(part) for part in parts)
