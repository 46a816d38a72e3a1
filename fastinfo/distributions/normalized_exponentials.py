"""Softmax and its logarithm, along any axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, as_block, as_numeric, read_only
from fastinfo._core.in_njit import in_njit
from fastinfo._core.threads import run_in_order
from fastinfo.distributions.axes import Piece, arrange, pieces, plain_rows
from fastinfo.distributions.log_sums import Sums, merged_sums, precision_of, sums_of_part
from fastinfo.distributions.outputs import check_output, is_same, overlap
from fastinfo.distributions.row_kernels import by_length
from fastinfo.kernels.log_domain import softmax as softmax_kernels
from fastinfo.kernels.log_domain import softmax_parts


@dataclass(frozen=True)
class _Elementwise:
    """Kernels that compute each element after the sums are known."""

    rows: tuple[Callable[..., None], ...]  #: of whole rows that are short, middle or long
    columns: Callable[..., None]
    rows_from_sums: Callable[..., None]  #: of parts
    columns_from_sums: Callable[..., None]


_SOFTMAX = _Elementwise(
    (
        softmax_kernels.short_softmax_rows,
        softmax_kernels.middle_softmax_rows,
        softmax_kernels.long_softmax_rows,
    ),
    softmax_kernels.softmax_columns,
    softmax_parts.scale_rows,
    softmax_parts.scale_columns,
)
_LOG_SOFTMAX = _Elementwise(
    (
        softmax_kernels.short_log_softmax_rows,
        softmax_kernels.middle_log_softmax_rows,
        softmax_kernels.long_log_softmax_rows,
    ),
    softmax_kernels.log_softmax_columns,
    softmax_parts.subtract_rows,
    softmax_parts.subtract_columns,
)


def _elementwise(kind: _Elementwise, a: Any, axis: Any, out: Array | None) -> Any:
    """Softmax or its logarithm, in `out` or in a new array with the memory order of `a`."""
    rows = plain_rows(a, axis) if out is None else None
    if rows is not None:
        result = np.empty(rows.shape, rows.dtype)
        by_length(rows.shape[1], *kind.rows)(rows, result)
        return result.reshape(a.shape)
    a = as_numeric(a, "x")
    x = np.atleast_1d(a)
    layout = arrange(x, axis)
    dtype, result_dtype = precision_of(x.dtype)
    in_place = False
    if out is not None:
        check_output(out, "out", a.shape, result_dtype)
        in_place = is_same(a, out)
        x = x.copy() if overlap(x, out) and not in_place else x
    if layout.shape[1] == 0:
        raise ValueError(
            "zero-size array to reduction operation maximum which has no identity: "
            f"x must not be empty along axis={axis!r}, got shape {x.shape}"
        )
    result = np.empty_like(x, result_dtype, subok=False) if out is None else np.atleast_1d(out)
    source, target = layout.view(x), layout.view(result)

    def write(piece: Piece, sums: Sums | None = None) -> None:
        block = as_block(source.part(piece), dtype)
        if in_place:  # kernels read what they have written over otherwise
            block = read_only(block.copy())
        to = target.part(piece)
        direct = target.joined is not None and to.dtype == dtype and to.flags.c_contiguous
        values = to if direct else np.empty(block.shape, dtype)
        if block.shape[2] == 1:
            block, whole = block[:, :, 0], values[:, :, 0]
            if sums is None:
                by_length(block.shape[1], *kind.rows)(block, whole)
            else:
                kind.rows_from_sums(block, *(s[:, 0] for s in sums), whole)
        elif sums is None:
            kind.columns(block, values)
        else:
            kind.columns_from_sums(block, *sums, values)
        if not direct:
            with np.errstate(all="ignore"):  # what float16 does not hold
                target.write(piece, values)

    groups = pieces(layout.shape, source, target)
    if groups and len(groups[0]) == 1:
        run_in_order(lambda group: write(group[0]), groups)
    else:
        for group in groups:
            sums = merged_sums(
                lambda piece: sums_of_part(as_block(source.part(piece), dtype)), group
            )

            def apply(piece: Piece, sums: Sums = sums) -> None:
                write(piece, sums)

            run_in_order(apply, group)
    if out is not None:
        return out
    return result.reshape(a.shape)[()] if a.ndim == 0 else result


@in_njit("fastinfo.numba_ext.of_distributions")
def softmax(
    x: npt.ArrayLike,
    axis: int | tuple[int, ...] | None = None,
    *,
    out: Array | None = None,
) -> Any:
    r"""
    Softmax: exponentials divided by their sum, ``exp(x) / sum(exp(x))``.

    The function behaves like :func:`scipy.special.softmax`.

    Parameters
    ----------
    x : array_like of real numbers
        The exponents (logits).
    axis : int, tuple of int or None, optional
        Axes along which the result sums to 1; None means all of them.
    out : ndarray, optional
        Array to write the result to, with the shape of `x` and the dtype of the result. It may be
        `x` itself. For a large result, new memory takes a third of the time, which `out` saves.

    Returns
    -------
    ndarray
        The result, or `out`. It has the shape and memory order of `x`, and the dtype float64, or
        that of float32 and float16 input.

    Raises
    ------
    TypeError
        If the input is complex or not numeric, or `out` is not an array.
    ValueError
        If `axis` is out of bounds, `x` is empty along it, or `out` has another shape or dtype.

    Notes
    -----
    The result is

    .. math::

        \sigma(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}

    References
    ----------
    Milakov, M. & Gimelshein, N. (2018), Online normalizer calculation for softmax.
    https://doi.org/10.48550/arXiv.1805.02867

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.softmax([1000.0, 1000.0, 0.0]).tolist()
    [0.5, 0.5, 0.0]
    >>> import numpy as np
    >>> x = np.array([0.0, 0.0])
    >>> fastinfo.softmax(x, out=x) is x
    True
    >>> x
    array([0.5, 0.5])
    """
    return _elementwise(_SOFTMAX, x, axis, out)


@in_njit("fastinfo.numba_ext.of_distributions")
def log_softmax(
    x: npt.ArrayLike,
    axis: int | tuple[int, ...] | None = None,
    *,
    out: Array | None = None,
) -> Any:
    r"""
    Logarithm of the softmax, ``x - log(sum(exp(x)))``, precise where the softmax rounds to 0.

    The function behaves like :func:`scipy.special.log_softmax`.

    Parameters
    ----------
    x : array_like of real numbers
        The exponents (logits).
    axis : int, tuple of int or None, optional
        Axes along which the exponentials of the result sum to 1; None means all of them.
    out : ndarray, optional
        Array to write the result to, with the shape of `x` and the dtype of the result. It may be
        `x` itself.

    Returns
    -------
    ndarray
        The result, or `out`. It has the shape and memory order of `x`, and the dtype float64, or
        that of float32 and float16 input.

    Raises
    ------
    TypeError
        If the input is complex or not numeric, or `out` is not an array.
    ValueError
        If `axis` is out of bounds, `x` is empty along it, or `out` has another shape or dtype.

    Notes
    -----
    The result is

    .. math::

        \log \sigma(x)_i = x_i - \log \sum_j e^{x_j}

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
    return _elementwise(_LOG_SOFTMAX, x, axis, out)
