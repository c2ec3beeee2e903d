"""Settings of what is read: files, their columns, and how views become sessions."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from training.config.types import (
    Accepted,
    Column,
    Duration,
    FileFormat,
    Name,
    Paths,
    Section,
    Share,
    TimeOrder,
    TimeUnit,
    duration,
)


class PathsConfig(Section):
    """Where a site's files are. Relative paths start at the folder of the config file."""

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
        description="Artifacts directory; `./artifacts` if empty. --artifacts overrides it.",
    )
    metrics: str = Field(
        "",
        description=(
            "Directory for the Prometheus textfiles of `train` and `refresh`, such as the "
            "node exporter's. If empty, none are written."
        ),
    )


class FilesConfig(Section):
    """How the files of an input are read."""

    format: FileFormat = Field(
        "auto", description="File format. `auto` decides by the file's name and first line."
    )
    rows: str = Field(
        "",
        description=(
            "Where the rows are in a file that holds several tables: the path of an array in JSON, "
            "such as `db.data.posts`. Empty finds it."
        ),
    )
    time_unit: TimeUnit = Field(
        "auto", description="Unit of times that are numbers. `auto` decides by their size."
    )
    time_order: TimeOrder = Field(
        "auto",
        description=(
            "Whether `11/12/2019` is a day in December (`day-first`) or in November "
            "(`month-first`). `auto` reads no such time, since it may be either."
        ),
    )
    time_zone: str = Field(
        "UTC", description="Time zone of times that name none, such as Europe/Oslo."
    )


class ArticlesConfig(FilesConfig):
    """The columns of the article files, by name or path (`a.b`). An empty one is left out."""

    id: Column = Field("id", description="Id of the article, the site's own. Required.")
    title: Column = Field("title", description="Headline.")
    body: Column = Field(
        "body", description="Text: plain, HTML or Markdown, with or without shortcodes."
    )
    section: Column = Field(
        "section",
        description=(
            "The article's one section; of a list, the first. `POLITICS` and `Politics` are one; "
            "the most frequent spelling is shown."
        ),
    )
    tags: Column = Field(
        "tags",
        description=(
            "Tags: a list, nested or not, of texts or of objects with a name; or one string "
            "separated by `,` or `;`."
        ),
    )
    url: Column = Field(
        "url",
        description=(
            "Address of the page; or what it is put together from, such as "
            "`/{post_date:%Y/%m/%d}/{post_name}/`."
        ),
    )
    language: Column = Field(
        "language",
        description=(
            "Language: a tag of BCP 47 (`en-GB`), a code of three letters, a locale or a name. "
            "Region and script do not count, and Norwegian is one language. Lists do not mix "
            "languages. An article without one, or with `und` or `mul`, may be shown anywhere."
        ),
    )
    published_at: Column = Field(
        "published_at",
        description=(
            "Time of publication. Where at least half of the rows have one, a row without is not "
            "published, unless `lists.undated` is set."
        ),
    )
    modified_at: Column = Field(
        "modified_at",
        description="Time of the last change. Of the rows of one id the newest by it counts.",
    )
    withdrawn: Column = Field(
        "withdrawn",
        description=(
            "Whether the article is taken down. Yes is `t`, `true`, `yes`, `1` and so on, or the "
            "time of a deletion; no is `f`, `false`, `no`, `0`, or empty. With any other value "
            "nothing new is published."
        ),
    )
    sponsored: Column = Field(
        "sponsored",
        description="Whether the article is paid for; the same values. Any other counts as yes.",
    )
    paywalled: Column = Field(
        "paywalled", description="Whether the article is for subscribers; likewise."
    )
    true_values: list[Name] = Field(
        [],
        description=(
            "Further words that mean yes in the columns of yes and no, such as `depublished`; case "
            "and accents aside."
        ),
    )
    false_values: list[Name] = Field([], description="Further words that mean no there.")
    evergreen: list[str] | Column = Field(
        [],
        description=(
            "Articles that never become too old to recommend, such as guides: a list of their "
            "tags, or the column that says so by the same values as `withdrawn`."
        ),
    )
    keep: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        [],
        description=(
            "Further columns to return with a story, as strings in its `extra`, such as "
            '`["image", "author"]`. They enlarge each version.'
        ),
    )
    only: dict[Annotated[Column, Field(min_length=1)], Accepted] = Field(
        {},
        description=(
            "What a row must have to be a published article: the accepted values of columns, such "
            'as `{ post_status = ["publish"], post_type = ["post"], post_password = [""] }`. Case '
            'and outer space do not count; `"true"` accepts `t`, `1` and `yes` too, `""` an empty '
            "value. An article whose row fails it is withdrawn by the next run."
        ),
    )
    ignore: list[Annotated[Column, Field(min_length=1)]] = Field(
        [],
        description=(
            "Columns that look as if they say which rows are published, and do not. Any other such "
            "column must be in `only`, or training stops."
        ),
    )
    complete: bool = Field(
        False,
        description=(
            "Whether the files hold all articles of the site. A refresh then withdraws an article "
            "that is gone from them, within `gate.max_gone`."
        ),
    )
    duplicates: Literal["last", "error"] = Field(
        "last",
        description=(
            "If two rows have the same id: keep the `last` one (by `modified_at`, then in the "
            "order of files and rows), or stop with an `error`."
        ),
    )

    @model_validator(mode="after")
    def _no_word_for_both(self) -> Self:
        both = {word.casefold() for word in self.true_values} & {
            word.casefold() for word in self.false_values
        }
        if both:
            raise ValueError(f"{min(both)!r} is in true_values and in false_values: leave one out")
        return self


class ViewsConfig(FilesConfig):
    """The columns of the view files, by name or path (`a.b`). An empty one is left out."""

    user: Column = Field(
        "user",
        description=(
            "The reader: any stable id. Only a keyed hash is stored. A view without one counts, "
            "and connects no articles."
        ),
    )
    no_reader: list[str] = Field(
        [],
        description=(
            "Further values of `user` that name no reader, in any case. Known ones are empty "
            "values, the nil UUID and words such as `anonymous`; `ymal check` names all that are "
            "found."
        ),
    )
    session: Column = Field(
        "session",
        description=(
            "Session id of the site, optional. Views of one reader with different ids are in "
            "different sessions, also at the same time; a view without one joins the last session."
        ),
    )
    article: Column = Field(
        "article", description="Id or URL of the article that was read. Required."
    )
    article_by: Literal["id", "url"] = Field(
        "id",
        description=(
            "What `article` holds: an id (as `articles.id`) or a URL. All forms of a URL match: "
            "with or without scheme, `www.`, `m.`, `amp.`, query, fragment, `/amp` and trailing "
            "slash, and the path alone."
        ),
    )
    url_keys: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.~\[\]-]+$")]] = Field(
        [], description='Query parameters that distinguish articles, such as `["id"]`.'
    )
    time: Column = Field("time", description="When the page was opened. Required.")
    read_time: Column = Field(
        "read_time", description="Seconds that the reader stayed. Must-reads rank by it."
    )
    only: dict[Annotated[Column, Field(min_length=1)], Accepted] = Field(
        {},
        description=(
            "What a row must have to be a page view, as `articles.only`: such as "
            '`{ action = ["pageview"] }` where the files hold heartbeats and clicks too.'
        ),
    )
    referrer_block: Column = Field(
        "referrer_block",
        description=(
            "Key of the block that the reader clicked on, such as `related`. Empty or any other "
            "word: no block."
        ),
    )
    referrer_slot: Column = Field(
        "referrer_slot", description="Slot in that block, from 1: the story's `rank`."
    )
    referrer_version: Column = Field(
        "referrer_version", description="Version that the block came from."
    )


class DataConfig(Section):
    """Limits for reading the files."""

    max_bad_share: Share = Field(
        0.05,
        description=(
            "Largest share of an input's rows that may be bad; the run stops above it. A few "
            "bad rows are normal; more than one in twenty means a wrong column or file."
        ),
    )
    memory: Annotated[str, Field(pattern=r"^[1-9]\d*(MB|GB)$")] = Field(
        "4GB",
        description="Memory of DuckDB; beyond it, it writes temporary files. Less is slower.",
    )


class SessionsConfig(Section):
    """How page views become sessions, and how many views of one reader count."""

    gap: Duration = Field(
        duration("30m"),
        description=(
            "A pause longer than this ends a session. Half an hour is the convention of web "
            "analytics."
        ),
    )
    max_views: Annotated[int, Field(ge=2, le=1000)] = Field(
        50,
        description="Views of a session that count: the first ones. So robots have little weight.",
    )
    max_day_views: Annotated[int, Field(ge=2, le=100_000)] = Field(
        500,
        description="Views of a reader's UTC day that count: the first ones, for the same reason.",
    )


class SparkConfig(Section):
    """The cluster that counts views if `readers.engine` is `spark`."""

    master: Name = Field(
        "local[*]",
        description=(
            "Address of the cluster, such as `spark://host:7077` or `yarn`. Under "
            "`spark-submit`, the running session is used."
        ),
    )
    settings: dict[Name, str] = Field(
        {},
        description='Further settings of Spark by name, such as `{"spark.executor.memory" = '
        '"8g"}`.',
    )
