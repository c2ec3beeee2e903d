"""Exports of known tables without a header: their columns, and how they are recognised.

Snowplow's enriched events are lines of 131 fields with tabs. MySQL's `SELECT * INTO OUTFILE` writes
WordPress's `wp_posts` with tabs or commas, quoted or not, and a backslash before each tab, line
end, quote and backslash of a text; it becomes a plain CSV file with a header.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from training.data.scan import Source, Wanted

_SNOWPLOW_NAMES: Final = (
    "app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id "
    "name_tracker v_tracker v_collector v_etl user_id user_ipaddress user_fingerprint "
    "domain_userid domain_sessionidx network_userid geo_country geo_region geo_city "
    "geo_zipcode geo_latitude geo_longitude geo_region_name ip_isp ip_organization ip_domain "
    "ip_netspeed page_url page_title page_referrer page_urlscheme page_urlhost page_urlport "
    "page_urlpath page_urlquery page_urlfragment refr_urlscheme refr_urlhost refr_urlport "
    "refr_urlpath refr_urlquery refr_urlfragment refr_medium refr_source refr_term mkt_medium "
    "mkt_source mkt_term mkt_content mkt_campaign contexts se_category se_action se_label "
    "se_property se_value unstruct_event tr_orderid tr_affiliation tr_total tr_tax "
    "tr_shipping tr_city tr_state tr_country ti_orderid ti_sku ti_name ti_category ti_price "
    "ti_quantity pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max useragent "
    "br_name br_family br_version br_type br_renderengine br_lang br_features_pdf "
    "br_features_flash br_features_java br_features_director br_features_quicktime "
    "br_features_realplayer br_features_windowsmedia br_features_gears "
    "br_features_silverlight br_cookies br_colordepth br_viewwidth br_viewheight os_name "
    "os_family os_manufacturer os_timezone dvce_type dvce_ismobile dvce_screenwidth "
    "dvce_screenheight doc_charset doc_width doc_height tr_currency tr_total_base tr_tax_base "
    "tr_shipping_base ti_currency ti_price_base base_currency geo_timezone mkt_clickid "
    "mkt_network etl_tags dvce_sent_tstamp refr_domain_userid refr_device_tstamp "
    "derived_contexts domain_sessionid derived_tstamp event_vendor event_name event_format "
    "event_version event_fingerprint true_tstamp"
)
SNOWPLOW: Final = tuple(_SNOWPLOW_NAMES.split())

_WP_POSTS_NAMES: Final = (
    "ID post_author post_date post_date_gmt post_content post_title post_excerpt post_status "
    "comment_status ping_status post_password post_name to_ping pinged post_modified "
    "post_modified_gmt post_content_filtered post_parent guid menu_order post_type "
    "post_mime_type comment_count"
)
WP_POSTS: Final = tuple(_WP_POSTS_NAMES.split())

_DATE: Final = rb'"?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"?'
_FIRST_POST: Final = re.compile(
    rb'"?\d+"?(?P<delimiter>[\t,;])"?\d+"?(?P=delimiter)' + _DATE + b"(?P=delimiter)" + _DATE
)
"""The first fields of a post: its id, its author, and its two times."""

_ESCAPED: Final = re.compile(rb"\\(.)", re.S)
_ESCAPES: Final = {b"0": b"", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"Z": b"\x1a"}


def is_snowplow(head: bytes) -> bool:
    """Return whether a text is a line of Snowplow's enriched events."""
    fields = head.partition(b"\n")[0].split(b"\t")
    return len(fields) == len(SNOWPLOW) and fields[0] != b"app_id" and b"-" in fields[6]


def is_wp_posts(head: bytes) -> bool:
    """Return whether a text is the table `wp_posts` without a header."""
    return _FIRST_POST.match(head) is not None


def to_csv(source: Source, out: Path, wanted: Wanted) -> Source:
    """Write the posts as CSV with a header."""
    lines = []
    with source.plain.open("rb") as file, out.open("w", encoding="latin-1", newline="") as written:
        first = _FIRST_POST.match(file.read(4096))
        file.seek(0)
        delimiter = first["delimiter"] if first else b"\t"
        rows = csv.writer(written)
        rows.writerow(WP_POSTS)
        posts = _unquoted(file) if delimiter == b"\t" else _quoted(file, delimiter)
        for line, row in posts:
            if wanted.partial and len(row) < len(WP_POSTS):
                break
            rows.writerow([field.replace(b"\0", b"").decode("latin-1") for field in row])
            lines.append(line)
    return Source(source.path, out, np.array(lines, np.int64))


def _unquoted(file: BinaryIO) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the line and the fields of each post of a table with tabs."""
    number, at, record = 0, 1, b""
    for text in file:
        number += 1
        record += text
        if _is_escaped(text):
            continue
        yield at, _split(record.removesuffix(b"\n"))
        at, record = number + 1, b""


def _is_escaped(text: bytes) -> bool:
    """Return whether the end of a line is part of its last field."""
    bare = text.removesuffix(b"\n")
    return (len(bare) - len(bare.rstrip(b"\\"))) % 2 == 1


def _split(record: bytes) -> list[bytes]:
    """Split a record at its tabs, and take the backslashes away."""
    fields: list[bytes] = []
    part = b""
    for piece in record.split(b"\t"):
        part += piece
        if (len(piece) - len(piece.rstrip(b"\\"))) % 2 == 1:
            part += b"\t"
            continue
        fields.append(b"" if part == b"\\N" else _ESCAPED.sub(_unescape, part))
        part = b""
    return fields


def _unescape(match: re.Match[bytes]) -> bytes:
    return _ESCAPES.get(match[1], match[1])


def _quoted(file: BinaryIO, delimiter: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the line and the fields of each post of a table with quotes."""
    limit = csv.field_size_limit(1 << 30)
    try:
        # Latin-1 decodes any byte, and gives it back.
        text = (line.decode("latin-1") for line in file)
        rows = csv.reader(text, delimiter=delimiter.decode(), doublequote=False, escapechar="\\")
        line = 1
        for row in rows:
            yield line, [b"" if field == "N" else field.encode("latin-1") for field in row]
            line = rows.line_num + 1
    finally:
        csv.field_size_limit(limit)
