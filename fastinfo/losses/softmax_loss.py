"""Cross-entropy of targets with the softmax of logits, its gradient and Hessian's diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import (
    Array,
    as_block,
    base_divisor,
    choice,
    read_only,
)
from fastinfo._core.in_njit import in_njit
from fastinfo.distributions.outputs import check_output, refuse_overlap
from fastinfo.distributions.row_kernels import row_sums_for
from fastinfo.kernels.losses import softmax_loss as kernels
from fastinfo.losses.rows import (
    EMPTY,
    REDUCTIONS,
    Rows,
    Total,
    Weights,
    add_up,
    as_reals,
    as_scalar,
    beyond,
    class_weights,
    exponents,
    is_ordinary,
    largest,
    mean_divisor,
    power_off,
    put,
    result_dtype,
    run_spans,
    shifted,
    sum_spans,
)
from fastinfo.losses.softmax_arguments import check_ignored, check_targets, fraction, row_weights

_NONE_IGNORED = -(2**63)


#: Rows as :mod:`fastinfo.kernels.losses.softmax_loss` takes them: logits, targets, weighting, span.
_Part = tuple[Array, Array, tuple[Array, Array, int, float], tuple[int, int]]


class _Problem:
    """Checked logits, targets and weights of one call, and the kernel calls for spans of rows."""

    def __init__(
        self,
        logits: Any,
        targets: Any,
        *,
        class_weight: Any = None,
        sample_weight: Any = None,
        ignore_index: Any = None,
        label_smoothing: Any = 0.0,
    ) -> None:
        x = as_reals(logits, "logits")
        if x.ndim == 0 or x.shape[-1] == 0:
            raise ValueError(f"logits must have a last axis of classes, got shape {x.shape}")
        q, self.labels = check_targets(x, targets)
        self.smoothing = fraction(label_smoothing)
        self.ignored = check_ignored(ignore_index, self.labels)
        self._marker = _NONE_IGNORED if self.ignored is None else self.ignored
        self.class_weight = class_weights(class_weight, x.shape[-1])
        weights = row_weights(sample_weight, x.shape[:-1])
        self.inputs = {"logits": x, "targets": q}
        self.logits = Rows(x)
        self.count, self.classes = self.logits.count, self.logits.width
        self.targets: Any = q.reshape(-1) if self.labels else Rows(q)
        self.weights = Weights(weights, self.count)
        self.weighted = class_weight is not None or weights is not None
        self.exponent = 0  #: of the power of two that is off the weights
        self.result_dtype = result_dtype(x)
        self.dtype: type = np.float32 if self.result_dtype.itemsize <= 4 else np.float64
        self.direct = self.logits.is_direct(self.dtype)  #: kernels take the logits as a whole

    def is_like(self, out: Rows) -> bool:
        """Whether a kernel can write to an array with the same layout as the logits."""
        in_rows = [a.array.flags.c_contiguous for a in (out, self.logits)]
        return out.is_direct(self.dtype) and in_rows[0] == in_rows[1]

    def _targets_of(self, span: tuple[int, int]) -> Array:
        if self.labels:
            return as_block(self.targets[slice(*span)], np.int64)
        return as_block(self.targets.get(span), self.dtype)

    def part(self, span: tuple[int, int]) -> _Part:
        """Return a span of rows in the form that kernels accept."""
        weighting = (self.class_weight, self.weights.of(span), self._marker, self.smoothing)
        targets = self._targets_of(span)
        if self.direct:
            return read_only(self.logits.array), targets, weighting, span
        block = as_block(self.logits.get(span), self.dtype)
        return block, targets, weighting, (0, len(block))

    def losses(self, part: _Part) -> tuple[float, Array]:
        """Sum of the losses of rows, and the intermediate values of each row."""
        logits, targets, weighting, span = part
        rows = np.empty((4, span[1] - span[0]))
        row_sums_for(logits)(logits, *span, rows[0], rows[2], rows[1])
        class_weight, by_row, ignored, _ = weighting
        if self.labels and not (self.smoothing or class_weight.size or by_row.size):
            return kernels.plain_losses(logits, targets, ignored, span[0], rows), rows
        kernels.start_rows(rows)  # step by step: what is not needed is not compiled
        if not self.labels or self.smoothing:
            kernels.target_gaps(logits, targets, weighting, span, rows)
        if self.labels:
            return kernels.finish_labels(logits, targets, weighting, span[0], rows), rows
        return kernels.finish_probabilities(weighting[1], rows), rows

    def derive(
        self, part: _Part, span: tuple[int, int], rows: Array, scale: float, outputs: list[Rows]
    ) -> None:
        """Write the gradient of a part, and the Hessian's diagonal if there are two outputs."""
        logits, targets, weighting, place = part
        arrays = [out.array if self.direct else np.empty_like(logits) for out in outputs]
        into = (arrays[0], arrays[-1], len(arrays) > 1)
        kernels.softmax_derivatives(logits, targets, weighting, scale, place, rows, into)
        if not self.direct:
            for out, values in zip(outputs, arrays, strict=True):
                out.set(span, values)

    def run(self, function: Any) -> float:
        """Sum the results of a function for spans of rows."""
        return sum_spans(
            function, self.count, self.classes, self.logits.least if self.direct else 1
        )

    def weigh(self, *, scaled: bool, losses: int = 0) -> tuple[int, float]:
        """
        Check the targets; return the number of rows that are not ignored, and their weight.

        If weights may exceed the range of float32, the dtype becomes float64. If `scaled` is true,
        such weights are also divided by a power of two, so that their sums stay within float64,
        also if multiplied by losses with the binary exponent `losses`.
        """
        rows, weight = self._count()
        factor = largest(self.class_weight)
        ordinary = is_ordinary(weight) and is_ordinary(factor * weight)
        if rows and (losses or (self.weighted and not ordinary)):
            self.dtype, self.direct = np.float64, self.logits.is_direct(np.float64)
            if scaled:
                self._rescale(losses)
                rows, weight = self._count()
        return rows, weight

    def _count(self) -> tuple[int, float]:
        if not self.labels:
            return self.count, self.weights.total()
        found = run_spans(self._count_labels, self.count, 1)
        if len(found) == 1:
            return found[0]  # type: ignore[no-any-return]
        return sum(rows for rows, _ in found), add_up([weight for _, weight in found])

    def _count_labels(self, span: tuple[int, int]) -> tuple[int, float]:
        targets, by_row = self._targets_of(span), self.weights.of(span)
        ignoring = self.ignored is not None
        row, rows = kernels.check_targets(targets, self.classes, ignoring, self._marker)
        if row >= 0:
            place = span[0] + row
            other = f" or ignore_index, {self.ignored}," if ignoring else ""
            raise ValueError(
                f"targets must be in [0, {self.classes}){other} for {self.classes} classes, "
                f"got {self.targets[place]} in row {place}"
            )
        if not (self.class_weight.size or by_row.size):
            return rows, float(rows)
        return rows, kernels.weigh_targets(
            targets, ignoring, self._marker, self.class_weight, by_row
        )

    def _rescale(self, losses: int) -> None:
        rows = by_row = self.weights.exponents()
        given = self.class_weight.size > 0
        by_class = exponents(self.class_weight) if given else np.zeros(self.classes, np.int64)
        if self.labels:
            targets = self._targets_of((0, self.count))
            kept = np.full(self.count, True) if self.ignored is None else targets != self.ignored
            targets = np.where(kept, targets, 0)
            rows, by_row = rows[kept], (rows + by_class[targets])[kept]
        low = high = int(by_row.max())
        spread = given and (self.smoothing > 0.0 or not self.labels)  # to all classes
        if spread:
            high = max(low, int(rows.max() + by_class.max()))
        off = power_off(low, high + losses)
        self.exponent += off
        if given and self.labels and not spread:  # one weight a row: each factor may be beyond all
            m, e = np.frexp(self.weights.of((0, self.count)) if self.weights.given else 1.0)
            n, f = np.frexp(self.class_weight[targets])
            self.weights, self.class_weight = (
                Weights(shifted(m * n, e + f - off), self.count),
                EMPTY,
            )
            return
        half = off // 2 if given and self.labels else 0
        self.weights.exponent += off - half
        if half:
            self.class_weight = as_block(shifted(self.class_weight, -half), np.float64)


def softmax_total(logits: Any, targets: Any, **options: Any) -> Total:
    """Sum of the losses, and the weight by which a mean is divided; options as in the loss."""
    problem = _Problem(logits, targets, **options)
    rows, weight = problem.weigh(scaled=True)

    def sum_up() -> float:
        return problem.run(lambda span: problem.losses(problem.part(span))[0])

    loss = sum_up()
    if (most := beyond(loss, problem.inputs["logits"])) is not None:
        rows, weight = problem.weigh(scaled=True, losses=most)
        loss = sum_up()
    return Total(loss, rows, weight, problem.exponent)


@in_njit("fastinfo.numba_ext.of_distributions", prefer_literal=True)
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
    r"""
    Cross-entropy of targets with the softmax of logits, with gradient and Hessian diagonal.

    The function behaves like :func:`torch.nn.functional.cross_entropy`, with the classes on the
    last axis. The loss of a row of logits ``x`` with target weights ``a`` is
    ``sum(a (log(sum(exp x)) - x))``. For an integer target ``t``, ``a`` is the class weight
    ``w[t]`` at ``t`` and 0 elsewhere. For target probabilities ``q``, ``a`` is ``w q``. Label
    smoothing ``s`` replaces ``q`` by ``(1 - s) q + s / c``.

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., c)
        Logits of c classes.
    targets : array_like, shape (...) or (..., c)
        Class numbers, or probabilities, which need not sum to 1.
    class_weight : array_like, shape (c,), optional
        Weight of each class.
    sample_weight : array_like, shape (...), optional
        Weight of each row.
    ignore_index : int, optional
        Rows with this integer target are ignored.
    label_smoothing : float, optional
        Share of each target that is spread evenly over all classes, in [0, 1].
    reduction : {"mean", "sum", "none"}, optional
        Return the mean, the sum, or the loss of each row. "mean" divides by the sum of the weights
        of all rows that are not ignored: the sample weights, times the class weights for integer
        targets.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    return_grad : bool, optional
        Also return the gradient of the loss with respect to the logits. With
        ``reduction="none"``, each row has the gradient of its own loss.
    return_hess : bool, optional
        Also return the gradient and the diagonal of the Hessian, ``sum(a) p (1 - p)`` in each row.
    out : ndarray, optional
        Array to write the losses (``reduction="none"``) or the loss (shape ()) to.
    grad_out : ndarray, shape (..., c), optional
        Array to write the gradient to.

    Returns
    -------
    loss : numpy scalar or ndarray
        The loss, with the dtype of `logits` (float64 for integers). Sums are computed in float64,
        and a mean does not overflow, however large the weights are. A result too large for float16
        or float32 is inf. The loss is inf if the logit of the target is -inf, and NaN if a row
        contains +inf or NaN, or only -inf. If all rows are ignored, the mean is NaN and the
        gradient is 0.
    grad, hess : ndarray
        If asked for: arrays with the shape, dtype and memory order (C or Fortran) of `logits`.

    Raises
    ------
    TypeError
        If an argument is complex or not numeric, or class numbers are not integers.
    ValueError
        If shapes do not fit, a target is not a class number, weights sum to zero, there is no row
        to take the mean of, a parameter is out of its range, or an output overlaps an input.

    Warns
    -----
    RuntimeWarning
        If all rows are ignored.

    Notes
    -----
    With the softmax :math:`\sigma`, the loss of a row and its gradient are

    .. math::

        \ell = \sum_c a_c \left( \log \sum_j e^{x_j} - x_c \right),
            \qquad \frac{\partial \ell}{\partial x_j} = \sigma(x)_j \sum_c a_c - a_j

    References
    ----------
    Milakov, M. & Gimelshein, N. (2018), Online normalizer calculation for softmax.
    https://doi.org/10.48550/arXiv.1805.02867

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
    problem = _Problem(
        logits,
        targets,
        class_weight=class_weight,
        sample_weight=sample_weight,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
    )
    x = problem.inputs["logits"]
    shape = x.shape[:-1] if choice(reduction, "reduction", REDUCTIONS) == "none" else ()
    dtype = problem.result_dtype
    base_log = base_divisor(base)
    inputs = problem.inputs
    if grad_out is not None:
        check_output(grad_out, "grad_out", x.shape, dtype)
        refuse_overlap(grad_out, "grad_out", inputs)
        inputs = inputs | {"grad_out": grad_out}
    if out is not None:
        check_output(out, "out", shape, dtype)
        refuse_overlap(out, "out", inputs)
    if problem.count == 0 and reduction == "mean":
        raise ValueError(f"logits must have at least one row to take the mean, got shape {x.shape}")

    rows, weight = problem.weigh(scaled=reduction == "mean")
    scale = 1.0 / (mean_divisor(weight, rows, reduction) * base_log)
    losses: Any = np.empty(shape, dtype) if out is None and reduction == "none" else out
    outputs: list[Array] = []
    if return_grad or return_hess or grad_out is not None:
        outputs = [np.empty_like(x, dtype=dtype) if grad_out is None else grad_out]
        outputs += [np.empty_like(outputs[0])] if return_hess else []
    into = [Rows(a) for a in outputs]
    problem.direct = problem.direct and all(problem.is_like(out) for out in into)

    def measure(span: tuple[int, int]) -> float:
        part = problem.part(span)
        total, kept = problem.losses(part)
        if reduction == "none":
            put(losses.flat, slice(*span), kept[3] / base_log)
        if into:
            problem.derive(part, span, kept, scale if rows else 0.0, into)
        return total

    total = problem.run(measure)
    if reduction == "mean" and (most := beyond(total, x)) is not None:
        rows, weight = problem.weigh(scaled=True, losses=most)
        problem.direct = problem.direct and all(problem.is_like(out) for out in into)
        scale = 1.0 / (mean_divisor(weight, rows, reduction) * base_log)
        total = problem.run(measure)
    found = losses
    if reduction != "none":
        found = as_scalar(total * scale, dtype)
        if out is not None:
            out[()], found = found, out
    elif out is None:
        found = losses[()]
    return (found, *outputs) if return_grad or return_hess else found
