"""Samples of any number of variables, each of one column or several, to their joint counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from fastinfo._bins.coded_variables import MANY_BINS, any_of, code_columns, refuse_missing
from fastinfo._bins.options import Binning
from fastinfo._core.checks import as_weights, check_nan_policy
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
    Counts of groups of columns, in the rows that are complete; None where measures are NaN.

    `groups` has the number of columns of each, and `said` their names in messages. `if_unique` is
    that of :func:`code_columns`.
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
