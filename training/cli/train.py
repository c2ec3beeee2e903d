"""`ymal train`: train on a site's files, and publish a version."""

from itertools import chain
from pathlib import Path

from joblib import cpu_count

from recommender.sections import section_key
from training import release
from training.cli import metrics, options, outcome, output
from training.cli.count import count_on_spark
from training.cli.inputs import InputPaths, moment_of, read
from training.cli.times import read_moment
from training.config import Settings, load
from training.errors import DataError
from training.pipeline import train as train_on
from training.production import describe_publication, publication
from training.progress import Stages
from training.records import BUCKET, DAY, Site, utc
from training.run import Run


def train(
    config: options.ConfigFile = None,
    articles: options.ArticleFiles = None,
    views: options.ViewFiles = None,
    increments: options.Increments = None,
    artifacts: options.Artifacts = None,
    engine: options.Engine = None,
    now: options.Now = None,
    jobs: options.Jobs = None,
    force: options.Force = False,
    why: options.Reason = "",
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Train on articles and views, and publish a version."""
    settings = load(config)
    directory = settings.artifacts(artifacts)
    moment = read_moment(now) if now is not None else None
    forced = outcome.reason_to_force(force=force, why=why)
    with metrics.record_run(settings, "train", directory):
        published = _train_once(
            settings,
            InputPaths(articles, views, increments),
            directory,
            engine,
            moment,
            jobs,
            forced,
            quiet=quiet,
            json=json,
        )
        outcome.check_served(published)
    if not json:
        output.print_line(f"next: ymal related ID --artifacts {directory}")


def _train_once(
    settings: Settings,
    inputs: InputPaths,
    directory: Path,
    engine: str | None,
    now: int | None,
    jobs: int | None,
    forced: str | None,
    *,
    quiet: bool,
    json: bool,
) -> release.Published:
    release.check_writable(directory)
    with release.command_lock(directory, "train"), output.show_progress(quiet=quiet) as show:
        stages = Stages(show)
        inputs = count_on_spark(settings, inputs, directory, engine, now, stages)
        with stages("read"):
            site = read(settings, inputs, directory, forced=forced)
        moment = moment_of(site, now)
        run = train_on(site, moment, jobs=jobs or cpu_count(), stages=stages)
        if not run.recommendations.known.any():
            raise DataError(
                f"no article is known before {utc(moment)}; check --now and the publish times"
            )
        with stages("publish"):
            made = publication(run, site, stages, command="train", forced=forced)
            published = release.publish(directory, made)
    for line in site_warnings(site, run, moment):
        output.warn(line)
    output.warn_of_overrides(directory)
    output.print_result(describe_publication(published, run, site, stages), json=json)
    return published


def site_warnings(site: Site, run: Run, now: int) -> list[str]:
    """Return a line for each possible problem of the site's data."""
    views, lines = site.views, []
    unknown = int(site.traffic.unknown.sum())
    if unknown and not views.count:
        lines.append(
            f"none of the {unknown:,} views names a known article; check views.article, "
            "views.article_by and articles.id (ymal check shows both)"
        )
    week = now - 7 * DAY
    recent = views.count_between(week - week % BUCKET, now)
    if views.count and recent < 0.01 * views.count:
        lines.append(
            f"only {recent / views.count:.2%} of the views lie in the seven days before "
            f"{utc(now)}: the lists will miss today's readers; check --now, the time unit and zone"
        )
    if not len(run.recommendations.rankings["latest"]):
        lines.append(
            "every list is empty: all articles are older than lists.max_age, or have neither "
            "publish time nor views; raise lists.max_age, or set lists.undated"
        )
    rules, known = run.config.rules, set(map(section_key, run.state.catalogue.section_names))
    named = {*rules.not_to, *rules.not_from, *rules.max_age, *chain.from_iterable(rules.apart)}
    return lines + [
        f"[rules] names the section {name!r}, which no article has; check its name"
        for name in sorted(named)
        if section_key(name) not in known
    ]
