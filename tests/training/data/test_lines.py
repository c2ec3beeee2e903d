"""Lines of records, against a walk with the csv module over the whole file."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data import lines
from training.data.lines import Records, csv_records, json_records, lines_of

LINE = st.text(st.sampled_from('a;"\r é'), max_size=6)
FILES = st.builds(
    lambda parts, end: ("\n".join(parts) + end).encode(),
    st.lists(LINE, max_size=12),
    st.sampled_from(["", "\n", "\r\n"]),
)


def walked(content: bytes) -> list[tuple[int, int]]:
    """Number the records of a whole file, and say on which line each begins."""
    text = content.decode("latin-1").split("\n")
    rows = csv.reader((line.rstrip("\r").replace("\r", " ") + "\n" for line in text), delimiter=";")
    found, line = [], 1
    for record, row in enumerate(rows, 1):
        if row and record > 1:
            found.append((record, line))
        line = rows.line_num + 1
    return found


def spans(records: Records) -> list[tuple[int, int]]:
    return [pair for part in records for pair in zip(*(p.tolist() for p in part), strict=True)]


@given(FILES, st.integers(1, 40))
def test_records_and_lines_are_those_of_the_whole_file(content: bytes, chunk: int) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "file"
        path.write_bytes(content)
        patch.setattr(lines, "_CHUNK_BYTES", chunk)
        patch.setattr(lines, "_CHUNK_RECORDS", 2)
        assert spans(csv_records(path, ";")) == walked(content)
        filled = [at for at, line in enumerate(content.split(b"\n"), 1) if line.strip(b"\r")]
        assert spans(json_records(path)) == [(at, at) for at in filled]


@given(st.lists(st.booleans(), max_size=40), st.data())
def test_lines_of_rejected_and_accepted_rows(bad: list[bool], data: st.DataObject) -> None:
    numbers = np.arange(len(bad)) * 2 + 3
    at = np.sort(data.draw(st.permutations(range(len(bad))).map(lambda p: p[:2])))
    parts = ((part, part + 100) for part in np.split(numbers, at))
    rejected, taken = numbers[bad].tolist(), numbers[~np.array(bad, np.bool_)].tolist()
    wanted = set(data.draw(st.lists(st.sampled_from(range(len(taken))))) if taken else [])
    found = lines_of(parts, rejected, wanted)
    assert found == (
        {number: number + 100 for number in rejected},
        {index: taken[index] + 100 for index in wanted},
    )
