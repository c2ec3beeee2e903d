"""Matching columns to fields, the likeliest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from training.data.fields import Field
from training.data.sample import Column, Sample

Sure = Literal["sure", "likely", "unsure"]

_LONGEST_NAME: Final = 200
"""As `config.values.Column` has it."""


@dataclass(frozen=True)
class Match:
    """A candidate column of a field: how well its name and its values fit, each 0 to 1."""

    column: Column
    called: float
    fits: float
    why: str

    @property
    def score(self) -> float:
        """Order among candidates: any known name comes before any unknown one."""
        return self.called * (0.5 + 0.5 * self.fits) if self.called else 0.4 * self.fits

    @property
    def sure(self) -> Sure:
        """How certain it is: whether the name is known, and the values fit."""
        if not self.called or self.fits < 0.4:
            return "unsure"
        return "sure" if self.fits >= 0.8 else "likely"


Candidates = dict[tuple[str, str], Match]
"""By field and name of the column."""


def find_candidates(fields: Sequence[Field], sample: Sample) -> Candidates:
    """Find all candidate columns of the fields."""
    found = {}
    for field in fields:
        for column in sample.columns:
            called, fits = field.called(column.name), field.fits(column)
            fitting = fits > 0 and len(column.name) <= _LONGEST_NAME
            if fitting and (called or field.alone(column)):
                how = "named so" if called else "by what is in it"
                match = Match(column, called, fits, f"{how}; {field.seen(column)}")
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
