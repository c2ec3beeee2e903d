"""Cost of a page view in the checkout whose Python runs this.

python answers.py ARTIFACTS IDS     # IDS is a file with an id in each line
"""

import json
import random
import sys
import time
from pathlib import Path

from recommender import Recommender

ASKED = 20_000


def main(artifacts: str, ids: str) -> None:
    """Open a version, and ask for random articles' ids, stories and pages; print the seconds."""
    begun = time.perf_counter()
    recommender = Recommender.open(artifacts)
    seconds = {"open": time.perf_counter() - begun}
    random.seed(2)
    asked = random.choices(Path(ids).read_text(encoding="utf-8").split("\n"), k=ASKED)  # noqa: S311
    for call in (recommender.related_ids, recommender.related, recommender.page):
        begun = time.perf_counter()
        for article in asked:
            call(article)
        seconds[call.__name__] = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
