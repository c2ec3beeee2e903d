"""Names follow CONTRIBUTING's rules: one class per name, no metaphors, no participles."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
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
BANNED_CLASSES: Final = {
    *("Asked", "Bench", "Book", "Choices", "Course", "Cut", "Filling", "Given", "Observed", "Open"),
    *("Opened", "Pairs", "Recent", "Stage", "Standing", "Step", "Viewed"),
}


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and name of each class, function, argument and assigned variable."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() if node.name.startswith("test_"):
                pass  # a sentence
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case _:
                pass


def words(name: str) -> list[str]:
    """Split a name at underscores and at capitals: `_OwnItems` is own, items."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


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
        for line, name in names(tree)
        if BANNED_WORDS & set(words(name))
        or (name.isupper() and name.lstrip("_").split("_")[0] in BANNED_IN_CONSTANTS)
    ]
    classes = [
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in modules(*CHECKED)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.lstrip("_") in BANNED_CLASSES
    ]
    assert found + classes == []


def test_words_of_names() -> None:
    assert words("_OwnItems") == ["own", "items"]
    assert words("MAX_HTTPBytes2") == ["max", "http", "bytes", "2"]
    assert [name for _, name in names(ast.parse("def f(a, *, b): c = d"))] == ["f", "a", "b", "c"]
