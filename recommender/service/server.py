"""The processes of the service: Granian's workers, their signals, their logs."""

import gc
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import Server
from starlette.types import ASGIApp

from .app import Service
from .options import Options

_SHUTDOWN_SECONDS: Final = 10
"""Time that a worker has to answer open requests when it is to end."""

_START_SECONDS: Final = 2.0
"""Time after SIGHUP that a new worker has to start before the old one is told to end."""

_HEADER_BUFFER_BYTES: Final = 65_536
"""A request's head is read in buffers of this size; one of twice as many bytes is refused."""

_PARENT_CHECK_SECONDS: Final = 0.5
"""Time between two checks whether the parent of a worker still lives."""


class JsonLinesFormatter(logging.Formatter):
    """Formats each record as one line of JSON; of a request, nothing that identifies its reader."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if isinstance(record.args, dict):
            line |= {key: record.args[key] for key in ("method", "path", "status", "dt_ms")}
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


_LOGS: Final = {
    "formatters": {"lines": {"()": JsonLinesFormatter}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "loggers": {
        name: {"handlers": ["stderr"], "level": "INFO", "propagate": False}
        for name in ("_granian", "granian.access", "recommender", "ymal.service")
    },
}


def serve(options: Options, application: Callable[[Options], ASGIApp] = Service) -> None:
    """Serve until SIGTERM or SIGINT; open requests are answered first."""
    # A garbage collection would copy each memory page that a worker shares with its parent.
    gc.freeze()
    Server(
        "ymal",
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGINL,
        workers=options.workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=round(options.client_timeout * 1000),
            max_buffer_size=_HEADER_BUFFER_BYTES,
        ),
        websockets=False,
        log_dictconfig=_LOGS,
        log_access=options.access_log,
        respawn_failed_workers=True,
        respawn_interval=_START_SECONDS,
        workers_kill_timeout=_SHUTDOWN_SECONDS,
    ).serve(target_loader=partial(_load, application, options, os.getpid()), wrap_loader=False)


def _load(application: Callable[[Options], ASGIApp], options: Options, parent: int) -> ASGIApp:
    """Create the application of a worker, in its process."""
    threading.Thread(target=_exit_with, args=[parent], daemon=True).start()
    return application(options)


def _exit_with(parent: int) -> None:
    """End this worker when its parent has died; otherwise it would hold the port for ever."""
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
