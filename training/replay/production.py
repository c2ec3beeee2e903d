"""Production in the replay: trained at each UTC midnight, refreshed at each cutoff."""

from dataclasses import replace

from training.config import Config
from training.pipeline import initial_state, learn, learning_start, step
from training.ranking import fit, fit_classifier
from training.readers import Increments, concatenate
from training.records import DAY, Articles, Int32, Window
from training.replay.systems import ReplayInputs, ReplayStep
from training.state import State


class ProductionReplay:
    """The state that production would have, shared by variants that differ in scoring alone.

    A training calls `pipeline.initial_state` and `learn`, a refresh `pipeline.step`, as `train` and
    `refresh` do. The decayed sums continue over midnight: a training would count the same bytes.

    Attributes
    ----------
    config : all settings.
    state : at the end of the last window.
    trained : whether that was a training.

    Parameters
    ----------
    config : Config, optional
        All settings; by default those of the replay.
    relearn : bool
        Whether the model is learned at each midnight, or at the first alone.
    model : optional
        A classifier of scikit-learn's protocol in the place of the ranking model.
    vectorizer : optional
        A vectorizer of scikit-learn's protocol in the place of `TextVectorizer`.
    """

    config: Config
    state: State
    trained: bool
    _inputs: ReplayInputs

    def __init__(
        self,
        config: Config | None = None,
        *,
        relearn: bool = True,
        model: object | None = None,
        vectorizer: object | None = None,
    ) -> None:
        self.relearn = relearn
        self._own_config, self._vectorizer = config, vectorizer
        self._fit = fit if model is None else fit_classifier(model)
        self._begun: ReplayInputs | None = None

    def begin(self, inputs: ReplayInputs) -> None:
        """Start a replay; only the first call with the same inputs does."""
        if self._begun is inputs:
            return
        self._begun = self._inputs = inputs
        self.config = self._own_config or inputs.config
        nothing = replace(inputs.site, config=self.config, articles=Articles.empty())
        self.state = initial_state(nothing, inputs.start)
        self.trained = self._has_model = False
        self._history: list[tuple[State, Increments]] = []

    def advance(self, window: ReplayStep) -> None:
        """Advance the state to the end of a window, once; train there at a midnight.

        Nothing is trained before the first midnight of a day whose lists are compared.
        """
        if self.state.time >= window.end:
            return
        self.trained = window.end % DAY == 0 and len(window.sources_today) > 0
        arrived = window.arrived if self._has_model and not self.trained else window.arrived[:0]
        before = self.state
        self.state = self._step(arrived, window.end, window.increments)
        oldest = window.end - (self.config.ranking.learn_days + 1) * DAY
        self._history.append((before, window.increments))
        self._history = [part for part in self._history if part[0].time >= oldest]
        if self.trained:
            self._train()

    def with_articles(self, rows: Int32) -> State:
        """Return the state as if the articles of some rows had arrived just now."""
        nothing = self._history[-1][1].between(self.state.time, self.state.time)
        return self._step(rows, self.state.time, nothing)

    def _step(self, arrived: Int32, end: int, increments: Increments) -> State:
        inputs = self._inputs
        window = Window(self.state.time, end, inputs.site.views, inputs.articles(arrived))
        return step(self.state, window, self.config, increments=increments)[0]

    def _train(self) -> None:
        now = self.state.time
        site = replace(self._inputs.site_at(now), config=self.config)
        untrained = initial_state(site, now, vectorizer=self._vectorizer)
        model = self.state.model
        if self.relearn or not self._has_model:
            start = learning_start(untrained, self.config, now)
            history = [part for part in self._history if part[0].time >= start]
            first = replace(history[0][0], catalogue=untrained.catalogue, texts=untrained.texts)
            increments = concatenate([part for _, part in history])
            model, _ = learn(first, increments, self.config, self._fit)
        self._has_model = True
        self.state = replace(
            self.state, catalogue=untrained.catalogue, texts=untrained.texts, model=model
        )
