"""Series with a trend, which tests with surrogates of stationary series call related."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.messages import warn

_TREND = 0.8  # rank correlation with time that a random walk hardly ever has
_LOOKED_AT = 1 << 14  # samples that are examined
_FEWEST = 50


def tell_of_trends(surrogates: str, **series: Any) -> None:
    """Warn if two series of numbers both have a trend, unless the order does not matter."""
    if surrogates == "permute":
        return
    if all(_has_trend(values) for values in series.values()):
        names = " and ".join(series)
        warn(
            f"{names} both rise or fall over time: surrogates={surrogates!r} is for stationary "
            f"series, and finds any two trends related. First take differences, or subtract the "
            f"trends"
        )


def _has_trend(values: Any) -> bool:
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iuf" or array.size < _FEWEST:
        return False
    array = array[:: -(-array.size // _LOOKED_AT)]
    array = array[~np.isnan(array)] if array.dtype.kind == "f" else array
    return array.size >= _FEWEST and abs(_rank_correlation(array)) > _TREND


def _rank_correlation(array: Array) -> float:
    ranks = np.argsort(np.argsort(array, kind="stable"), kind="stable")
    if (array == array[0]).all():
        return 0.0
    return float(np.corrcoef(ranks, np.arange(array.size))[0, 1])
