"""Entropy, cross-entropy and divergence of probability distributions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, as_block, as_numeric, base_divisor, choice
from fastinfo.kernels import distributions as kernels

__all__ = ["cross_entropy", "entropy", "kl_divergence"]

_CHUNK = 1 << 18  # elements that one kernel call sees: fixed, so that any number of threads agrees

_NAN_POLICIES = ("propagate", "raise", "omit")


@dataclass(frozen=True)
class _Measure:
    """The kernels of one measure: over rows, over a part of a long row, and the end of it."""

    rows: Callable[..., bool]
    sums: Callable[..., tuple[Any, ...]]
    from_sums: Callable[..., float]


_ENTROPY = _Measure(kernels.entropy_rows, kernels.entropy_sums, kernels.entropy_from_sums)
_CROSS_ENTROPY = _Measure(
    kernels.cross_entropy_rows, kernels.cross_entropy_sums, kernels.cross_entropy_from_sums
)
_KL_DIVERGENCE = _Measure(
    kernels.kl_divergence_rows, kernels.kl_divergence_sums, kernels.kl_divergence_from_sums
)


class _NegativeError(Exception):
    """A kernel saw a negative weight; which one is for the error path to find."""


def _load(parts: list[Array], dtype: npt.DTypeLike, nan_policy: str) -> list[Array]:
    """Parts of the operands as a kernel takes them, with the NaN policy carried out."""
    blocks = [as_block(part, dtype) for part in parts]
    if nan_policy != "propagate":
        missing = np.logical_or.reduce([np.isnan(block) for block in blocks])
        if missing.any():
            if nan_policy == "raise":
                raise ValueError("The input contains nan values (nan_policy='raise')")
            # A pair of zero weights adds nothing to any sum: that leaves it out.
            blocks = [as_block(np.where(missing, 0, block), dtype) for block in blocks]
    return blocks


def _short_rows(
    measure: _Measure, operands: list[Array], dtype: npt.DTypeLike, nan_policy: str
) -> Array:
    """Reduce the last axis, where one row at least fits into a chunk."""
    lead, n = operands[0].shape[:-1], operands[0].shape[-1]
    rows = math.prod(lead)
    flat = [a.reshape(rows, n) if a.flags.c_contiguous else a for a in operands]
    out = np.empty(rows)

    def piece(start: int, stop: int) -> list[Array]:
        index = None if len(lead) <= 1 else np.unravel_index(np.arange(start, stop), lead)
        return [
            a[start:stop] if a.ndim == 2 else a[None] if index is None else a[index] for a in flat
        ]

    def reduce(span: tuple[int, int]) -> None:
        blocks = _load(piece(*span), dtype, nan_policy)
        if measure.rows(*blocks, out[slice(*span)]):
            raise _NegativeError

    run_in_order(reduce, spans(rows, max(1, _CHUNK // max(n, 1))))
    return out.reshape(lead)


def _long_rows(
    measure: _Measure, operands: list[Array], dtype: npt.DTypeLike, nan_policy: str
) -> Array:
    """Reduce the last axis, where a row is cut into chunks and the sums are merged in order."""
    lead, n = operands[0].shape[:-1], operands[0].shape[-1]
    out = np.empty(lead)
    for index in np.ndindex(lead):
        rows = [a[index] for a in operands]

        def reduce(span: tuple[int, int], rows: list[Array] = rows) -> tuple[Any, ...]:
            *sums, negative = measure.sums(
                *_load([row[slice(*span)] for row in rows], dtype, nan_policy), 0.0
            )
            if negative:
                raise _NegativeError
            return tuple(sums)

        parts = np.array(run_in_order(reduce, spans(n, _CHUNK)))
        totals = [kernels.total(as_block(column)) for column in parts.T]
        out[index] = measure.from_sums(*totals, 0.0)
    return out


def _along_axis(a: Array, axis: int | tuple[int, ...] | None) -> Array:
    """A view with the axes to be reduced as the last one."""
    if axis is None:
        return a.reshape(-1)
    axes = np.lib.array_utils.normalize_axis_tuple(axis, a.ndim, "axis")
    kept = [i for i in range(a.ndim) if i not in axes]
    moved = a.transpose(*kept, *axes)
    return moved.reshape([a.shape[i] for i in kept] + [-1]) if len(axes) != 1 else moved


def _refuse_negative(operands: list[tuple[str, Array]]) -> None:
    for name, a in operands:
        if a.dtype.kind in "if" and a.size and (worst := np.nanmin(a)) < 0:
            raise ValueError(f"{name} must not hold negative probabilities, got {worst!s}")


def _reduce(
    measure: _Measure,
    operands: list[tuple[str, Any]],
    base: float | None,
    axis: int | tuple[int, ...] | None,
    nan_policy: str,
    keepdims: bool,
) -> Any:
    divisor = base_divisor(base)
    choice(nan_policy, "nan_policy", _NAN_POLICIES)
    arrays = [as_numeric(a, name) for name, a in operands]
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
    except ValueError:
        shapes = " and ".join(f"{name} {np.shape(a)}" for name, a in operands)
        raise ValueError(
            f"Array shapes are incompatible for broadcasting. The shapes of {shapes} must agree "
            f"in each dimension, or be 1 there"
        ) from None
    arrays = [a if a.shape == shape else np.broadcast_to(a, shape) for a in arrays]
    common = np.result_type(*arrays)
    result_dtype = common if common in (np.float16, np.float32) else np.dtype(np.float64)
    dtype = np.float64 if result_dtype == np.float64 else np.float32

    rows = [_along_axis(a, axis) for a in arrays]
    reduce = _short_rows if rows[0].shape[-1] <= _CHUNK else _long_rows
    try:
        out = reduce(measure, rows, dtype, nan_policy)
    except _NegativeError:
        _refuse_negative([(name, a) for (name, _), a in zip(operands, arrays, strict=True)])
        raise
    if out.ndim == 0 and math.isnan(out):
        for (name, _), a in zip(operands, arrays, strict=True):
            if not a.any():
                raise ValueError(
                    f"{name} must hold at least one probability above 0, "
                    f"got {'only zeros' if a.size else 'an empty array'}"
                )
    out = (out / divisor).astype(result_dtype, copy=False)
    if keepdims:
        axes = range(len(shape)) if axis is None else np.atleast_1d(axis) % max(len(shape), 1)
        out = np.expand_dims(out, tuple(int(i) for i in axes))
    return out[()]


def entropy(
    pk: npt.ArrayLike,
    qk: npt.ArrayLike | None = None,
    base: float | None = None,
    axis: int | tuple[int, ...] | None = 0,
    *,
    nan_policy: str = "propagate",
    keepdims: bool = False,
) -> Any:
    """
    Entropy of distributions, or their Kullback-Leibler divergence from others.

    As :func:`scipy.stats.entropy`: ``H(p) = -sum(p log p)`` with ``0 log 0 = 0``, of weights that
    are normalised to sum 1. With `qk` it is :func:`kl_divergence`.

    Parameters
    ----------
    pk : array_like of real numbers
        Weights, one distribution for each slice along `axis`.
    qk : array_like of real numbers, optional
        Weights to diverge from; broadcast against `pk`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    axis : int, tuple of int or None, optional
        The axis of the distributions, 0 unless said otherwise; None takes all elements as one.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a NaN does: make the result NaN, be left out (with its partner), or raise.
    keepdims : bool, optional
        Keep the reduced axes, with length 1.

    Returns
    -------
    numpy scalar or ndarray
        float64; float32 for float32 input. NaN for an all-zero distribution among many.

    Raises
    ------
    TypeError
        If the input is complex or not numeric.
    ValueError
        If a weight is negative, a single distribution is all zero, shapes do not broadcast,
        `base` is not positive or 1, or a NaN is found under ``nan_policy="raise"``.

    References
    ----------
    Shannon, C. E. (1948), A Mathematical Theory of Communication, Bell System Technical Journal
    27, 379-423. https://doi.org/10.1002/j.1538-7305.1948.tb01338.x

    Examples
    --------
    >>> import fastinfo
    >>> float(fastinfo.entropy([0.5, 0.5], base=2))
    1.0
    >>> float(round(fastinfo.entropy([0.9, 0.1], base=2), 12))
    0.468995593589
    """
    if qk is not None:
        return kl_divergence(pk, qk, base, axis, nan_policy=nan_policy, keepdims=keepdims)
    return _reduce(_ENTROPY, [("pk", pk)], base, axis, nan_policy, keepdims)


def cross_entropy(
    pk: npt.ArrayLike,
    qk: npt.ArrayLike,
    base: float | None = None,
    axis: int | tuple[int, ...] | None = 0,
    *,
    nan_policy: str = "propagate",
    keepdims: bool = False,
) -> Any:
    """
    Cross-entropy of distributions, ``-sum(p log q)``.

    The mean length of a message when `pk` is true and the code was made for `qk`; it equals
    ``entropy(pk) + kl_divergence(pk, qk)``. Weights are normalised to sum 1, and ``0 log 0 = 0``.

    Parameters
    ----------
    pk, qk : array_like of real numbers
        Weights, one distribution for each slice along `axis`; broadcast against each other.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    axis : int, tuple of int or None, optional
        The axis of the distributions, 0 unless said otherwise; None takes all elements as one.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a NaN does: make the result NaN, be left out (with its partner), or raise.
    keepdims : bool, optional
        Keep the reduced axes, with length 1.

    Returns
    -------
    numpy scalar or ndarray
        float64; float32 for float32 input. ``inf`` where some ``p > 0`` has ``q = 0``; NaN for an
        all-zero distribution among many.

    Raises
    ------
    TypeError
        If the input is complex or not numeric.
    ValueError
        If a weight is negative, a single distribution is all zero, shapes do not broadcast,
        `base` is not positive or 1, or a NaN is found under ``nan_policy="raise"``.

    References
    ----------
    Cover, T. M. & Thomas, J. A. (2006), Elements of Information Theory, 2nd ed., section 5.4.
    https://doi.org/10.1002/047174882X

    Examples
    --------
    A classifier that gives 0.8 to the class that is true:

    >>> import fastinfo
    >>> float(round(fastinfo.cross_entropy([1, 0], [0.8, 0.2]), 4))
    0.2231
    >>> float(round(fastinfo.cross_entropy([1, 0], [0.8, 0.2], base=2), 4))
    0.3219
    """
    return _reduce(_CROSS_ENTROPY, [("pk", pk), ("qk", qk)], base, axis, nan_policy, keepdims)


def kl_divergence(
    pk: npt.ArrayLike,
    qk: npt.ArrayLike,
    base: float | None = None,
    axis: int | tuple[int, ...] | None = 0,
    *,
    nan_policy: str = "propagate",
    keepdims: bool = False,
) -> Any:
    """
    Kullback-Leibler divergence (relative entropy), ``sum(p log(p / q))``.

    Weights are normalised to sum 1, and ``0 log(0 / q) = 0``. It is never negative.

    Parameters
    ----------
    pk, qk : array_like of real numbers
        Weights, one distribution for each slice along `axis`; broadcast against each other.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    axis : int, tuple of int or None, optional
        The axis of the distributions, 0 unless said otherwise; None takes all elements as one.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a NaN does: make the result NaN, be left out (with its partner), or raise.
    keepdims : bool, optional
        Keep the reduced axes, with length 1.

    Returns
    -------
    numpy scalar or ndarray
        float64; float32 for float32 input. ``inf`` where some ``p > 0`` has ``q = 0``; NaN for an
        all-zero distribution among many.

    Raises
    ------
    TypeError
        If the input is complex or not numeric.
    ValueError
        If a weight is negative, a single distribution is all zero, shapes do not broadcast,
        `base` is not positive or 1, or a NaN is found under ``nan_policy="raise"``.

    References
    ----------
    Kullback, S. & Leibler, R. A. (1951), On Information and Sufficiency, Annals of Mathematical
    Statistics 22, 79-86. https://doi.org/10.1214/aoms/1177729694

    Examples
    --------
    >>> import fastinfo
    >>> float(round(fastinfo.kl_divergence([0.5, 0.5], [0.9, 0.1], base=2), 12))
    0.736965594166
    """
    return _reduce(_KL_DIVERGENCE, [("pk", pk), ("qk", qk)], base, axis, nan_policy, keepdims)
