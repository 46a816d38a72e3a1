"""Sums of exponentials in the log domain, which cannot overflow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, as_block, as_numeric, is_bfloat16
from fastinfo._core.in_njit import in_njit
from fastinfo._core.threads import run_in_order
from fastinfo.distributions.axes import (
    Layout,
    Piece,
    View,
    arrange,
    normalize_axes,
    pieces,
    plain_rows,
    several_at_once,
    whole_parts,
)
from fastinfo.distributions.row_kernels import row_sums_for
from fastinfo.kernels.log_domain import anchored_sums, weighted_sums
from fastinfo.kernels.log_domain import sums as kernels
from fastinfo.kernels.log_domain.row_sums import MIDDLE, SHORT, merge_blocks

Sums = tuple[Array, Array, Array]

_AT_ONCE = 64  #: parts whose sums are held at a time


def sums_of_part(block: Array) -> Sums:
    """Sums over the middle axis of a part; each has the axes (outer, inner)."""
    o, _, m = block.shape
    sums = (np.full((o, m), -np.inf), np.zeros((o, m)), np.zeros((o, m)))
    if m == 1:
        rows = block[:, :, 0]
        row_sums_for(rows)(rows, 0, o, *(s[:, 0] for s in sums))
    else:
        kernels.column_sums(block, *sums)
    return sums


def _quick_row_sums(rows: Array) -> tuple[Array, Array, Array] | None:
    """Sums of rows of float64 by a faster formula; None if it does not apply."""
    n = rows.shape[1]
    if rows.dtype != np.float64 or not rows.flags.c_contiguous or n <= SHORT:
        return None
    m, count, rest = np.empty((3, len(rows)))
    if n <= MIDDLE:
        anchored_sums.plain_row_sums(rows, 0, len(rows), m, count, rest)
        return m, count, rest
    anchored_sums.anchored_row_sums(rows, 0, len(rows), m, rest)
    count[:] = 1.0
    rest -= 1.0
    return None if np.isnan(rest).any() else (m, count, rest)


def _quick_sums(block: Array) -> Sums:
    """Sums over the middle axis of a part, by the faster formula if it applies."""
    quick = _quick_row_sums(block[:, :, 0]) if block.shape[2] == 1 else None
    if quick is None:
        return sums_of_part(block)
    m, count, rest = quick
    return m[:, np.newaxis], count[:, np.newaxis], rest[:, np.newaxis]


def _of_plain_vector(
    x: View, group: list[Piece], dtype: np.dtype[Any], sums: Callable[[Array], Sums]
) -> Sums | None:
    """Sums of a plain vector, with several parts per kernel call; None for other arrays."""
    rows = whole_parts(x, group, dtype)
    if rows is None:
        return None
    table = np.empty((3, len(group)))

    def fill(span: tuple[int, int]) -> None:
        start, stop = span
        table[:, start:stop] = [a[:, 0] for a in sums(rows[start:stop, :, np.newaxis])]

    run_in_order(fill, several_at_once(len(rows)))
    last = sums(as_block(x.part(group[-1]), dtype))
    table[:, -1] = [a[0, 0] for a in last]
    m, count, rest = np.empty((3, 1))
    merge_blocks(1, len(group), table[0], table[1], table[2], m, count, rest)
    return m.reshape(1, 1), count.reshape(1, 1), rest.reshape(1, 1)


def _is_plain(m: Array, results: Array) -> bool:
    """Whether sums by the faster formula are precise enough: none is close to 0."""
    return bool((np.maximum(np.abs(m), np.abs(results)) >= anchored_sums.PLAIN).all())


def merged_sums(parts: Callable[[Piece], Sums], group: list[Piece]) -> Sums:
    """Sums of parts that contribute to the same results, merged in order, a few at a time."""
    totals: list[Array] = []
    for start in range(0, len(group), _AT_ONCE):
        for part in run_in_order(parts, group[start : start + _AT_ONCE]):
            sums = [s.reshape(-1) for s in part]
            if totals:
                kernels.merge(*totals, *sums)
            else:
                shape, (m, count, rest) = part[0].shape, sums
                totals = [m.copy(), m, count, rest, np.zeros(m.size)]
    anchor, m, count, rest, error = totals
    kernels.close(anchor, m, rest, error)
    return m.reshape(shape), count.reshape(shape), rest.reshape(shape)


def precision_of(dtype: np.dtype[Any]) -> tuple[np.dtype[Any], np.dtype[Any]]:
    """Dtype for the computation, and dtype of the result."""
    dtype = dtype.newbyteorder("=")
    if dtype == np.float32 or (dtype.itemsize == 2 and dtype.kind not in "iu"):
        return np.dtype(np.float32), dtype
    return np.dtype(np.float64), np.dtype(np.float64)


def _logsumexp(x: View, layout: Layout, dtype: np.dtype[Any], out: Array) -> None:
    """Write the logarithms of the sums to `out`, which has the axes (outer, inner)."""

    def logarithms(piece: Piece, sums: Sums) -> bool:
        result = np.empty(sums[0].size)
        m, count, rest = (s.reshape(-1) for s in sums)
        kernels.finish(m, count, rest, result)
        with np.errstate(all="ignore"):  # what float32 or float16 does not hold
            piece.of_results(out)[...] = result.reshape(sums[0].shape)
        return _is_plain(m, result)

    def of_group(group: list[Piece]) -> None:
        for sums in (_quick_sums, sums_of_part):

            def of(piece: Piece, sums: Callable[[Array], Sums] = sums) -> Sums:
                return sums(as_block(x.part(piece), dtype))

            found = _of_plain_vector(x, group, dtype, sums) if len(group) > 1 else of(group[0])
            if logarithms(group[0], found or merged_sums(of, group)):
                return

    groups = pieces(layout.shape, x)
    if groups and len(groups[0]) == 1:
        run_in_order(of_group, groups)
    else:
        for group in groups:
            of_group(group)


def _of_rows(rows: Array) -> Array:
    """Logarithms of the sums of rows, which have the form that kernels accept."""
    result = np.empty(len(rows))
    quick = _quick_row_sums(rows)
    if quick is not None:
        kernels.finish(*quick, result)
        if _is_plain(quick[0], result):
            return result
    m, count, rest = np.empty((3, len(rows)))
    row_sums_for(rows)(rows, 0, len(rows), m, count, rest)
    kernels.finish(m, count, rest, result)
    return result


def _weighted(x: Array, b: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Logarithms of the absolute sums of ``b exp(x)``, and their signs."""
    layout = arrange(x, axes)
    views = [layout.view(a) for a in (x, b)]
    out, sign = np.empty((2, layout.shape[0], layout.shape[2]))

    def rows(piece: Piece) -> list[Array]:
        """Return a part as rows of exponents and rows of factors."""
        blocks = (as_block(view.part(piece), np.float64).transpose(0, 2, 1) for view in views)
        return [as_block(block.reshape(-1, block.shape[2]), np.float64) for block in blocks]

    def measure(group: list[Piece]) -> None:
        shape = group[0].of_results(out).shape
        top = np.full(math.prod(shape), -np.inf)
        for piece in group:
            terms, factors = rows(piece)
            weighted_sums.weighted_row_maxima(terms, factors, top)
        parts = np.zeros((len(group), 2, top.size))
        for piece, (at, others) in zip(group, parts, strict=True):
            terms, factors = rows(piece)
            weighted_sums.weighted_row_sums(terms, factors, top, at, others)
        at_maximum, rest = parts.sum(axis=0)
        with np.errstate(all="ignore"):
            ratio = np.where(rest == 0.0, rest, rest / at_maximum)
            signs = np.sign(ratio + 1.0) * np.sign(at_maximum)
            ratio = np.where(ratio < -1.0, -ratio - 2.0, ratio)
            found = np.log1p(ratio) + np.log(np.abs(at_maximum)) + top
            direct = ~np.isfinite(found)
            if direct.any():  # as the formula has it
                total = np.zeros(int(direct.sum()))
                for piece in group:
                    terms, factors = rows(piece)
                    total += (factors[direct] * np.exp(terms[direct])).sum(axis=1)
                found[direct], signs[direct] = np.log(np.abs(total)), np.sign(total)
        group[0].of_results(out)[...] = found.reshape(shape)
        group[0].of_results(sign)[...] = signs.reshape(shape)

    run_in_order(measure, pieces(layout.shape, *views))
    return layout.restore(out), layout.restore(sign)


@in_njit("fastinfo.numba_ext.of_distributions")
def logsumexp(
    a: npt.ArrayLike,
    axis: int | tuple[int, ...] | None = None,
    b: npt.ArrayLike | None = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    r"""
    Logarithm of a sum of exponentials, ``log(sum(b * exp(a)))``, without overflow.

    The function behaves like :func:`scipy.special.logsumexp`. The largest terms are summed
    separately from the others, so that small terms are not lost. The error is about 2 ulp of the
    maximum or of the result, whichever is larger.

    Parameters
    ----------
    a : array_like of real numbers
        The exponents.
    axis : int, tuple of int or None, optional
        Axes to sum over; None sums over all.
    b : array_like of real numbers, optional
        Factors of the exponentials, broadcast against `a`. They may be negative. A term whose
        factor is 0 adds nothing, whatever its exponent.
    keepdims : bool, optional
        Keep the summed axes, with length 1.
    return_sign : bool, optional
        Return the logarithm of the absolute value of the sum, and the sign of the sum.

    Returns
    -------
    result : numpy scalar or ndarray
        float64, or the dtype of float32 and float16 input. ``-inf`` for an empty sum. NaN for a
        negative sum, unless `return_sign` is true.
    sign : numpy scalar or ndarray
        -1, 0, 1 or NaN. Only returned if `return_sign` is true.

    Raises
    ------
    TypeError
        If the input is complex or not numeric.
    ValueError
        If `axis` is out of bounds, or `a` and `b` do not broadcast.

    Notes
    -----
    The result is

    .. math::

        \log \sum_i b_i e^{a_i}

    References
    ----------
    Blanchard, P., Higham, D. J. & Higham, N. J. (2021), Accurately computing the log-sum-exp and
    softmax functions, IMA Journal of Numerical Analysis 41, 2311-2330.
    https://doi.org/10.1093/imanum/draa038

    Examples
    --------
    >>> import fastinfo
    >>> float(fastinfo.logsumexp([1000.0, 1000.0]))
    1000.6931471805599
    >>> float(fastinfo.logsumexp([0.0, -40.0]))
    4.248354255291589e-18
    """
    if b is None and keepdims is False and return_sign is False:
        rows = plain_rows(a, axis)
        if rows is not None:
            of_rows = _of_rows(rows).astype(rows.dtype, copy=False)
            return of_rows if np.ndim(a) == 2 else of_rows[0]
    x = np.atleast_1d(as_numeric(a, "a"))
    common = x.dtype
    factors = None
    if b is not None:
        factors = as_numeric(b, "b")
        weak = isinstance(b, (int, float)) and not isinstance(b, (np.generic, bool))
        if not weak:
            wide = is_bfloat16(common) and factors.dtype.kind in "biu"
            common = common if wide else np.result_type(x, factors)
        try:
            x, factors = np.broadcast_arrays(x, factors)
        except ValueError:
            raise ValueError(
                f"a and b must have shapes that broadcast, got {np.shape(a)} and {np.shape(b)}"
            ) from None
    dtype, result_dtype = precision_of(common)
    axes = normalize_axes(axis, x.ndim)
    if factors is not None and x.size:
        out, sign = _weighted(x, factors, axes)
        if not return_sign:
            out[sign < 0] = np.nan
        with np.errstate(all="ignore"):
            out = out.astype(result_dtype, copy=False)
    else:
        layout = arrange(x, axes)
        found = np.empty((layout.shape[0], layout.shape[2]), result_dtype)
        _logsumexp(layout.view(x), layout, dtype, found)
        out = layout.restore(found)
        if return_sign:
            sign = np.where(np.isnan(out), out, -1.0 if x.size == 0 else out > -np.inf)
    if keepdims:
        out = np.expand_dims(out, axes)
    if not return_sign:
        return out[()]
    sign = np.expand_dims(sign, axes) if keepdims else sign
    return out[()], sign.astype(result_dtype)[()]
