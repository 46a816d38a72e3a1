"""Tables that are drawn with given margins, and tails of what is seen among them."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._measures.gamma_tails import gammaincc
from fastinfo._measures.nulls.margins import Margin
from fastinfo._measures.nulls.sequences import MOST, MOST_COLUMNS, sequences_of
from fastinfo._measures.resampling import large_or_none, seed_key
from fastinfo.kernels.information import independence as kernels

FEW = 10  #: draws that exceed: fewer say little
_TESTED = 50  # of the largest draws at which the law is tested
_PLACED = 15.0  # ns to place a sample
_CODE = 2.0  # ns to write down where a sample is, once
_CELL = 80.0  # ns to draw a cell
_DRAWS = (9999, 4999, 1999, 999)
_FEWEST_SHARED = 1999  # draws, whose errors all columns have
_TIME = 2e6  # ns that draws may take, and many times that for the fewest draws
_MOST_TIME = 3e7
_MOST_CODES = 1 << 22
_LEAST = sys.float_info.min


class Null(NamedTuple):
    """``n I`` of drawn tables but for a constant, in units of ``1 / scale``."""

    sums: Array  #: int64, sorted
    scale: float


def gamma_tail(observed: float, mean: float, variance: float) -> float:
    """Upper tail of a gamma law of scale 1 with this mean and variance (of G's law, if equal)."""
    x = observed - mean + variance
    return gammaincc(variance, x) if variance > 0.0 and x > 0.0 else 1.0


def rounding_of(n: float) -> float:
    """By how much sums of as many terms may differ that are equal."""
    return 4.0 * math.sqrt(n) + 4.0


def reached(null: Null, seen: float, n: float) -> int:
    """How many drawn tables have at least a sum, equal ones included whatever their rounding."""
    return null.sums.size - int(np.searchsorted(null.sums, seen - rounding_of(n)))


def drawn_tail(
    seen: float,
    null: Null,
    observed: float,
    mean: float,
    variance: float,
    n: float,
    raised: Callable[[], float] | None = None,
) -> float:
    """
    Share of drawn tables that exceed; the law, where that is less than a few of them.

    `observed` is ``n I``, and `seen` the same as the draws have it. ``raised()`` is
    :func:`raised_law`, where that is known.
    """
    drawn = null.sums.size
    extreme = reached(null, seen, n)
    share = (extreme + 1) / (drawn + 1)
    if extreme >= FEW:
        return share
    if raised is None:
        factor = raised_law(null, seen / null.scale - observed, mean, variance, n)
    else:
        factor = raised()
    return min(share, factor * gamma_tail(observed, mean, variance))


def raised_law(null: Null, offset: float, mean: float, variance: float, n: float) -> float:
    """
    By what the law is multiplied to give at least what the draws give where they still can tell.

    `offset` is what a sum, divided by the scale, exceeds ``n I`` by.
    """
    edges = np.unique(null.sums[-_TESTED : 1 - FEW]).astype(np.float64)
    counts = null.sums.size - np.searchsorted(null.sums, edges - rounding_of(n))
    raised = 1.0
    for edge, count in zip(edges.tolist(), counts.tolist(), strict=True):
        law = gamma_tail(edge / null.scale - offset, mean, variance)
        raised = max(raised, (count + 1) / (null.sums.size + 1) / max(law, _LEAST))
    return raised


@functools.lru_cache(maxsize=64)
def draw(first: Margin, second: Margin, n: float) -> Null | None:
    """Draw tables in the cheapest way; None where that would take long."""
    shared = shared_draws(first, second, n)
    if shared is not None:
        rows, columns, draws = shared
        scale = scale_of_sums(n)
        own = sequences_of(columns.sizes, columns.times, scale)
        return Null(np.sort(own.sums([small_rows(rows)], draws)[0]), scale)
    plans = []
    for rows, columns in ((first, second), (second, first)):
        sizes = np.repeat(*(a.astype(np.int64) for a in rows.classes))
        wanted = sizes[sizes > 1]
        plans.append((wanted.size * columns.levels * _CELL, 0, wanted, columns))
        if n <= _MOST_CODES:
            once = n * _CODE / _DRAWS[-1]
            plans.append((float(wanted.sum()) * _PLACED + once, 1, wanted, columns))
            others = float(sizes[:-1].sum())
            plans.append((2.0 * others * _PLACED + once, 2, sizes[:-1], columns))
    cost, way, rows_drawn, columns = min(plans, key=lambda plan: plan[:2])
    draws = draws_for(cost)
    if not draws:
        return None
    scale = scale_of_sums(n)
    sums = np.empty(draws, np.int64)
    key = _key(first, second)
    to = read_only(rows_drawn), read_only(np.repeat(*(a.astype(np.int64) for a in columns.classes)))
    if way:
        kernels.placed_sums(*to, way == 2, scale, key, sums)
    else:
        kernels.drawn_sums(*to, scale, key, large_or_none(n), sums)
    sums.sort()
    return Null(sums, scale)


def shared_draws(first: Margin, second: Margin, n: float) -> tuple[Margin, Margin, int] | None:
    """
    Rows of which all but one are small, their columns, and how many tables are drawn.

    None where there is no such side: tables are drawn from sequences that all others with these
    columns share.
    """
    sides = (first, second), (second, first)
    others, place = min((n - rows.classes[0][-1], i) for i, (rows, _) in enumerate(sides))
    rows, columns = sides[place]
    if 4.0 * others > n or others > MOST or n > _MOST_CODES or columns.levels > MOST_COLUMNS:
        return None
    draws = draws_for(2.0 * others * _PLACED + n * _CODE / _DRAWS[-1])
    return (rows, columns, max(draws, _FEWEST_SHARED)) if draws else None


def small_rows(rows: Margin) -> Array:
    """Sizes of all rows but the largest one."""
    return np.repeat(*(a.astype(np.int64) for a in rows.classes))[:-1]


def draws_for(cost: float) -> int:
    """How many tables are drawn where each takes so many nanoseconds; 0 where it would be long."""
    draws = next((m for m in _DRAWS if m * cost <= _TIME), _DRAWS[-1])
    return draws if draws * cost <= _MOST_TIME else 0


def scale_of_sums(n: float) -> float:
    """Units in which a sum of ``c log(c)`` over `n` samples is a whole number of 52 bits."""
    return 2.0 ** math.floor(52.0 - math.log2(n * math.log(n) + 1.0))


def _key(first: Margin, second: Margin) -> Array:
    """Key of the random numbers of these margins."""
    words = b"".join(part for margin in (first, second) for part in margin[1:])
    return seed_key(np.random.SeedSequence(np.frombuffer(words, np.uint32).tolist()))
