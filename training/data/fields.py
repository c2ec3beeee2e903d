"""What columns are called on other sites, and what must stand in them."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Final

from recommender.blocks import BLOCKS
from training.data.sample import Column

_ARTICLE: Final = (
    "article artikel articulo artigo articolo artikkel haber post story news nyhed nyhet noticia "
    "content item doc document page entry node wp cms dc og meta g"
)
"""Words around the name of an article's column that add nothing: `post_title`, `id_articulo`."""

_VIEW: Final = "click clicked view viewed visit visited event hit log page request web raw"


@dataclass(frozen=True)
class Field:
    """A field of ours, and how to know its column.

    Attributes
    ----------
    name : as in the configuration.
    words : what others call it, the likeliest first.
    around : words that may stand around one of these.
    fits : how well what stands in a column can be this: 0, it cannot, to 1.
    seen : what of that tells a person why.
    alone : whether a column may be taken by what stands in it, where no name is known.
    """

    name: str
    words: str
    around: str
    fits: Callable[[Column], float]
    seen: Callable[[Column], str]
    alone: Callable[[Column], bool] = lambda _column: False

    @cached_property
    def _ranks(self) -> dict[str, int]:
        ranks: dict[str, int] = {}
        for word in self.words.split():
            ranks.setdefault("".join(words_of(word)), len(ranks))
        return ranks

    def called(self, name: str) -> float:
        """Tell how usual a name is for this field: 1 for the first of its words, 0 for others."""
        found = (self._ranks[form] for form in _forms(name, self.around) if form in self._ranks)
        rank = min(found, default=None)
        return 0.0 if rank is None else 1 - 0.005 * rank


def words_of(name: str) -> list[str]:
    """Take a name apart into words in lower case, without accents.

    Examples
    --------
    >>> words_of("wp:postTitle"), words_of("ID_Artículo")
    (['wp', 'post', 'title'], ['id', 'articulo'])
    """
    apart = re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", name)
    bare = "".join(c for c in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", bare.lower())


def _forms(name: str, around: str) -> Iterator[str]:
    """Give a name whole, and without the words before and after that add nothing."""
    words, idle = words_of(name), around.split()
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            yield "".join(words[start:end])
            if words[end - 1] not in idle:
                break
        if words[start] not in idle:
            break


def is_key(column: Column) -> bool:
    """Tell whether values name one row each, as ids do."""
    return (
        column.distinct >= 0.99
        and column.filled >= 0.99
        and column.spaced == 0
        and column.length <= 500
        and column.dated < 0.5
    )


def _full(column: Column) -> float:
    return min(1.0, column.filled / 0.8)


def _words(column: Column) -> float:
    """Tell whether values are words: no numbers, times or addresses."""
    other = max(column.numbers, column.dated, column.addresses)
    return 0.0 if other > 0.5 else _full(column)


def _title(column: Column) -> float:
    repeated = column.rows >= 50 and column.distinct < 0.2
    return 0.0 if repeated else _words(column) * (1.0 if column.length <= 300 else 0.5)


def _body(column: Column) -> float:
    return _words(column) * (1.0 if column.length >= 40 else 0.5)


def _section(column: Column) -> float:
    if column.dated > 0.5 or column.addresses > 0.5:
        return 0.0
    scattered = column.rows >= 50 and column.distinct > 0.5
    return _full(column) * (0.4 if scattered or column.length > 25 else 1.0)


def _language(column: Column) -> float:
    """Tell whether values are few and short, as `da` and `en-GB` are."""
    other = max(column.numbers, column.dated, column.addresses)
    many = column.different > 100 or (column.rows >= 50 and column.distinct > 0.5)
    return 0.0 if other > 0.5 or column.length > 20 or many else 1.0


def _user(column: Column) -> float:
    return 0.0 if column.rows >= 50 and column.different == 1 else column.filled


def _session(column: Column) -> float:
    return column.filled if column.filled >= 0.5 else 0.0


def _seconds(column: Column) -> float:
    in_thousandths = re.search(r"(ms|msec|millis|milliseconds)$", "".join(words_of(column.name)))
    if column.numbers < 0.9 or in_thousandths:
        return 0.0
    return 1.0 if median(float(value) for value in _numbers(column)) <= 3600 else 0.0


def _numbers(column: Column) -> list[str]:
    return [value for value in column.tried if re.fullmatch(r"[+-]?\d+(\.\d+)?", value)]


def _block(column: Column) -> float:
    """Tell whether most values are keys of blocks of ours."""
    named = sum(value.strip().lower() in BLOCKS for value in column.tried)
    return 1.0 if named > len(column.tried) / 2 else 0.0


def _slot(column: Column) -> float:
    return 1.0 if column.numbers >= 0.9 and column.different <= 100 else 0.0


def _version(column: Column) -> float:
    return 1.0 if column.dated < 0.5 and column.numbers < 0.5 and column.spaced == 0 else 0.0


def _flag(column: Column) -> float:
    return 1.0 if column.truths == 1 else 0.0


def percent(share: float) -> str:
    """Write a share, such that only all is 100 % and only nothing 0 %."""
    inside = 0 < share < 1
    return f"{min(99, max(1, round(100 * share))) if inside else round(100 * share)} %"


def _differ(column: Column) -> str:
    return f"{column.different:,} different values in {column.rows:,} rows"


def _letters(column: Column) -> str:
    full = "" if column.filled == 1 else f", {percent(1 - column.filled)} empty"
    return f"{column.length:,.0f} letters on average{full}"


def _addressed(column: Column) -> str:
    return f"{percent(column.addresses)} look like addresses"


def _readable(column: Column) -> str:
    empty = "" if column.filled == 1 else f", {percent(1 - column.filled)} of the rows empty"
    return f"{percent(column.dated)} can be read as times{empty}"


def _holding(column: Column) -> str:
    return f"{percent(column.filled)} of {column.rows:,} rows filled"


def _is_text_of_times(column: Column) -> bool:
    return column.dated >= 0.95 and column.numbers == 0


ARTICLE_FIELDS: Final[Sequence[Field]] = (
    Field(
        "id",
        "id uid uuid guid nid key identifier kennung identificador external_id",
        _ARTICLE,
        lambda column: column.filled * column.distinct,
        _differ,
    ),
    Field(
        "title",
        "title headline titel überschrift schlagzeile titre título titular titolo otsikko "
        "overskrift rubrik tytuł nadpis cím başlık заголовок название 标题 タイトル 제목 name "
        "slug_words",
        _ARTICLE,
        _title,
        _letters,
        lambda column: 15 <= column.length <= 200 and _words(column) == 1 and column.distinct > 0.5,
    ),
    Field(
        "body",
        "body content text full_text body_text article_body html body_html content_html inhalt "
        "volltext brödtext brødtekst tekst texto contenu contenido conteúdo cuerpo corpo testo "
        "leipäteksti metin içerik treść текст 正文 本文 본문 abstract description summary excerpt "
        "lead teaser standfirst intro ingress manchet resumen résumé beschreibung",
        _ARTICLE,
        _body,
        _letters,
        lambda column: column.length > 200 and _words(column) == 1,
    ),
    Field(
        "section",
        "section category categories channel ressort rubrik rubric rubrique department desk "
        "vertical sección seção sezione categoría catégorie kategorie kategori kategoria sektion "
        "osasto section_name category_name primary_section primary_category topic рубрика раздел "
        "分类 カテゴリ",
        _ARTICLE,
        _section,
        _differ,
    ),
    Field(
        "tags",
        "tags tag keywords keyword topics labels schlagworte schlagwörter stichworte etiquetas "
        "mots_clés emneord nyckelord stikord avainsanat etiketler теги subcategory subsection",
        _ARTICLE,
        lambda column: 0.0 if column.dated > 0.5 and column.spaced == 0 else _full(column),
        _holding,
    ),
    Field(
        "url",
        "url permalink link canonical_url canonical web_url href address location uri path guid "
        "adresse enlace",
        _ARTICLE,
        lambda column: column.addresses,
        _addressed,
        lambda column: column.addresses >= 0.9 and column.distinct >= 0.9,
    ),
    Field(
        "published_at",
        "published_at published publish_date published_date publication_date publish_time pub_date "
        "date_published first_published_at first_published online_since date_gmt date datetime "
        "timestamp time created_at created create_date creation_date udgivet udgivelsesdato "
        "veröffentlicht veröffentlicht_am publiziert erscheinungsdatum datum dato fecha "
        "fecha_publicación data data_publicação data_pubblicazione date_publication julkaistu "
        "yayın_tarihi дата 日期",
        _ARTICLE,
        lambda column: column.dated,
        _readable,
        _is_text_of_times,
    ),
    Field(
        "language",
        "language lang language_code lang_code locale in_language sprache sprachcode langue idioma "
        "língua lingua sprog språk kieli taal język jazyk dil язык 语言 言語 언어",
        _ARTICLE,
        _language,
        _differ,
    ),
    Field(
        "withdrawn",
        "withdrawn is_withdrawn deleted is_deleted removed retracted unpublished",
        _ARTICLE,
        _flag,
        _holding,
    ),
    Field(
        "sponsored",
        "sponsored is_sponsored advertorial branded is_ad",
        _ARTICLE,
        _flag,
        _holding,
    ),
    Field(
        "paywalled",
        "paywalled is_paywalled paywall premium is_premium paid subscribers_only",
        _ARTICLE,
        _flag,
        _holding,
    ),
)

VIEW_FIELDS: Final[Sequence[Field]] = (
    Field(
        "user",
        "user user_id reader reader_id visitor visitor_id idvisitor user_pseudo_id client_id "
        "cookie_id cookie device_id anonymous_id distinct_id full_visitor_id cid uid uuid "
        "member_id subscriber_id customer_id person_id profile_id bruger bruger_id nutzer "
        "nutzer_id benutzer benutzer_id besucher utilisateur visiteur usuario usuario_id "
        "id_usuario utente id_utente gebruiker gebruiker_id användare bruker bruker_id kullanıcı "
        "kullanıcı_id пользователь",
        _VIEW,
        _user,
        _differ,
    ),
    Field(
        "session",
        "session session_id visit_id idvisit visit sid ga_session_id sitzung sitzung_id sesión "
        "sesión_id id_sesión sessão sessione",
        _VIEW,
        _session,
        _holding,
    ),
    Field(
        "article",
        "article article_id content_id content item_id item story_id story news_id post_id "
        "doc_id document_id node_id asset_id artikel artikel_id artículo artículo_id id_artículo "
        "artigo artigo_id id_artigo articolo id_articolo artikkel artikkel_id haber_id nyhed_id "
        "noticia noticia_id page_id url article_url page_url page_location document_location "
        "canonical_url location href link pathname path page_path uri request_uri request_path "
        "page idaction_url",
        _VIEW,
        lambda column: column.filled,
        _differ,
        lambda column: column.addresses >= 0.8,
    ),
    Field(
        "time",
        "time timestamp datetime viewed_at visited_at clicked_at read_at created_at occurred_at "
        "received_at server_time utc_time ts at date zeit zeitpunkt zeitstempel tid tidspunkt "
        "tidpunkt heure horodatage fecha fecha_hora hora data_hora data czas zaman время",
        _VIEW,
        lambda column: column.dated * column.filled,
        _readable,
        _is_text_of_times,
    ),
    Field(
        "read_time",
        "read_time reading_time read_seconds time_spent time_on_page dwell_time dwell "
        "engagement_time engaged_time engagement_time_msec active_time duration seconds "
        "verweildauer lesedauer lesetid læsetid",
        _VIEW,
        _seconds,
        _holding,
    ),
    Field("referrer_block", "referrer_block ref_block from_block", "", _block, _holding),
    Field("referrer_slot", "referrer_slot ref_slot from_slot referrer_rank", "", _slot, _holding),
    Field("referrer_version", "referrer_version ref_version from_version", "", _version, _holding),
)
