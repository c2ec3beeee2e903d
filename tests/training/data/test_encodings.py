"""Guesses of encodings, and reading of UTF-16."""

import gzip
from pathlib import Path

import pytest

from training.config import Config
from training.data import read_site
from training.data.encodings import advice

KEY = bytes(32)
TEXTS = {
    ("cp1252", "Windows-1252"): "Überschwemmung in Köln: Straßen gesperrt",
    ("latin-1", "Windows-1252"): "¿Qué pasó ayer en Málaga? La policía investiga, mañana habrá más",
    ("cp1250", "Windows-1250"): "Vláda schválila nový rozpočet, příští rok přijdou škrty",
    ("cp1251", "Windows-1251"): "Верховна Рада ухвалила закон про освіту",
    ("cp1253", "Windows-1253"): "Η κυβέρνηση ανακοίνωσε νέα μέτρα",
    ("cp1254", "Windows-1254"): "Altın fiyatları güne yükselişle başladı, seçim tarihi değişti",
    ("cp1255", "Windows-1255"): "הממשלה אישרה את התקציב החדש: מזג האוויר בסוף השבוע בירושלים",
    ("cp1256", "Windows-1256"): "الحكومة توافق على الميزانية الجديدة",
    ("cp874", "Windows-874"): "รัฐบาลอนุมัติงบประมาณใหม่",
    ("koi8-r", "KOI8-R"): "Правительство утвердило новый бюджет",
    ("shift-jis", "Shift-JIS"): "政府は新しい経済対策を発表した",
    ("euc-jp", "EUC-JP"): "政府は新しい経済対策を発表した",
    ("gb18030", "GB18030"): "国务院召开常务会议部署稳经济措施",
    ("big5", "Big5"): "行政院宣布新的經濟政策",
    ("euc-kr", "EUC-KR"): "정부, 새로운 경제 대책 발표",
}


@pytest.mark.parametrize(("encoding", "name"), TEXTS)
def test_a_few_headlines_suffice_to_guess_the_encoding(
    tmp_path: Path, encoding: str, name: str
) -> None:
    file = tmp_path / "a.csv"
    text = f"id,title\n1,plain words\n2,{TEXTS[encoding, name]}\n"
    file.write_bytes(text.encode(encoding) * 3)
    assert advice(file) == f"save the file as UTF-8 (it may be {name})"


def test_without_a_likely_encoding_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("id,title\n1,Café\n".encode("cp1252"))
    assert "it may be Windows-1252 or " in advice(file)
    file.write_bytes(bytes(range(256)) * 99)
    assert advice(file) == "save the file as UTF-8"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["csv", "jsonl.gz"])
def test_wide_texts_are_read(tmp_path: Path, encoding: str, end: str) -> None:
    """A row of a large file included, whose letters lie across the blocks that are copied."""
    rows = [(str(at), f"Zeitung 新聞 🗞️ {at}") for at in range(30_000)]
    if end == "csv":
        text = "id,title\r\n" + "".join(f"{at},{title}\r\n" for at, title in rows)
    else:
        text = "".join(f'{{"id": "{at}", "title": "{title}"}}\n' for at, title in rows)
    data = text.encode(encoding)
    file = tmp_path / f"a.{end}"
    file.write_bytes(gzip.compress(data) if end.endswith("gz") else data)
    site = read_site(Config(), [str(file)], [], key=KEY)
    assert not site.quarantine
    assert dict(zip(site.articles.id, site.articles.title, strict=True)) == dict(rows)
