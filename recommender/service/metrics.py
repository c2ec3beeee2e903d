"""Prometheus metrics of all workers together, through files that they share.

Import it only after the environment names the directory of those files: `prometheus_client` reads
it once, when it is imported.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ..snapshot import Snapshot

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

_SECONDS: Final = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1.0)
_REQUESTS: Final = Histogram(
    "ymal_http_request_seconds",
    "Requests, by the seconds from a request's head to its answer.",
    ["route", "status"],
    buckets=_SECONDS,
)
_SLOTS: Final = Counter("ymal_slots", "Stories given, by block and reason.", ["block", "reason"])
_WRITE_AFTER_SECONDS: Final = 0.5
"""Slot counts are collected for this time and written together, since writing one takes as long as
a lookup."""


class RequestMetrics:
    """Counts the requests of a route."""

    def __init__(self, route: str) -> None:
        self._route = route
        self._observe: dict[int, Callable[[float], None]] = {}

    def count(self, status: int, seconds: float) -> None:
        """Count a request by its status and the seconds until its answer."""
        observe = self._observe.get(status)
        if observe is None:
            observe = self._observe[status] = _REQUESTS.labels(self._route, str(status)).observe
        observe(seconds)


class SlotMetrics:
    """Counts the stories in answers by block and reason."""

    def __init__(self) -> None:
        self._pending: dict[tuple[str, str], int] = {}

    def count(self, slots: Mapping[tuple[str, str], int]) -> None:
        """Count the stories of an answer; call it in an event loop."""
        pending = self._pending
        if not pending and slots:
            asyncio.get_running_loop().call_later(_WRITE_AFTER_SECONDS, self.write)
        for key, number in slots.items():
            pending[key] = pending.get(key, 0) + number

    def write(self) -> None:
        """Write the collected counts."""
        for (block, reason), number in self._pending.items():
            _SLOTS.labels(block, reason).inc(number)
        self._pending.clear()


class VersionCollector(Collector):
    """Collects metrics of the served version, the same in all workers within a second."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        served = self._snapshot
        info = GaugeMetricFamily("ymal_version_info", "The served version.", labels=["version"])
        info.add_metric([served.version], 1)
        yield info
        data_time, age = served.now.timestamp(), served.age.total_seconds()
        for name, meaning, value in (
            ("ymal_data_timestamp_seconds", "Up to when its data was read.", data_time),
            ("ymal_data_age_seconds", "How long that is ago.", age),
            ("ymal_articles", "Articles that it knows.", len(served)),
            ("ymal_overrides", "Overrides in force.", served.overrides),
        ):
            yield GaugeMetricFamily(name, meaning, value)


def exposition(snapshot: Snapshot | None) -> bytes:
    """Return the metrics of all workers and of the version, in Prometheus' text format."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    if snapshot is not None:
        registry.register(VersionCollector(snapshot))
    return generate_latest(registry)
