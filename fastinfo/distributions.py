"""Entropy, cross-entropy and divergence of probability distributions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._axes import Layout, Piece, View, arrange, normalize_axes, pieces
from fastinfo._threads import run_in_order
from fastinfo._validate import Array, as_block, as_numeric, base_divisor, choice
from fastinfo.kernels import columns as column_kernels
from fastinfo.kernels import distributions as kernels

__all__ = ["cross_entropy", "entropy", "js_divergence", "kl_divergence"]

_NAN_POLICIES = ("propagate", "raise", "omit")
_AT_ONCE = 64  #: parts whose sums are held at a time


@dataclass(frozen=True)
class _Measure:
    """One measure: its number, and its kernels over rows, over columns, and over parts of those."""

    number: int
    rows: Callable[..., bool]
    columns: Callable[..., bool]
    row_sums: Callable[..., tuple[float, float, float, bool]]
    column_sums: Callable[..., bool]


_ENTROPY, _CROSS_ENTROPY, _KL_DIVERGENCE, _JS_DIVERGENCE = (
    _Measure(
        getattr(kernels, name.upper()),
        getattr(column_kernels, f"{name}_rows"),
        getattr(column_kernels, f"{name}_columns"),
        getattr(kernels, f"{name}_sums"),
        getattr(column_kernels, f"{name}_column_sums"),
    )
    for name in ("entropy", "cross_entropy", "kl_divergence", "js_divergence")
)


class _NegativeError(Exception):
    """A kernel saw a negative weight; which one is for the error path to find."""


@dataclass(frozen=True)
class _Operands:
    """The weights, each as an array of three axes, and how parts of them are read."""

    arrays: list[View]
    dtype: np.dtype[Any]
    nan_policy: str

    def load(self, piece: Piece) -> list[Array]:
        """Return a part as kernels take it, with the NaN policy carried out."""
        blocks = [as_block(a.part(piece), self.dtype) for a in self.arrays]
        if self.nan_policy != "propagate":
            missing = np.logical_or.reduce([np.isnan(block) for block in blocks])
            if missing.any():
                if self.nan_policy == "raise":
                    raise ValueError("The input contains nan values (nan_policy='raise')")
                # A pair of zero weights adds nothing to any sum: that leaves it out.
                blocks = [as_block(np.where(missing, 0, block), self.dtype) for block in blocks]
        return blocks


def _whole(measure: _Measure, operands: _Operands, piece: Piece, out: Array) -> None:
    """Measure distributions that lie within one part."""
    blocks = operands.load(piece)
    results = piece.of_results(out)
    if blocks[0].shape[2] == 1:
        negative = measure.rows(*(block[:, :, 0] for block in blocks), results[:, 0])
    else:
        negative = measure.columns(*blocks, results)
    if negative:
        raise _NegativeError


def _totals(operands: _Operands, piece: Piece) -> Array:
    blocks = operands.load(piece)
    totals = np.empty((2, blocks[0].shape[2]))
    for block, to in zip(blocks, totals, strict=True):
        if to.size == 1:
            to[0] = kernels.total(block[0, :, 0])
        else:
            column_kernels.column_totals(block[0], to)
    return totals


def _sums(measure: _Measure, operands: _Operands, piece: Piece, scales: list[Array]) -> Array:
    """Sums over a part, of p, q and the terms, for each of its columns."""
    blocks = operands.load(piece)
    sums = np.empty((3, blocks[0].shape[2]))
    if sums.shape[1] == 1:
        *found, negative = measure.row_sums(
            *(block[0, :, 0] for block in blocks), *(s[0] for s in scales)
        )
        sums[:, 0] = found
    else:
        negative = measure.column_sums(*(block[0] for block in blocks), *scales, sums)
    if negative:
        raise _NegativeError
    return sums


def _add_up(group: list[Piece], of: Callable[[Piece], Array]) -> Array:
    """Sum what is found of each part, in order, compensated (Neumaier)."""
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


def _in_parts(measure: _Measure, operands: _Operands, group: list[Piece], out: Array) -> None:
    """Measure distributions that are cut into parts."""
    width = group[0].of_results(out).size
    pair = len(operands.arrays) == 2

    def sums_with(totals: Array) -> Array:
        scales = [_scales(totals[0], largest=1.0), _scales(totals[1], largest=2.0**100)]
        extra = [t * f for t, f in zip(totals, scales, strict=True)]
        if measure is not _JS_DIVERGENCE:
            extra = [np.zeros(width)]
        given = [*(scales if pair else scales[:1]), *extra]
        return _add_up(group, lambda piece: _sums(measure, operands, piece, given))

    if measure is _JS_DIVERGENCE:
        sums = sums_with(_add_up(group, lambda piece: _totals(operands, piece)))
    else:
        sums = sums_with(np.ones((2, width)))
        if not ((sums[:2] > 2.0**-100) & (sums[:2] < 2.0**100)).all():  # far from 1: once more
            sums = sums_with(sums[:2])
    results = np.empty(width)
    column_kernels.finish(measure.number, sums, results)
    group[0].of_results(out)[0] = results


def _scales(totals: Array, *, largest: float) -> Array:
    """Powers of two that bring totals to between 1 and 2; 1 for those from 1 to the largest."""
    usable = (totals > 0.0) & np.isfinite(totals) & ~((totals >= 1.0) & (totals <= largest))
    _, exponents = np.frexp(np.where(usable, totals, 1.0))
    return np.asarray(np.ldexp(1.0, np.minimum(1 - exponents, 1023)))


def _measure_all(measure: _Measure, operands: _Operands, layout: Layout) -> Array:
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


def _refuse_negative(operands: list[tuple[str, Array]]) -> None:
    for name, a in operands:
        negative = a < 0
        if negative.any():
            raise ValueError(
                f"{name} must not hold negative probabilities, got {a[negative].min()}"
            )


def _refuse_zero(operands: list[tuple[str, Array]]) -> None:
    for name, a in operands:
        if not a.any():
            raise ValueError(
                f"{name} must hold at least one probability above 0, "
                f"got {'only zeros' if a.size else 'an empty array'}"
            )


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
    arrays = [np.atleast_1d(as_numeric(a, name)) for name, a in operands]
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
    except ValueError:
        shapes = " and ".join(f"{name} {np.shape(a)}" for name, a in operands)
        raise ValueError(
            f"Array shapes are incompatible for broadcasting. The shapes of {shapes} must agree "
            f"in each dimension, or be 1 there"
        ) from None
    arrays = [a if a.shape == shape else np.broadcast_to(a, shape) for a in arrays]
    named = [(name, a) for (name, _), a in zip(operands, arrays, strict=True)]
    common = np.result_type(*arrays)
    narrow = common in (np.float16, np.float32) or common.name == "bfloat16"
    dtype = np.dtype(np.float32 if narrow else np.float64)
    axes = normalize_axes(axis, len(shape))
    layout = arrange(arrays[0], axes)
    views = _Operands([layout.view(a) for a in arrays], dtype, nan_policy)
    try:
        out = _measure_all(measure, views, layout)
    except _NegativeError:
        _refuse_negative(named)
        raise
    if out.ndim == 0 and math.isnan(out):
        _refuse_zero(named)
    out = (out / divisor).astype(dtype, copy=False)
    if keepdims:
        out = np.expand_dims(out, axes)
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


def js_divergence(
    pk: npt.ArrayLike,
    qk: npt.ArrayLike,
    base: float | None = None,
    axis: int | tuple[int, ...] | None = 0,
    *,
    nan_policy: str = "propagate",
    keepdims: bool = False,
) -> Any:
    """
    Jensen-Shannon divergence, ``(D(p|m) + D(q|m)) / 2`` with ``m = (p + q) / 2``.

    The square of :func:`scipy.spatial.distance.jensenshannon`: between 0, of equal distributions,
    and ``log 2``, of disjoint ones. Weights are normalised to sum 1.

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
    Lin, J. (1991), Divergence measures based on the Shannon entropy, IEEE Transactions on
    Information Theory 37, 145-151. https://doi.org/10.1109/18.61115

    Examples
    --------
    >>> import fastinfo
    >>> float(fastinfo.js_divergence([1, 0], [0, 1], base=2))
    1.0
    """
    return _reduce(_JS_DIVERGENCE, [("pk", pk), ("qk", qk)], base, axis, nan_policy, keepdims)
