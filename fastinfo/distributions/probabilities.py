"""Measures of probabilities: pass parts of arrays, along any axis, to the kernels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, as_block
from fastinfo._core.threads import run_in_order
from fastinfo.distributions.axes import (
    Layout,
    Piece,
    View,
    pieces,
    plain_rows,
    several_at_once,
    whole_parts,
)
from fastinfo.kernels.distributions import columns as column_kernels
from fastinfo.kernels.distributions import divergences as kernels
from fastinfo.kernels.distributions import ordinary

_MOST = np.finfo(np.float64).max
_AT_ONCE = 64  #: parts whose sums are held at a time
_NORMALISED = 2.0**-50  #: distance of a sum from 1 that changes a divergence by as much of itself


@dataclass(frozen=True)
class Measure:
    """A measure: its number, and its kernels for vectors, rows, columns, and parts of those."""

    number: int
    ordinary: Callable[..., bool]
    ordinary_sums: Callable[..., bool]
    vector: Callable[..., float]
    rows: Callable[..., bool]
    columns: Callable[..., bool]
    row_sums: Callable[..., tuple[float, float, float, bool]]
    scaled_sums: Callable[..., tuple[float, float, float, bool]]
    column_sums: Callable[..., bool]


ENTROPY, CROSS_ENTROPY, KL_DIVERGENCE, JS_DIVERGENCE = (
    Measure(
        getattr(kernels, name.upper()),
        getattr(ordinary, f"{name}_ordinary"),
        getattr(ordinary, f"{name}_ordinary_sums"),
        getattr(kernels, name),
        getattr(column_kernels, f"{name}_rows"),
        getattr(column_kernels, f"{name}_columns"),
        getattr(kernels, f"{name}_sums"),
        getattr(kernels, f"{name}_scaled_sums"),
        getattr(column_kernels, f"{name}_column_sums"),
    )
    for name in ("entropy", "cross_entropy", "kl_divergence", "js_divergence")
)


class NegativeError(Exception):
    """A kernel found a negative weight; the caller has to find out which one."""


@dataclass(frozen=True)
class Operands:
    """The weights, each as an array of three axes, and the options for reading their parts."""

    arrays: list[View]
    dtype: np.dtype[Any]
    nan_policy: str

    def load(self, piece: Piece) -> list[Array]:
        """Return a part in the form that kernels accept, after applying the NaN policy."""
        blocks = [as_block(a.part(piece), self.dtype) for a in self.arrays]
        if self.nan_policy != "propagate":
            missing = np.logical_or.reduce([np.isnan(block) for block in blocks])
            if missing.any():
                if self.nan_policy == "raise":
                    raise ValueError("The input contains nan values (nan_policy='raise')")
                # A pair of zero weights adds nothing to any sum: that leaves it out.
                blocks = [as_block(np.where(missing, 0, block), self.dtype) for block in blocks]
        return blocks


def _of_ordinary(measure: Measure, rows: list[Array], out: Array) -> bool:
    """Measure rows; False if they are not ordinary, or so many and short that others are faster."""
    many = rows[0].shape[1] <= column_kernels.SHORT and len(out) >= column_kernels.LANES
    return not many and not measure.ordinary(*rows, out)


def _whole(measure: Measure, operands: Operands, piece: Piece, out: Array) -> None:
    """Measure distributions that are not cut into parts."""
    blocks = operands.load(piece)
    results = piece.of_results(out)
    if blocks[0].shape[2] == 1 and _of_ordinary(
        measure, [block[:, :, 0] for block in blocks], results[:, 0]
    ):
        return
    if blocks[0].shape[::2] == (1, 1):  # one vector: no need to compile the code for many
        vectors = [block[0, :, 0] for block in blocks]
        results[0, 0] = measure.vector(*vectors)
        negative = any(kernels.has_negative(vector) for vector in vectors)
    elif blocks[0].shape[2] == 1:
        negative = measure.rows(*(block[:, :, 0] for block in blocks), results[:, 0])
    else:
        negative = measure.columns(*blocks, results)
    if negative:
        raise NegativeError


def _totals(operands: Operands, piece: Piece, scales: Array) -> Array:
    blocks = operands.load(piece)
    totals = np.empty(scales.shape)
    for block, scale, to in zip(blocks, scales, totals, strict=True):
        if to.size == 1:
            to[0] = kernels.scaled_total(block[0, :, 0], scale[0])
        else:
            column_kernels.column_totals(block[0], scale, to)
    return totals


def _sums(
    measure: Measure, operands: Operands, piece: Piece, scales: Array, given: list[Array]
) -> Array:
    """Sums of scaled p, of scaled q and of the terms, for each column of a part."""
    blocks = operands.load(piece)
    sums = np.empty((3, scales.shape[1]))
    if sums.shape[1] == 1:
        vectors, numbers = [block[0, :, 0] for block in blocks], [a[0] for a in given]
        if (scales == 1.0).all():
            rows = [block[:, :, 0] for block in blocks]
            inverses = numbers if measure is JS_DIVERGENCE else []
            if not measure.ordinary_sums(*rows, *inverses, sums.T):
                return sums
            *found, negative = measure.row_sums(*vectors, *numbers)
        else:
            scaled = scales[: len(blocks), 0]
            *found, negative = measure.scaled_sums(*vectors, *scaled, *numbers)
        sums[:, 0] = found
    else:
        negative = measure.column_sums(*(block[0] for block in blocks), scales, *given, sums)
    if negative:
        raise NegativeError
    return sums


def _add_up(group: list[Piece], of: Callable[[Piece], Array]) -> Array:
    """Add the results of the parts in order, with compensated summation (Neumaier)."""
    total: Array | None = None
    error: Any = 0.0
    for start in range(0, len(group), _AT_ONCE):
        for part in run_in_order(of, group[start : start + _AT_ONCE]):
            if total is None:
                total = part
                continue
            with np.errstate(invalid="ignore", over="ignore"):
                added = total + part
                larger = np.abs(total) >= np.abs(part)
                error += np.where(larger, (total - added) + part, (part - added) + total)
            total = added
    assert total is not None
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(np.isfinite(total), total + error, total))


def _plain_sums(
    measure: Measure, operands: Operands, group: list[Piece], given: list[Array]
) -> Array | None:
    """
    Sums of the parts of plain vectors, of shape (parts, 3), with several parts per kernel call.

    None for other arrays. The sums of a part do not depend on the other parts of the call.
    """
    if operands.nan_policy != "propagate":
        return None
    parts_of = [whole_parts(view, group, operands.dtype) for view in operands.arrays]
    rows = [a for a in parts_of if a is not None]
    if len(rows) < len(parts_of):
        return None
    whole = len(rows[0])
    inverses = [a[0] for a in given] if measure is JS_DIVERGENCE else []
    table = np.empty((len(group), 3))

    def fill(span: tuple[int, int]) -> None:
        start, stop = span
        parts = [a[start:stop] for a in rows]
        if measure.ordinary_sums(*parts, *inverses, table[start:stop]):
            one_by_one(range(start, stop))

    def one_by_one(places: range) -> None:
        scales = np.ones((2, 1))
        for k in places:
            table[k] = _sums(measure, operands, group[k], scales, given)[:, 0]

    run_in_order(fill, several_at_once(whole))
    one_by_one(range(whole, len(group)))
    return table


def _add_up_rows(table: Array) -> Array:
    """Return the same sums as :func:`_add_up`, faster for a few numbers."""
    found = []
    for column in table.T.tolist():
        total, error = column[0], 0.0
        for x in column[1:]:
            added = total + x
            error += (total - added) + x if abs(total) >= abs(x) else (x - added) + total
            total = added
        found.append(total + error if math.isfinite(total) else total)
    return np.array(found).reshape(-1, 1)


def _may_sum_to_1(operands: Operands, group: list[Piece], scales: Array) -> bool:
    """
    Whether the first parts of two float64 vectors suggest that the vectors are normalised.

    If so, their divergence is computed in one pass on that assumption. The totals of the same pass
    show whether the assumption was right.
    """
    if operands.dtype != np.float64 or (scales != 1.0).any():
        return False
    first = _totals(operands, group[0], scales)[:, 0]
    whole = first * len(group)
    return bool(((whole > 0.25) & (whole < 4.0)).all())


def _in_parts(measure: Measure, operands: Operands, group: list[Piece], out: Array) -> None:
    """Measure distributions that are cut into parts."""
    width = group[0].of_results(out).size

    def found_with(scales: Array) -> Array:
        def summed(given: list[Array]) -> Array:
            if width == 1 and (scales == 1.0).all():
                table = _plain_sums(measure, operands, group, given)
                if table is not None:
                    return _add_up_rows(table)
            return _add_up(group, lambda piece: _sums(measure, operands, piece, scales, given))

        def terms(totals: Array) -> Array:
            with np.errstate(divide="ignore", over="ignore"):
                return summed(list(1.0 / totals))

        if measure is not JS_DIVERGENCE:
            return summed([np.zeros(width)])
        if width == 1 and _may_sum_to_1(operands, group, scales):
            sums = terms(np.ones((2, 1)))
            totals = sums[:2]
            if (np.abs(totals - 1.0) <= _NORMALISED).all():
                return sums
        else:
            totals = _add_up(group, lambda piece: _totals(operands, piece, scales))
        sums = terms(totals)
        sums[:2] = totals
        return sums

    scales = np.ones((2, width))
    sums = found_with(scales)
    if not ((sums[:2] > 2.0**-100) & (sums[:2] < 2.0**100)).all():  # far from 1: once more, scaled
        scales[0] = _scales(sums[0], largest=1.0)
        scales[1] = scales[0] if measure is ENTROPY else _scales(sums[1], largest=2.0**100)
        sums = found_with(scales)
    results = np.empty(width)
    column_kernels.finish(measure.number, sums, results)
    group[0].of_results(out)[0] = results


def _scales(totals: Array, *, largest: float) -> Array:
    """Powers of two that scale totals to between 1 and 2; 1 for totals from 1 to `largest`."""
    usable = (totals > 0.0) & ~((totals >= 1.0) & (totals <= largest))
    _, exponents = np.frexp(np.where(usable, np.minimum(totals, _MOST), 1.0))
    return np.asarray(np.ldexp(1.0, np.minimum(1 - exponents, 1023)))


def measure_rows(measure: Measure, operands: list[Any], axis: Any, divisor: float) -> Any:
    """
    Measure vectors, or the rows of matrices, by one kernel call: the fast path for small inputs.

    None if they are not plain, differ in dtype or shape, or require an error or closer examination.
    """
    taken = [plain_rows(a, axis) for a in operands]
    first, last = taken[0], taken[-1]
    if first is None or last is None or first.dtype is not last.dtype or first.shape != last.shape:
        return None
    rows = [a for a in taken if a is not None]
    out = np.empty(len(first))
    ordinary = _of_ordinary(measure, rows, out)
    if operands[0].ndim == 1:
        if not ordinary:
            vectors = [a[0] for a in rows]
            out[0] = measure.vector(*vectors)
            if math.isnan(out[0]) or any(map(kernels.has_negative, vectors)):
                return None
        return first.dtype.type(out[0] / divisor)
    if not ordinary and measure.rows(*rows, out):
        return None
    return (out / divisor).astype(first.dtype, copy=False)


def measure_all(measure: Measure, operands: Operands, layout: Layout) -> Array:
    o, n, m = layout.shape
    out = np.empty((o, m))
    groups = pieces(layout.shape) if n else []
    if not n:
        out[...] = np.nan
    if groups and len(groups[0]) == 1:
        run_in_order(lambda group: _whole(measure, operands, group[0], out), groups)
    else:
        for group in groups:
            _in_parts(measure, operands, group, out)
    return layout.restore(out)
