"""Binary cross-entropy of logits or of probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, as_block, as_numeric, base_divisor, choice, read_only
from fastinfo._core.in_njit import in_njit
from fastinfo.kernels.losses import binary_losses as kernels
from fastinfo.losses.rows import (
    REDUCTIONS,
    Total,
    Weights,
    as_reals,
    as_scalar,
    beyond,
    compute_dtype,
    exponents,
    is_ordinary,
    mean_divisor,
    power_off,
    put,
    result_dtype,
    sum_spans,
    weights_like,
)

_Blocks = tuple[Any, ...]


class _Elements:
    """Checked predictions, targets and weights of one call, flat in the predictions' order."""

    name: str
    losses: Any  #: sum of the losses of blocks, and each of them if they are to be kept
    derive: Any  #: writes the gradient, and if there are two outputs the Hessian's diagonal
    factor = 1.0  #: the largest of what else multiplies the losses

    def __init__(self, predicted: Any, targets: Any, sample_weight: Any) -> None:
        x, t = as_reals(predicted, self.name), as_reals(targets, "targets")
        if x.shape != t.shape:
            raise ValueError(
                f"targets must have the shape of {self.name}, {x.shape}, got shape {t.shape}"
            )
        self.predictions, self.shape, self.count = x, x.shape, x.size
        self.dtype, self.kernel_dtype = result_dtype(x), compute_dtype(x)
        self.fortran = x.ndim > 1 and x.flags.f_contiguous and not x.flags.c_contiguous
        self.x, self.t = self.flat(x), self.flat(t)
        given = weights_like(sample_weight, x.shape, self.name)
        flat = None if given is None else self.flat(given)
        added = None if given is None or not self.fortran else _flat(given)
        self.weights = Weights(flat, x.size, added)

    def flat(self, a: Array) -> Any:
        """Return an array (or its flat iterator) in the memory order of the predictions."""
        return _flat(a.T if self.fortran else a)

    def empty(self) -> Array:
        """Return an array for results, in the memory order of the predictions."""
        return np.empty(self.shape, self.dtype, order="F" if self.fortran else "C")

    def blocks(self, span: tuple[int, int]) -> _Blocks:
        """Predictions, targets and weights of a span, as kernels accept them."""
        cut, dtype = slice(*span), self.kernel_dtype
        return as_block(self.x[cut], dtype), as_block(self.t[cut], dtype), self.weights.of(span)

    def weigh(self, losses: int = 0) -> float:
        """
        Sum of the weights, after scaling them by a power of two where float64 would overflow.

        `losses` is the binary exponent up to which losses are multiplied by the weights.
        """
        weight = self.weights.total()
        if losses or not (is_ordinary(weight) and is_ordinary(weight * self.factor)):
            low = int(self.weights.exponents().max(initial=-(1 << 20)))
            high = low + max(int(exponents(self.factor)), 0) + losses
            self.weights.exponent += power_off(low, high)
            weight = self.weights.total()
        return weight

    def total(self) -> Total:
        """Sum of the losses, and the weight by which a mean is divided."""

        def sum_up() -> float:
            return sum_spans(lambda s: self.losses(self.blocks(s), False)[0], self.count, 1)

        weight, loss = self.weigh(), sum_up()
        if (most := beyond(loss, self.predictions)) is not None:
            weight, loss = self.weigh(most), sum_up()
        return Total(loss, self.count, weight, self.weights.exponent)

    def reduce(self, reduction: str, base: float | None, outputs: list[Array]) -> Any:
        """Return the loss, and write the derivatives to the outputs."""
        keep = choice(reduction, "reduction", REDUCTIONS) == "none"
        base_log = base_divisor(base)
        if reduction == "mean" and not self.count:
            raise ValueError(
                f"{self.name} must hold at least one element to take the mean, got none"
            )
        weight = self.weigh() if reduction == "mean" else 1.0
        scale = 1.0 / (mean_divisor(weight, self.count, reduction) * base_log)
        losses = self.empty() if keep else None

        def measure(span: tuple[int, int]) -> float:
            blocks = self.blocks(span)
            total: float
            total, kept = self.losses(blocks, keep)
            if losses is not None:
                put(self.flat(losses), slice(*span), kept / base_log)
            if outputs:
                self.derive(blocks, scale, span, outputs)
            return total

        total = sum_spans(measure, self.count, 1)
        if reduction == "mean" and (most := beyond(total, self.predictions)) is not None:
            scale = 1.0 / (mean_divisor(self.weigh(most), self.count, reduction) * base_log)
            total = sum_spans(measure, self.count, 1)
        return as_scalar(total * scale, self.dtype) if losses is None else losses[()]


def _flat(a: Array) -> Any:
    return a.reshape(-1) if a.flags.c_contiguous or a.ndim <= 1 else a.flat


class _Logits(_Elements):
    name = "logits"
    single = as_block(np.ones(1))  #: the weight of positive targets, where that is one

    def __init__(
        self, logits: Any, targets: Any, *, sample_weight: Any = None, pos_weight: Any = None
    ) -> None:
        super().__init__(logits, targets, sample_weight)
        self.positive: Any = None
        self.plain = sample_weight is None
        if pos_weight is not None:
            self._take(as_numeric(pos_weight, "pos_weight"))

    def _take(self, given: Array) -> None:
        """Store the weight of positive targets: one for all, or one for each element."""
        try:
            positive = np.broadcast_to(given, self.shape)
        except ValueError:
            raise ValueError(
                f"pos_weight must broadcast to the shape of logits, {self.shape}, "
                f"got shape {given.shape}"
            ) from None
        if given.size == 1:
            self.single = as_block(given.reshape(-1), np.float64)
            self.factor = abs(float(self.single[0])) or 1.0
        else:
            self.positive = self.flat(positive)
            most = max(float(given.max(initial=0)), -float(given.min(initial=0)))
            self.factor = most or 1.0
        self.plain = self.plain and given.size == 1 and is_ordinary(self.factor)

    def blocks(self, span: tuple[int, int]) -> _Blocks:
        x, t, w = super().blocks(span)
        if self.plain and not w.size:
            return x, t, self.single, w
        if self.positive is None:
            positive = read_only(np.full(x.size, self.single[0]))
        else:
            positive = as_block(self.positive[slice(*span)], np.float64)
        return x, t, positive, w if w.size else read_only(np.ones(x.size))

    def losses(self, blocks: _Blocks, keep: bool) -> tuple[float, Array]:
        x, t, positive, w = blocks
        kept = np.empty(x.size if keep else 0, self.kernel_dtype)
        return kernels.sigmoid_cross_entropy(x, t, positive, w, keep, kept), kept

    def derive(self, blocks: _Blocks, scale: float, span: tuple[int, int], outputs: Any) -> None:
        x, t, positive, w = blocks
        second = len(outputs) > 1
        g, h = np.empty_like(x), np.empty_like(x[: x.size * second])
        kernels.sigmoid_derivatives(x, t, positive, w, scale, second, g, h)
        put(self.flat(outputs[0]), slice(*span), g)
        if second:
            put(self.flat(outputs[1]), slice(*span), h)


class _Probabilities(_Elements):
    name = "probs"

    def __init__(self, probs: Any, targets: Any, *, sample_weight: Any = None) -> None:
        super().__init__(probs, targets, sample_weight)

    def blocks(self, span: tuple[int, int]) -> _Blocks:
        blocks = super().blocks(span)
        for name, block in (("probs", blocks[0]), ("targets", blocks[1])):
            least, most = kernels.extremes(block)
            if least < 0.0 or most > 1.0:
                worst = least if least < 0.0 else most
                raise ValueError(
                    f"all elements of {name} should be between 0 and 1: "
                    f"{name} must be probabilities, got {worst}"
                )
        return blocks

    def losses(self, blocks: _Blocks, keep: bool) -> tuple[float, Array]:
        p, t, w = blocks
        kept = np.empty(p.size if keep else 0)
        return kernels.binary_cross_entropy(p, t, w, keep, kept), kept


def sigmoid_total(logits: Any, targets: Any, **options: Any) -> Total:
    """Sum of the losses of logits, and the weight by which a mean is divided."""
    return _Logits(logits, targets, **options).total()


def binary_total(probs: Any, targets: Any, **options: Any) -> Total:
    """Sum of the losses of probabilities, and the weight by which a mean is divided."""
    return _Probabilities(probs, targets, **options).total()


@in_njit("fastinfo.numba_ext.of_distributions", prefer_literal=True)
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
    r"""
    Binary cross-entropy of targets with the sigmoid of logits, element by element.

    With ``p = sigmoid(x)`` and the weight ``w`` of positive targets, the loss is
    ``-(w t log p + (1 - t) log(1 - p))``. It is computed without cancellation, and infinite logits
    give its limit. The function behaves like
    :func:`torch.nn.functional.binary_cross_entropy_with_logits`.

    Parameters
    ----------
    logits : array_like of real numbers
        Logits of the positive class.
    targets : array_like, shape of logits
        0, 1, or probabilities.
    pos_weight : array_like, optional
        Weight of positive targets, broadcast against `logits`.
    sample_weight : array_like, optional
        Weights: one for each element, one for each index of the leading axes, or an array that
        broadcasts against `logits`.
    reduction : {"mean", "sum", "none"}, optional
        Return the mean, the sum, or the loss of each element. "mean" divides by the sum of the
        sample weights, or by the number of elements without weights.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    return_grad : bool, optional
        Also return the gradient of the loss with respect to the logits.
    return_hess : bool, optional
        Also return the gradient and the diagonal of the Hessian, ``(w t + 1 - t) p (1 - p)``.

    Returns
    -------
    loss : numpy scalar or ndarray
        The loss, with the dtype of `logits` (float64 for integers).
    grad, hess : ndarray
        If asked for: arrays with the shape, dtype and memory order of `logits`.

    Raises
    ------
    TypeError
        If an argument is complex or not numeric.
    ValueError
        If shapes do not fit, weights sum to zero, there is no element to take the mean of, or a
        parameter is out of its range.

    Notes
    -----
    The loss of an element is

    .. math::

        \ell = -w t \log \sigma(x) - (1 - t) \log (1 - \sigma(x)), \qquad \sigma(x)
            = \frac{1}{1 + e^{-x}}

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.sigmoid_cross_entropy([0.0, 2.0, -40.0], [1, 1, 0], reduction="none")
    array([6.9315e-01, 1.2693e-01, 4.2484e-18])
    """
    problem = _Logits(logits, targets, sample_weight=sample_weight, pos_weight=pos_weight)
    wanted = 2 if return_hess else 1 if return_grad else 0
    outputs = [problem.empty() for _ in range(wanted)]
    loss = problem.reduce(reduction, base, outputs)
    return (loss, *outputs) if outputs else loss


def binary_cross_entropy(
    probs: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
    reduction: str = "mean",
    base: float | None = None,
) -> Any:
    r"""
    Binary cross-entropy of targets with probabilities, element by element.

    The loss is ``-(t log p + (1 - t) log(1 - p))`` with ``0 log 0 = 0``. It is infinite if the true
    outcome was given the probability 0: unlike
    :func:`torch.nn.functional.binary_cross_entropy`, the function does not clip.

    Parameters
    ----------
    probs : array_like of real numbers
        Probabilities of the positive class, in [0, 1].
    targets : array_like, shape of probs
        0, 1, or probabilities.
    sample_weight : array_like, optional
        Weights: one for each element, one for each index of the leading axes, or an array that
        broadcasts against `probs`.
    reduction : {"mean", "sum", "none"}, optional
        Return the mean, the sum, or the loss of each element. "mean" divides by the sum of the
        sample weights, or by the number of elements without weights.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.

    Returns
    -------
    numpy scalar or ndarray
        The loss, with the dtype of `probs` (float64 for integers).

    Raises
    ------
    TypeError
        If an argument is complex or not numeric.
    ValueError
        If a probability or target is outside [0, 1], shapes do not fit, weights sum to zero, or
        there is no element to take the mean of.

    Notes
    -----
    The loss of an element is

    .. math::

        \ell = -t \log p - (1 - t) \log (1 - p)

    Examples
    --------
    >>> import fastinfo
    >>> float(round(fastinfo.binary_cross_entropy([0.8, 0.2], [1, 0]), 4))
    0.2231
    >>> float(fastinfo.binary_cross_entropy([0.0], [1]))
    inf
    """
    return _Probabilities(probs, targets, sample_weight=sample_weight).reduce(reduction, base, [])
