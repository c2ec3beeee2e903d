"""Traffic figures of a run, which the gate compares with those of the served version."""

from training.data.quality import MIN_VIEWS, STEADY_HALF_LIFE, STEADY_VIEWS, robot_figures
from training.readers import ReaderStats
from training.records import DAY, Site
from training.run import Run


def traffic_of(run: Run, site: Site, readers: ReaderStats) -> dict[str, float | int | None]:
    """Measure the views of a run; `readers` are those of its state.

    Returns
    -------
    dict
        `newest_view`, µs UTC, None if the site has too few views; `repeated`, the difference of
        shares from `repeated_views` over the last hours, 0 if there are few views; `unknown`, the
        share of the last day's views of unknown articles, None if there are few views.
    """
    newest = int(readers.last_view.max(initial=-1))
    steady = readers.views[:, run.config.readers.nearest_view_life(STEADY_HALF_LIFE)].sum()
    end = run.state.time
    unknown = site.traffic.unknown_share(end - DAY, end, MIN_VIEWS)
    return {
        "newest_view": newest if steady >= STEADY_VIEWS else None,
        "repeated": robot_figures(site.views, end).get("repeated", 0.0),
        "unknown": None if unknown is None else round(unknown, 4),
    }
