"""The expected mutual information by chance: its mean over all tables with the same margins."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.threads import run_in_order, spans
from fastinfo._counts.distinct_sizes import Distinct, distinct_sizes
from fastinfo.kernels.information import expected as kernels

_SIZES = 16  # distinct counts for one call of the kernel
_GRID = 2.0 ** (np.arange(90) / 2.0)  # sizes of levels, to 3e13
_STEPS = 16  # shares are rounded to this many steps
_FEW = 256  # so few cells of distinct margins are not worth several threads


def expected_of_margins(x_counts: Array, y_counts: Array, n: float) -> float:
    """
    Expected mutual information in nats over all tables of `n` samples with these whole margins.

    Vinh, Epps & Bailey 2010, https://jmlr.org/papers/v11/vinh10a.html, theorem 2. The cost grows
    with the number of distinct counts in both margins, not with the number of samples.
    """
    return expected_of_sizes(distinct_sizes(x_counts), distinct_sizes(y_counts), n)


def expected_of_sizes(x: Distinct, y: Distinct, n: float) -> float:
    """Expected mutual information in nats, given the distinct sizes of both margins."""
    # Add up so that exchanging the variables gives the same bits.
    turned = x.sizes.size > y.sizes.size
    if x.sizes.size == y.sizes.size:
        turned = x.sizes.tolist() > y.sizes.tolist()
    (few, few_times), (many, many_times) = (y, x) if turned else (x, y)
    large = True if few.size and few[-1] * many[-1] >= kernels.LARGE * n else None
    if few.size * many.size <= _FEW:
        sides = many, many_times, few, few_times
        return float(kernels.expected_mutual_information(*sides, n, large))

    def add_up(span: tuple[int, int]) -> float:
        part = slice(*span)
        return float(
            kernels.expected_mutual_information(
                many[part], many_times[part], few, few_times, n, large
            )
        )

    return sum(run_in_order(add_up, spans(many.size, _SIZES)), 0.0)


def size_weights(sizes: Array) -> Array:
    """
    Shares of samples by the size of their level, on a grid of powers of the square root of 2.

    A size between two grid points is divided among them so that the number of levels is kept.
    """
    sizes = sizes[sizes > 0.0].astype(np.float64)
    out = np.zeros(_GRID.size)
    if sizes.size:
        lower = np.minimum(2.0 * np.log2(sizes), _GRID.size - 2).astype(np.int64)
        below, above = _GRID[lower], _GRID[lower + 1]
        part = (1.0 / sizes - 1.0 / above) / (1.0 / below - 1.0 / above)
        weights = sizes / sizes.sum()
        np.add.at(out, lower, weights * part)
        np.add.at(out, lower + 1, weights * (1.0 - part))
    return out


class Sizes(NamedTuple):
    """Sizes of the levels of some variables."""

    weights: Array  #: (f, k): a row of :func:`size_weights` for each
    present: Array  #: (f,) share of the rows in which each is present

    def at(self, places: Any) -> Sizes:
        """The sizes of some of the variables."""
        return Sizes(self.weights[places], self.present[places])


def chance_by_sizes(x: Sizes, y: Sizes, n: float) -> Array:
    """Approximate information in nats of some independent variables with others."""
    out = np.zeros((len(x.present), len(y.present)))
    shares = [np.round(side.present * _STEPS) / _STEPS for side in (x, y)]
    for p, q in itertools.product(*(np.unique(part[part > 0.0]).tolist() for part in shares)):
        i, j = np.flatnonzero(shares[0] == p), np.flatnonzero(shares[1] == q)
        out[np.ix_(i, j)] = x.weights[i] @ _by_sizes(p, q, n) @ y.weights[j].T
    return out


def _by_sizes(p: float, q: float, n: float) -> Array:
    """
    Approximate information of a sample by chance, given the sizes of its two levels.

    It is ``log((1 + X) n / (a b))`` for levels of sizes `a` and `b` among `n` samples, where `X`
    other samples are in the cell, ``(a - 1) (b - 1) / (n - 1)`` on average. The logarithm is
    expanded to the second order. `p` and `q` are the shares of rows in which either variable is not
    missing.
    """
    a, b = 1.0 + (_GRID - 1.0) * q, 1.0 + (_GRID - 1.0) * p
    n = max(n * p * q, 1.0)
    others = np.multiply.outer(a - 1.0, b - 1.0) / max(n - 1.0, 1.0)
    outside = np.multiply.outer(*(np.maximum(1.0 - size / n, 0.0) for size in (a, b)))
    expected = np.log1p(others) - others * outside / (2.0 * (1.0 + others) ** 2)
    expected -= np.log(np.multiply.outer(a, b) / n)
    found: Array = expected
    return found
