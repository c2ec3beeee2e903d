"""Names and messages follow CONTRIBUTING's rules: one class per name, no metaphors, plurals."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PRODUCT: Final = ("recommender", "training")
CHECKED: Final = (*PRODUCT, "benchmarks", "docs", "examples", "tests")

# A word of a name, in any case: `told` bans `told`, `told_of` and `Told`.
BANNED_WORDS: Final = {
    *("told", "said", "judged", "sorry", "thinned", "laid", "slate", "shelf", "ledger", "scene"),
    *("tally", "dice", "twin", "twins"),
}
# First words of constants, which say what they bound: MAX_HEADER_BYTES.
BANNED_IN_CONSTANTS: Final = {"MANY", "MOST", "ENOUGH", "LITTLE", "FEW"}
# Names of functions that say nothing: a participle, or a verb without its object.
BANNED_FUNCTIONS: Final = {
    *("alone", "answers", "asked", "explained", "most", "reported", "say", "tell", "written"),
}
# A count before a plural, `\0 rows`. After "of", the noun names the whole: `1 of \0 rows`.
COUNTED: Final = re.compile(
    r"(?<!of )(?<!of its )(?<!of the )\0 ((next|different|other) )?"
    r"(articles|bars|bytes|characters|clicks|columns|days|events|findings|letters|readers|rows"
    r"|slots|stories|transitions|values|versions|views)\b"
)
BANNED_CLASSES: Final = {
    *("Asked", "Bench", "Book", "Choices", "Course", "Cut", "Filling", "Given", "Observed", "Open"),
    *("Opened", "Pairs", "Recent", "Stage", "Standing", "Step", "Viewed"),
}


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def names(tree: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """Yield line and name of each class, function, argument and variable; True for a class."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() if node.name.startswith("test_"):
                pass  # a sentence
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name, isinstance(node, ast.ClassDef)
            case ast.arg():
                yield node.lineno, node.arg, False
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id, False
            case _:
                pass


def words(name: str) -> list[str]:
    """Split a name at underscores and at capitals: `_OwnItems` is own, items."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


@cache
def is_banned(name: str) -> bool:
    return not BANNED_WORDS.isdisjoint(words(name))


def test_no_public_class_has_the_name_of_another() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path, tree in modules(*PRODUCT):
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(f"{path}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_names_are_the_terms_of_the_field() -> None:
    found = [
        f"{path}:{line}: {name}"
        for path, tree in modules(*CHECKED)
        for line, name, is_class in names(tree)
        if is_banned(name)
        or (name.isupper() and name.lstrip("_").split("_")[0] in BANNED_IN_CONSTANTS)
        or (is_class and name.lstrip("_") in BANNED_CLASSES)
    ]
    assert found == []


def test_functions_are_named_for_what_they_do() -> None:
    found = [
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in modules(*PRODUCT)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_") in BANNED_FUNCTIONS
    ]
    assert found == []


def test_words_of_names() -> None:
    assert words("_OwnItems") == ["own", "items"]
    assert words("MAX_HTTPBytes2") == ["max", "http", "bytes", "2"]
    assert [name for _, name, _ in names(ast.parse("def f(a, *, b): c = d"))] == [
        "f",
        "a",
        "b",
        "c",
    ]


def is_count(part: ast.expr) -> bool:
    """Return whether a part of an f-string may be 1: no text, constant, call or decimal does."""
    if not isinstance(part, ast.FormattedValue):
        return False
    shown, format_ = part.value, ast.unparse(part.format_spec) if part.format_spec else ""
    is_text = isinstance(shown, ast.Call) and ast.unparse(shown.func) not in ("len", "round")
    is_constant = isinstance(shown, ast.Name) and shown.id.isupper()
    return not (is_text or is_constant or "f'" in format_[1:])


def plurals(tree: ast.AST) -> Iterator[int]:
    """Yield the line of each f-string that puts a count before a plural: `{count:,} rows`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = ["\0" if is_count(p) else str(getattr(p, "value", "")) for p in node.values]
            if COUNTED.search("".join(parts)):
                yield node.lineno


def test_counts_have_their_nouns_in_the_right_number() -> None:
    found = [f"{path}:{line}" for path, tree in modules("training") for line in plurals(tree)]
    assert found == [], "use training.records.quantity"


def test_what_is_a_count_before_a_plural() -> None:
    def lines(text: str) -> list[int]:
        return [*plurals(ast.parse(text))]

    assert lines('f"{n} rows"') == lines('f"{n:,} next clicks are"') == [1]
    assert lines('f"{MIN} rows"') == lines('f"1 of {n} rows"') == lines('f"{rows} of"') == []
    assert lines('f"{days:.1f} days"') == lines("""f"{quantity(n, 'row')} rows" """) == []
