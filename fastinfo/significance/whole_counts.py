"""Counts of samples from which tests and intervals can draw again."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from fastinfo._bins.coded_variables import refuse_missing
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._codes.column import TAKE_CHANCE_OFF
from fastinfo._core.checks import check_nan_policy
from fastinfo._counts.samples import count_samples
from fastinfo._counts.table import Table
from fastinfo.information.joint_counts import JointCounts

#: Options of counting, which must be left at these defaults where counts are given.
_DEFAULTS = {"bins": "mi", "strategy": EQUAL_COUNTS, "range": None, "discrete": "auto"}


def whole_counts(
    x: npt.ArrayLike | JointCounts,
    y: npt.ArrayLike | None,
    nan_policy: str,
    options: dict[str, Any],
) -> Table | None:
    """Count samples, or check given counts; None if their measures are NaN."""
    check_nan_policy(nan_policy)
    if isinstance(x, JointCounts):
        if y is not None:
            raise TypeError(
                f"y must be None if x is a JointCounts of both variables, got {y!r:.60}"
            )
        for name, default in _DEFAULTS.items():
            value = options[name]
            if not (isinstance(value, type(default)) and value == default):
                raise ValueError(
                    f"{name} must be left out if x is a JointCounts, got {value!r:.60}"
                )
        table = x._table
    elif y is None:
        raise TypeError(f"y must be samples, unless x is a JointCounts, got x: {type(x).__name__}")
    else:
        counted = count_samples(x, y, Binning(**options), if_unique=TAKE_CHANCE_OFF)
        table = counted.table
        if refuse_missing(counted.n_missing, "x and y", nan_policy, "pairs"):
            return None
    if not table.n:
        return None
    if table.unit != 1.0:
        raise ValueError("x must be whole counts of samples, to be resampled, got sums of weights")
    if table.n >= 2**53 or table.exact is not None or not table.has_whole:
        raise ValueError("x must be whole counts of fewer than 2**53 samples, got others")
    return table
