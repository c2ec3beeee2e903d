"""Settings of the HTTP service."""

from typing import Annotated

from pydantic import Field

from recommender.service.options import Options
from training.config.types import Duration, Section, duration

_SECOND = duration("1s")


class ServeConfig(Section):
    """Settings of `ymal serve`. Options override `host`, `port` and `workers`."""

    host: Annotated[str, Field(min_length=1)] = Field(
        "127.0.0.1",
        description=(
            "Address to listen on. `0.0.0.0` listens on all; use it only behind a proxy or "
            "firewall, because the service does not authenticate."
        ),
    )
    port: Annotated[int, Field(ge=1, le=65_535)] = Field(8000, description="Port to listen on.")
    workers: Annotated[int, Field(ge=1, le=256)] = Field(
        2, description="Processes that answer requests: one for each core to use."
    )
    cache_control: Annotated[str, Field(pattern=r"^[\x20-\x7e]+$", max_length=200)] = Field(
        "no-cache",
        description=(
            "Header `Cache-Control` of answers. By default a cache asks each time whether its "
            "copy is current (304), so that editors' changes show at once. `max-age=30` saves "
            "requests and delays changes."
        ),
    )
    cors_origins: list[Annotated[str, Field(pattern=r"^(\*|https?://[^/\s]+)$")]] = Field(
        [],
        description=(
            'Sites whose scripts may read answers, such as `"https://news.example"`; `"*"` '
            "allows all."
        ),
    )
    gzip_from: Annotated[int, Field(ge=0)] = Field(
        2000,
        description=(
            "Size in bytes from which answers are compressed for clients that accept it. 0 "
            "never compresses."
        ),
    )
    stale_after: Duration = Field(
        duration("24h"), description="Age of the data from which `/healthz` reports `stale`."
    )
    stale_is_unready: bool = Field(
        False,
        description=(
            "Whether `/readyz` answers 503 for stale data. If true, a failed training takes the "
            "lists of the site offline."
        ),
    )
    client_timeout: Duration = Field(
        duration("20s"),
        description=("Longest time to send a request, and for which a connection may be idle."),
    )
    browse: bool = Field(
        False,
        description="Whether `/` shows pages for people: a search, and stories with their lists.",
    )
    access_log: bool = Field(
        False, description="Whether to log each request: method, path, status, time."
    )

    def options(self, artifacts: str, *, json: bool) -> Options:
        """Return the options of the service."""
        fields = {
            **self.model_dump(),
            "cors_origins": tuple(self.cors_origins),
            "stale_after": self.stale_after / _SECOND,
            "client_timeout": self.client_timeout / _SECOND,
        }
        return Options(artifacts=artifacts, json=json, **fields)
