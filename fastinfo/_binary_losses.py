"""Binary cross-entropy of logits or of probabilities."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from fastinfo._rows import (
    EMPTY,
    REDUCTIONS,
    as_reals,
    compute_dtype,
    mean_divisor,
    result_dtype,
    sum_spans,
    weight_of,
    weights_like,
)
from fastinfo._validate import Array, as_block, as_numeric, base_divisor, choice, read_only
from fastinfo.kernels import binary_losses as kernels

__all__ = ["binary_cross_entropy", "sigmoid_cross_entropy"]


def _flat(a: Array, fortran: bool) -> Any:
    """One-dimensional view of an array in the order of its memory, or what can be cut like one."""
    if fortran:
        a = a.T
    return a.reshape(-1) if a.flags.c_contiguous or a.ndim <= 1 else a.flat


def _operands(x: Array, others: list[Array]) -> tuple[list[Any], bool]:
    """All arrays as flat ones in the same order, and whether that is Fortran's."""
    fortran = x.ndim > 1 and x.flags.f_contiguous and not x.flags.c_contiguous
    return [_flat(a, fortran) for a in (x, *others)], fortran


def _same_shape(a: Array, name: str, b: Array) -> None:
    if a.shape != b.shape:
        raise ValueError(f"targets must have the shape of {name}, {a.shape}, got shape {b.shape}")


def _divisor(a: Array, name: str, weights: Array | None, reduction: str) -> float:
    """What the sum of losses is divided by."""
    if reduction == "mean" and a.size == 0:
        raise ValueError(f"{name} must hold at least one element to take the mean, got none")
    total = float(a.size)
    if weights is not None and reduction == "mean":
        flat = _flat(weights, False)
        total = sum_spans(lambda s: weight_of(flat[slice(*s)]), a.size, 1)
    return mean_divisor(total, a.size or 1, reduction)


def _result(total: float, losses: Array | None, dtype: np.dtype[Any], scale: float) -> Any:
    return dtype.type(total * scale) if losses is None else losses[()]


def sigmoid_cross_entropy(
    logits: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    pos_weight: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    reduction: str = "mean",
    base: float | None = None,
    return_grad: bool = False,
    return_hess: bool = False,
) -> Any:
    """
    Binary cross-entropy of targets with the sigmoid of logits, element by element.

    As :func:`torch.nn.functional.binary_cross_entropy_with_logits`: with ``p = sigmoid(x)`` and the
    weight ``w`` of positive targets the loss is ``-(w t log p + (1 - t) log(1 - p))``, without
    cancellation, and with its limit at infinite logits.

    Parameters
    ----------
    logits : array_like of real numbers
        Logits of the positive class.
    targets : array_like, shape of logits
        0, 1, or probabilities.
    pos_weight : array_like, optional
        Weight of positive targets; broadcast against logits.
    sample_weight : array_like, optional
        Weight of each element, or of each index of the leading axes; or broadcast against logits.
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the sum of the sample weights, or by the number of elements.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    return_grad : bool, optional
        Also return the gradient of the loss by the logits: with ``reduction="none"`` element-wise.
    return_hess : bool, optional
        Also return the gradient and the diagonal of the Hessian, ``(w t + 1 - t) p (1 - p)``.

    Returns
    -------
    loss : numpy scalar or ndarray
        Of the dtype of logits (float64 for integers); sums are in float64.
    grad, hess : ndarray
        If asked for; of the shape, dtype and memory order of logits.

    Raises
    ------
    TypeError
        If an argument is complex or not numeric.
    ValueError
        If shapes do not fit, weights sum to zero, there is nothing to take the mean of, or a
        parameter is out of its range.

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.sigmoid_cross_entropy([0.0, 2.0, -40.0], [1, 1, 0], reduction="none")
    array([6.9315e-01, 1.2693e-01, 4.2484e-18])
    """
    x = as_reals(logits, "logits")
    t = as_reals(targets, "targets")
    _same_shape(x, "logits", t)
    choice(reduction, "reduction", REDUCTIONS)
    base_log = base_divisor(base)
    weights = weights_like(sample_weight, x.shape, "logits")
    positive = None
    if pos_weight is not None:
        given = as_numeric(pos_weight, "pos_weight")
        try:
            positive = np.broadcast_to(given, x.shape)
        except ValueError:
            raise ValueError(
                f"pos_weight must broadcast to the shape of logits, {x.shape}, "
                f"got shape {given.shape}"
            ) from None
        if given.size == 1 and weights is None:
            positive = None
    constant = 1.0 if pos_weight is None else float(given.flat[0]) if given.size else 1.0
    divisor = _divisor(x, "logits", weights, reduction)
    scale = 1.0 / (divisor * base_log)
    dtype, kernel_dtype = result_dtype(x), compute_dtype(x)

    elementwise = positive is not None or weights is not None
    extra = []
    if elementwise:
        one = np.broadcast_to(np.float64(1.0), x.shape)
        fill = np.broadcast_to(np.float64(constant), x.shape)
        extra = [fill if positive is None else positive, one if weights is None else weights]
    flat, fortran = _operands(x, [t, *extra])
    single = read_only(np.array([constant]))

    def parts(span: tuple[int, int]) -> list[Array]:
        cut = [a[slice(*span)] for a in flat]
        blocks = [as_block(a, kernel_dtype) for a in cut[:2]]
        weighted = [as_block(a, np.float64) for a in cut[2:]]
        return blocks + (weighted or [single, EMPTY])

    order: Literal["C", "F"] = "F" if fortran else "C"
    grad = np.empty(x.shape, dtype, order=order) if return_grad or return_hess else None
    hess = np.empty(x.shape, dtype, order=order) if return_hess else None
    losses = np.empty(x.shape, dtype, order=order) if reduction == "none" else None

    def reduce(span: tuple[int, int]) -> float:
        values, true, factor, w = parts(span)
        size = span[1] - span[0]
        kept = np.empty(size if losses is not None else 0, kernel_dtype)
        total: float = kernels.sigmoid_cross_entropy(
            values, true, factor, w, losses is not None, kept
        )
        if losses is not None:
            with np.errstate(over="ignore"):  # float16 has infinity for what it does not hold
                _flat(losses, fortran)[slice(*span)] = kept / base_log
        if grad is not None:
            second = hess is not None
            g, h = np.empty(size, kernel_dtype), np.empty(size if second else 0, kernel_dtype)
            kernels.sigmoid_derivatives(values, true, factor, w, scale, second, g, h)
            with np.errstate(over="ignore"):
                _flat(grad, fortran)[slice(*span)] = g
                if hess is not None:
                    _flat(hess, fortran)[slice(*span)] = h
        return total

    total = sum_spans(reduce, x.size, 1)
    result = _result(total, losses, dtype, scale)
    if return_hess:
        return result, grad, hess
    return (result, grad) if return_grad else result


def binary_cross_entropy(
    probs: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
    reduction: str = "mean",
    base: float | None = None,
) -> Any:
    """
    Binary cross-entropy of targets with probabilities, element by element.

    As :func:`torch.nn.functional.binary_cross_entropy`, but without its clipping: the loss is
    ``-(t log p + (1 - t) log(1 - p))`` with ``0 log 0 = 0``, and inf for a probability of 0 of
    what is the case.

    Parameters
    ----------
    probs : array_like of real numbers
        Probabilities of the positive class, in [0, 1].
    targets : array_like, shape of probs
        0, 1, or probabilities.
    sample_weight : array_like, optional
        Weight of each element, or of each index of the leading axes; or broadcast against probs.
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the sum of the sample weights, or by the number of elements.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.

    Returns
    -------
    numpy scalar or ndarray
        Of the dtype of probs (float64 for integers); sums are in float64.

    Raises
    ------
    TypeError
        If an argument is complex or not numeric.
    ValueError
        If a probability or target is outside [0, 1], shapes do not fit, weights sum to zero, there
        is nothing to take the mean of, or a parameter is out of its range.

    Examples
    --------
    >>> import fastinfo
    >>> float(round(fastinfo.binary_cross_entropy([0.8, 0.2], [1, 0]), 4))
    0.2231
    >>> float(fastinfo.binary_cross_entropy([0.0], [1]))
    inf
    """
    p = as_reals(probs, "probs")
    t = as_reals(targets, "targets")
    _same_shape(p, "probs", t)
    choice(reduction, "reduction", REDUCTIONS)
    base_log = base_divisor(base)
    weights = weights_like(sample_weight, p.shape, "probs")
    scale = 1.0 / (_divisor(p, "probs", weights, reduction) * base_log)
    dtype, kernel_dtype = result_dtype(p), compute_dtype(p)
    flat, fortran = _operands(p, [t] if weights is None else [t, weights])
    losses = None
    if reduction == "none":
        losses = np.empty(p.shape, dtype, order="F" if fortran else "C")

    def reduce(span: tuple[int, int]) -> float:
        blocks = [as_block(a[slice(*span)], kernel_dtype) for a in flat[:2]]
        for name, block in zip(("probs", "targets"), blocks, strict=True):
            least, most = kernels.extremes(block)
            if least < 0.0 or most > 1.0:
                worst = least if least < 0.0 else most
                raise ValueError(
                    f"all elements of {name} should be between 0 and 1: "
                    f"{name} must be probabilities, got {worst}"
                )
        w = as_block(flat[2][slice(*span)], np.float64) if len(flat) > 2 else EMPTY
        kept = np.empty(span[1] - span[0] if losses is not None else 0)
        total: float = kernels.binary_cross_entropy(
            blocks[0], blocks[1], w, losses is not None, kept
        )
        if losses is not None:
            with np.errstate(over="ignore"):  # float16 has infinity for what it does not hold
                _flat(losses, fortran)[slice(*span)] = kept / base_log
        return total

    total = sum_spans(reduce, p.size, 1)
    return _result(total, losses, dtype, scale)
