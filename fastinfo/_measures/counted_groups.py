"""Joint counts of samples of two or more variables, for public functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from fastinfo._bins.coded_variables import (
    MANY_BINS,
    any_of,
    code_columns,
    refuse_missing,
    unique_means,
)
from fastinfo._bins.edges import STRATEGIES
from fastinfo._bins.options import Binning
from fastinfo._core.checks import as_weights, check_nan_policy
from fastinfo._counts.samples import count_plain_numbers, count_samples
from fastinfo._counts.small_inputs import count_small
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.joint_entropies import Joint, Variable, join_variables


def count_groups(
    columns: list[Any],
    names: list[str],
    groups: list[int],
    said: str,
    binning: Binning,
    sample_weight: npt.ArrayLike | None,
    nan_policy: str,
    if_unique: list[str],
    mi_rule: Callable[[int], int] = lambda n: MANY_BINS,
) -> Joint | None:
    """
    Counts of groups of columns in the complete rows; None if the measures are NaN.

    `groups` has the number of columns in each group, and `said` their names in messages.
    `if_unique` is passed to :func:`code_columns`.
    """
    check_nan_policy(nan_policy)
    coded, missing = code_columns(
        columns,
        names,
        groups,
        binning,
        mi_rule,
        together=True,
        if_unique=if_unique,
    )
    weights = as_weights(sample_weight, len(coded[0]))
    if refuse_missing(any_of(missing), said, nan_policy):
        return None
    variables: list[Variable] = []
    start = 0
    for size in groups:
        variables.append(join_variables(coded[start : start + size]))
        start += size
    joint = Joint(variables, weights)
    return joint if joint.n else None


def count_pair(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    nan_policy: str,
    correction: Any,
    bins: Any,
    strategy: str,
    range: Any,
    discrete: Any,
    sample_weight: Any,
) -> Table | None:
    """Counts of the pairs, for a public function; None if the measures are NaN."""
    check_nan_policy(nan_policy)
    check_correction(correction, of_information=True)
    words = isinstance(discrete, str) and isinstance(strategy, str)
    plain = words and discrete == "auto" and strategy in STRATEGIES
    if plain and sample_weight is None:
        table = count_small(x, y, bins, strategy) if range is None else None
        if table is None:
            table = count_plain_numbers(x, y, bins, strategy, range)
        if table is not None:
            return table
    binning = Binning(bins, strategy, range, discrete)
    counted = count_samples(x, y, binning, sample_weight, if_unique=unique_means(correction))
    missing = refuse_missing(counted.n_missing, "x and y", nan_policy, "pairs")
    return None if missing or not counted.table.n else counted.table
