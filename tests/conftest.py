"""What holds for all tests."""

import gc


def pytest_collection_finish() -> None:
    """Let no collection of garbage look through thousands of tests, which stay to the end."""
    gc.freeze()
