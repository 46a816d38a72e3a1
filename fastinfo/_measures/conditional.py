"""Conditional information of two variables given a third: above chance, and its test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import Coded
from fastinfo._counts.table import Table
from fastinfo._measures.independence import gamma_tail, moments_of
from fastinfo._measures.joint_entropies import Joint, Variable

_ROUNDING = 1e-12  # of the variance over tables that all have the same information


class Conditional(NamedTuple):
    """Conditional information of samples, in nats."""

    information: float
    expected: float  #: its mean over the tables that have the same margins in each stratum
    pvalue: float  #: of a gamma law with that mean and the variance over those tables


def conditional(x: Coded, y: Coded, w: Coded) -> Conditional:
    """
    ``I(x; y | w)`` of the complete rows, what chance gives of it, and how rare it is by chance.

    Under the null, y is permuted within each stratum of w.
    """
    complete = ~(x.invalid | y.invalid | w.invalid)
    if not complete.all():
        x, y, w = (Coded(c.codes[complete], c.n_levels) for c in (x, y, w))
    if not x.codes.size:
        return Conditional(np.nan, np.nan, np.nan)
    joint = Joint([Variable(c, c.n_levels) for c in (x, w, y)], None)
    information = joint.information((0,), (2,), (1,))
    mean, variance = 0.0, 0.0
    margins = [_by_stratum(Table.count(w, other)) for other in (x, y)]
    for x_sizes, y_sizes in zip(*margins, strict=True):
        if x_sizes.size > 1 and y_sizes.size > 1:
            m, v = moments_of(x_sizes, y_sizes)
            alone = x_sizes.max() == 1.0 or y_sizes.max() == 1.0  # then all tables are alike
            mean += m
            variance += 0.0 if alone or v <= _ROUNDING * (1.0 + m) else v
    n = joint.n
    return Conditional(information, mean / n, gamma_tail(n * information, mean, variance))


def _by_stratum(table: Table) -> list[Array]:
    """Counts above 0 of each stratum that occurs."""
    rows, _, counts = table.cells()
    return np.split(counts.astype(np.float64), np.flatnonzero(np.diff(rows)) + 1)
