"""The estimators without bins, by name, and the options that each of them accepts."""

from __future__ import annotations

from typing import Any, NamedTuple

from fastinfo._core.checks import choice, integer, shown
from fastinfo._neighbors.numbers import check_jitter

#: The names of the estimators.
ESTIMATORS = ("histogram", "ksg", "ksg2", "mixed", "gaussian", "gaussian-copula", "copula")

#: Those whose estimate is the mean of one term per sample.
LOCAL = ("histogram", "ksg", "gaussian", "gaussian-copula", "copula")

NEIGHBORS = ("ksg", "ksg2", "mixed")  #: estimators that use distances

BIAS = "bias"  #: the correction of the Gaussian estimators


class Options(NamedTuple):
    """Options of an estimate without bins, checked."""

    estimator: str
    k: int = 3
    noise: float = 0.0
    random_state: Any = None
    correction: str | None = None
    normalized: str | None = None

    @classmethod
    def checked(
        cls,
        estimator: str,
        n_neighbors: Any,
        jitter: Any,
        random_state: Any,
        correction: Any = None,
        normalized: str | None = None,
    ) -> Options:
        """Check options; raise an error for one that the estimator does not use."""
        k, noise = integer(n_neighbors, "n_neighbors", least=1), check_jitter(jitter)
        if estimator in NEIGHBORS:
            _refuse_options(estimator, correction=(correction, None))
        else:
            refuse_neighbors(estimator, n_neighbors, jitter, random_state)
            if correction is not None:
                choice(correction, f"correction with estimator={estimator!r}", (None, BIAS))
        if estimator != "ksg":
            _refuse_options(estimator, normalized=(normalized, None))
        return cls(estimator, k, noise, random_state, correction, normalized)

    def refuse(self, **options: tuple[Any, Any]) -> None:
        """Raise an error if an option of bins or tables is not at its default."""
        _refuse_options(self.estimator, **options)


def _refuse_options(estimator: str, **options: tuple[Any, Any]) -> None:
    """Raise an error if an option that an estimator does not have is not at its default."""
    for name, (value, default) in options.items():
        plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
        if value is not default and not (plain and value == default):
            raise ValueError(
                f"{name} must be left at {default!r} with estimator={estimator!r}, "
                f"which does not use it, got {shown(value)}"
            )


def refuse_binning(
    estimator: str,
    bins: Any,
    strategy: Any,
    range: Any,
    sample_weight: Any,
) -> None:
    """Raise an error for options of bins and counts, if the estimator has no bins."""
    _refuse_options(
        estimator,
        bins=(bins, "mi"),
        strategy=(strategy, "quantile"),
        range=(range, None),
        sample_weight=(sample_weight, None),
    )


def refuse_neighbors(estimator: str, n_neighbors: Any, jitter: Any, random_state: Any) -> None:
    """Raise an error for options of neighbours, if the estimator has none."""
    _refuse_options(
        estimator,
        n_neighbors=(n_neighbors, 3),
        jitter=(jitter, 0),
        random_state=(random_state, None),
    )


def refuse_no_permutations(estimator: str, m: int | str) -> None:
    """Raise an error if a test by neighbours has no permutations."""
    if estimator in NEIGHBORS and m == 0:
        raise ValueError(
            f"n_permutations must be 'auto' or at least 1 with estimator={estimator!r}, since "
            f"the distribution of its information is not known, got 0"
        )
