"""Counts to information, in units of the caller's base: what every measure of samples ends in."""

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


MOST_SPREAD = 1 << 16  #: cells, of which a spread costs a millisecond
_NOUGHT = 1e-9  # of an average of entropies, what may be left of it above chance by rounding


def entropy_of(
    table: Table, side: str, base: float | None = None, correction: str | float | None = None
) -> float:
    """Entropy of "x", of "y", or "joint"; of the corrected table where a table is corrected."""
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
    """Entropy of "x|y" or "y|x"; never negative if plug-in or of a corrected table."""
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

    Plug-in: never negative, exactly 0 for independent counts. Corrected: the sum of the corrected
    entropies of both variables less that of the pair, whatever its sign; of a pseudo-count or
    "shrinkage" the information of the corrected table, never negative. With "chance": what is
    above :func:`expected_information`, exactly 0 where no other information is possible.
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


def expected_information(table: Table) -> float:
    """
    Mutual information that chance alone would give with the margins of this table, in nats.

    For whole counts: the exact expectation over all tables with the same margins. Where all of
    those have the same information (a constant, or a variable without two equal samples) it is
    that, to the bit. For weights: ``(r - 1) (c - 1) / (2 n)`` of the rows and columns that occur
    and the effective samples, at most the smaller entropy.
    """
    rows, columns = table.occurring
    if min(rows, columns) <= 1:
        return information_of(table)
    found = table.effective
    if _is_fixed(found):
        return information_of(table)
    if found.has_whole:
        return expected_of_sizes(*found.sizes, float(found.n))
    bound = min(entropy_of(table, "x"), entropy_of(table, "y"))
    return min((rows - 1.0) * (columns - 1.0) / (2.0 * found.n), bound)


def _is_fixed(table: Table) -> bool:
    """Whether no two samples are alike in one of the variables; of effective samples."""
    n = float(table.n)
    if table.has_whole:
        return n in table.occurring  # whole counts that are as many as their sum are all 1
    # The sum of squared weights of cells is that of samples: there is one in each.
    if abs(float(np.square(table.counts).sum()) - n) > _NOUGHT * n:
        return False
    return max(table.occurring) == np.count_nonzero(table.counts)


def _exact_information(table: Table) -> float:
    """Plug-in mutual information of integers that float64 does not hold, in integers."""
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
    """An average of both entropies, or the joint one, of numbers or arrays."""
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
    Mutual information divided by an average of the entropies, of numbers or arrays.

    0 where the average is not positive, and at most 1. Information above chance, with `expected`
    as the chance, is divided by the average less that chance. NaN stays NaN.
    """
    of_table = correction in (None, "chance") or is_of_table(correction)
    scale = average_of(hx, hy, hxy, average)
    if correction == "chance":
        scale = np.where(scale - expected <= _NOUGHT * scale, 0.0, scale - expected)
    if type(scale) is type(information) is float:  # to ask for no warning takes longer
        ratio = 0.0 if scale <= 0.0 else information / scale
        return ratio if ratio < 1.0 or ratio != ratio or not of_table else 1.0
    with np.errstate(all="ignore"):
        share = np.where(scale <= 0.0, 0.0, np.divide(information, scale))
    return np.minimum(share, 1.0) if of_table else share


def normalize(
    information: float, table: Table, average: str, correction: str | float | None = None
) -> float:
    """Mutual information in nats divided by an average of the entropies, as :func:`share_of`."""
    choice(average, "average", AVERAGES)
    by_chance = correction == "chance"
    h = entropies(table, None if by_chance else correction)
    expected = expected_information(table) if by_chance else 0.0
    return float(share_of(information, *h, average, correction, expected))


def measure_pair(
    table: Table, alone: bool, correction: str | float | None, normalized: str | None
) -> float:
    """
    Information of a pair in nats, or the entropy of one column that is `alone`.

    If `normalized`, a share of that average: 1 for a column alone, 0 if it is constant.
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
    Spread of plug-in information over tables of as many samples, in nats.

    That of the mean of ``log(p(x, y) / (p(x) p(y)))`` (Moddemeijer 1989), at least that of
    independent variables, whose ``2 n I`` is chi-squared. NaN of tables of very many cells, or
    with fewer than two samples for a level.
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
    Shares of the cells in each of two rows of counts, where cells of both are left out if empty.

    A cell that is empty in one row alone has half a sample there, as is the practice for weights of
    evidence and stability indices, which would be infinite.
    """
    counts = counts[:, counts.any(axis=0)]
    n = counts.sum(axis=1, dtype=np.float64)
    p, q = np.where(counts > 0, counts, 0.5) / n[:, None]
    return p, q
