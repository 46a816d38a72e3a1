"""Estimators of mutual information that need no bins: what they take, and which of them it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo._bins.coded_variables import any_of, refuse_missing
from fastinfo._bins.options import Binning
from fastinfo._codes.column import BY_CHANCE, Column, Numbers, columns_of
from fastinfo._core.checks import (
    Array,
    check_nan_policy,
    integer,
    same_length,
    shown,
)
from fastinfo._core.messages import warn
from fastinfo._neighbors import groups as by_groups
from fastinfo._neighbors.distances import standardized
from fastinfo._neighbors.gaussian import gaussian_information, scores
from fastinfo._neighbors.numbers import as_float64, check_jitter, generator
from fastinfo._neighbors.pairs import Estimate

#: The names of the estimators.
ESTIMATORS = ("histogram", "ksg", "mixed", "gaussian", "gaussian-copula", "copula")

_NEIGHBORS = ("ksg", "mixed")
_TIED = 0.01  # of the samples: more of them with a tied distance are warned of

_MOST_COLUMNS = 10
_TAKE_CHANCE_OFF = f'{BY_CHANCE}. estimator="histogram" with correction="chance" takes that off'


def _refuse_options(estimator: str, **options: tuple[Any, Any]) -> None:
    """Raise where an option that an estimator knows nothing of is not at its default."""
    for name, (value, default) in options.items():
        plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
        if value is not default and not (plain and value == default):
            raise ValueError(
                f"{name} must be left at {default!r} with estimator={estimator!r}, "
                f"which has no use for it, got {shown(value)}"
            )


def refuse_binning(
    estimator: str,
    bins: Any,
    strategy: Any,
    range: Any,
    correction: Any,
    normalized: Any,
    sample_weight: Any,
) -> None:
    """Raise where an option of bins and counts is given to an estimator without them."""
    _refuse_options(
        estimator,
        bins=(bins, "mi"),
        strategy=(strategy, "quantile"),
        range=(range, None),
        correction=(correction, None),
        normalized=(normalized, None),
        sample_weight=(sample_weight, None),
    )


def refuse_neighbors(estimator: str, n_neighbors: Any, jitter: Any, random_state: Any) -> None:
    """Raise where an option of neighbours is given to an estimator without them."""
    _refuse_options(
        estimator,
        n_neighbors=(n_neighbors, 3),
        jitter=(jitter, 0),
        random_state=(random_state, None),
    )


class _Group(NamedTuple):
    """Samples of one variable: columns of numbers, or codes of labels."""

    numbers: Array | None  #: (n, d) float64
    codes: Array | None
    missing: npt.NDArray[np.bool_] | None


def _read(a: Any, name: str, discrete: bool | None, estimator: str) -> _Group:
    columns = columns_of(a, name)
    gaussian = estimator not in _NEIGHBORS
    if gaussian and discrete is True:
        raise ValueError(
            f"discrete must not be True for {name} with estimator={estimator!r}, which takes "
            f"numbers alone"
        )
    numbers_read: list[Array] = []
    for column in columns:
        found = Column.of(column, name).read(discrete, if_unique=_TAKE_CHANCE_OFF)
        if isinstance(found, Numbers):
            numbers_read.append(as_float64(found.values)[0])
        elif gaussian:
            raise ValueError(
                f"{name} must hold numbers with estimator={estimator!r}, got labels: take "
                f"estimator='histogram', or discrete=False for integers that are numbers"
            )
        elif len(columns) > 1:
            raise ValueError(
                f"{name} must be one column where it holds labels, got {len(columns)} columns: "
                f"discrete=False takes integers as numbers"
            )
        else:
            return _Group(None, found.codes, any_of([found.invalid]))
    for samples in numbers_read[1:]:
        same_length(numbers_read[0], samples, name, name)
    out = np.empty((numbers_read[0].size, len(columns)))
    for j, samples in enumerate(numbers_read):
        out[:, j] = samples
    missing = any_of([np.asarray(np.isnan(out).any(axis=1))])
    if np.isinf(out).any():
        raise ValueError(
            f"{name} must hold finite numbers with estimator={estimator!r}, got infinity"
        )
    return _Group(out, None, missing)


def estimate(
    variables: dict[str, Any],
    estimator: str,
    discrete: Any,
    n_neighbors: Any,
    jitter: Any,
    random_state: Any,
    nan_policy: str,
) -> float:
    """Mutual information in nats of the first two variables, given the third if there is one."""
    check_nan_policy(nan_policy)
    k = integer(n_neighbors, "n_neighbors", least=1)
    noise = check_jitter(jitter)
    if estimator not in _NEIGHBORS:
        refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    names = list(variables)
    words = Binning(discrete=discrete).split(names, [1] * len(names))
    groups = [
        _read(variables[name], name, own.said, estimator)
        for name, own in zip(names, words, strict=True)
    ]
    sizes = [group.numbers if group.codes is None else group.codes for group in groups]
    for size, name in zip(sizes[1:], names[1:], strict=True):
        assert sizes[0] is not None
        assert size is not None
        same_length(sizes[0], size, names[0], name)
    missing = any_of(group.missing for group in groups)
    if refuse_missing(missing, f"{', '.join(names[:-1])} and {names[-1]}", nan_policy):
        return math.nan
    if missing is not None:
        if missing.all():
            return math.nan
        groups = [_Group(*(a if a is None else a[~missing] for a in g)) for g in groups]
    return _WAYS[estimator](groups, names, k, noise, random_state)


def _by_correlation(groups: list[_Group], *_: Any) -> float:
    return gaussian_information(*(standardized(g.numbers) for g in groups if g.numbers is not None))


def _by_scores(groups: list[_Group], *_: Any) -> float:
    return gaussian_information(*(scores(g.numbers) for g in groups if g.numbers is not None))


def _ksg(groups: list[_Group], names: list[str], k: int, noise: float, random_state: Any) -> float:
    found, ties = _by_neighbors(groups, names, "ksg", k, noise, random_state)
    n = max(len(g.numbers) for g in groups if g.numbers is not None)
    if ties > _TIED * n:
        warn(
            f"{' and '.join(names[:2])} repeat values: {ties / n:.0%} of the samples have more "
            f"than n_neighbors={k} others within the distance of neighbour {k}, or that at 0. "
            f"estimator='ksg' is of densities and far off then: take estimator='mixed', or "
            f"jitter=1e-6 to tell equal values apart",
        )
    return found


def _mixed(
    groups: list[_Group], names: list[str], k: int, noise: float, random_state: Any
) -> float:
    return _by_neighbors(groups, names, "mixed", k, noise, random_state).information


#: How each estimator takes what was read; "copula" is short for "gaussian-copula".
_WAYS: dict[str, Callable[[list[_Group], list[str], int, float, Any], float]] = {
    "ksg": _ksg,
    "mixed": _mixed,
    "gaussian": _by_correlation,
    "gaussian-copula": _by_scores,
    "copula": _by_scores,
}


def _by_neighbors(
    groups: list[_Group], names: list[str], way: str, k: int, noise: float, random_state: Any
) -> Estimate:
    """Of numbers KSG or Gao and others, of numbers and labels Ross, of three Frenzel and Pompe."""
    numbers_found = [g.numbers for g in groups if g.numbers is not None]
    if len(groups) == 3 and len(numbers_found) < 3:
        raise ValueError(
            f"x, y and z must all be numbers with estimator={way!r}, got labels: take "
            f"estimator='histogram', or discrete=False for integers that are numbers"
        )
    if not numbers_found:
        raise ValueError(
            f"x and y must not both be labels with estimator={way!r}: take estimator='histogram', "
            f"or discrete=False for integers that are numbers"
        )
    n = len(numbers_found[0])
    if n <= k:
        raise ValueError(
            f"n_neighbors must be smaller than the number of complete samples, got {k} for {n}"
        )
    width = sum(a.shape[1] for a in numbers_found)
    if width > _MOST_COLUMNS:
        raise ValueError(
            f"{', '.join(names[:-1])} and {names[-1]} must have at most {_MOST_COLUMNS} columns in "
            f"all with estimator={way!r}, got {width}"
        )
    rng = generator(random_state) if noise else None
    numbers_found = [_varying(a, noise, rng) for a in numbers_found]
    if any(a.shape[1] == 0 for a in numbers_found[:2]):
        return Estimate(0.0, 0)
    if len(numbers_found) == 3 and numbers_found[2].shape[1]:
        x, y, z = numbers_found
        return by_groups.conditional_information(x, y, z, k, way)
    if len(numbers_found) >= 2:
        x, y = numbers_found[:2]
        return by_groups.group_information(x, y, k, way)
    codes = next(g.codes for g in groups if g.codes is not None)
    counts = np.bincount(codes)
    kept = counts[codes] > 1
    if not kept.any() or kept.size == counts.max():
        return Estimate(0.0, 0)
    codes = (np.cumsum(counts > 1) - 1)[codes[kept]].astype(np.uint32)
    found = by_groups.group_label_information(numbers_found[0][kept], codes, k)
    return Estimate(found, 0)


def _varying(a: Array, noise: float, rng: Any) -> Array:
    """Columns that vary, in units of their standard deviations, with noise of so many of these."""
    out = standardized(a)
    varies = (out != 0.0).any(axis=0)
    if noise:
        out += noise * rng.standard_normal(size=out.shape)
    return out if varies.all() else np.ascontiguousarray(out[:, varies])
