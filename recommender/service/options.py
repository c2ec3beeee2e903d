"""Options of the service, and the command line that sets them."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Options:
    """All options; `docs/config.md` explains them under `[serve]`.

    Attributes
    ----------
    artifacts : the artifacts directory.
    host, port : where to listen.
    workers : processes that answer.
    cache_control : header of answers.
    cors_origins : origins whose scripts may send requests; `*` for all.
    gzip_from : bytes from which an answer is compressed; 0: never.
    stale_after : seconds after which a version is stale.
    stale_is_unready : whether `/readyz` reports a stale version as not ready.
    client_timeout : seconds that a client may take to send a request.
    browse : whether `/` shows pages for people.
    access_log : whether each request is logged.
    json : whether the line with the URL, printed at the start, is JSON.
    """

    artifacts: str = "artifacts"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    cache_control: str = "no-cache"
    cors_origins: tuple[str, ...] = ()
    gzip_from: int = 2000
    stale_after: float = 86_400.0
    stale_is_unready: bool = False
    client_timeout: float = 20.0
    browse: bool = False
    access_log: bool = False
    json: bool = False

    def arguments(self) -> list[str]:
        """Return them as arguments of the command line.

        Examples
        --------
        >>> Options(port=80, browse=True).arguments()[1:3], parse(["--browse"]).browse
        (['--host=127.0.0.1', '--port=80'], True)
        """
        arguments = [f"--artifacts={self.artifacts}"]
        for field in fields(self)[1:]:
            value, flag = getattr(self, field.name), field.name.replace("_", "-")
            match value:
                case bool():
                    arguments.append(f"--{flag}" if value else f"--no-{flag}")
                case tuple():
                    arguments += [f"--{flag}={part}" for part in value]
                case _:
                    arguments.append(f"--{flag}={value}")
        return arguments


def parse(arguments: Sequence[str]) -> Options:
    """Parse the command line; an error ends the process with exit code 2 and a message."""
    parser = argparse.ArgumentParser(
        prog="python -m recommender.service",
        description="Serve an artifacts directory over HTTP; docs/serving.md.",
        allow_abbrev=False,
    )
    for field in fields(Options):
        flag, default = f"--{field.name.replace('_', '-')}", field.default
        settings: dict[str, Any] = {"type": type(default), "default": default}
        if isinstance(default, bool):
            settings = {"action": argparse.BooleanOptionalAction, "default": default}
        elif isinstance(default, tuple):
            settings = {"action": "append", "default": []}
        parser.add_argument(flag, dest=field.name, **settings)
    found = vars(parser.parse_args(arguments))
    return Options(**{**found, "cors_origins": tuple(found["cors_origins"])})
