"""Prometheus metrics of all workers together, by files that they share.

Import it only where the environment names the directory of those files: `prometheus_client` looks
at it once.
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
_WAIT: Final = 0.5
"""Seconds that slots wait to be written together: one by one they take as long as the lookup."""


class Requests:
    """Counts the requests of a route."""

    def __init__(self, route: str) -> None:
        self._route = route
        self._observe: dict[int, Callable[[float], None]] = {}

    def count(self, status: int, seconds: float) -> None:
        """Count one that was answered with a status, after so many seconds."""
        observe = self._observe.get(status)
        if observe is None:
            observe = self._observe[status] = _REQUESTS.labels(self._route, str(status)).observe
        observe(seconds)


class Slots:
    """Counts the stories that are given."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], int] = {}

    def count(self, slots: Mapping[tuple[str, str], int]) -> None:
        """Count stories, by block and reason; to be called in an event loop."""
        waiting = self._waiting
        if not waiting and slots:
            asyncio.get_running_loop().call_later(_WAIT, self.write)
        for key, number in slots.items():
            waiting[key] = waiting.get(key, 0) + number

    def write(self) -> None:
        """Write what was counted."""
        for (block, reason), number in self._waiting.items():
            _SLOTS.labels(block, reason).inc(number)
        self._waiting.clear()


class Served(Collector):
    """Tells what a worker serves, which is the same in all of them within a second."""

    def __init__(self, now: Snapshot) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Give the metrics."""
        now = self._now
        info = GaugeMetricFamily("ymal_version_info", "The served version.", labels=["version"])
        info.add_metric([now.version], 1)
        yield info
        told = {
            "ymal_data_timestamp_seconds": ("Up to when its data was read.", now.now.timestamp()),
            "ymal_data_age_seconds": ("How long that is ago.", now.age.total_seconds()),
            "ymal_articles": ("Articles that it knows.", len(now)),
            "ymal_overrides": ("Overrides in force.", now.overrides),
        }
        for name, (meaning, value) in told.items():
            yield GaugeMetricFamily(name, meaning, value)


def exposition(now: Snapshot | None) -> bytes:
    """Write the metrics of all workers, and what is served."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    if now is not None:
        registry.register(Served(now))
    return generate_latest(registry)
