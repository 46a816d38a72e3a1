"""Mutual information at every shift of one coded image over another, in the cheaper of two ways."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.limits import check_memory, is_too_large
from fastinfo._core.threads import get_num_threads, run_in_order, spans
from fastinfo.images.at_shifts.coded_images import CodedImage
from fastinfo.images.at_shifts.correlations import Correlations, shortest_lengths
from fastinfo.images.at_shifts.fourier_plans import Plan
from fastinfo.images.at_shifts.packs import MOST
from fastinfo.kernels.images.shifted_counts import information_by_counting

# Seconds, as benchmarks/shift_costs.py measures them.
_PASS = 0.25e-9  # of a place of a transform, for each doubling of its length
_TURN = 1.2e-9  # of a place of a transform, to be multiplied and turned
_COUNT = 0.75e-9  # of one count of a number, at each shift
_PAIR = 0.5e-9  # of one pair of codes that is counted
_CELL = 1.2e-9  # of one cell of a table, at each shift
_LINE = 10e-9  # of one line of an overlap
_SHIFT = 0.3e-6  # of one shift
_CALLS = 60e-6  # of a transform, however small

_PIECES = 256  # in which shifts are counted
_TABLE = 8  # bytes of a cell of a table that overlaps are counted in


def terms_up_to(n: int) -> tuple[Array, float]:
    """``c log c`` for counts c up to n as integers, whose sums are exact, and their unit."""
    largest = n * math.log(n) if n > 1 else 1.0
    bits = min(52, 61 - math.ceil(math.log2(largest + 1.0)))
    terms = np.empty(n + 1, np.int64)
    for start, stop in spans(n + 1, CHUNK):
        c = np.arange(start, stop, dtype=np.float64)
        c *= np.log(np.maximum(c, 1.0))
        terms[start:stop] = np.rint(np.ldexp(c, bits))
    return terms, 2.0**-bits


def information_by_shift(
    fixed: CodedImage, moving: CodedImage, radius: Sequence[int], way: str | None = None
) -> Array:
    """
    Information in nats at the shifts up to `radius` along each dimension; NaN without an overlap.

    `way` is "counts" or "transforms"; by default the cheaper one. Both give the same bits. Overlaps
    are counted directly if the counts from transforms cannot be proven exact.
    """
    if fixed.n == 0 or moving.n == 0:
        return np.full([2 * m + 1 for m in radius], np.nan)
    terms, scale = terms_up_to(min(fixed.n, moving.n))
    if way is None:
        correlations = _if_cheaper(fixed, moving, radius)
    else:
        correlations = Correlations.of(fixed, moving, radius) if way == "transforms" else None
    if correlations is None:
        return _by_counting(fixed, moving, radius, terms, scale)
    return correlations.information(terms, scale)


def _if_cheaper(
    fixed: CodedImage, moving: CodedImage, radius: Sequence[int]
) -> Correlations | None:
    """The transforms, if they are cheaper than direct counts and fit into memory; else None."""
    limit = cost_of_counts(fixed, moving, radius)
    # Of many levels there are too many transforms, which need not be planned to see that.
    least = Plan.of(shortest_lengths(fixed, moving, radius)).size * _PASS
    if fixed.levels * moving.levels * least / (2 * MOST) > limit:
        return None
    found = Correlations.of(fixed, moving, radius)
    if found is None or cost_of_transforms(found) >= limit or is_too_large(found.bytes):
        return None
    return found


def _by_counting(
    fixed: CodedImage, moving: CodedImage, radius: Sequence[int], terms: Array, scale: float
) -> Array:
    """Information from direct counts of each overlap."""
    columns = moving.levels + 1
    dtype = np.dtype(np.uint16 if (fixed.levels + 1) * columns <= 1 << 16 else np.uint32)
    rows = (np.arange(fixed.levels + 1) * columns).astype(dtype)
    x, y = rows[fixed.codes].reshape(-1), moving.codes.astype(dtype).reshape(-1)
    shapes = np.array([fixed.codes.shape, moving.codes.shape])
    levels = np.array([fixed.levels, moving.levels])
    out = np.empty(math.prod(2 * m + 1 for m in radius))
    threads = min(get_num_threads(), out.size)
    check_memory(
        _TABLE * (fixed.levels + 1) * columns * threads,
        f"a table of {fixed.levels} by {moving.levels} cells for each of {threads} threads",
        "use fewer bins or threads",
    )

    def count(span: tuple[int, int]) -> None:
        information_by_counting(x, y, shapes, np.array(radius), *span, levels, terms, scale, out)

    run_in_order(count, spans(out.size, max(1, -(-out.size // _PIECES))))
    return out.reshape([2 * m + 1 for m in radius])


def cost_of_counts(fixed: CodedImage, moving: CodedImage, radius: Sequence[int]) -> float:
    """Estimated time in seconds of direct counts of each overlap."""
    lines, overlaps = 1.0, 1.0
    for a, b, m in zip(fixed.codes.shape, moving.codes.shape, radius, strict=True):
        shifts = np.arange(-m, m + 1)
        lengths = np.maximum(np.minimum(a, b - shifts) - np.maximum(0, -shifts), 0)
        lines, overlaps = overlaps * shifts.size, overlaps * float(lengths.sum())
    cells = (fixed.levels + 1) * (moving.levels + 1)
    each = math.prod(2 * m + 1 for m in radius) * (cells * _CELL + _SHIFT)
    return overlaps * _PAIR + lines * _LINE + each


def cost_of_transforms(correlations: Correlations) -> float:
    """Estimated time in seconds of the transforms, and of reading the counts from them."""
    size = correlations.plan.size
    passes = sum(correlations.passes())
    each = size * (_PASS * math.log2(size) + _TURN) + _CALLS
    return passes * each + correlations.counts() * _COUNT
