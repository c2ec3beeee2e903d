"""Write Prometheus textfiles on the last run of each command and on the served version.

`ymal_train.prom` and `ymal_refresh.prom` describe the runs, `ymal.prom` the artifacts directory.
Each file is replaced atomically.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from recommender import ArtifactError
from training import release
from training.cli.errors import exit_status
from training.config import Settings
from training.errors import EXIT_FAILURE, EXIT_OK, OutputError
from training.progress import peak_memory
from training.storage import replace_file

Labels = Mapping[str, str]

_HELP: Final = {
    "ymal_run_finished_timestamp_seconds": "When the last run of the command ended.",
    "ymal_run_exit_code": "Its exit code; 7: its version was refused.",
    "ymal_run_duration_seconds": "How long it took.",
    "ymal_run_peak_memory_bytes": "The largest resident size of one of its processes.",
    "ymal_data_timestamp_seconds": "Up to when the data of the served version was read.",
    "ymal_version_info": "The served version.",
    "ymal_held": "Whether a hold keeps new versions from being served.",
    "ymal_versions": "Versions on disk by what they are; served for what is or was served.",
    "ymal_disk_bytes": "Size of all versions, and of all states.",
    "ymal_articles": "Articles that the served version knows.",
    "ymal_gate_figure": "By which the served version was compared with the one before.",
}


@contextmanager
def record_run(settings: Settings, command: str, artifacts: Path) -> Iterator[None]:
    """Write the metrics of a run when it ends, if a directory for them is configured.

    Raises
    ------
    ArtifactError, OutputError
        If the run succeeded, but the directory cannot be listed or a file cannot be written.
    """
    folder, begun = settings.metrics, time.time()
    code = EXIT_FAILURE
    try:
        yield
        code = EXIT_OK
    except BaseException as error:
        ended = exit_status(error)
        code = EXIT_FAILURE if ended is None else ended[0]
        raise
    finally:
        if folder is not None:
            try:
                _write(folder, command, artifacts, code, time.time() - begun)
            except (ArtifactError, OutputError):
                if code == EXIT_OK:  # else report the run's own error
                    raise


def _write(folder: Path, command: str, artifacts: Path, code: int, seconds: float) -> None:
    label = {"command": command}
    run = [
        ("ymal_run_finished_timestamp_seconds", label, time.time()),
        ("ymal_run_exit_code", label, code),
        ("ymal_run_duration_seconds", label, seconds),
        ("ymal_run_peak_memory_bytes", label, peak_memory() << 20),
    ]
    replace_file(folder / f"ymal_{command}.prom", _text(run))
    replace_file(folder / "ymal.prom", _text(_directory(artifacts)))


def _directory(artifacts: Path) -> Iterator[tuple[str, Labels, float]]:
    """Yield the samples on the served version and the versions on disk."""
    found = release.list_versions(artifacts)
    yield "ymal_held", {}, release.read_hold(artifacts) is not None
    for status in ("served", "refused", "held", "damaged"):
        count = sum((version.status or "served") == status for version in found)
        yield "ymal_versions", {"standing": status}, count
    yield "ymal_disk_bytes", {"kind": "versions"}, sum(version.bytes for version in found)
    yield "ymal_disk_bytes", {"kind": "states"}, sum(version.state_bytes for version in found)
    for version in found:
        if version.served and not version.damage:
            yield "ymal_version_info", {"version": version.name}, 1
            now = release.manifest_number(version.fields, "now")
            if now is not None:
                yield "ymal_data_timestamp_seconds", {}, now / 1e6
            articles = release.manifest_number(version.fields, "counts", "articles")
            if articles is not None:
                yield "ymal_articles", {}, articles
            for figure, value in (version.decision.figures or {}).items():
                yield "ymal_gate_figure", {"figure": figure}, value


def _text(samples: Iterable[tuple[str, Labels, float]]) -> bytes:
    """Format samples for Prometheus; samples of one name must be adjacent."""
    lines, previous = [], ""
    for name, labels, value in samples:
        if name != previous:
            lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge"]
            previous = name
        inner = ",".join(f'{label}="{text}"' for label, text in labels.items())
        lines.append(f"{name}{{{inner}}} {float(value)!r}" if inner else f"{name} {float(value)!r}")
    return ("\n".join(lines) + "\n").encode()
