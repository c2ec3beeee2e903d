"""Texts are what a reader sees: of bodies the words, of titles and names one line."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.markup import names_in, visible_line, visible_name, visible_text, visible_value

PICTURE = "data:image/png;base64," + "iVBORw0KGgo+/AbC9" * 20


@pytest.mark.parametrize(
    "hidden",
    [
        "<noscript>Please switch on scripts</noscript>",
        "<template><p>Card</p></template>",
        "<iframe src='x'>Your browser knows no frames</iframe>",
        "<video><p>Download the film</p></video>",
        "<object data='x'><embed src='y'>A plugin is missing</object>",
        "<svg><title>Icon</title><path d='M0'/></svg>",
        "<div hidden><div>Draft</div> remark</div>",
        "<p style='color: red; display: none'>Trap</p>",
        "<span class='screen-reader-text'>opens another window</span>",
        '<blockquote class="instagram-media" data-x><p>View this post</p></blockquote>',
        '<!-- wp:paragraph {"dropCap":true} -->',
        "&lt;!-- wp:image --&gt;",
        '[caption id="attachment_7" align="left" width="300"]',
        "[/caption]",
        "[vc_row][vc_column width='1/2' css='.vc_1{padding: 0 !important;}'][/vc_column][/vc_row]",
        '[contact-form-7 id="12" title="Newsletter"]',
        "[gallery]",
        "[vc_raw_html]JTNDaWZyYW1lJTNF[/vc_raw_html]",
        "[youtube]dQw4w9WgXcQ[/youtube]",
        "{{ site.newsletter }}{% include banner %}",
        "{loadposition banner}",
        '[[{"fid":"12","view_mode":"teaser"}]]',
        f"![A dog runs]({PICTURE})",
        f"<img src='{PICTURE}' alt='A dog runs'>",
        '![A dog runs](/media/dog-runs.jpg "Photo: Ann")',
        PICTURE,
    ],
)
def test_what_no_reader_sees_has_no_words(hidden: str) -> None:
    assert visible_text(f"Snow {hidden} falls").split() == ["Snow", "falls"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[caption id='a']<img src='x'> The mayor[/caption]", "The mayor"),
        ("[b]Bold[/b] and [quote=Ann]said[/quote]", "Bold and said"),
        ("He [the minister] said [sic] [2]", "He [the minister] said [sic] [2]"),
        ("[it is, he said, 12 o'clock]", "[it is, he said, 12 o'clock]"),
        ("see [the report](/news/report-of-2026)", "see [the report]"),
        ("<![CDATA[<p>Snow</p>]]>", "Snow"),
        ("Data: 3, 4 and 5", "Data: 3, 4 and 5"),
        ("<video src='x'/> Snow <noscript/> falls", "Snow falls"),
        ("never <video> closed", "never closed"),
        ("a set {a, b} of f(x)", "a set {a, b} of f(x)"),
        ("<blockquote class='quote'>Words</blockquote>", "Words"),
    ],
)  # fmt: skip
def test_words_that_readers_see_stay(body: str, words: str) -> None:
    assert visible_text(body).split() == words.split()


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("Macron&#8217;s plan for the V&amp;A", "Macron’s plan for the V&A"),
        ("&amp;quot;Yes&amp;quot; &amp;lt;em&amp;gt;now&amp;lt;/em&amp;gt;", '"Yes" now'),
        ("Second <em class='x'>plan</em><br/>for the\u00a0 museum\n", "Second plan for the museum"),
        ("3 < 4 and 5 > 2: R&D, AT&T", "3 < 4 and 5 > 2: R&D, AT&T"),
        ("[LIVE] {Vote} 100 %", "[LIVE] {Vote} 100 %"),
        ("https://example.org/?a=1&copy=2&amp;b=3", "https://example.org/?a=1&copy=2&b=3"),
        ("<![CDATA[Snow & <b>ice</b>]]>", "Snow & ice"),
        ("&nbsp;", ""),
    ],
)  # fmt: skip
def test_titles_and_names_are_one_line(field: str, line: str) -> None:
    assert visible_line(field) == line
    assert visible_line(line) == line


def test_a_name_in_json_is_the_name() -> None:
    assert visible_name('{"id": 7, "name": "Arts &amp; Culture"}') == "Arts & Culture"
    assert visible_name('["Sport", "Golf"]') == "Sport"
    assert visible_name("[Live] Vote") == "[Live] Vote"
    assert visible_name("[]") == ""


def test_further_fields_keep_their_json() -> None:
    authors = json.dumps([{"name": "Ann &amp; &quot;Bo&quot;", "born": 1970}])
    assert json.loads(visible_value(authors)) == [{"name": 'Ann & "Bo"', "born": 1970}]
    assert visible_value("Ann <a href='/ann'>Lee</a>") == "Ann Lee"
    assert visible_value("  as it is  ") == "  as it is  "


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "id", "slug", "node", "x"]), each, max_size=3)
    ),
)


@given(JSON)
def test_names_are_texts_of_the_value(value: object) -> None:
    written = json.dumps(value, ensure_ascii=False)
    assert all(
        json.dumps(name, ensure_ascii=False).strip('"') in written for name in names_in(value)
    )


def test_names_of_nested_objects() -> None:
    graph = {"edges": [{"node": {"id": "a1", "label": "Golf"}}, {"node": {"label": "Chess"}}]}
    assert names_in(graph) == ["Golf", "Chess"]
    ghost = [{"name": "News", "visibility": "public"}, {"name": "#x", "visibility": "internal"}]
    assert names_in(ghost) == ["News"]
    assert names_in({"12": "Golf", "13": "Chess"}) == ["Golf", "Chess"]


@pytest.mark.parametrize(
    "text",
    [part * 100_000 for part in ('[a "', "<video>", "<p hidden>", "[x_y", "![a](", "<b class='x")],
)
def test_half_a_megabyte_of_what_is_never_closed_takes_seconds(text: str) -> None:
    before = time.process_time()
    visible_text(text)
    assert time.process_time() - before < 10
