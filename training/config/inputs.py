"""Settings of what is read: files, their columns, and how views become sessions."""

from typing import Annotated, Literal

from pydantic import Field

from training.config.types import (
    Column,
    Duration,
    FileFormat,
    Name,
    Paths,
    Section,
    Share,
    TimeUnit,
    duration,
)


class PathsConfig(Section):
    """Where a site's files lie. Relative paths are seen from the config file."""

    articles: Paths = Field(
        [], description="Article files, folders or globs; the option --articles wins."
    )
    views: Paths = Field(
        [],
        description="Files, folders or globs of page views; --views wins. A path may hold `%Y`, "
        "`%m`, `%d` and `%H` (UTC), such as `lake/day=%Y-%m-%d/hour=%H`: then only what is new is "
        "read.",
    )
    increments: str = Field(
        "",
        description="Folder of increments that `train`, `refresh` and `evaluate` take in the place "
        "of views, and `ymal count` writes; --increments wins.",
    )
    artifacts: str = Field(
        "", description="Artifacts directory; --artifacts wins, `./artifacts` if neither is given."
    )
    metrics: str = Field(
        "",
        description="Directory into which `train` and `refresh` write Prometheus textfiles, such "
        "as that of the node exporter; none where it is empty.",
    )


class ArticlesConfig(Section):
    """Which column of the article files holds what. An empty name leaves a column out."""

    format: FileFormat = Field("auto", description="File format; `auto` goes by the file's name.")
    id: Column = Field("id", description="The site's own id of the article. Required.")
    title: Column = Field("title", description="Headline.")
    body: Column = Field("body", description="Text, plain or HTML.")
    section: Column = Field("section", description="The one section that the article stands in.")
    tags: Column = Field("tags", description="Tags: a list, or one string separated by `,` or `;`.")
    url: Column = Field("url", description="Address of the page.")
    language: Column = Field(
        "language",
        description="Language, such as `da` or `en-GB`, whose part before the hyphen counts: lists "
        "do not cross languages. An article without one may stand anywhere.",
    )
    published_at: Column = Field("published_at", description="Time of publication.")
    withdrawn: Column = Field(
        "withdrawn", description="Whether the article is taken down: `true`, `yes`, `1` or empty."
    )
    sponsored: Column = Field("sponsored", description="Whether it is paid for, likewise.")
    paywalled: Column = Field("paywalled", description="Whether it is for subscribers, likewise.")
    evergreen: list[str] = Field(
        [], description="Tags of articles to which limits of age do not apply, such as guides."
    )
    keep: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        [],
        description="Further columns that come back with a story, as texts in its `extra`, such as "
        '`["image", "author"]`.',
    )
    time_unit: TimeUnit = Field(
        "auto", description="Unit of times given as numbers; `auto` tells it by their size."
    )
    time_zone: str = Field("UTC", description="Zone of times that name none, such as Europe/Oslo.")
    duplicates: Literal["last", "error"] = Field(
        "last", description="Two rows of one id: the `last` one holds, or the run stops (`error`)."
    )


class ViewsConfig(Section):
    """Which column of the view files holds what. An empty name leaves a column out."""

    format: FileFormat = Field("auto", description="File format; `auto` goes by the file's name.")
    user: Column = Field("user", description="Who read: any stable id; kept only as a keyed hash.")
    session: Column = Field(
        "session", description="The site's own session id, which also ends a session; optional."
    )
    article: Column = Field(
        "article", description="Id, or address, of the article that was read. Required."
    )
    article_by: Literal["id", "url"] = Field(
        "id",
        description="What that column holds: `articles.id`, or an address. Then all forms of one "
        "address are one article: with and without scheme, `www.`, `m.`, `amp.`, query, fragment, "
        "`/amp` and trailing slash; also the path alone.",
    )
    url_keys: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.~\[\]-]+$")]] = Field(
        [], description='Parameters of the query that tell articles apart, such as `["id"]`.'
    )
    time: Column = Field("time", description="When the page was opened. Required.")
    read_time: Column = Field(
        "read_time", description="Seconds that the reader stayed: shows what readers finish."
    )
    referrer_block: Column = Field(
        "referrer_block",
        description="Key of the block of ours that the reader came by, such as `related`; empty, "
        "or any other word, where by none.",
    )
    referrer_slot: Column = Field(
        "referrer_slot", description="The slot of that block, from 1: the story's `rank`."
    )
    referrer_version: Column = Field(
        "referrer_version", description="The version that the block was of."
    )
    time_unit: TimeUnit = Field(
        "auto", description="Unit of times given as numbers; `auto` tells it by their size."
    )
    time_zone: str = Field("UTC", description="Zone of times that name none, such as Europe/Oslo.")


class DataConfig(Section):
    """What may be wrong with the files before the run stops."""

    max_bad_share: Share = Field(
        0.05, description="Largest share of rows of one input that may go to the quarantine."
    )
    memory: Annotated[str, Field(pattern=r"^[1-9]\d*(MB|GB)$")] = Field(
        "4GB", description="Memory that DuckDB may use before it spills to disk."
    )


class SessionsConfig(Section):
    """How page views become sessions, and the causal limits on one reader."""

    gap: Duration = Field(duration("30m"), description="A pause longer than this ends a session.")
    max_views: Annotated[int, Field(ge=2, le=1000)] = Field(
        50, description="Only the first views of a session count, so that robots weigh little."
    )
    max_day_views: Annotated[int, Field(ge=2, le=100_000)] = Field(
        500, description="Only the first views of a reader's UTC day count."
    )


class SparkConfig(Section):
    """Where views are counted with `readers.engine = "spark"`."""

    master: Name = Field(
        "local[*]",
        description="Address of the cluster, such as `spark://host:7077` or `yarn`. A session that "
        "is there already, as under `spark-submit`, is taken as it is.",
    )
    settings: dict[Name, str] = Field(
        {},
        description="Further settings of Spark, by their names, such as "
        '`{"spark.executor.memory" = "8g"}`.',
    )
