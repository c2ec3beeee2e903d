"""The table of peers: where each runs, among which settings it is tuned, where it takes part."""

from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from benchmarks.proof.sites import ProofSite

TRIALS: Final = 12
"""Settings that each peer may try on the two days before the test."""

Setting = dict[str, Any]


@dataclass(frozen=True)
class Peer:
    """A recommender of others.

    Attributes
    ----------
    name : of the system.
    package : whose it is, as `pip` knows it; its version is read from the environment. Empty where
        no package has it, and the worker was written from the paper.
    environment : where it runs; see `worker.home`.
    module : the worker, in `benchmarks.peers.workers`.
    settings : `TRIALS` of them; `kind` is the model, `hours` how far back it looks.
    needs : `texts` or `sections`, where it has nothing to go by without.
    by_visit : whether it is told what the reader has opened on the visit, or the source alone.
    """

    name: str
    package: str
    environment: str
    module: str
    settings: tuple[Setting, ...]
    needs: str = ""
    by_visit: bool = False


def settings(kind: str, **values: tuple[Any, ...]) -> tuple[Setting, ...]:
    """Give every combination of some values.

    Examples
    --------
    >>> settings("als", hours=(6, 24))
    ({'kind': 'als', 'hours': 6}, {'kind': 'als', 'hours': 24})
    """
    return tuple(
        {"kind": kind, **dict(zip(values, point, strict=True))}
        for point in product(*values.values())
    )


HOURS: Final = (6, 12, 24, 48, 72, 168)
UNITS: Final = ("reader", "visit")

IMPLICIT: Final = (
    Peer(
        "implicit-cosine",
        "implicit",
        "bench",
        "implicit_items",
        settings("cosine", unit=UNITS, hours=HOURS),
    ),
    Peer(
        "implicit-bm25",
        "implicit",
        "bench",
        "implicit_items",
        settings("bm25", unit=UNITS, K1=(0.6, 1.2), hours=(12, 24, 72)),
    ),
    Peer(
        "implicit-tfidf",
        "implicit",
        "bench",
        "implicit_items",
        settings("tfidf", unit=UNITS, hours=HOURS),
    ),
    Peer(
        "implicit-als",
        "implicit",
        "bench",
        "implicit_items",
        settings("als", unit=UNITS, hours=(24, 72), factors=(16, 32, 64)),
    ),
)

RECTOOLS: Final = (
    Peer(
        "rectools-knn",
        "rectools",
        "rectools",
        "rectools_models",
        settings("knn", unit=UNITS, hours=HOURS),
    ),
    Peer(
        "rectools-ease",
        "rectools",
        "rectools",
        "rectools_models",
        settings("ease", unit=UNITS, regularization=(100, 1000), hours=(6, 24, 72)),
    ),
    Peer(
        "rectools-popular-in-section",
        "rectools",
        "rectools",
        "rectools_models",
        settings(
            "popular", hours=(0.25, 0.5, 1, 2, 3, 6), popularity=("n_users", "n_interactions")
        ),
        needs="sections",
    ),
)

LENSKIT: Final = (
    Peer(
        "lenskit-knn",
        "lenskit",
        "lenskit",
        "lenskit_knn",
        settings("knn", unit=UNITS, hours=HOURS),
    ),
)

SESSIONS: Final = tuple(
    Peer(
        name,
        "",
        "ours",
        "vsknn",
        settings("vsknn", hours=(12, 24, 72, 168), k=(20, 100, 500)),
        by_visit=by_visit,
    )
    for name, by_visit in (("v-sknn", False), ("v-sknn-visit", True))
)

TEXTS: Final = (
    Peer(
        "tantivy-more-like-this",
        "tantivy",
        "bench",
        "tantivy_recent",
        settings("tantivy", hours=(12, 24, 48, 168), terms=(10, 25, 100)),
        needs="texts",
    ),
)

PEERS: Final = {peer.name: peer for peer in (*IMPLICIT, *RECTOOLS, *LENSKIT, *SESSIONS, *TEXTS)}


def taking_part(proof_site: ProofSite) -> list[Peer]:
    """Return the peers whose inputs a site has."""
    given = {"": True, "texts": proof_site.texts, "sections": proof_site.sections}
    return [peer for peer in PEERS.values() if given[peer.needs]]
