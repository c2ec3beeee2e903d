"""Matching columns to fields, the likeliest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from training.data.fields import Field
from training.data.sample import Column, Sample
from training.data.systems import SystemExport

Sure = Literal["sure", "likely", "unsure"]

_LONGEST_NAME: Final = 200
"""As `config.values.Column` has it."""

_OF_SYSTEM: Final = 2.0
"""How well a name fits that a known system gives to the field: before any other."""

_MAX_STRUCTURED: Final = 0.05
"""Share of values that are JSON objects, above which a column holds no texts."""


@dataclass(frozen=True)
class Match:
    """A candidate column of a field: how well its name and its values fit, each 0 to 1."""

    column: Column
    name_fit: float
    value_fit: float
    why: str

    @property
    def score(self) -> float:
        """Order among candidates: any known name comes before any unknown one."""
        return (
            self.name_fit * (0.5 + 0.5 * self.value_fit) if self.name_fit else 0.4 * self.value_fit
        )

    @property
    def sure(self) -> Sure:
        """How certain it is: whether the name is known, and the values fit."""
        if not self.name_fit or self.value_fit < 0.4:
            return "unsure"
        return "sure" if self.value_fit >= 0.8 else "likely"


Candidates = dict[tuple[str, str], Match]
"""By field and name of the column."""


def find_candidates(
    fields: Sequence[Field], sample: Sample, system: SystemExport | None = None
) -> Candidates:
    """Find all candidate columns of the fields; the columns of a known system go before others."""
    found = {}
    for field in fields:
        of_system = system.columns.get(field.name) if system else None
        for column in sample.columns:
            name_fit, value_fit = field.name_fit(column.name), field.value_fit(column)
            name_fit = _OF_SYSTEM if column.name == of_system else name_fit
            # An object or a list of objects is no text: what is inside of it may be one.
            held = column.structured <= _MAX_STRUCTURED or field.name == "tags"
            fitting = held and value_fit > 0 and len(column.name) <= _LONGEST_NAME
            if fitting and (name_fit or field.is_sufficient(column)):
                how = "by its name" if name_fit else "by its values"
                match = Match(column, name_fit, value_fit, f"{how}; {field.evidence(column)}")
                found[field.name, column.name] = match
    return found


def assign_columns(found: Mapping[tuple[str, str], Match]) -> dict[str, Match]:
    """Return the best column of each field, no column for two fields; the first of equals."""
    chosen: dict[str, Match] = {}
    taken: set[str] = set()
    for (field, column), match in sorted(found.items(), key=lambda item: -item[1].score):
        if field not in chosen and column not in taken:
            chosen[field] = match
            taken.add(column)
    return chosen
