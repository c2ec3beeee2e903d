"""Hooks for all tests: one seed for their order and for the examples that hypothesis draws."""

import gc
import os
import random
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

SEED: Final = int(os.environ.get("YMAL_SEED", "0"))
"""Order of the tests (0: as in the files) and the examples that hypothesis draws."""

# A slow machine is no fault of a test.
settings.register_profile(
    "ymal", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ymal")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Seed hypothesis, unless its own option does."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = SEED


def pytest_report_header() -> str:
    """Print how to repeat the run."""
    return f"seed: YMAL_SEED={SEED}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Shuffle the modules, and the tests in each; put Spark's tests first.

    Tests of one module stay together and share its fixtures. Spark's tests are the longest and need
    a cluster: at the head of the list, one worker of xdist runs them all, since others take tests
    from the tail.
    """
    if SEED:
        modules: dict[str, list[pytest.Item]] = {}
        for item in items:
            modules.setdefault(item.nodeid.split("::")[0], []).append(item)
        draw = random.Random(SEED)  # noqa: S311
        shuffled = list(modules.values())
        draw.shuffle(shuffled)
        for tests in shuffled:
            draw.shuffle(tests)
        items[:] = [item for tests in shuffled for item in tests]
    items.sort(key=lambda item: item.get_closest_marker("spark") is None)


def pytest_collection_finish() -> None:
    """Exempt what was collected, which stays to the end, from every later garbage collection."""
    gc.freeze()
