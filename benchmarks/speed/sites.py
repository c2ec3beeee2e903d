"""Sites with views, cut before their newest views, and the commands of a checkout over them."""

import gzip
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.speed.process import ROOT, THREADS, take

DATA: Final = ROOT.parent / "shared" / "data"

NEWEST: Final = 0.01
"""Share of the views that a refresh takes in."""

GLOBO_END: Final = "2017-10-17T00:00:00Z"
"""Later clicks are left out: 0.7 %, spread over four weeks."""


def data(name: str) -> Path:
    """Return a file of the data sets; end the program with one line where it is missing."""
    path = DATA / name
    if not path.exists():
        sys.exit(f"{path} is missing: the benchmarks read the data sets of ../shared/data")
    return path


@dataclass(frozen=True)
class Inputs:
    """Files and the moment up to which they are read; None where a site has no such file."""

    articles: Path | None
    views: Path | None
    now: str | None = None

    def options(self) -> list[str | Path]:
        """Return the inputs as options of `ymal train` and `ymal refresh`."""
        named = (("--articles", self.articles), ("--views", self.views), ("--now", self.now))
        return [word for name, value in named if value is not None for word in (name, value)]


@dataclass(frozen=True)
class SplitSite:
    """A site up to the cut, what came after it, and the whole.

    An article that nobody had read before the cut comes after it.
    """

    name: str
    before: Inputs
    after: Inputs
    whole: Inputs


@dataclass(frozen=True)
class Tree:
    """A checkout with an environment of its own."""

    root: Path

    def ymal(self, command: str, site: str, inputs: Inputs, artifacts: Path) -> list[str | Path]:
        """Return the command line of `ymal train` or `refresh` by the example's config."""
        config = self.root / "examples" / f"{site}.toml"
        options = ["--config", config, *inputs.options(), "--artifacts", artifacts]
        ymal = self.root / ".venv" / "bin" / "ymal"
        return [ymal, command, *options, "--jobs", str(THREADS), "--quiet", "--json"]

    def trained(self, cut: SplitSite, folder: Path) -> Callable[[Path], None]:
        """Train up to the cut, not measured; return what restores it before a refresh."""
        base = folder / f"{cut.name}-base"
        take(self.ymal("train", cut.name, cut.before, base), self.root)

        def lay(output: Path) -> None:
            empty_folder(output)
            shutil.copytree(base, output, dirs_exist_ok=True)

        return lay


HERE: Final = Tree(ROOT)


def empty_folder(output: Path) -> None:
    """Make a folder empty."""
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)


def newswire() -> Inputs:
    """Return the site of texts alone."""
    return Inputs(data("newswire/articles.jsonl.gz"), None)


def ebnerd(folder: Path) -> SplitSite:
    """Split EB-NeRD at a time; what came after the cut is written into a folder."""
    articles, views = data("ebnerd/articles.jsonl.gz"), data("ebnerd/views.tsv.gz")
    connection = duckdb.connect()
    connection.execute(
        f"CREATE VIEW views AS SELECT * FROM read_csv('{views}', delim='\t', all_varchar=true)"
    )
    cut, end = _moments(connection, "CAST(time AS TIMESTAMP)")
    newest = folder / "ebnerd-newest.tsv.gz"
    connection.execute(
        f"COPY (SELECT * FROM views WHERE CAST(time AS TIMESTAMP) >= TIMESTAMP '{cut}') "
        f"TO '{newest}' (FORMAT csv, DELIMITER '\t', COMPRESSION gzip)"
    )
    found = connection.execute(
        "SELECT article_id FROM views GROUP BY 1 "
        f"HAVING MIN(CAST(time AS TIMESTAMP)) >= TIMESTAMP '{cut}'"
    ).fetchall()
    known = folder / "ebnerd-known.jsonl.gz"
    _leave_out(articles, {article for (article,) in found}, known)
    return SplitSite(
        "ebnerd",
        before=Inputs(known, views, f"{cut}Z"),
        after=Inputs(articles, newest, f"{end}Z"),
        whole=Inputs(articles, views, f"{end}Z"),
    )


def globo(folder: Path) -> SplitSite:
    """Split globo; its clicks before `GLOBO_END`, and the newest of them, go into a folder."""
    before, (newest,), whole = globo_in_parts(folder, 1)
    return SplitSite(
        "globo",
        before=before,
        after=Inputs(None, newest, GLOBO_END),
        whole=Inputs(None, whole.views, GLOBO_END),
    )


def globo_in_parts(folder: Path, parts: int) -> tuple[Inputs, list[Path], Inputs]:
    """Cut the newest clicks off globo, several times, one after the other.

    Gives what is before, a file of each part, and the whole; the files go into a folder.
    """
    clicks = data("globo/clicks.parquet")
    connection = duckdb.connect()
    time = "make_timestamp(click_timestamp * 1000)"
    connection.execute(
        f"CREATE VIEW views AS SELECT * FROM '{clicks}' "
        f"WHERE {time} < TIMESTAMP '{GLOBO_END.rstrip('Z')}'"
    )
    cuts = [_moments(connection, time, number)[0] for number in range(parts, 0, -1)]
    whole = folder / "globo.parquet"
    connection.execute(f"COPY views TO '{whole}'")
    files = []
    for number, (start, end) in enumerate(pairwise([*cuts, "infinity"])):
        files.append(folder / f"globo-newest-{number}.parquet")
        connection.execute(
            f"COPY (SELECT * FROM views WHERE {time} >= TIMESTAMP '{start}' "
            f"AND {time} < TIMESTAMP '{end}') TO '{files[-1]}'"
        )
    return Inputs(None, whole, f"{cuts[0]}Z"), files, Inputs(None, whole)


def _moments(connection: duckdb.DuckDBPyConnection, time: str, parts: int = 1) -> Sequence[str]:
    """Return when the newest parts of the views begin, and the second after the last view.

    Both in ISO 8601, without zone.
    """
    form = "'%Y-%m-%dT%H:%M:%S'"
    row = connection.execute(
        f"SELECT strftime(quantile_disc({time}, {1 - parts * NEWEST}), {form}), "
        f"strftime(MAX({time}) + INTERVAL 1 SECOND, {form}) FROM views"
    ).fetchone()
    assert row is not None
    return row


def _leave_out(articles: Path, ids: set[str], path: Path) -> None:
    with (
        gzip.open(articles, "rt", encoding="utf-8") as lines,
        gzip.open(path, "wt", encoding="utf-8") as out,
    ):
        out.writelines(line for line in lines if str(json.loads(line)["article_id"]) not in ids)
