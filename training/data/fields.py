"""The fields of articles and views, and the usual names of their columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from training.data.column_fit import (
    article_fit,
    block_fit,
    body_fit,
    describe_addresses,
    describe_distinct,
    describe_filled,
    describe_length,
    describe_times,
    filled_fit,
    flag_fit,
    is_text_of_times,
    language_fit,
    seconds_fit,
    section_fit,
    session_fit,
    slot_fit,
    title_fit,
    user_fit,
    version_fit,
    withdrawn_fit,
    words_fit,
)
from training.data.names import bare_path, forms_of, words_of
from training.data.sample import Column
from training.data.systems import SYSTEMS

_ARTICLE: Final = (
    "article artikel articulo artigo articolo artikkel haber post story news nyhed nyhet noticia "
    "content item doc document page entry node wp cms dc og meta g"
)
"""Words before or after the name of a field that do not change it: `post_title`, `id_articulo`."""

_VIEW: Final = "click clicked view viewed visit visited event hit log page request web raw"


@dataclass(frozen=True)
class Field:
    """A field of the configuration, and how to recognise its column.

    Attributes
    ----------
    name : as in the configuration.
    words : its usual names, the likeliest first; `systems` has the names of single systems.
    around : words that may come before or after one of these.
    value_fit : how well a column's values fit the field, from 0 (not at all) to 1.
    evidence : describes the values for a person.
    is_sufficient : whether the values alone identify the column, if its name is unknown.
    """

    name: str
    words: str
    around: str
    value_fit: Callable[[Column], float]
    evidence: Callable[[Column], str]
    is_sufficient: Callable[[Column], bool] = lambda _column: False

    @cached_property
    def _ranks(self) -> dict[str, int]:
        ranks: dict[str, int] = {}
        of_systems = " ".join(
            name
            for system in SYSTEMS
            for name in [system.columns.get(self.name, "")]
            if "." not in name
        )
        for word in f"{self.words} {of_systems}".split():
            ranks.setdefault("".join(words_of(word)), len(ranks))
        return ranks

    def name_fit(self, name: str) -> float:
        """Return how usual a name is for this field: 1 for its first word, 0 for an unknown one."""
        forms = forms_of(bare_path(name), self.around)
        found = (self._ranks[form] for form in forms if form in self._ranks)
        rank = min(found, default=None)
        return 0.0 if rank is None else 1 - 0.005 * rank


ARTICLE_FIELDS: Final[Sequence[Field]] = (
    Field(
        "id",
        "id uid uuid guid nid key identifier kennung identificador external_id",
        _ARTICLE,
        lambda column: column.filled * column.distinct,
        describe_distinct,
    ),
    Field(
        "title",
        "title headline titel überschrift schlagzeile titre título titular titolo otsikko "
        "overskrift rubrik tytuł nadpis cím başlık заголовок название 标题 タイトル 제목 name "
        "slug_words",
        _ARTICLE,
        title_fit,
        describe_length,
        lambda column: (
            15 <= column.length <= 200 and words_fit(column) == 1 and column.distinct > 0.5
        ),
    ),
    Field(
        "body",
        "body content text full_text body_text article_body html body_html content_html inhalt "
        "volltext brödtext brødtekst tekst texto contenu contenido conteúdo cuerpo corpo testo "
        "leipäteksti metin içerik treść текст 正文 本文 본문 abstract description summary excerpt "
        "lead teaser standfirst intro ingress manchet resumen résumé beschreibung",
        _ARTICLE,
        body_fit,
        describe_length,
        lambda column: column.length > 200 and words_fit(column) == 1,
    ),
    Field(
        "section",
        "section category categories channel ressort rubrik rubric rubrique department desk "
        "vertical sección seção sezione categoría catégorie kategorie kategori kategoria sektion "
        "osasto section_name category_name primary_section primary_category topic рубрика раздел "
        "分类 カテゴリ",
        _ARTICLE,
        section_fit,
        describe_distinct,
    ),
    Field(
        "tags",
        "tags tag keywords keyword topics labels schlagworte schlagwörter stichworte etiquetas "
        "mots_clés emneord nyckelord stikord avainsanat etiketler теги subcategory subsection",
        _ARTICLE,
        lambda column: 0.0 if column.dated > 0.5 and column.spaced == 0 else filled_fit(column),
        describe_filled,
    ),
    Field(
        "url",
        "url permalink link canonical_url canonical web_url href address location uri path guid "
        "adresse enlace",
        _ARTICLE,
        lambda column: column.addresses,
        describe_addresses,
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
        describe_times,
        is_text_of_times,
    ),
    Field(
        "modified_at",
        "modified_at modified_gmt modified last_modified_at last_modified updated_at updated "
        "last_updated last_updated_at changed changed_at date_modified modified_date "
        "modification_date date_updated update_date update_time edited_at last_edited_at geändert "
        "geändert_am aktualisiert aktualisiert_am actualizado fecha_modificación modifié "
        "date_modification atualizado modificato ændret endret ändrad muokattu gewijzigd "
        "güncelleme_tarihi обновлено изменено",
        _ARTICLE,
        lambda column: column.dated,
        describe_times,
    ),
    Field(
        "language",
        "language lang language_code lang_code locale in_language sprache sprachcode langue idioma "
        "língua lingua sprog språk kieli taal język jazyk dil язык 语言 言語 언어",
        _ARTICLE,
        language_fit,
        describe_distinct,
    ),
    Field(
        "withdrawn",
        "withdrawn is_withdrawn withdrawn_at deleted is_deleted deleted_at removed is_removed "
        "removed_at retracted is_retracted retracted_at unpublished unpublished_at trashed "
        "is_trashed trashed_at taken_down takedown soft_deleted",
        _ARTICLE,
        withdrawn_fit,
        describe_filled,
    ),
    Field(
        "sponsored",
        "sponsored is_sponsored advertorial branded is_ad",
        _ARTICLE,
        flag_fit,
        describe_filled,
    ),
    Field(
        "paywalled",
        "paywalled is_paywalled paywall premium is_premium paid subscribers_only",
        _ARTICLE,
        flag_fit,
        describe_filled,
    ),
    Field("evergreen", "evergreen is_evergreen timeless", _ARTICLE, flag_fit, describe_filled),
)

VIEW_FIELDS: Final[Sequence[Field]] = (
    Field(
        "user",
        "user user_id reader reader_id visitor visitor_id visitor_site_id client_id "
        "visitor_uuid user_uuid reader_uuid client_uuid device_uuid anonymous_uuid visitor_guid "
        "user_guid "
        "cookie_id cookie device_id anonymous_id distinct_id full_visitor_id cid uid uuid "
        "member_id subscriber_id customer_id person_id profile_id bruger bruger_id nutzer "
        "nutzer_id benutzer benutzer_id besucher utilisateur visiteur usuario usuario_id "
        "id_usuario utente id_utente gebruiker gebruiker_id användare bruker bruker_id kullanıcı "
        "kullanıcı_id пользователь",
        _VIEW,
        user_fit,
        describe_distinct,
    ),
    Field(
        "session",
        "session session_id visit_id visit sid session_uuid visit_uuid sitzung sitzung_id sesión "
        "sesión_id id_sesión sessão sessione",
        _VIEW,
        session_fit,
        describe_filled,
    ),
    Field(
        "article",
        "article article_id content_id content item_id item story_id story news_id post_id "
        "article_uuid content_uuid "
        "doc_id document_id node_id asset_id artikel artikel_id artículo artículo_id id_artículo "
        "artigo artigo_id id_artigo articolo id_articolo artikkel artikkel_id haber_id nyhed_id "
        "noticia noticia_id page_id url article_url page_url document_location "
        "canonical_url location href link path page_path uri request_uri request_path "
        "page",
        _VIEW,
        article_fit,
        describe_distinct,
        lambda column: column.addresses >= 0.8,
    ),
    Field(
        "time",
        "time timestamp datetime viewed_at visited_at clicked_at read_at created_at occurred_at "
        "received_at utc_time ts at date zeit zeitpunkt zeitstempel tid tidspunkt "
        "tidpunkt heure horodatage fecha fecha_hora hora data_hora data czas zaman время",
        _VIEW,
        lambda column: column.dated * column.filled,
        describe_times,
        is_text_of_times,
    ),
    Field(
        "read_time",
        "read_time reading_time read_seconds time_spent time_on_page dwell_time dwell "
        "engagement_time engaged_time active_time duration seconds "
        "verweildauer lesedauer lesetid læsetid",
        _VIEW,
        seconds_fit,
        describe_filled,
    ),
    Field("referrer_block", "referrer_block ref_block from_block", "", block_fit, describe_filled),
    Field(
        "referrer_slot",
        "referrer_slot ref_slot from_slot referrer_rank",
        "",
        slot_fit,
        describe_filled,
    ),
    Field(
        "referrer_version",
        "referrer_version ref_version from_version",
        "",
        version_fit,
        describe_filled,
    ),
)
