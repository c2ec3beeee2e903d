"""The base of our estimators: scikit-learn's protocol, without loading scikit-learn.

scikit-learn needs an estimator's methods, not its base class ("Developing scikit-learn estimators":
duck typing). To inherit its `BaseEstimator` would load scikit-learn, 1.9 s of processor time, in
each training and refresh, where nothing else needs it. So only the methods that use scikit-learn's
types load it. `tests/training/test_estimators.py` runs its `check_estimator` on every class.
"""

from inspect import signature
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from sklearn.utils import Tags


class Estimator:
    """An object whose settings are the arguments of its constructor, kept under their names.

    Subclasses are dataclasses: settings are fields, and what `fit` learns are fields without init,
    which end in an underscore.
    """

    def get_params(self, *, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """Return the settings by name; no estimator here holds another one."""
        return {name: getattr(self, name) for name in sorted(signature(type(self)).parameters)}

    def set_params(self, **params: object) -> Self:
        """Change settings.

        Raises
        ------
        ValueError
            If there is no such setting.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}: {list(known)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({settings})"

    def __sklearn_tags__(self) -> "Tags":
        """Describe the estimator to scikit-learn."""
        from sklearn.utils import Tags, TargetTags

        return Tags(estimator_type=None, target_tags=TargetTags(required=False))
