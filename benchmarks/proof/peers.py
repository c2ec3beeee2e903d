"""The table of peers: where each runs, among which settings it is tuned, where it takes part."""

from dataclasses import dataclass
from functools import partial
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
    settings : `TRIALS` of them; `kind` is the model, `hours` how far back it looks.
    environment : where it runs; see `worker.home`.
    module : the worker, in `benchmarks.peers.workers`.
    package : whose it is, as `pip` knows it; its version is read from the environment. Empty where
        no package has it, and the worker was written from the paper.
    needs : `texts` or `sections`, where it has nothing to go by without.
    by_visit : whether it knows what the reader has opened on the visit, or the source alone.
    """

    name: str
    settings: tuple[Setting, ...]
    environment: str
    module: str
    package: str = ""
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

IMPLICIT: Final = partial(Peer, environment="bench", module="implicit_items", package="implicit")
RECTOOLS: Final = partial(
    Peer, environment="rectools", module="rectools_models", package="rectools"
)
LENSKIT: Final = partial(Peer, environment="lenskit", module="lenskit_knn", package="lenskit")
TANTIVY: Final = partial(Peer, environment="bench", module="tantivy_recent", package="tantivy")
VSKNN: Final = partial(Peer, environment="ours", module="vsknn")

_OF_VISITS: Final = settings("vsknn", hours=(12, 24, 72, 168), k=(20, 100, 500))
_OF_TEXTS: Final = settings("tantivy", hours=(12, 24, 48, 168), terms=(10, 25, 100))
_POPULAR: Final = settings(
    "popular", hours=(0.25, 0.5, 1, 2, 3, 6), popularity=("n_users", "n_interactions")
)
_BM25: Final = settings("bm25", unit=UNITS, K1=(0.6, 1.2), hours=(12, 24, 72))
_ALS: Final = settings("als", unit=UNITS, hours=(24, 72), factors=(16, 32, 64))
_EASE: Final = settings("ease", unit=UNITS, regularization=(100, 1000), hours=(6, 24, 72))

PEERS: Final = {
    peer.name: peer
    for peer in (
        IMPLICIT("implicit-cosine", settings("cosine", unit=UNITS, hours=HOURS)),
        IMPLICIT("implicit-bm25", _BM25),
        IMPLICIT("implicit-tfidf", settings("tfidf", unit=UNITS, hours=HOURS)),
        IMPLICIT("implicit-als", _ALS),
        RECTOOLS("rectools-knn", settings("knn", unit=UNITS, hours=HOURS)),
        RECTOOLS("rectools-ease", _EASE),
        RECTOOLS("rectools-popular-in-section", _POPULAR, needs="sections"),
        LENSKIT("lenskit-knn", settings("knn", unit=UNITS, hours=HOURS)),
        VSKNN("v-sknn", _OF_VISITS),
        VSKNN("v-sknn-visit", _OF_VISITS, by_visit=True),
        TANTIVY("tantivy-more-like-this", _OF_TEXTS, needs="texts"),
    )
}


def taking_part(proof_site: ProofSite) -> list[Peer]:
    """Return the peers whose inputs a site has."""
    given = {"": True, "texts": proof_site.texts, "sections": proof_site.sections}
    return [peer for peer in PEERS.values() if given[peer.needs]]
