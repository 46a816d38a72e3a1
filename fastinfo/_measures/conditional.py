"""Conditional information of two variables given a third: above chance, and its test."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import Coded
from fastinfo._measures.gamma_tails import chi2_sf
from fastinfo._measures.independence import (
    COARSE,
    FILLED,
    SHIFT,
    SMOOTH,
    UNLIKELY,
    Tested,
    at_least,
    test_independence,
)
from fastinfo._measures.joint_entropies import Joint, Variable
from fastinfo._measures.nulls.drawn_tables import (
    drawn_tail,
    draws_for,
    gamma_tail,
    reached,
)
from fastinfo._measures.strata import Strata

_FEW_DOF = 3  # filled tables with up to so many degrees of freedom have too few values for a G-test
_G = "g"
_BY_TABLES = "permutation"


class Conditional(NamedTuple):
    """Conditional information of samples, in nats."""

    information: float
    expected: float  #: its mean over the tables with the same margins in each stratum
    pvalue: float  #: by a gamma distribution with this mean and the variance over these tables


def conditional(x: Coded, y: Coded, w: Coded, weights: Array | None = None) -> Conditional:
    """
    ``I(x; y | w)`` of the complete rows, its expectation by chance, and its p-value.

    Under the null hypothesis, y is permuted within each stratum of w. Weights count as many rows as
    :attr:`.table.Table.effective` says.
    """
    joint = Joint([Variable(c, c.n_levels) for c in (x, y, w)], weights)
    if not joint.n:
        return Conditional(np.nan, np.nan, np.nan)
    information, strata = joint.information((0,), (1,), (2,)), Strata.of(joint)
    if not strata.dof:
        return Conditional(information, 0.0, 1.0)
    mean, n = strata.mean, strata.n_effective
    if strata.weighted:
        left = (joint.entropy((i, 2), None) - joint.entropy((2,), None) for i in (0, 1))
        expected = max(min(mean / n, *left), 0.0)
        return Conditional(information, expected, _of_weights(strata, n * information, None).pvalue)
    return Conditional(information, mean / n, gamma_tail(n * information, mean, strata.variance))


def test_in_strata(
    strata: Strata,
    information: float,
    n_permutations: int | str,
    key: Array | None,
    first: int,
    by_rows: Callable[[], float] | None = None,  # noqa: PT028
) -> Tested:
    """
    p-value of conditional information, in nats, among all tables with the strata's margins.

    With "auto" permutations, the method is chosen by the margins only. 0 means the G-test, and a
    number means so many draws under `key`, beginning with stream `first`. `by_rows` finds the
    p-value of weighted counts if cells are thin.
    """
    dof, n = float(strata.dof), strata.n
    if not dof:
        return Tested(1.0, _BY_TABLES if n_permutations else _G)
    observed = n * information
    if strata.weighted and n_permutations:
        return _of_weights(strata, observed / strata.unit, by_rows)
    if n_permutations == 0:
        return Tested(chi2_sf(2.0 * observed / strata.unit, dof), _G)
    if isinstance(n_permutations, int):
        null = strata.draw(n_permutations, key, first)
        b = reached(null, strata.seen(null.scale), strata.n_kept)
        return Tested((b + 1) / (n_permutations + 1), _BY_TABLES)
    if strata.only is not None:
        return test_independence(strata.only)
    if _is_filled(strata):
        return Tested(chi2_sf(2.0 * observed, dof), _G)
    mean, variance = strata.moments_of_filled or (strata.mean, strata.variance)
    draws = 0 if variance >= SMOOTH else draws_for(strata.cost)
    if not variance > 0.0:
        return Tested(1.0, _BY_TABLES)  # all tables have the same information
    if draws:
        null = strata.draw(draws)
        seen = strata.seen(null.scale)
        pvalue = drawn_tail(seen, null, observed, mean, variance, strata.n_kept)
    else:
        pvalue = gamma_tail(observed, mean, variance)
    if pvalue < UNLIKELY:
        pvalue = at_least(pvalue, strata.log_probability())
    return Tested(min(pvalue, 1.0), _BY_TABLES)


def _is_filled(strata: Strata) -> bool:
    """Whether the chi-squared distribution of G holds, for the effective number of samples."""
    least = strata.least_expected / strata.unit
    filled = least >= FILLED and (strata.dof > _FEW_DOF or least >= COARSE)
    return filled and strata.g_shift * strata.unit <= SHIFT


def _of_weights(strata: Strata, observed: float, by_rows: Callable[[], float] | None) -> Tested:
    """p-value of ``n I`` of effective samples: by G, by the rows, or as for whole samples."""
    if _is_filled(strata):
        return Tested(chi2_sf(2.0 * observed, float(strata.dof)), _G)
    if by_rows is not None:
        return Tested(by_rows(), _BY_TABLES)
    whole = strata.in_effective_samples()
    if whole is None:
        return Tested(1.0, _G)
    moments = whole.moments_of_filled or (whole.mean, whole.variance)
    return Tested(gamma_tail(observed, *moments), _G)
