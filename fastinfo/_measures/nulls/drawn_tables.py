"""Random tables with given margins, and tail probabilities from them."""

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

FEW = 10  #: fewer draws that exceed are not reliable
_TESTED = 50  # the gamma tail is tested at so many of the largest draws
_PLACED = 15.0  # ns to place a sample
_CODE = 2.0  # ns to write the code of a sample, once
_CELL = 80.0  # ns to draw a cell
_DRAWS = (9999, 4999, 1999, 999)
_FEWEST_SHARED = 1999  # draws that columns share, with the same random errors
_TIME = 2e6  # ns that draws should take; the fewest draws may take many times that
_MOST_TIME = 3e7
_MOST_CODES = 1 << 22
_LEAST = sys.float_info.min


class Null(NamedTuple):
    """``n I`` of drawn tables, apart from a constant, in units of ``1 / scale``."""

    sums: Array  #: int64, sorted
    scale: float


def gamma_tail(observed: float, mean: float, variance: float) -> float:
    """Upper tail of a gamma distribution of scale 1 with this mean and variance."""
    x = observed - mean + variance
    return gammaincc(variance, x) if variance > 0.0 and x > 0.0 else 1.0


def rounding_of(n: float) -> float:
    """Largest rounding difference of equal sums of `n` terms."""
    return 4.0 * math.sqrt(n) + 4.0


def reached(null: Null, seen: float, n: float) -> int:
    """How many drawn tables have at least this sum, counting rounding differences as equal."""
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
    Share of drawn tables that reach the observed sum; the gamma tail if too few do.

    `observed` is ``n I``, and `seen` is the observed sum in the units of the draws. ``raised()`` is
    :func:`raised_law`, or a stored result of it.
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
    Factor by which the gamma tail is multiplied so that it is not below that of the draws.

    It is tested where enough draws exceed. `offset` is a sum divided by the scale, minus ``n I``.
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
    """Draw tables by the cheapest method; None if that would take too long."""
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
    The small rows if all rows but one are small, the columns, and the number of draws.

    None if neither side is like that. Such tables are drawn from sequences that all tables with
    these columns share.
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
    """How many tables are drawn if each takes `cost` nanoseconds; 0 if that takes too long."""
    draws = next((m for m in _DRAWS if m * cost <= _TIME), _DRAWS[-1])
    return draws if draws * cost <= _MOST_TIME else 0


def scale_of_sums(n: float) -> float:
    """The scale with which sums of ``c log(c)`` over `n` samples are integers of 52 bits."""
    return 2.0 ** math.floor(52.0 - math.log2(n * math.log(n) + 1.0))


def _key(first: Margin, second: Margin) -> Array:
    """Key of the random numbers of these margins."""
    words = b"".join(part for margin in (first, second) for part in margin[1:])
    return seed_key(np.random.SeedSequence(np.frombuffer(words, np.uint32).tolist()))
