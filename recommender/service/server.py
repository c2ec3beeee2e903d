"""The processes of the service: Granian's workers, their signals, their logs."""

import json
import logging
import time
from functools import partial
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from .app import Service
from .options import Options

_DRAIN: Final = 10
"""Seconds that a worker has to answer what it has begun when it is to end."""

_HEAD: Final = 65_536
"""Bytes that the head of a request may have."""


class JsonLines(logging.Formatter):
    """Writes each record as one line of JSON; of a request nothing that tells of its reader."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
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
    "formatters": {"lines": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "loggers": {
        name: {"handlers": ["stderr"], "level": "INFO", "propagate": False}
        for name in ("_granian", "granian.access", "recommender", "ymal.service")
    },
}


def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT; then what has begun is answered."""
    Server(
        "ymal",
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGINL,
        workers=options.workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=round(options.client_timeout * 1000), max_buffer_size=_HEAD
        ),
        websockets=False,
        log_dictconfig=_LOGS,
        log_access=options.access_log,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=_DRAIN,
    ).serve(target_loader=partial(Service, options), wrap_loader=False)
