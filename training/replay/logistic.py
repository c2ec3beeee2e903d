"""Logistic regression in the place of the ranking model: what one would try first."""

from typing import Any, Final, Self

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

QUANTILES: Final = (0.005, 0.995)
"""Features are clipped to these quantiles, since a few values lie far outside."""


class ScaledLogisticRegression(LogisticRegression):  # type: ignore[misc]
    """scikit-learn's logistic regression on clipped and standardised features."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803, ANN401
        """Fit limits, scale and weights."""
        self.limits_ = np.quantile(X, QUANTILES, axis=0)
        self.scaler_ = StandardScaler().fit(np.clip(X, *self.limits_))
        with threadpool_limits(1):  # so that the bytes do not depend on the machine's cores
            super().fit(self._scale(X), y, sample_weight)
        return self

    def predict_proba(self, X: Any) -> Any:  # noqa: N803, ANN401
        """Return the probability of each class."""
        return super().predict_proba(self._scale(X))

    def _scale(self, X: Any) -> Any:  # noqa: N803, ANN401
        return self.scaler_.transform(np.clip(X, *self.limits_))
