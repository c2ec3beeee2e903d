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
        [], description="Article files, folders or globs. --articles overrides it."
    )
    views: Paths = Field(
        [],
        description=(
            "Files, folders or globs of page views. --views overrides it. A path may hold "
            "`%Y`, `%m`, `%d` and `%H` (UTC), such as `lake/day=%Y-%m-%d/hour=%H`; a refresh "
            "then reads only the folders that may have new views."
        ),
    )
    increments: str = Field(
        "",
        description=(
            "Folder of increments that `ymal count` writes, and that `train`, `refresh` and "
            "`evaluate` read instead of views. --increments overrides it."
        ),
    )
    artifacts: str = Field(
        "",
        description="Artifacts directory. --artifacts overrides it; `./artifacts` if both are "
        "empty.",
    )
    metrics: str = Field(
        "",
        description=(
            "Directory for the Prometheus textfiles of `train` and `refresh`, such as the "
            "node exporter's. None are written if it is empty."
        ),
    )


class ArticlesConfig(Section):
    """Which column of the article files holds what. An empty name leaves a column out."""

    format: FileFormat = Field(
        "auto", description="File format. `auto` decides by the file's name."
    )
    id: Column = Field("id", description="The site's own id of the article. Required.")
    title: Column = Field("title", description="Headline.")
    body: Column = Field("body", description="Text, plain or HTML.")
    section: Column = Field("section", description="The article's one section.")
    tags: Column = Field("tags", description="Tags: a list, or one string separated by `,` or `;`.")
    url: Column = Field("url", description="Address of the page.")
    language: Column = Field(
        "language",
        description=(
            "Language, such as `da` or `en-GB`; the part before the hyphen counts. Lists do "
            "not mix languages. An article without one may be shown anywhere."
        ),
    )
    published_at: Column = Field("published_at", description="Time of publication.")
    withdrawn: Column = Field(
        "withdrawn",
        description="Whether the article is taken down: `true`, `yes`, `1`, or empty for no.",
    )
    sponsored: Column = Field(
        "sponsored", description="Whether the article is paid for; the same values."
    )
    paywalled: Column = Field(
        "paywalled", description="Whether the article is for subscribers; the same values."
    )
    evergreen: list[str] = Field(
        [], description="Tags of articles that never become too old to recommend, such as guides."
    )
    keep: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        [],
        description=(
            "Further columns to return with a story, as strings in its `extra`, such as "
            '`["image", "author"]`. They enlarge each version.'
        ),
    )
    time_unit: TimeUnit = Field(
        "auto", description="Unit of times that are numbers. `auto` decides by their size."
    )
    time_zone: str = Field(
        "UTC", description="Time zone of times that name none, such as Europe/Oslo."
    )
    duplicates: Literal["last", "error"] = Field(
        "last", description="If two rows have one id: keep the `last`, or stop the run (`error`)."
    )


class ViewsConfig(Section):
    """Which column of the view files holds what. An empty name leaves a column out."""

    format: FileFormat = Field(
        "auto", description="File format. `auto` decides by the file's name."
    )
    user: Column = Field(
        "user", description="The reader: any stable id. Only a keyed hash is stored."
    )
    session: Column = Field(
        "session", description="The site's own session id, optional. A change of it ends a session."
    )
    article: Column = Field(
        "article", description="Id or URL of the article that was read. Required."
    )
    article_by: Literal["id", "url"] = Field(
        "id",
        description=(
            "What that column holds: `articles.id`, or a URL. All forms of a URL match one "
            "article: with and without scheme, `www.`, `m.`, `amp.`, query, fragment, `/amp` "
            "and trailing slash, and the path alone."
        ),
    )
    url_keys: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.~\[\]-]+$")]] = Field(
        [], description='Query parameters that distinguish articles, such as `["id"]`.'
    )
    time: Column = Field("time", description="When the page was opened. Required.")
    read_time: Column = Field(
        "read_time", description="Seconds that the reader stayed. Must-reads rank by it."
    )
    referrer_block: Column = Field(
        "referrer_block",
        description=(
            "Key of our block that the reader clicked on, such as `related`; empty, or any "
            "other word, for no block."
        ),
    )
    referrer_slot: Column = Field(
        "referrer_slot", description="Slot of that block, from 1: the story's `rank`."
    )
    referrer_version: Column = Field(
        "referrer_version", description="Version that the block was from."
    )
    time_unit: TimeUnit = Field(
        "auto", description="Unit of times that are numbers. `auto` decides by their size."
    )
    time_zone: str = Field(
        "UTC", description="Time zone of times that name none, such as Europe/Oslo."
    )


class DataConfig(Section):
    """What may be wrong with the files before the run stops."""

    max_bad_share: Share = Field(
        0.05,
        description=(
            "Largest share of an input's rows that may be rejected before the run stops. A "
            "few bad rows are normal; more than one in twenty means a wrong column or file."
        ),
    )
    memory: Annotated[str, Field(pattern=r"^[1-9]\d*(MB|GB)$")] = Field(
        "4GB",
        description="Memory that DuckDB may use before it writes temporary files. Less is slower.",
    )


class SessionsConfig(Section):
    """How page views become sessions, and the causal limits on one reader."""

    gap: Duration = Field(
        duration("30m"),
        description=(
            "A pause longer than this ends a session. Half an hour is the convention of web "
            "analytics."
        ),
    )
    max_views: Annotated[int, Field(ge=2, le=1000)] = Field(
        50, description="Only so many first views of a session count, so that robots weigh little."
    )
    max_day_views: Annotated[int, Field(ge=2, le=100_000)] = Field(
        500,
        description="Only so many first views of a reader's UTC day count, for the same reason.",
    )


class SparkConfig(Section):
    """Where views are counted with `readers.engine = "spark"`."""

    master: Name = Field(
        "local[*]",
        description=(
            "Address of the cluster, such as `spark://host:7077` or `yarn`. A running "
            "session, as under `spark-submit`, is used as it is."
        ),
    )
    settings: dict[Name, str] = Field(
        {},
        description='Further settings of Spark by name, such as `{"spark.executor.memory" = '
        '"8g"}`.',
    )
