"""What all tests of the lookup share."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _no_fsync() -> Iterator[None]:
    """Tests of reading need no disk that is sure to hold what was written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _handle: None)
        yield
