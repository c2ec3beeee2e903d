"""What a notebook shows of a report: tables, plots, and the stories that were missed."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from recommender.html import render_template
from training.extras import require_extra
from training.metrics.misses import Miss, most_missed
from training.report.figures import COLUMNS, ReportFigures, table_line
from training.report.scope import Scope

if TYPE_CHECKING:
    import pandas as pd

    from training.report.plot import Plot


class Report(ReportFigures):
    """The report of an evaluation: its figures, and how a notebook shows them."""

    def frame(self) -> "pd.DataFrame":
        """Return all figures as a pandas table, by refresh interval and system.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise ImportError("report.frame() needs pandas: pip install pandas") from None
        lines = [
            {name: result[name] for name in ("every", "system", "n", "seconds")}
            | result["metrics"]
            | {
                f"{name} {end}": value
                for name, ends in result["ci"].items()
                for end, value in zip(("low", "high"), ends, strict=True)
            }
            for result in self.results
        ]
        return pd.DataFrame(lines).set_index(["every", "system"])

    def misses(self, system: str = "ymal", every: str | None = None, n: int = 20) -> list[Miss]:
        """Return the stories that the five of a system missed most, and why.

        Raises
        ------
        ValueError
            If the report has no rows of that refresh interval or system.
        """
        trial = Scope.of(self, every).trial
        if system not in trial.replay.systems:
            raise ValueError(f"no system {system}; choose one of {', '.join(trial.replay.systems)}")
        return most_missed(trial, [system], n)

    def plot(self, name: str, every: str | None = None) -> "Plot":
        """Draw one of the plots of `ymal evaluate --html`.

        Raises
        ------
        ImportError
            If Matplotlib or Jinja2 is not installed.
        ValueError
            If there is no such plot, or the report has no rows of that refresh interval.
        """
        require_extra("report", "report.plot()")
        from training.report.plots import draw

        return draw(Scope.of(self, every), name)

    def _repr_html_(self) -> str | None:
        """Return the tables as HTML; None without Jinja2, so that a notebook shows the text."""
        if find_spec("jinja2") is None:
            return None
        tables = []
        for block in self.blocks():
            name = f"every {block[0]['every']}"
            tables.append((name, [name, *COLUMNS, "seconds"], [*map(table_line, block)]))
        return render_template("notebook_report.html", tables=tables)
