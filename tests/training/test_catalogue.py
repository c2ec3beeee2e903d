"""The catalogue: which row an id has."""

from dataclasses import replace

import numpy as np

from training.catalogue import empty_catalogue


def test_few_ids_and_many_have_the_same_rows() -> None:
    ids = [f"{number:04d}" for number in np.random.default_rng(1).permutation(900)]
    catalogue = replace(empty_catalogue(), ids=ids)
    for asked in ([], ids[500:503], ids):
        rows = catalogue.rows_of(asked)
        assert rows.dtype == np.int32
        assert rows.tolist() == [ids.index(one) for one in asked]
