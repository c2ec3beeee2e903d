"""HTML is written by templates alone, and they escape every value."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recommender import Block, Page, RelatedStory
from recommender.html import render_story, render_template
from recommender.service import browse
from training.checking.report import ReportPart

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "recommender" / "html" / "templates"
NOW = datetime(2026, 6, 1, 5, 59, tzinfo=UTC)

EVIL = "</title></style></svg><script>alert('1')</script>\" onclick='x' &amp; {{ 7 * 7 }}"
TAG = re.compile(r"</?(?!frozen |NA>)[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?>|<!|<svg")
EXEMPT = {ROOT / "training" / "simulate", ROOT / "training" / "markup.py"}
"""Where articles with markup in their texts are written, as sites have them, and where it is read.
"""


def story_page() -> str:
    story = RelatedStory(EVIL, EVIL, EVIL, EVIL, NOW, 1, None, EVIL, EVIL)
    page = Page(EVIL, EVIL, (Block("related", EVIL, (story,)),))
    return render_story(page, title=EVIL, section=EVIL, now=NOW, language=EVIL, search_url=EVIL)


def search_page() -> str:
    card = (EVIL, EVIL, EVIL, NOW, EVIL)
    snapshot: Any = SimpleNamespace(
        version=EVIL, now=NOW, age=timedelta(hours=1), search=lambda *_: [(EVIL, card)]
    )
    return browse.search_page(snapshot, EVIL)


def error_page() -> str:
    return bytes(browse.error_page(browse.HTTPException(400, EVIL)).body).decode()


def reference_page() -> str:
    entries = [(EVIL, EVIL, EVIL)]
    operation = dict.fromkeys(("name", "title", "summary", "body_example", "example"), EVIL)
    lists = dict.fromkeys(("body", "parameters", "responses"), entries)
    return render_template(
        "reference.html",
        title=EVIL,
        description=EVIL,
        operations=[{**operation, **lists}],
        story_fields=entries,
        headers=entries,
        problem_fields=entries,
        problems=[(EVIL, EVIL)],
    )


def check_page() -> str:
    facts = SimpleNamespace(times=SimpleNamespace(now=EVIL))
    finding = SimpleNamespace(level=EVIL, found=EVIL, advice=EVIL)
    report = SimpleNamespace(verdict=EVIL, findings=[finding], facts=facts)
    chart = SimpleNamespace(heights=[1.0], labels=[EVIL], top=EVIL, description=EVIL)
    part = ReportPart(EVIL, [[EVIL, EVIL]], (EVIL, EVIL))
    return render_template("check.html", report=report, parts=[(part, chart), (part, None)])


def report_page() -> str:
    named, plot = [[EVIL, EVIL]], SimpleNamespace(title=EVIL, name=EVIL, svg="", description=EVIL)
    drawn = SimpleNamespace(**{**vars(plot), "svg": svg(), "note": EVIL, "head": [EVIL, EVIL]})
    drawn.rows = named
    sample = SimpleNamespace(
        title=EVIL,
        section=EVIL,
        time=EVIL,
        lists=[(EVIL, [(EVIL, 2)]), (EVIL, [])],
        missed=[(EVIL, 1, EVIL)],
    )
    return render_template(
        "report.html",
        **dict.fromkeys(("ours", "summary", "config", "command"), EVIL),
        **dict.fromkeys(("counts", "files", "protocol", "versions", "definitions"), named),
        paragraphs=[EVIL],
        figures=[(EVIL, [EVIL, EVIL], named)],
        pairs=[[EVIL] * 7],
        plots=[plot, drawn],
        samples=[sample],
        failures=[[EVIL] * 4],
        settings=[[EVIL] * 3],
        tuning={"start": EVIL, "end": EVIL},
    )


def svg() -> str:
    texts = dict.fromkeys(("name", "title", "description", "view_box", "content"), EVIL)
    return render_template("svg.html", **texts)


def notebook_plot() -> str:
    return render_template("notebook_plot.html", plot=SimpleNamespace(title=EVIL, svg=EVIL))


def notebook_report() -> str:
    return render_template("notebook_report.html", tables=[(EVIL, [EVIL], [[EVIL]])])


@pytest.mark.parametrize(
    "draw",
    [
        story_page,
        search_page,
        error_page,
        reference_page,
        check_page,
        report_page,
        svg,
        notebook_plot,
        notebook_report,
    ],
)
def test_every_value_is_escaped(draw: Any) -> None:
    document = draw()
    assert "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;" in document
    for part in ("<script", "</title></style>", "onclick='x'", '" onclick', " 49"):
        assert part not in document


def test_no_template_trusts_a_value() -> None:
    for template in TEMPLATES.glob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape", text), template.name
    assert "{{" not in (TEMPLATES / "style.css").read_text(encoding="utf-8")


def product() -> Iterator[tuple[Path, ast.Module]]:
    packages = (ROOT / name for name in ("recommender", "training"))
    for file in [ROOT / "ymal.py", *(file for folder in packages for file in folder.rglob("*.py"))]:
        yield file, ast.parse(file.read_text(encoding="utf-8"))


def test_no_python_of_the_product_holds_html() -> None:
    found = []
    for file, tree in product():
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        if not EXEMPT.isdisjoint({file, *file.parents}):
            continue
        found += [
            f"{file.relative_to(ROOT)}:{node.lineno}: {node.value[:60]!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and TAG.search(node.value)
        ]
    assert found == []


def test_nothing_but_the_templates_escapes() -> None:
    for file, tree in product():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                assert (node.level, node.module) != (0, "html") or names == {"unescape"}, file
            if isinstance(node, ast.Import):
                assert "html" not in {alias.name for alias in node.names}, file
