"""Bad rows: too many of them stop the run, a few are written to a file."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from training.errors import DataError
from training.records import QuarantinedRow
from training.storage import replace_file


class TooManyBadRows(DataError):  # noqa: N818 - it says what is wrong
    """More rows of an input are bad than `data.max_bad_share` allows.

    Attributes
    ----------
    quarantine : the bad rows, the first thousand of each reason.
    """

    def __init__(self, message: str, quarantine: Sequence[QuarantinedRow]) -> None:
        super().__init__(message)
        self.quarantine = quarantine


def first_of_each_reason(rows: Iterable[QuarantinedRow], count: int) -> list[QuarantinedRow]:
    """Return the first rows of each reason, at most `count`, in their order."""
    seen = Counter[str]()
    kept = []
    for row in rows:
        seen[row.reason] += 1
        if seen[row.reason] <= count:
            kept.append(row)
    return kept


def write_quarantine(path: Path, rows: Sequence[QuarantinedRow]) -> None:
    """Replace a quarantine file: JSON Lines of `file`, `line`, `reason`, `value`.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    lines = (json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    replace_file(path, "".join(lines).encode())
