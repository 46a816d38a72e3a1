"""Cross-entropy of logits or probabilities with targets: losses, gradients, Hessians."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._binary_losses import binary_cross_entropy, sigmoid_cross_entropy
from fastinfo._log_loss import log_loss
from fastinfo._rows import (
    EMPTY,
    REDUCTIONS,
    Rows,
    add_up,
    as_reals,
    check_output,
    class_weights,
    compute_dtype,
    mean_divisor,
    result_dtype,
    row_sums_for,
    run_spans,
    sum_spans,
    weight_of,
)
from fastinfo._validate import (
    Array,
    as_block,
    as_float,
    as_numeric,
    base_divisor,
    choice,
    read_only,
)
from fastinfo.kernels import losses as kernels

__all__ = ["binary_cross_entropy", "log_loss", "sigmoid_cross_entropy", "softmax_cross_entropy"]

_NONE_IGNORED = -(2**63)


def _check_targets(logits: Array, targets: Any) -> tuple[Array, bool]:
    """Targets as an array, and whether they are integers."""
    array = as_reals(targets, "targets")
    if array.shape == logits.shape[:-1] and array.shape != logits.shape:
        if array.dtype.kind not in "biu":
            raise TypeError(
                f"targets of shape {array.shape} must be integers, the numbers of classes, "
                f"got dtype {array.dtype}; probabilities have the shape of logits, {logits.shape}"
            )
        return array, True
    if array.shape != logits.shape:
        raise ValueError(
            f"targets must be integers of shape {logits.shape[:-1]} or probabilities of shape "
            f"{logits.shape}, as logits have it, got shape {array.shape}"
        )
    return array, False


def _fraction(value: Any) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"label_smoothing must be a real number in [0, 1], got {value!r}")
    if not 0.0 <= as_float(value) <= 1.0:
        raise ValueError(f"label_smoothing must be between 0.0 and 1.0. Got: {value!r}")
    return float(value)


def _check_ignored(ignore_index: Any, labels: bool) -> int | None:
    if ignore_index is None:
        return None
    if isinstance(ignore_index, (bool, np.bool_)) or not isinstance(ignore_index, numbers.Integral):
        raise TypeError(f"ignore_index must be an integer or None, got {ignore_index!r}")
    if not labels:
        raise ValueError(
            "ignore_index must be None where targets are probabilities "
            f"(it is not supported for floating point targets), got {ignore_index!r}"
        )
    number = int(ignore_index)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"ignore_index must fit into 64 bits, got {ignore_index!r}")
    return number


class _Problem:
    """Logits, targets and weights of one call, and how kernels take parts of them."""

    def __init__(
        self,
        logits: Array,
        targets: Array,
        labels: bool,
        weights: Array | None,
        ignored: int | None,
    ) -> None:
        self.logits = Rows(logits)
        self.labels = labels
        self.targets = targets if labels else Rows(targets)
        self.flat_targets = targets.reshape(-1) if labels else EMPTY
        self.weights = None if weights is None else weights.reshape(-1)
        self.ignored = ignored
        self.dtype = compute_dtype(logits)
        self.direct = self.logits.is_direct(self.dtype)
        self.marker = _NONE_IGNORED if ignored is None else ignored

    def logits_of(self, span: tuple[int, int]) -> tuple[Array, int, int]:
        """Logits for a kernel, and the range of rows in them."""
        if self.direct:
            return read_only(self.logits.array), *span
        return as_block(self.logits.get(span), self.dtype), 0, span[1] - span[0]

    def targets_of(self, span: tuple[int, int]) -> Array:
        """Targets of a span of rows."""
        if self.labels:
            return as_block(self.flat_targets[slice(*span)], np.int64)
        assert isinstance(self.targets, Rows)
        return as_block(self.targets.get(span), self.dtype)

    def weights_of(self, span: tuple[int, int]) -> Array:
        """Weights of a span of rows."""
        if self.weights is None:
            return EMPTY
        return as_block(self.weights[slice(*span)], np.float64)

    def count(self, class_weight: Array) -> tuple[int, float]:
        """Rows that count, and their weight; targets are checked."""
        if not self.labels:
            if self.weights is None:
                return self.logits.count, float(self.logits.count)
            total = sum_spans(lambda s: weight_of(self.weights_of(s)), self.logits.count, 1)
            return self.logits.count, total
        classes = self.logits.width

        def check(span: tuple[int, int]) -> tuple[int, float]:
            row, rows, weight = kernels.check_targets(
                self.targets_of(span),
                classes,
                self.ignored is not None,
                self.marker,
                class_weight,
                self.weights_of(span),
            )
            if row >= 0:
                place = span[0] + row
                value = self.flat_targets[place]
                ignoring = "" if self.ignored is None else f" or ignore_index, {self.ignored},"
                raise ValueError(
                    f"targets must be in [0, {classes}){ignoring} for {classes} classes, "
                    f"got {value} in row {place}"
                )
            return rows, weight

        found = run_spans(check, self.logits.count, 1)
        return sum(rows for rows, _ in found), add_up([weight for _, weight in found])


class _Derivative:
    """Where the gradient or the Hessian's diagonal goes."""

    def __init__(self, out: Array, problem: _Problem) -> None:
        self.rows = Rows(out)
        a, logits = self.rows.array, problem.logits.array
        self.direct = (
            problem.direct
            and self.rows.is_direct(problem.dtype)
            and a.flags.c_contiguous == logits.flags.c_contiguous
        )
        self.dtype = problem.dtype

    def begin(self, span: tuple[int, int]) -> Array:
        """Array that a kernel may write to."""
        if self.direct:
            return self.rows.array
        return np.empty((span[1] - span[0], self.rows.width), self.dtype)

    def end(self, span: tuple[int, int], values: Array) -> None:
        """Take over what the kernel wrote."""
        if not self.direct:
            self.rows.set(span, values)


def softmax_cross_entropy(
    logits: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    class_weight: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
    base: float | None = None,
    return_grad: bool = False,
    return_hess: bool = False,
    out: Array | None = None,
    grad_out: Array | None = None,
) -> Any:
    """
    Cross-entropy of targets with the softmax of logits, with its gradient and Hessian's diagonal.

    As :func:`torch.nn.functional.cross_entropy`, with the classes on the last axis. A row of logits
    ``x`` with target weights ``a`` loses ``sum(a (log(sum(exp x)) - x))``, where ``a`` is ``w[t]``
    at an integer target ``t`` and 0 elsewhere, or ``w q`` for probabilities ``q``, with class
    weights ``w``; label smoothing ``s`` takes ``(1 - s) q + s / c`` in place of ``q``.

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., c)
        Logits of c classes.
    targets : array_like, shape (...) or (..., c)
        Numbers of classes, or probabilities, which need not sum to 1.
    class_weight : array_like, shape (c,), optional
        Weight of each class.
    sample_weight : array_like, shape (...), optional
        Weight of each row.
    ignore_index : int, optional
        Rows with this integer target count nowhere.
    label_smoothing : float, optional
        Share of each target that is spread evenly over all classes, in [0, 1].
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the weights that applied: by the sum, over the rows that count, of sample
        weights times, for integer targets, the weights of the targets' classes.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    return_grad : bool, optional
        Also return the gradient of the loss by the logits: with ``reduction="none"`` row by row.
    return_hess : bool, optional
        Also return the gradient and the diagonal of the Hessian, ``sum(a) p (1 - p)`` by row.
    out : ndarray, optional
        Where to write the losses (``reduction="none"``) or the loss (shape ()).
    grad_out : ndarray, shape (..., c), optional
        Where to write the gradient.

    Returns
    -------
    loss : numpy scalar or ndarray
        Of the dtype of logits (float64 for integers); sums are in float64. A target whose logit is
        -inf loses inf, a row with +inf or NaN or only -inf loses NaN. If all rows are ignored the
        mean is NaN, with a warning, and the gradient 0.
    grad, hess : ndarray
        If asked for; of the shape, dtype and memory order (C or Fortran) of logits.

    Raises
    ------
    TypeError
        If an argument is complex or not numeric, or class numbers are not integers.
    ValueError
        If shapes do not fit, a target is no class, weights sum to zero, there is no row to take the
        mean of, a parameter is out of its range, or an output overlaps an input.

    Warns
    -----
    RuntimeWarning
        If all rows are ignored.

    References
    ----------
    Milakov, M. & Gimelshein, N. (2018), Online normalizer calculation for softmax.
    https://arxiv.org/abs/1805.02867

    Examples
    --------
    >>> import fastinfo
    >>> logits = [[10.0, 1.0, -2.0], [1.0, 4.0, 0.2]]
    >>> fastinfo.softmax_cross_entropy(logits, [1, 0], reduction="none")
    array([9.00013, 3.06967])
    >>> loss, grad = fastinfo.softmax_cross_entropy([[0.0, 0.0, 0.0]], [1], return_grad=True)
    >>> grad
    array([[ 0.3333, -0.6667,  0.3333]])
    """
    x = as_reals(logits, "logits")
    if x.ndim == 0 or x.shape[-1] == 0:
        raise ValueError(f"logits must have a last axis of classes, got shape {x.shape}")
    q, labels = _check_targets(x, targets)
    choice(reduction, "reduction", REDUCTIONS)
    divisor = base_divisor(base)
    smoothing = _fraction(label_smoothing)
    ignored = _check_ignored(ignore_index, labels)
    by_class = class_weights(class_weight, x.shape[-1])
    weights = None
    if sample_weight is not None:
        weights = as_numeric(sample_weight, "sample_weight")
        if weights.shape != x.shape[:-1]:
            raise ValueError(
                f"sample_weight must hold one weight for each row, of shape {x.shape[:-1]}, "
                f"got shape {weights.shape}"
            )
    dtype = result_dtype(x)
    inputs = {"logits": x, "targets": q}
    if out is not None:
        check_output(out, "out", x.shape[:-1] if reduction == "none" else (), dtype, inputs)
    if grad_out is not None:
        check_output(grad_out, "grad_out", x.shape, dtype, inputs)
        if out is not None:
            check_output(out, "out", out.shape, dtype, {"grad_out": grad_out})

    problem = _Problem(x, q, labels, weights, ignored)
    n, classes = problem.logits.count, problem.logits.width
    if n == 0 and reduction == "mean":
        raise ValueError(f"logits must have at least one row to take the mean, got shape {x.shape}")
    counted, weight = problem.count(by_class)
    scale = 1.0 / (mean_divisor(weight, counted, reduction) * divisor)
    derivatives: list[_Derivative] = []
    if return_grad or return_hess or grad_out is not None:
        grad = np.empty_like(x, dtype=dtype) if grad_out is None else grad_out
        derivatives.append(_Derivative(grad, problem))
        if return_hess:
            hess = np.empty_like(grad)
            derivatives.append(_Derivative(hess, problem))
    losses = None
    if reduction == "none":
        losses = np.empty(x.shape[:-1], dtype) if out is None else out

    def reduce(span: tuple[int, int]) -> float:
        part, start, stop = problem.logits_of(span)
        targets_part, weights_part = problem.targets_of(span), problem.weights_of(span)
        rows = np.empty((4, stop - start))
        row_sums_for(part)(part, start, stop, rows[0], rows[2], rows[1])
        kernels.start_rows(rows)  # step by step: what is not needed is not compiled
        if not labels or smoothing:
            kernels.target_gaps(part, targets_part, by_class, smoothing, start, stop, rows)
        total: float
        if labels:
            total = kernels.finish_labels(
                part,
                targets_part,
                by_class,
                weights_part,
                problem.marker,
                smoothing,
                start,
                rows,
            )
        else:
            total = kernels.finish_probabilities(weights_part, rows)
        if losses is not None:
            losses.flat[slice(*span)] = rows[3] / divisor
        if derivatives:
            arrays = [d.begin(span) for d in derivatives]
            direct = [d.direct for d in derivatives]
            if problem.direct and not all(direct):  # the kernel counts rows alike in all arrays
                part, start, stop = (
                    as_block(problem.logits.get(span), problem.dtype),
                    0,
                    stop - start,
                )
                arrays = [a[slice(*span)] if d else a for a, d in zip(arrays, direct, strict=True)]
            kernels.softmax_derivatives(
                part,
                targets_part,
                by_class,
                weights_part,
                problem.marker,
                smoothing,
                0.0 if counted == 0 else scale,
                start,
                stop,
                rows,
                len(arrays) > 1,
                arrays[0],
                arrays[-1],
            )
            for derivative, values in zip(derivatives, arrays, strict=True):
                derivative.end(span, values)
        return total

    total = sum_spans(reduce, n, classes, problem.logits.least if problem.direct else 1)
    result: Any
    if losses is None:
        result = dtype.type(total * scale)
        if out is not None:
            out[()] = result
            result = out
    else:
        result = losses if out is not None else losses[()]
    if return_hess:
        return result, grad, hess
    return (result, grad) if return_grad else result
