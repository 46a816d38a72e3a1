"""The log domain: sums of exponentials that can't overflow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._axes import Layout, Piece, View, arrange, normalize_axes, pieces
from fastinfo._codes import CHUNK
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, as_block, as_numeric
from fastinfo.kernels import reductions as kernels
from fastinfo.kernels import softmax as softmax_kernels

__all__ = ["log_softmax", "logsumexp", "softmax"]

_Sums = tuple[Array, Array, Array]


@dataclass(frozen=True)
class _Elementwise:
    """What is done with each element once the sums are known."""

    rows: Callable[..., None]  #: of whole rows
    columns: Callable[..., None]
    rows_from_sums: Callable[..., None]  #: of parts
    columns_from_sums: Callable[..., None]


_SOFTMAX = _Elementwise(
    softmax_kernels.softmax_rows,
    softmax_kernels.softmax_columns,
    softmax_kernels.scale_rows,
    softmax_kernels.scale_columns,
)
_LOG_SOFTMAX = _Elementwise(
    softmax_kernels.log_softmax_rows,
    softmax_kernels.log_softmax_columns,
    softmax_kernels.subtract_rows,
    softmax_kernels.subtract_columns,
)


def _sums(block: Array) -> _Sums:
    """Sums over the middle axis of a part, each (outer, inner)."""
    o, _, m = block.shape
    sums = (np.full((o, m), -np.inf), np.zeros((o, m)), np.zeros((o, m)))
    if m == 1:
        kernels.row_sums(block[:, :, 0], *(s[:, 0] for s in sums))
    else:
        kernels.column_sums(block, *sums)
    return sums


def _merged(parts: list[_Sums]) -> _Sums:
    """Sums of parts that share their results, merged in order."""
    first, *others = parts
    for other in others:
        kernels.merge(*(a.reshape(-1) for a in first), *(a.reshape(-1) for a in other))
    return first


def _precision(dtype: np.dtype[Any]) -> tuple[np.dtype[Any], np.dtype[Any]]:
    """The dtype to compute in, and the dtype of the result."""
    if dtype == np.float32 or (dtype.itemsize == 2 and dtype.kind not in "iu"):
        return np.dtype(np.float32), dtype
    return np.dtype(np.float64), np.dtype(np.float64)


def _logsumexp(x: View, layout: Layout, dtype: np.dtype[Any]) -> Array:
    """Logarithms of the sums, (outer, inner), in float64."""
    out = np.empty((layout.shape[0], layout.shape[2]))

    def finish(piece: Piece, sums: _Sums) -> None:
        result = np.empty(sums[0].size)
        m, count, rest = (s.reshape(-1) for s in sums)
        kernels.finish(m, count, rest, result)
        piece.of_results(out)[...] = result.reshape(sums[0].shape)

    def whole(group: list[Piece]) -> None:
        finish(group[0], _sums(as_block(x.part(group[0]), dtype)))

    groups = pieces(layout.shape)
    if groups and len(groups[0]) == 1:
        run_in_order(whole, groups)
    else:
        for group in groups:
            parts = run_in_order(lambda piece: _sums(as_block(x.part(piece), dtype)), group)
            finish(group[0], _merged(parts))
    return out


def _elementwise(kind: _Elementwise, x: Array, axis: Any) -> Any:
    """Softmax or its logarithm, in an array of the same memory order."""
    layout = arrange(x, axis)
    if layout.shape[1] == 0:
        raise ValueError(
            "zero-size array to reduction operation maximum which has no identity: "
            f"x must not be empty along axis={axis!r}, got shape {x.shape}"
        )
    dtype, result_dtype = _precision(x.dtype)
    result = layout.like(result_dtype)
    source, target = layout.view(x), layout.view(result)

    def write(piece: Piece, sums: _Sums | None = None) -> None:
        block = as_block(source.part(piece), dtype)
        to = target.part(piece)
        direct = to.dtype == dtype and to.flags.c_contiguous
        out = to if direct else np.empty(block.shape, dtype)
        if block.shape[2] == 1:
            block, whole = block[:, :, 0], out[:, :, 0]
            if sums is None:
                kind.rows(block, whole)
            else:
                kind.rows_from_sums(block, *(s[:, 0] for s in sums), whole)
        elif sums is None:
            kind.columns(block, out)
        else:
            kind.columns_from_sums(block, *sums, out)
        if not direct:
            to[...] = out

    groups = pieces(layout.shape)
    if groups and len(groups[0]) == 1:
        run_in_order(lambda group: write(group[0]), groups)
    else:
        for group in groups:
            parts = run_in_order(lambda piece: _sums(as_block(source.part(piece), dtype)), group)
            sums = _merged(parts)

            def apply(piece: Piece, sums: _Sums = sums) -> None:
                write(piece, sums)

            run_in_order(apply, group)
    return result[()] if result.ndim == 0 else result


def _weighted(x: Array, b: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Logarithms of the absolute sums of ``b exp(x)`` over the last axes, and their signs."""
    kept = [i for i in range(x.ndim) if i not in axes]
    shape = [x.shape[i] for i in kept]
    rows = [a.transpose(*kept, *axes).reshape(math.prod(shape), -1) for a in (x, b)]
    count, n = rows[0].shape
    top, at_maximum, rest = np.empty(count), np.empty(count), np.empty(count)

    def sums(span: tuple[int, int]) -> None:
        part = slice(*span)
        exponents, factors = (as_block(a[part], np.float64) for a in rows)
        kernels.weighted_row_sums(exponents, factors, top[part], at_maximum[part], rest[part])

    run_in_order(sums, spans(count, max(1, CHUNK // max(n, 1))))
    with np.errstate(all="ignore"):
        ratio = np.where(rest == 0.0, rest, rest / at_maximum)
        sign = np.sign(ratio + 1.0) * np.sign(at_maximum)
        ratio = np.where(ratio < -1.0, -ratio - 2.0, ratio)
        out = np.log1p(ratio) + np.log(np.abs(at_maximum)) + top
        for i in np.flatnonzero(~np.isfinite(out)):  # infinities: as the formula has it
            total = np.sum(rows[1][i] * np.exp(rows[0][i], dtype=np.float64))
            out[i], sign[i] = np.log(np.abs(total)), np.sign(total)
    return out.reshape(shape), sign.reshape(shape)


def logsumexp(
    a: npt.ArrayLike,
    axis: int | tuple[int, ...] | None = None,
    b: npt.ArrayLike | None = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    """
    Logarithm of a sum of exponentials, ``log(sum(b * exp(a)))``, without overflow.

    As :func:`scipy.special.logsumexp`. Of each sum the terms at the maximum are kept apart, so that
    a small rest is not lost: the error is at most 2 ulp of the larger of maximum and result.

    Parameters
    ----------
    a : array_like of real numbers
        The exponents.
    axis : int, tuple of int or None, optional
        The axes to sum over; None sums over all.
    b : array_like of real numbers, optional
        Factors of the exponentials, broadcast against `a`. They may be negative. A term whose
        factor is 0 adds nothing, whatever its exponent.
    keepdims : bool, optional
        Keep the summed axes, with length 1.
    return_sign : bool, optional
        Return the sign of the sum too, and the logarithm of its absolute value.

    Returns
    -------
    result : numpy scalar or ndarray
        float64; float32 or float16 for such input. ``-inf`` of an empty sum. NaN of a negative sum,
        unless `return_sign`.
    sign : numpy scalar or ndarray
        If `return_sign`: -1, 0, 1 or NaN.

    Raises
    ------
    TypeError
        If the input is complex or not numeric.
    ValueError
        If `axis` is out of bounds, or `a` and `b` do not broadcast.

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
    x = np.atleast_1d(as_numeric(a, "a"))
    factors = None
    if b is not None:
        factors = as_numeric(b, "b")
        try:
            x, factors = np.broadcast_arrays(x, factors)
        except ValueError:
            raise ValueError(
                f"a and b must have shapes that broadcast, got {np.shape(a)} and {np.shape(b)}"
            ) from None
        common = np.result_type(x, factors)
    else:
        common = x.dtype
    dtype, result_dtype = _precision(common)
    axes = normalize_axes(axis, x.ndim)
    if factors is not None and x.size:
        out, sign = _weighted(x, factors, axes)
        if not return_sign:
            out[sign < 0] = np.nan
    else:
        layout = arrange(x, axes)
        out = layout.restore(_logsumexp(x=layout.view(x), layout=layout, dtype=dtype))
        sign = np.where(np.isnan(out), out, -1.0 if x.size == 0 else out > -np.inf)
    out, sign = out.astype(result_dtype), sign.astype(result_dtype)
    if keepdims:
        out, sign = np.expand_dims(out, axes), np.expand_dims(sign, axes)
    return (out[()], sign[()]) if return_sign else out[()]


def softmax(x: npt.ArrayLike, axis: int | tuple[int, ...] | None = None) -> Any:
    """
    Exponentials by their sum, ``exp(x) / sum(exp(x))``.

    As :func:`scipy.special.softmax`.

    Parameters
    ----------
    x : array_like of real numbers
        The exponents (logits).
    axis : int, tuple of int or None, optional
        The axes along which the result sums to 1; None is all of them.

    Returns
    -------
    ndarray
        As `x` in shape and memory order; float64, or float32 or float16 for such input.

    Raises
    ------
    TypeError
        If the input is complex or not numeric.
    ValueError
        If `axis` is out of bounds, or `x` is empty along it.

    References
    ----------
    Milakov, M. & Gimelshein, N. (2018), Online normalizer calculation for softmax.
    https://doi.org/10.48550/arXiv.1805.02867

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.softmax([1000.0, 1000.0, 0.0]).tolist()
    [0.5, 0.5, 0.0]
    """
    return _elementwise(_SOFTMAX, as_numeric(x, "x"), axis)


def log_softmax(x: npt.ArrayLike, axis: int | tuple[int, ...] | None = None) -> Any:
    """
    Logarithm of :func:`softmax`, ``x - log(sum(exp(x)))``, precise where softmax rounds to 0.

    As :func:`scipy.special.log_softmax`.

    Parameters
    ----------
    x : array_like of real numbers
        The exponents (logits).
    axis : int, tuple of int or None, optional
        The axes along which the exponentials of the result sum to 1; None is all of them.

    Returns
    -------
    ndarray
        As `x` in shape and memory order; float64, or float32 or float16 for such input.

    Raises
    ------
    TypeError
        If the input is complex or not numeric.
    ValueError
        If `axis` is out of bounds, or `x` is empty along it.

    References
    ----------
    Blanchard, P., Higham, D. J. & Higham, N. J. (2021), Accurately computing the log-sum-exp and
    softmax functions, IMA Journal of Numerical Analysis 41, 2311-2330.
    https://doi.org/10.1093/imanum/draa038

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.log_softmax([1000.0, 1.0]).tolist()
    [0.0, -999.0]
    """
    return _elementwise(_LOG_SOFTMAX, as_numeric(x, "x"), axis)
