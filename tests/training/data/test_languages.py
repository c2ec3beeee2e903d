"""Languages as sites write them are primary subtags of BCP 47."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.languages import language_of


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["en", "EN_us", "eng", "English", "en-GB", " en ", "en_US.UTF-8", "English (US)"], "en"),
        (["no", "nb", "nn", "nb-NO", "nob", "nno", "Norsk bokmål", "Nynorsk"], "no"),
        (["de", "ger", "deu", "Deutsch", "de-CH-1901", "GERMAN"], "de"),
        (["zh", "zh-Hant-TW", "chi", "cmn", "中文", "zh_CN"], "zh"),
        (["pt-BR", "Português", "Portugues", "por", "Brazilian Portuguese"], "pt"),
        (["he", "iw", "Hebrew"], "he"),
        (["und", "mul", "zxx", "None", "null", "\\N", "", "x-default", "nan", "n/a", "-"], ""),
        (["12", "??", "x-private"], ""),
        (["gsw", "gsw-CH"], "gsw"),
    ],
)
def test_one_language(texts: list[str], language: str) -> None:
    assert [language_of(text) for text in texts] == [language] * len(texts)


@given(st.text(max_size=12))
def test_any_text_gives_a_language_that_names_itself(text: str) -> None:
    assert language_of(language_of(text)) == language_of(text)
