"""Faults of a running service under load: it keeps serving, or is back within a second.

    python -m benchmarks.service.faults [FAULT ...]

A real service of small versions; eight readers ask it without pause, each by one connection that is
kept. Ends with 1 where something is not as it must be.
"""

import http.client
import os
import random
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import artificial
from benchmarks.faults import site
from recommender.files import replace
from tests.services import Service, serving
from training import release

ARTICLES: Final = 200
READERS: Final = 8
PAUSE = 0.0
"""Seconds between an answer and the next request of a reader."""

MIN_ANSWERS: Final = 100
"""Answers before a fault."""

SOON: Final = 1.0
"""Seconds within which service must be restored."""

LONG: Final = 1.5
"""Seconds within which the service has checked its directory again, and readers see it."""

PATIENCE: Final = 30.0
"""Seconds after which waiting fails."""


@dataclass
class Seen:
    """What readers saw.

    Attributes
    ----------
    answers : good ones.
    bad : statuses of the others.
    closed : connections that were kept, and closed before an answer to another request began: who
        asks tries again by a new one.
    refused : new connections that were refused, or closed before an answer began.
    torn : answers that broke off.
    gap : the longest time without a good answer to anyone, seconds.
    """

    answers: int = 0
    bad: list[int] = field(default_factory=list)
    closed: int = 0
    refused: int = 0
    torn: int = 0
    gap: float = 0.0
    last: float = field(default_factory=time.monotonic)

    @property
    def whole(self) -> bool:
        """Whether every request had a good answer."""
        return not (self.closed or self.refused or self.torn) and self.sound

    @property
    def sound(self) -> bool:
        """Whether every answer was good, and there was one all the time."""
        return self.answers > 0 and not self.bad and self.gap < SOON

    def __str__(self) -> str:
        return (
            f"{self.answers:,} answers, at most {self.gap:.2f} s between two; {len(self.bad)} bad, "
            f"{self.torn} torn; {self.closed} connections closed, {self.refused} refused"
        )


@dataclass(frozen=True)
class Outcome:
    """Outcome of a fault.

    Attributes
    ----------
    well : whether it is as it must be.
    figures : what was measured.
    """

    well: bool
    figures: str


Fault = Callable[[Path], Outcome]


@contextmanager
def reading(service: Service) -> Iterator[Seen]:
    """Send requests from several readers while the block runs."""
    seen, lock, done = Seen(), threading.Lock(), threading.Event()

    def read(seed: int) -> None:
        draw = random.Random(seed)  # noqa: S311 - no secret
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
        kept = False
        while not done.is_set():
            path = f"/v1/{draw.choice(('related', 'page'))}/{article(draw)}"
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                with lock:
                    seen.torn += isinstance(error, http.client.IncompleteRead)
                    seen.closed += kept
                    seen.refused += not kept
                kept = False
                continue
            kept = True
            with lock:
                if answer.status != 200:
                    seen.bad.append(answer.status)
                    continue
                now = time.monotonic()
                seen.answers += 1
                seen.gap, seen.last = max(seen.gap, now - seen.last), now
            time.sleep(PAUSE)
        connection.close()

    readers = [threading.Thread(target=read, args=[seed]) for seed in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        yield seen
    finally:
        done.set()
        seen.gap = max(seen.gap, time.monotonic() - seen.last)
        for reader in readers:
            reader.join()


def article(draw: random.Random) -> str:
    """Draw an article that every version has."""
    return artificial.name(2 * draw.randrange(ARTICLES // 2))


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[Service, Path]]:
    """Serve a first version with all workers; return the service and its artifacts directory."""
    artifacts = folder / "artifacts"
    artificial.publish(artifacts, 0, articles=ARTICLES)
    with serving(artifacts, folder / "log", *options) as service:
        # One worker that is ready answers for all; a later one would open a later version.
        until(lambda: service.log.read_text().count("Started worker-") == len(service.workers()))
        yield service, artifacts


def until(true: Callable[[], object]) -> float:
    """Wait until something is true, and return how many seconds that took."""
    begun = time.monotonic()
    while not true():
        if time.monotonic() - begun > PATIENCE:
            raise TimeoutError(f"not within {PATIENCE} s")
        time.sleep(0.002)
    return time.monotonic() - begun


def until_read(seen: Seen) -> None:
    """Wait until readers have had some answers."""
    until(lambda: seen.answers >= MIN_ANSWERS)


def kill_worker(folder: Path) -> Outcome:
    """SIGKILL one of two workers."""
    with served(folder, "--workers=2") as (service, _), reading(service) as seen:
        until_read(seen)
        before = service.workers()
        os.kill(before[0], signal.SIGKILL)
        back = until(lambda: len(set(service.workers()) - {before[0]}) == 2)
        time.sleep(LONG)
    well = seen.sound and seen.closed <= READERS and back < SOON
    return Outcome(well, f"{seen}; the worker is back after {back:.2f} s")


def kill_only_worker(folder: Path) -> Outcome:
    """SIGKILL the only worker."""
    with served(folder, "--workers=1") as (service, _), reading(service) as seen:
        until_read(seen)
        os.kill(service.workers()[0], signal.SIGKILL)
        time.sleep(LONG)
    return Outcome(seen.sound and seen.closed > 0, str(seen))


def remove_version(folder: Path) -> Outcome:
    """Remove the served version's files."""
    with served(folder) as (service, artifacts), reading(service) as seen:
        until_read(seen)
        shutil.rmtree(artifacts / "versions" / release.served_name(artifacts))
        time.sleep(LONG)
    return Outcome(seen.whole, str(seen))


def remove_directory(folder: Path) -> Outcome:
    """Move the artifacts directory away, and back."""
    with served(folder) as (service, artifacts), reading(service) as seen:
        until_read(seen)
        artifacts.rename(folder / "away")
        time.sleep(LONG)
        (folder / "away").rename(artifacts)
        time.sleep(LONG)
    return Outcome(seen.whole, str(seen))


def kill_without_directory(folder: Path) -> Outcome:
    """SIGKILL the only worker while the artifacts directory is away, then move it back."""
    with served(folder, "--workers=1") as (service, artifacts):
        artifacts.rename(folder / "away")
        killed = service.workers()
        os.kill(killed[0], signal.SIGKILL)
        until(lambda: service.workers() not in ([], killed) and answers(service))
        without = [service.get(path) for path in ("/readyz", "/v1/version", "/v1/related/a0000000")]
        alive = service.get("/healthz").status
        (folder / "away").rename(artifacts)
        back = until(lambda: service.get("/v1/related/a0000000").status == 200)
    responses = {(found.status, found.headers["Content-Type"]) for found in without}
    well = responses == {(503, "application/problem+json")} and alive == 200 and back < SOON
    return Outcome(well, f"{sorted(responses)} meanwhile, served again after {back:.2f} s")


def damage_version(folder: Path) -> Outcome:
    """Publish a version that is damaged, then one that is sound."""
    with served(folder) as (service, artifacts), reading(service) as seen:
        sound = release.served_name(artifacts)
        elsewhere = folder / "elsewhere"
        damaged = artificial.publish(elsewhere, 1, articles=ARTICLES)
        (elsewhere / "versions" / damaged / "list_items.npy").write_bytes(b"")
        shutil.move(elsewhere / "versions" / damaged, artifacts / "versions")
        replace(artifacts / "current", f"{damaged}\n".encode())
        time.sleep(LONG)
        kept = service.get("/v1/version").json()["version"] == sound
        new = artificial.publish(artifacts, 2, articles=ARTICLES)
        taken = until(lambda: service.get("/v1/version").json()["version"] == new)
        logged = f"still serving version {sound}" in service.log.read_text()
    figures = f"{seen}; the next is served after {taken:.2f} s"
    return Outcome(seen.whole and kept and logged and taken < LONG, figures)


def drain(folder: Path) -> Outcome:
    """SIGTERM while readers read and a body is on its way."""
    body = b'{"history": ["a0000000"]}'
    head = f"POST /v1/next HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with served(folder) as (service, _), reading(service) as seen:
        with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as client:
            client.sendall(head + body[:9])
            until_read(seen)
            begun = time.monotonic()
            service.process.terminate()
            closed = until(lambda: not listens(service))
            client.sendall(body[9:])
            answer = b"".join(iter(lambda: client.recv(65_536), b""))
        code = service.process.wait(PATIENCE)
        ended = time.monotonic() - begun
    whole = answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"]}")
    well = whole and code == 0 and not seen.bad and not seen.torn
    figures = f"refuses others after {closed:.2f} s, answers, ends with {code} after {ended:.2f} s"
    return Outcome(well, f"{seen.torn} answers torn; {figures}")


def hang_up(folder: Path) -> Outcome:
    """SIGHUP: each worker is replaced by a new one."""
    with served(folder) as (service, _), reading(service) as seen:
        before = set(service.workers())
        until_read(seen)
        service.process.send_signal(signal.SIGHUP)
        until(lambda: len(service.workers()) == 2 and not before & set(service.workers()))
        time.sleep(LONG)
    return Outcome(seen.sound and not seen.refused and not seen.torn, str(seen))


def kill_main(folder: Path) -> Outcome:
    """SIGKILL the process that started the workers: they end too, and leave the port."""
    with served(folder) as (service, _):
        workers = service.workers()
        service.process.kill()
        service.process.wait()
        free = until(lambda: not listens(service))
        until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    return Outcome(free < SOON, f"the port is free after {free:.2f} s, the workers end")


def kill_again(folder: Path) -> Outcome:
    """SIGKILL a worker that has just replaced another: the service ends, to be restarted."""
    with served(folder, "--workers=1") as (service, _):
        first = service.workers()
        os.kill(first[0], signal.SIGKILL)
        until(lambda: service.workers() not in ([], first) and answers(service))
        os.kill(service.workers()[0], signal.SIGKILL)
        begun = time.monotonic()
        code = service.process.wait(PATIENCE)
        ended = time.monotonic() - begun
        logged = "Worker crash loop detected" in service.log.read_text()
    return Outcome(code == 1 and logged, f"ends with {code} after {ended:.2f} s, and says why")


def answers(service: Service) -> bool:
    """Return whether a request gets any answer."""
    try:
        service.get("/healthz")
    except OSError:
        return False
    return True


def listens(service: Service) -> bool:
    """Return whether a process listens on the service's port."""
    try:
        socket.create_connection(("127.0.0.1", service.port), PATIENCE).close()
    except OSError:
        return False
    return True


FAULTS: Final[dict[str, Fault]] = {
    fault.__name__: fault
    for fault in (
        kill_worker,
        kill_only_worker,
        kill_main,
        kill_again,
        remove_version,
        remove_directory,
        kill_without_directory,
        damage_version,
        drain,
        hang_up,
    )
}


def main() -> None:
    """Run the faults named on the command line, or all, and print each outcome."""
    bad = 0
    for name in sys.argv[1:] or FAULTS:
        with site.workspace() as folder:
            outcome = FAULTS[name](folder)
        bad += not outcome.well
        print(f"{name}: {'' if outcome.well else 'NOT WELL: '}{outcome.figures}", flush=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
