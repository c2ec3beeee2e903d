"""What Spark does not read is refused before a session is needed."""

from dataclasses import replace

import pytest

from training.config import Config
from training.data.formats import FORMATS
from training.errors import DataError
from training.increments.spark import formats
from training.increments.spark.files import SparkFiles


def test_a_format_without_a_reader_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    excel = replace(FORMATS["csv"], key="xlsx", name="Excel")
    monkeypatch.setattr(formats, "FORMATS", {**FORMATS, excel.key: excel})
    session: object = None
    with pytest.raises(DataError) as raised:
        formats.stage(session, SparkFiles(["lake/a.xlsx"], "xlsx", 1), Config())  # type: ignore[arg-type]
    assert str(raised.value) == (
        "lake/a.xlsx: Spark does not read Excel; write it as one of Parquet, JSON Lines, TSV, CSV, "
        "or count with duckdb"
    )
