"""Languages as sites write them: codes of ISO 639, tags of BCP 47, locales, names."""

import re
import unicodedata
from typing import Final

_LANGUAGES: Final = """
af afr Afrikaans
sq sqi alb Albanian Shqip
am amh Amharic
ar ara Arabic العربية
hy hye arm Armenian Հայերեն
az aze Azerbaijani Azeri Azərbaycan
eu eus baq Basque Euskara
be bel Belarusian Беларуская
bn ben Bengali Bangla বাংলা
bs bos Bosnian Bosanski
bg bul Bulgarian Български
my mya bur Burmese
ca cat Catalan Valencian Català Valencià
zh zho chi cmn Chinese Mandarin 中文 汉语 漢語 简体中文 繁體中文
hr hrv scr Croatian Hrvatski
cs ces cze Czech Čeština Česky
da dan Danish Dansk
nl nld dut Dutch Flemish Nederlands Vlaams
en eng English
eo epo Esperanto
et est ekk Estonian Eesti
fo fao Faroese Føroyskt
fi fin Finnish Suomi
fr fra fre French Français
fy fry Frisian Frysk
gl glg Galician Galego
ka kat geo Georgian ქართული
de deu ger German Deutsch
el ell gre Greek Ελληνικά
gu guj Gujarati ગુજરાતી
ha hau Hausa
he heb iw Hebrew עברית
hi hin Hindi हिन्दी हिंदी
hu hun Hungarian Magyar
is isl ice Icelandic Íslenska
id ind in Indonesian Bahasa-Indonesia
ga gle Irish Gaeilge
it ita Italian Italiano
ja jpn Japanese 日本語
kn kan Kannada ಕನ್ನಡ
kk kaz Kazakh Қазақ
km khm Khmer ភាសាខ្មែរ
ko kor Korean 한국어
ku kur kmr Kurdish Kurdî
ky kir Kyrgyz Кыргызча
lo lao Lao ລາວ
la lat Latin
lv lav lvs Latvian Latviešu
lt lit Lithuanian Lietuvių
lb ltz Luxembourgish Lëtzebuergesch
mk mkd mac Macedonian Македонски
ms msa may zsm Malay Bahasa-Melayu Bahasa-Malaysia
ml mal Malayalam മലയാളം
mt mlt Maltese Malti
mr mar Marathi मराठी
mn mon Mongolian Монгол
ne nep npi Nepali नेपाली
no nor nb nob nn nno Norwegian Norsk Bokmål Nynorsk
or ori ory Odia Oriya ଓଡ଼ିଆ
ps pus Pashto پښتو
fa fas per pes prs Persian Farsi Dari فارسی
pl pol Polish Polski
pt por Portuguese Português
pa pan Punjabi Panjabi ਪੰਜਾਬੀ
ro ron rum mo mol Romanian Moldavian Moldovan Română
ru rus Russian Русский
gd gla Gaelic Gàidhlig
sr srp scc sh hbs Serbian Srpski Српски
si sin Sinhala සිංහල
sk slk slo Slovak Slovenčina
sl slv Slovenian Slovene Slovenščina
so som Somali
es spa Spanish Castilian Español Castellano
sw swa swh Swahili Kiswahili
sv swe Swedish Svenska
tl tgl fil Tagalog Filipino
tg tgk Tajik Тоҷикӣ
ta tam Tamil தமிழ்
tt tat Tatar Татарча
te tel Telugu తెలుగు
th tha Thai ไทย ภาษาไทย
ti tir Tigrinya
tr tur Turkish Türkçe
tk tuk Turkmen
uk ukr Ukrainian Українська
ur urd Urdu اردو
uz uzb uzn Uzbek O'zbek Oʻzbek
vi vie Vietnamese Tiếng-Việt
cy cym wel Welsh Cymraeg
xh xho Xhosa
yi yid ji Yiddish ייִדיש
yo yor Yoruba
zu zul Zulu
"""
"""Per language: the subtag that stands for it, then its other codes and names."""

_NONE_WORDS: Final = """
und mul mis zxx none null nil nan na n/a undefined undetermined unknown default x-default root c
posix auto all any other multiple \\n - --
"""
_NONE: Final = frozenset(_NONE_WORDS.split())
"""Words that name no language; tags of BCP 47 among them."""

_SUBTAG: Final = re.compile("[a-z]{2,8}")
_MAX_CODE: Final = 4
"""Longest code of a script or region; longer words are names."""


def _without_accents(text: str) -> str:
    """Return a text in lower case without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).replace("ı", "i")


_CODES: Final = {
    _without_accents(word.replace("-", " ")): line.split()[0]
    for line in _LANGUAGES.strip().splitlines()
    for word in line.split()
}


def language_of(text: str) -> str:
    """Return the language that a text names: a primary subtag of BCP 47 in lower case.

    Codes of three letters, names and locales are their subtag; region and script do not count.
    Norwegian is one language (`no`). `""` where none is named, as by `und`, `mul` or `None`.

    Examples
    --------
    >>> [language_of(text) for text in ("en-GB", " PT_br", "eng", "English", "nb_NO.UTF-8", "und")]
    ['en', 'pt', 'en', 'en', 'no', '']
    """
    written = _without_accents(text.strip())
    first, *more = re.split(r"[\s(),;/.@_-]+", written)
    if written in _NONE or first in _NONE:
        return ""
    names = [word for word in more if len(word) > _MAX_CODE]
    for name in (written, first, *names):
        if name in _CODES:
            return _CODES[name]
    return first if _SUBTAG.fullmatch(first) and " " not in written else ""
