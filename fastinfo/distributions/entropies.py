"""Entropy, cross-entropy and divergence of probability distributions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, as_numeric, base_divisor, check_nan_policy, is_bfloat16
from fastinfo._core.in_njit import in_njit
from fastinfo.distributions.axes import arrange, normalize_axes
from fastinfo.distributions.probabilities import (
    CROSS_ENTROPY,
    ENTROPY,
    JS_DIVERGENCE,
    KL_DIVERGENCE,
    Measure,
    NegativeError,
    Operands,
    measure_all,
    measure_rows,
)


def _of_samples(operands: list[tuple[str, Any]]) -> str:
    """Hint for errors of :func:`entropy`, for users who pass samples instead of probabilities."""
    alone = len(operands) == 1
    return ". entropy takes probabilities: entropy_of_samples takes samples" if alone else ""


def _weights(operands: list[tuple[str, Any]]) -> list[Array]:
    try:
        return [np.atleast_1d(as_numeric(a, name)) for name, a in operands]
    except TypeError as error:
        if "complex" in str(error):
            raise
        raise TypeError(f"{error}{_of_samples(operands)}") from error


def _refuse_negative(operands: list[tuple[str, Array]]) -> None:
    for name, a in operands:
        with np.errstate(invalid="ignore"):
            negative = a < 0
        if negative.any():
            raise ValueError(
                f"{name} must not hold negative probabilities, got {a[negative].min()}"
                f"{_of_samples(operands)}"
            )


def _refuse_zero(operands: list[tuple[str, Array]]) -> None:
    for name, a in operands:
        if not a.any():
            raise ValueError(
                f"{name} must hold at least one probability above 0, "
                f"got {'only zeros' if a.size else 'an empty array'}"
            )


def _reduce(
    measure: Measure,
    operands: list[tuple[str, Any]],
    base: float | None,
    axis: int | tuple[int, ...] | None,
    nan_policy: str,
    keepdims: bool,
) -> Any:
    divisor = base_divisor(base)
    check_nan_policy(nan_policy)
    if nan_policy == "propagate" and keepdims is False:
        found = measure_rows(measure, [a for _, a in operands], axis, divisor)
        if found is not None:
            return found
    arrays = _weights(operands)
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
    narrow = common.itemsize <= 4 and (common.kind == "f" or is_bfloat16(common))
    dtype = np.dtype(np.float32 if narrow else np.float64)
    axes = normalize_axes(axis, len(shape))
    layout = arrange(arrays[0], axes)
    views = Operands([layout.view(a) for a in arrays], dtype, nan_policy)
    try:
        out = measure_all(measure, views, layout)
    except NegativeError:
        _refuse_negative(named)
        raise
    if out.ndim == 0 and math.isnan(out):
        _refuse_zero(named)
    out = (out / divisor).astype(dtype, copy=False)
    if keepdims:
        out = np.expand_dims(out, axes)
    return out[()]


@in_njit("fastinfo.numba_ext.of_distributions")
def entropy(
    pk: npt.ArrayLike,
    qk: npt.ArrayLike | None = None,
    base: float | None = None,
    axis: int | tuple[int, ...] | None = 0,
    *,
    nan_policy: str = "propagate",
    keepdims: bool = False,
) -> Any:
    r"""
    Entropy of probability distributions, or their relative entropy to `qk`.

    The entropy is ``H(p) = -sum(p log p)`` with ``0 log 0 = 0``. Weights are normalised to sum to
    1. If `qk` is given, the result is :func:`kl_divergence` instead. The function behaves like
    :func:`scipy.stats.entropy`. For the entropy of samples, see :func:`entropy_of_samples`.

    Parameters
    ----------
    pk : array_like of real numbers
        Weights, one distribution for each slice along `axis`.
    qk : array_like of real numbers, optional
        Weights of the reference distributions, broadcast against `pk`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    axis : int, tuple of int or None, optional
        Axis of the distributions; None treats all elements as one distribution.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a NaN makes the result NaN (default), is omitted with the paired weight, or raises.
    keepdims : bool, optional
        Keep the reduced axes, with length 1.

    Returns
    -------
    numpy scalar or ndarray
        float64, or float32 for float32 and float16 input. NaN for each all-zero distribution, if
        there are several distributions.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`cross_entropy`.

    Notes
    -----
    The entropy of a distribution :math:`p` is

    .. math::

        H(p) = -\sum_i p_i \log p_i

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
    return _reduce(ENTROPY, [("pk", pk)], base, axis, nan_policy, keepdims)


@in_njit("fastinfo.numba_ext.of_distributions")
def cross_entropy(
    pk: npt.ArrayLike,
    qk: npt.ArrayLike,
    base: float | None = None,
    axis: int | tuple[int, ...] | None = 0,
    *,
    nan_policy: str = "propagate",
    keepdims: bool = False,
) -> Any:
    r"""
    Cross-entropy of probability distributions, ``-sum(p log q)``.

    This is the mean message length when symbols follow `pk` but the code is optimal for `qk`. It
    equals ``entropy(pk) + kl_divergence(pk, qk)``. Weights are normalised to sum to 1, and
    ``0 log 0 = 0``.

    Parameters
    ----------
    pk, qk : array_like of real numbers
        Weights, one distribution for each slice along `axis`; broadcast against each other.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    axis : int, tuple of int or None, optional
        Axis of the distributions; None treats all elements as one distribution.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a NaN makes the result NaN (default), is omitted with the paired weight, or raises.
    keepdims : bool, optional
        Keep the reduced axes, with length 1.

    Returns
    -------
    numpy scalar or ndarray
        float64, or float32 for float32 and float16 input. ``inf`` if ``q = 0`` for some ``p > 0``.
        NaN for each all-zero distribution, if there are several distributions.

    Raises
    ------
    TypeError
        If the input is complex or not numeric.
    ValueError
        If a weight is negative, a single distribution is all zero, the shapes do not broadcast,
        `base` is 1 or not positive, or there is a NaN and ``nan_policy="raise"``.

    Notes
    -----
    The cross-entropy of :math:`q` relative to :math:`p` is

    .. math::

        H(p, q) = -\sum_i p_i \log q_i = H(p) + D(p \,\|\, q)

    References
    ----------
    Cover, T. M. & Thomas, J. A. (2006), Elements of Information Theory, 2nd ed., section 5.4.
    https://doi.org/10.1002/047174882X

    Examples
    --------
    A classifier that gives the true class a probability of 0.8:

    >>> import fastinfo
    >>> float(round(fastinfo.cross_entropy([1, 0], [0.8, 0.2]), 4))
    0.2231
    >>> float(round(fastinfo.cross_entropy([1, 0], [0.8, 0.2], base=2), 4))
    0.3219
    """
    return _reduce(CROSS_ENTROPY, [("pk", pk), ("qk", qk)], base, axis, nan_policy, keepdims)


@in_njit("fastinfo.numba_ext.of_distributions")
def kl_divergence(
    pk: npt.ArrayLike,
    qk: npt.ArrayLike,
    base: float | None = None,
    axis: int | tuple[int, ...] | None = 0,
    *,
    nan_policy: str = "propagate",
    keepdims: bool = False,
) -> Any:
    r"""
    Kullback-Leibler divergence (relative entropy), ``sum(p log(p / q))``.

    Weights are normalised to sum to 1, and ``0 log(0 / q) = 0``. The divergence is never negative.

    Parameters
    ----------
    pk, qk : array_like of real numbers
        Weights, one distribution for each slice along `axis`; broadcast against each other.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    axis : int, tuple of int or None, optional
        Axis of the distributions; None treats all elements as one distribution.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a NaN makes the result NaN (default), is omitted with the paired weight, or raises.
    keepdims : bool, optional
        Keep the reduced axes, with length 1.

    Returns
    -------
    numpy scalar or ndarray
        float64, or float32 for float32 and float16 input. ``inf`` if ``q = 0`` for some ``p > 0``.
        NaN for each all-zero distribution, if there are several distributions.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`cross_entropy`.

    Notes
    -----
    The divergence of :math:`p` from :math:`q` is

    .. math::

        D(p \,\|\, q) = \sum_i p_i \log \frac{p_i}{q_i}

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
    return _reduce(KL_DIVERGENCE, [("pk", pk), ("qk", qk)], base, axis, nan_policy, keepdims)


@in_njit("fastinfo.numba_ext.of_distributions")
def js_divergence(
    pk: npt.ArrayLike,
    qk: npt.ArrayLike,
    base: float | None = None,
    axis: int | tuple[int, ...] | None = 0,
    *,
    nan_policy: str = "propagate",
    keepdims: bool = False,
) -> Any:
    r"""
    Jensen-Shannon divergence, ``(D(p|m) + D(q|m)) / 2`` with ``m = (p + q) / 2``.

    It is 0 for equal distributions and ``log 2`` for disjoint ones, and equals the square of
    :func:`scipy.spatial.distance.jensenshannon`. Weights are normalised to sum to 1.

    Parameters
    ----------
    pk, qk : array_like of real numbers
        Weights, one distribution for each slice along `axis`; broadcast against each other.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    axis : int, tuple of int or None, optional
        Axis of the distributions; None treats all elements as one distribution.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a NaN makes the result NaN (default), is omitted with the paired weight, or raises.
    keepdims : bool, optional
        Keep the reduced axes, with length 1.

    Returns
    -------
    numpy scalar or ndarray
        float64, or float32 for float32 and float16 input. NaN for each all-zero distribution, if
        there are several distributions.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`cross_entropy`.

    Notes
    -----
    With the Kullback-Leibler divergence :math:`D`,

    .. math::

        \mathrm{JS}(p, q) = \tfrac{1}{2} D(p \,\|\, m) + \tfrac{1}{2} D(q \,\|\, m), \qquad m
            = \tfrac{1}{2}(p + q)

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
    return _reduce(JS_DIVERGENCE, [("pk", pk), ("qk", qk)], base, axis, nan_policy, keepdims)
