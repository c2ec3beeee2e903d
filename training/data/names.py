"""Names of columns, as words."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_WRAPPERS: Final = "attributes data fields source node properties item payload"
_CONTENTS: Final = "rendered value processed plain html text name label id"
"""What stands in a path before and after the name of a field: `attributes.body.value`."""


def words_of(name: str) -> list[str]:
    """Split a column's name into words in lower case, without accents.

    Examples
    --------
    >>> words_of("wp:postTitle"), words_of("ID_Artículo")
    (['wp', 'post', 'title'], ['id', 'articulo'])
    """
    apart = re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", name)
    bare = "".join(c for c in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", bare.lower())


def forms_of(name: str, around: str) -> Iterator[str]:
    """Yield a name whole, and without the words before and after it that do not change it.

    Examples
    --------
    >>> list(forms_of("post_title", "post wp"))
    ['posttitle', 'title']
    """
    words, idle = words_of(name), around.split()
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            yield "".join(words[start:end])
            if words[end - 1] not in idle:
                break
        if words[start] not in idle:
            break


def bare_path(name: str) -> str:
    """Return a path without the names before and after that do not change what it leads to.

    Examples
    --------
    >>> bare_path("attributes.body.value"), bare_path("title.rendered"), bare_path("data")
    ('body', 'title', 'data')
    """
    parts = name.split(".")
    while len(parts) > 1 and parts[0].strip("_").lower() in _WRAPPERS.split():
        parts = parts[1:]
    while len(parts) > 1 and parts[-1].strip("_").lower() in _CONTENTS.split():
        parts = parts[:-1]
    return ".".join(parts)
