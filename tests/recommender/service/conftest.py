"""One service that the tests share: the toy world, by a real server."""

from collections.abc import Iterator

import pytest

from tests.recommender.worlds import TOY
from tests.services import Service, serving


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    artifacts = TOY.publish(folder / "artifacts")
    with serving(artifacts, folder / "log", "--browse", "--workers=1") as started:
        yield started
