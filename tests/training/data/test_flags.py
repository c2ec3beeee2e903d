"""Yes, no and nothing, as databases, spreadsheets and programs write them."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.config import Config, load
from training.data import read_site
from training.data.flags import _NO, _YES, FlagWords, read_flag
from training.errors import ConfigError
from training.records import Flag, Site

YES = ["t", "TRUE", " Yes ", "y", "on", "1", "1.0", "1,00", "-1", "01", ".T.", "b'1'", "\x01"]
YES += ["\\x01", "0x01", '"true"', "WAHR", "VRAI", "VERDADERO", "VERO", "VERDADEIRO", "ИСТИНА"]
YES += ["Doğru", "SÍ", "Ja", "oui", "不是"[1:], '{"type": "Buffer", "data": [1]}']
NO = ["f", "False", " no ", "N", "off", "0", "0.0", "0,0", ".F.", "b'0'", "\x00", "\\x00", "\\0"]
NO += [
    "FALSCH",
    "FAUX",
    "FALSO",
    "ЛОЖЬ",
    "YANLIŞ",
    "não",
    "nein",
    "",
    "  ",
    "\xa0",
    "NULL",
    "(null)",
]
NO += ["\\N", "None", "nan", "<NA>", "n/a", "undefined", "0000-00-00", "0000-00-00 00:00:00"]
NO += ["0001-01-01T00:00:00Z", "[]"]
UNKNOWN = ["maybe", "2", "10", "deleted", "?", "1 0", "yesterday", "00-00", "9999-12-31", "tf"]


@pytest.mark.parametrize(
    ("texts", "meaning"), [(YES, True), (NO, False), (UNKNOWN, None)], ids=["yes", "no", "unknown"]
)
def test_what_a_spelling_means(texts: list[str], meaning: bool | None) -> None:
    assert {text: read_flag(text) for text in texts} == dict.fromkeys(texts, meaning)


def test_no_spelling_means_both() -> None:
    assert not _YES & _NO


@given(
    text=st.sampled_from([text for text in YES + NO if text.strip()]),
    upper=st.booleans(),
    around=st.tuples(*[st.text(" \t\xa0\ufeff", max_size=3)] * 2),
)
def test_case_and_spaces_do_not_matter(text: str, upper: bool, around: tuple[str, str]) -> None:
    written = text.upper() if upper else text.lower()
    assert read_flag(around[0] + written + around[1]) is read_flag(text)


DIALECTS: dict[str, tuple[list[str], list[str]]] = {
    "PostgreSQL": (["t"], ["f", ""]),
    "psql, \\pset null": (["t"], ["f", "(null)"]),
    "MySQL, BIT": (["\x01", "b'1'", "0x01"], ["\x00", "b'0'", "0x00", "\\N"]),
    "MySQL, TINYINT": (["1"], ["0", "NULL"]),
    "MySQL, soft deletion": (["2026-05-01 10:00:00"], ["0000-00-00 00:00:00", "\\N"]),
    "SQLite": (["1"], ["0", ""]),
    "SQL Server": (["True", "1"], ["False", "0", "NULL"]),
    "Oracle": (["Y"], ["N", ""]),
    "pandas": (["True", "1.0"], ["False", "0.0", "nan", ""]),
    "JSON": (["true"], ["false", "null"]),
    "Excel": (["WAHR", "VRAI", "VERO", "TRUE"], ["FALSCH", "FAUX", "FALSO", "FALSE", ""]),
    "by hand": ([" Yes", "on", "x"], ["no ", "off", "-"]),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=10)
def test_nothing_withdrawn_is_taken_for_shown(
    tmp_path_factory: pytest.TempPathFactory, dialect: str, data: st.DataObject
) -> None:
    """In any mixture of a dialect's values the withdrawn are withdrawn, and no others."""
    wanted = data.draw(st.lists(st.booleans(), min_size=1, max_size=8))
    values = [data.draw(st.sampled_from(DIALECTS[dialect][not gone])) for gone in wanted]
    path = tmp_path_factory.mktemp("dialect") / "articles.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "withdrawn"], *enumerate(values)])
    site = read_site(Config(), [str(path)], [], key=b"")
    found = dict(zip(site.articles.id, site.articles.flags.tolist(), strict=True))
    assert [bool(found[str(at)]) for at in range(len(wanted))] == wanted
    assert not site.unknown_flags


def test_a_sites_own_words_go_first() -> None:
    words = FlagWords.of(["Depublié", "n"], ["live"])
    assert [read_flag(text, words) for text in ("DEPUBLIE", "n", "Live", "no")] == [
        True,
        True,
        False,
        False,
    ]


def read_rows(folder: Path, *files: str, **config: object) -> Site:
    paths = []
    for number, text in enumerate(files):
        path = folder / f"a{number}.csv"
        path.write_text(text)
        paths.append(str(path))
    return read_site(Config.model_validate({"articles": config}), paths, [], key=b"")


def flags(site: Site) -> dict[str, int]:
    return dict(zip(site.articles.id, site.articles.flags.tolist(), strict=True))


def test_the_time_of_a_deletion_is_a_withdrawal(tmp_path: Path) -> None:
    rows = ["id,deleted_at", "a,2026-05-01 10:00:00", "b,", "c,1777622400", "d,0000-00-00 00:00:00"]
    site = read_rows(tmp_path, "\n".join([*rows, "e,0", "f,\\N"]), withdrawn="deleted_at")
    assert [name for name, flag in flags(site).items() if flag] == ["a", "c"]
    assert not site.unknown_flags


def test_an_unknown_value_counts_as_yes_and_is_named_with_its_first_row(tmp_path: Path) -> None:
    site = read_rows(
        tmp_path,
        'id,title,withdrawn,sponsored\na,"two\nlines",f,f\nb,,maybe,Acme\nc,,t,\n',
        "id,withdrawn,sponsored\nd,perhaps,no\ne,maybe,no\nf,no,no\n",
    )
    withdrawn, sponsored = Flag.WITHDRAWN, Flag.SPONSORED
    assert flags(site) == {
        "a": 0,
        "b": withdrawn | sponsored,
        "c": withdrawn,
        "d": withdrawn,
        "e": withdrawn,
        "f": 0,
    }
    first, second = site.unknown_flags
    assert (first.column, first.values) == ("withdrawn", ["maybe", "perhaps"])
    assert (Path(first.file).name, first.line, first.articles) == ("a0.csv", 4, ["b", "d", "e"])
    assert (second.column, second.values, second.articles) == ("sponsored", ["Acme"], ["b"])
    mapped = read_rows(
        tmp_path,
        (tmp_path / "a0.csv").read_text(),
        (tmp_path / "a1.csv").read_text(),
        true_values=["maybe", "ACME"],
        false_values=["perhaps"],
    )
    assert not mapped.unknown_flags
    assert [name for name, flag in flags(mapped).items() if flag & withdrawn] == ["b", "c", "e"]


def test_evergreen_may_be_a_column(tmp_path: Path) -> None:
    rows = "id,tags,lasts\na,guide,t\nb,,f\nc,,perhaps\nd,,\n"
    site = read_rows(tmp_path, rows, evergreen="lasts")
    assert flags(site) == {"a": Flag.EVERGREEN, "b": 0, "c": 0, "d": 0}
    assert [(flag.column, flag.articles) for flag in site.unknown_flags] == [("evergreen", ["c"])]
    assert set(flags(read_rows(tmp_path, rows, evergreen=["guide"])).values()) == {8, 0}


def test_a_replaced_row_is_not_asked_about(tmp_path: Path) -> None:
    site = read_rows(tmp_path, "id,withdrawn\na,maybe\n", "id,withdrawn\na,f\n")
    assert flags(site) == {"a": 0}
    assert not site.unknown_flags


def test_a_line_is_right_below_rejected_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [json.dumps({"id": f"n{at}", "withdrawn": "t" if at % 2 else "f"}) for at in range(50)]
    rows[3:3] = ["{broken", "", json.dumps({"id": ""})]
    path.write_text("\n".join([*rows, json.dumps({"id": "odd", "withdrawn": "gone"})]))
    site = read_site(Config(data={"max_bad_share": 0.5}), [str(path)], [], key=b"")
    assert [(flag.line, flag.articles) for flag in site.unknown_flags] == [(54, ["odd"])]


def test_a_word_for_yes_and_no_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ymal.toml").write_text('[articles]\ntrue_values = ["A"]\nfalse_values = ["a"]\n')
    with pytest.raises(ConfigError, match="'a' is in true_values and in false_values"):
        load(tmp_path / "ymal.toml")
