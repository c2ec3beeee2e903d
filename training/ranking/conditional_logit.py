"""Conditional logit with additive curves, an estimator in scikit-learn's sense.

McFadden, "Conditional logit analysis of qualitative choice behavior", 1974. Each feature has a
piecewise linear curve whose slope varies with the context of the choice set (Hastie, Tibshirani,
"Varying-coefficient models", 1993), so the utility of an alternative is exactly a sum of what each
feature adds.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from scipy.linalg import block_diag
from threadpoolctl import threadpool_limits

from training import kernels
from training.estimators import Estimator
from training.ranking.candidates import by_source
from training.ranking.choice_sets import ChoiceSets
from training.ranking.design import Scale, design_matrix, fit_scale, standardise
from training.ranking.newton import maximise_likelihood
from training.records import Float64, Int64, Model

if TYPE_CHECKING:
    from sklearn.utils import Tags


@dataclass(kw_only=True, eq=False, repr=False)
class ConditionalLogit(Estimator):
    """Which alternative of a choice set is chosen, or none: the outside alternative of utility 0.

    The utility is that of `records.Model`. Without `groups` each row is a choice set of its own,
    and the model is a logistic regression on the curves.

    Parameters
    ----------
    contexts : int
        How many of the last columns of X are the context of the choice set.
    knots : int
        Knots of a curve, at the quantiles of its feature.
    smoothness : float
        Penalty on the squared steps of a curve between two knots.
    level : float
        Penalty on the squared values of a curve at its knots, which settles its constant.
    tilt : float
        Penalty on the squared slopes by context, of features and contexts of variance 1.
    ridge : float
        Penalty on the squared base and its slopes, which settles them where nothing is chosen.
    max_iter : int
        Newton steps at most.
    tol : float
        The steps end when one gains less than this per choice, in nats.
    validation_fraction : float
        Share of the choices, the last ones, that the model is first learned without and measured
        on. Then it is learned from all, with the same knots.

    Attributes
    ----------
    knots_, values_, slopes_, centre_, spread_, base_ : as in `records.Model`.
    validation_loss_ : float
        Mean negative log-likelihood of the choices that were held out, in nats.
    n_iter_ : Newton steps of the last search.
    classes_ : array of the two labels, the second of which means chosen.
    """

    contexts: int = 0
    knots: int = 6
    smoothness: float = 40.0
    level: float = 0.1
    tilt: float = 100.0
    ridge: float = 1e-3
    max_iter: int = 30
    tol: float = 1e-6
    validation_fraction: float = 0.0
    knots_: Float64 = field(init=False)
    values_: Float64 = field(init=False)
    slopes_: Float64 = field(init=False)
    centre_: Float64 = field(init=False)
    spread_: Float64 = field(init=False)
    base_: float = field(init=False)
    validation_loss_: float = field(init=False)
    n_iter_: int = field(init=False)
    classes_: npt.NDArray[Any] = field(init=False)

    @classmethod
    def from_model(cls, model: Model) -> "ConditionalLogit":
        """Return the fitted estimator of a stored model."""
        fitted = cls(contexts=len(model.centre), knots=model.knots.shape[1])
        fitted.knots_, fitted.values_, fitted.slopes_ = model.knots, model.values, model.slopes
        fitted.centre_, fitted.spread_, fitted.base_ = model.centre, model.spread, model.base
        return fitted

    def fit(
        self,
        X: npt.ArrayLike,  # noqa: N803 - scikit-learn's name
        y: npt.ArrayLike,
        groups: npt.ArrayLike | None = None,
        sampling_weight: npt.ArrayLike | None = None,
    ) -> Self:
        """Learn from alternatives.

        Parameters
        ----------
        X : float[m, f + contexts]
            The features of each alternative, then the context of its choice set.
        y : [m]
            Two labels, of which the larger means chosen; at most one of a group is.
        groups : [m], optional
            The choice set of each alternative, ascending in time where part is held out.
        sampling_weight : float[m], optional
            Candidates that a sampled alternative stands for; 1 by default.

        Raises
        ------
        ValueError
            If y has not two labels, or two alternatives of a group are chosen.
        """
        from sklearn.utils.multiclass import check_classification_targets, type_of_target
        from sklearn.utils.validation import validate_data

        table, y = validate_data(self, X, y)
        check_classification_targets(y)
        if (kind := type_of_target(y, input_name="y")) not in ("binary", "multiclass"):
            raise ValueError(f"Unknown label type: {kind}")
        self.classes_, chosen = np.unique(y, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(
                "Only binary classification is supported. The type of the target is multiclass."
            )
        if len(self.classes_) < 2:
            raise ValueError("y has one class: some alternatives must be chosen, and others not")
        groups = np.arange(len(table)) if groups is None else groups
        _, group = np.unique(groups, return_inverse=True)
        weight = np.ones(len(table)) if sampling_weight is None else np.asarray(sampling_weight)
        return self.fit_choice_sets(_choice_sets(table, chosen == 1, group, weight, self.contexts))

    def fit_choice_sets(self, choices: ChoiceSets) -> Self:
        """Learn from choice sets as they are: what `fit` does after checking its arguments."""
        count, width, _ = choices.features.shape
        earlier = slice(count - int(count * self.validation_fraction))
        training, held_out = choices.where(earlier), choices.where(slice(earlier.stop, None))
        scale = fit_scale(training, self.knots)
        design = design_matrix(choices, scale)
        penalty = self._penalty(len(scale.knots), len(scale.centre))
        search = self.max_iter, self.tol
        with threadpool_limits(1):  # so that the bytes do not depend on the machine's cores
            best = np.zeros(design.shape[1])
            if self.validation_fraction:
                part = design[: earlier.stop * width]
                best, _ = maximise_likelihood(training, part, penalty, best, *search)
                self._set(best, scale)
                features, context, index = held_out.flatten()
                label = np.zeros(features.shape[1], np.int64)
                parts = self.utility_parts(features, context, index, label, 1)
                self.validation_loss_ = held_out.log_loss(parts.sum(axis=1))
            best, self.n_iter_ = maximise_likelihood(choices, design, penalty, best, *search)
        self._set(best, scale)
        return self

    def utility_parts(
        self, features: Float64, context: Float64, index: Int64, label: Int64, labels: int
    ) -> Float64:
        """Compute the terms of the utility, added up by label.

        Parameters
        ----------
        features : float64[m, f]
            Of alternatives.
        context : float64[s, c]
            Of choice sets.
        index : int64[m]
            Choice set of each alternative.
        label : int64[f]
            Which sum the term of a feature is added to.
        labels : int
            How many sums there are.

        Returns
        -------
        float64[m, labels + 1]
            The last column is the base, of the choice set.
        """
        tilts = self.slopes_ @ standardise(context, self.centre_, self.spread_).T
        tilts[-1] += self.base_
        slopes = np.diff(self.values_) / np.diff(self.knots_)
        curves = self.knots_, self.values_, slopes
        return kernels.ranking.utility_parts(features, index, *curves, tilts, label, labels)

    def decision_function(self, X: npt.ArrayLike) -> Float64:  # noqa: N803
        """Return the utility of each alternative, its log-odds against the outside: float64[m]."""
        from sklearn.utils.validation import check_is_fitted, validate_data

        check_is_fitted(self)
        table = validate_data(self, X, reset=False, dtype=np.float64)
        features, context = np.split(table, [len(self.knots_)], axis=1)
        label, index = np.zeros(len(self.knots_), np.int64), np.arange(len(table))
        return np.asarray(self.utility_parts(features, context, index, label, 1).sum(axis=1))

    def predict_proba(
        self,
        X: npt.ArrayLike,  # noqa: N803
        groups: npt.ArrayLike | None = None,
    ) -> Float64:
        """Return the probabilities that an alternative is not chosen, and is: float64[m, 2].

        Those of a group and of the outside alternative add up to 1. Without `groups` each
        alternative competes with the outside alone.
        """
        utility = self.decision_function(X)
        group = np.arange(len(utility)) if groups is None else np.asarray(groups)
        order = np.argsort(group, kind="stable")
        _, starts = np.unique(group[order], return_index=True)
        chosen = np.empty(len(utility))
        chosen[order] = probabilities(utility[order], np.append(starts, len(utility)))
        return np.column_stack([1 - chosen, chosen])

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:  # noqa: N803
        """Return the label of each alternative: chosen where it is likelier than the outside."""
        chosen = self.decision_function(X) > 0
        return np.asarray(self.classes_[chosen.astype(np.intp)])

    def score(self, X: npt.ArrayLike, y: npt.ArrayLike) -> float:  # noqa: N803
        """Return the share of labels that are predicted."""
        return float(np.mean(self.predict(X) == np.asarray(y)))

    def __sklearn_tags__(self) -> "Tags":
        """Describe the estimator to scikit-learn: a classifier of two labels."""
        from sklearn.utils import ClassifierTags

        tags = super().__sklearn_tags__()
        tags.estimator_type = "classifier"
        tags.classifier_tags = ClassifierTags(multi_class=False)
        tags.target_tags.required = True
        return tags

    def _set(self, parameters: Float64, scale: Scale) -> None:
        """Take over parameters in the order of `design_matrix`; each curve becomes 0 at 0."""
        count, contexts = len(scale.knots), len(scale.centre)
        size = scale.knots.shape[1]
        curves, tilts, base = np.split(parameters, [count * size, count * (size + contexts)])
        values = curves.reshape(count, size)
        neutral = np.array([np.interp(0.0, scale.knots[j], values[j]) for j in range(count)])
        self.knots_, self.values_ = scale.knots, values - neutral[:, None]
        tilts = tilts.reshape(count, contexts) / scale.deviation[:, None]
        self.slopes_ = np.vstack([tilts, base[1:]])
        self.centre_, self.spread_ = scale.centre, scale.spread
        self.base_ = float(base[0] + neutral.sum())

    def _penalty(self, count: int, contexts: int) -> Float64:
        """Quadratic form of the penalties: float64[p, p]."""
        steps = np.diff(np.eye(self.knots), axis=0)
        curve = 2 * self.smoothness * steps.T @ steps + self.level * np.eye(self.knots)
        curves = np.kron(np.eye(count), curve)
        tilts = self.tilt * np.eye(count * contexts)
        return np.asarray(block_diag(curves, tilts, self.ridge * np.eye(1 + contexts)))


def probabilities(utility: Float64, starts: Int64) -> Float64:
    """Softmax over the alternatives of each choice set and the outside alternative.

    Parameters
    ----------
    utility : float64[m]
    starts : int64[s + 1]
        Where the alternatives of each choice set start.

    Returns
    -------
    float64[m]
    """
    length = np.diff(starts)
    best = np.maximum(by_source(np.maximum, utility, starts), 0.0)
    odds = np.exp(utility - np.repeat(best, length))
    total = np.exp(-best) + by_source(np.add, odds, starts)
    return np.asarray(odds / np.repeat(total, length))


def _choice_sets(
    table: npt.NDArray[Any],
    chosen: npt.NDArray[np.bool_],
    group: npt.NDArray[np.intp],
    weight: Float64,
    contexts: int,
) -> ChoiceSets:
    """Arrange alternatives by group, the chosen one first."""
    count = int(group.max()) + 1
    found = np.bincount(group, chosen, count)
    if (found > 1).any():
        raise ValueError("at most one alternative of a group is chosen")
    order = np.lexsort((~chosen, group))
    group = group[order]
    place = np.arange(len(group)) - np.searchsorted(group, group)
    at = group, place
    width, features = int(place.max()) + 1, table.shape[1] - contexts
    values = np.zeros((count, width, features), np.float32)
    values[at] = table[order, :features]
    context = np.zeros((count, contexts), np.float32)
    context[group] = table[order, features:]
    weights = np.zeros((count, width))
    weights[at] = weight[order]
    return ChoiceSets(values, context, weights, found == 1)
