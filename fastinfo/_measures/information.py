"""Information from counts, in units of the caller's base: the end of every measure of samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, base_divisor, choice
from fastinfo._counts.table import Table
from fastinfo._measures.chance import expected_of_sizes
from fastinfo._measures.corrections import (
    check_correction,
    entropy_of_counts,
    estimate,
    estimator_of,
    is_of_table,
    ready,
)
from fastinfo.kernels.information import plug_in as kernels

AVERAGES = ("arithmetic", "geometric", "min", "max", "joint")


MOST_SPREAD = 1 << 16  #: cells for which a standard error takes a millisecond
_NOUGHT = 1e-9  # fraction of an average entropy that rounding may leave above chance


def entropy_of(
    table: Table, side: str, base: float | None = None, correction: str | float | None = None
) -> float:
    """Entropy of "x", of "y", or "joint"; from the corrected table if there is one."""
    correction, divisor = check_correction(correction), base_divisor(base)
    if is_of_table(correction):
        return entropies(table, correction)[("x", "y", "joint").index(side)] / divisor
    table = ready(table, correction)
    if side == "joint":
        vector, n_cells = table.counts, table.n_cells
    elif side == "x":
        vector, n_cells = table.x_counts, table.shape[0]
    else:
        vector, n_cells = table.y_counts, table.shape[1]
    return estimate(table, vector, n_cells, correction) / divisor


def entropies(table: Table, correction: str | float | None = None) -> tuple[float, float, float]:
    """H(X), H(Y) and H(X, Y), in nats."""
    correction = check_correction(correction)
    if is_of_table(correction):
        found = ready(table, correction)
        estimator, pseudo = estimator_of(correction)
        sizes = (float(size) for size in table.shape)
        vectors = found.counts, found.x_counts, found.y_counts
        hx, hy, hxy = estimator.joint(*vectors, *sizes, *pseudo)
        return float(hx), float(hy), float(hxy)
    hx, hy, hxy = (entropy_of(table, side, None, correction) for side in ("x", "y", "joint"))
    return hx, hy, hxy


def remaining_entropy(
    table: Table, of: str, base: float | None = None, correction: str | float | None = None
) -> float:
    """Entropy of "x|y" or "y|x"; never negative if plug-in or from a corrected table."""
    choice(of, "of", ("x|y", "y|x"))
    divisor, correction = base_divisor(base), check_correction(correction)
    if correction is None:
        return max(entropy_of(table, of[0]) - information_of(table), 0.0) / divisor
    hx, hy, hxy = entropies(table, correction)
    rest = hxy - (hx if of == "y|x" else hy)
    return (max(rest, 0.0) if is_of_table(correction) else rest) / divisor


def variation_of(
    table: Table, base: float | None = None, correction: str | float | None = None
) -> float:
    """``H(X|Y) + H(Y|X)``."""
    return sum(remaining_entropy(table, of, base, correction) for of in ("x|y", "y|x"))


def information_of(
    table: Table, base: float | None = None, correction: str | float | None = None
) -> float:
    """
    Mutual information.

    Plug-in: never negative, and exactly 0 for the counts of independent variables. Corrected: the
    sum of the corrected entropies of both variables minus that of the pair, of either sign; with a
    pseudo-count or "shrinkage", the information of the corrected table, never negative. With
    "chance": the plug-in value minus :func:`expected_information`, exactly 0 if no other
    information is possible.
    """
    divisor = base_divisor(base)
    if isinstance(correction, str) and correction == "chance":
        return (information_of(table) - expected_information(table)) / divisor
    if correction is not None:
        hx, hy, hxy = entropies(table, correction)
        found = hx + hy - hxy
        return (max(found, 0.0) if is_of_table(correction) else found) / divisor
    if table.exact is not None:
        return _exact_information(table) / divisor
    table = table.scaled
    margins = table.x_counts, table.y_counts
    if table.rows is None:
        return float(kernels.mutual_information(table.grid, *margins) / divisor)
    places = table.rows, table.columns
    return float(kernels.mutual_information_of_pairs(*places, table.counts, *margins) / divisor)


def plug_in(table: Table) -> tuple[float, float, float, float]:
    """Mutual information, H(X), H(Y) and H(X, Y), in nats, without a correction."""
    if table.weighted or table.rows is not None or table.exact is not None:
        return information_of(table), *entropies(table)
    out = np.empty(4)
    kernels.measures(table.grid, table.x_counts, table.y_counts, out)
    information, hx, hy, hxy = out.tolist()
    return information, hx, hy, hxy


def expected_information(table: Table, information: float | None = None) -> float:
    """
    Expected mutual information by chance, given the margins of this table, in nats.

    For whole counts: the exact mean over all tables with the same margins. If all of them have the
    same information (one variable is constant, or has no two equal samples), it is that value, to
    the bit. For weights: ``(r - 1) (c - 1) / (2 n)`` for the rows and columns that occur and the
    effective samples, but at most the smaller entropy. `information` is the table's own, if known.
    """
    rows, columns = table.occurring
    if min(rows, columns) <= 1 or _is_fixed(table.effective):
        return information_of(table) if information is None else information
    found = table.effective
    if found.has_whole:
        return expected_of_sizes(*found.sizes, float(found.n))
    bound = min(entropy_of(table, "x"), entropy_of(table, "y"))
    return min((rows - 1.0) * (columns - 1.0) / (2.0 * found.n), bound)


def _is_fixed(table: Table) -> bool:
    """Whether no two (effective) samples of one of the variables are equal."""
    n = float(table.n)
    if table.has_whole:
        return n in table.occurring  # whole counts whose sum is their number are all 1
    # With one sample in each cell, cells and samples have the same sum of squared weights.
    if abs(float(np.square(table.counts).sum()) - n) > _NOUGHT * n:
        return False
    return max(table.occurring) == np.count_nonzero(table.counts)


def _exact_information(table: Table) -> float:
    """Plug-in mutual information of counts too large for float64, using integers."""
    rows, columns, counts = (a.tolist() for a in table.cells())
    x_counts, y_counts, n = dict.fromkeys(rows, 0), dict.fromkeys(columns, 0), sum(counts)
    for i, j, c in zip(rows, columns, counts, strict=True):
        x_counts[i] += c
        y_counts[j] += c
    terms = []
    for i, j, c in zip(rows, columns, counts, strict=True):
        independent = x_counts[i] * y_counts[j]
        excess = (c * n - independent) / independent
        log = math.log1p(excess) if abs(excess) < 0.5 else math.log(c * n / independent)
        terms.append(c / n * log)
    return max(math.fsum(terms), 0.0)


def average_of(hx: Any, hy: Any, hxy: Any, average: str) -> Any:
    """An average of both entropies, or the joint entropy, for numbers or arrays."""
    if average == "arithmetic":
        return (hx + hy) / 2.0
    if average == "geometric":
        return np.sqrt(np.maximum(hx, 0.0) * np.maximum(hy, 0.0))
    if average == "joint":
        return hxy
    return np.minimum(hx, hy) if average == "min" else np.maximum(hx, hy)


def share_of(
    information: Any,
    hx: Any,
    hy: Any,
    hxy: Any,
    average: str,
    correction: str | float | None = None,
    expected: Any = 0.0,
) -> Any:
    """
    Mutual information divided by an average of the entropies, for numbers or arrays.

    0 if the average is not positive, and at most 1. With `expected`, the information above chance
    is divided by the average minus the expectation. NaN stays NaN.
    """
    of_table = correction in (None, "chance") or is_of_table(correction)
    scale = average_of(hx, hy, hxy, average)
    if correction == "chance":
        scale = np.where(scale - expected <= _NOUGHT * scale, 0.0, scale - expected)
    if type(scale) is type(information) is float:  # suppressing warnings would take longer
        ratio = 0.0 if scale <= 0.0 else information / scale
        return ratio if ratio < 1.0 or ratio != ratio or not of_table else 1.0
    with np.errstate(all="ignore"):
        share = np.where(scale <= 0.0, 0.0, np.divide(information, scale))
    return np.minimum(share, 1.0) if of_table else share


def normalize(
    information: float, table: Table, average: str, correction: str | float | None = None
) -> float:
    """Mutual information in nats divided by an average of the entropies: see :func:`share_of`."""
    choice(average, "average", AVERAGES)
    by_chance = correction == "chance"
    h = entropies(table, None if by_chance else correction)
    expected = expected_information(table) if by_chance else 0.0
    return float(share_of(information, *h, average, correction, expected))


def measure_pair(
    table: Table, alone: bool, correction: str | float | None, normalized: str | None
) -> float:
    """
    Information of a pair in nats, or the entropy if it is one column `alone`.

    If `normalized`, it is divided by that average: 1 for a column alone, or 0 if it is constant.
    """
    if alone:
        own = None if correction == "chance" else correction
        hx = entropy_of_counts(table.x_counts, table.shape[0], own, table.unit)
        return hx if normalized is None else float(hx > 0.0)
    information = information_of(table, None, correction)
    if normalized is None:
        return information
    return normalize(information, table, normalized, correction)


def standard_error(table: Table, information: float) -> float:
    """
    Standard deviation of the plug-in information over tables of as many samples, in nats.

    That of the mean of ``log(p(x, y) / (p(x) p(y)))`` (Moddemeijer 1989), but at least that of
    independent variables, for which ``2 n I`` is chi-squared. NaN for tables with very many cells,
    or with fewer than two samples per level.
    """
    n = float(table.n) / table.unit
    if table.values.size > MOST_SPREAD or not n or 2 * max(table.occurring) > n:
        return math.nan
    levels = table.occurring
    by_chance = max(levels[0] - 1, 0) * max(levels[1] - 1, 0) / (2.0 * n)
    return math.sqrt(max(_spread_of(table, information), by_chance) / n)


def _spread_of(table: Table, information: float) -> float:
    """Variance of the logarithms whose mean is the information."""
    x_counts, y_counts, total = table.x_counts, table.y_counts, float(table.n)
    if table.rows is None:
        margins = x_counts, y_counts
        return float(kernels.spread_of_information(table.grid, *margins, total, information))
    rows, columns, counts = table.cells()
    local = np.log(counts * total / (x_counts[rows] * y_counts[columns])) - information
    return float(counts @ (local * local)) / total


def shares_without_empty(counts: Array) -> tuple[Array, Array]:
    """
    Shares of the cells in each of two rows of counts; cells empty in both are left out.

    A cell that is empty in one row only counts as half a sample there, as is usual for weights of
    evidence and stability indices, which would be infinite otherwise.
    """
    counts = counts[:, counts.any(axis=0)]
    n = counts.sum(axis=1, dtype=np.float64)
    p, q = np.where(counts > 0, counts, 0.5) / n[:, None]
    return p, q
