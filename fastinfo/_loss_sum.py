"""Losses of data that comes in parts: sums that merge exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np

from fastinfo._serial import plain_head, reading_plain
from fastinfo._validate import base_divisor, choice, integer
from fastinfo.losses import (
    binary_cross_entropy,
    log_loss,
    sigmoid_cross_entropy,
    softmax_cross_entropy,
)

__all__ = ["LossSum"]

_LOSSES = {
    "binary_cross_entropy": binary_cross_entropy,
    "log_loss": log_loss,
    "sigmoid_cross_entropy": sigmoid_cross_entropy,
    "softmax_cross_entropy": softmax_cross_entropy,
}


class LossSum:
    """
    A loss over data that comes in parts.

    The sums of the parts are kept exactly: merging in any order gives the same result to the bit,
    the rounded sum of what :meth:`update` was called with. Each part is summed as the function
    does it, within its rounding.

    Parameters
    ----------
    loss : {"softmax_cross_entropy", "sigmoid_cross_entropy", "binary_cross_entropy", "log_loss"}
        The function.
    **options
        Its options, the same for all parts, as ``class_weight`` or ``labels``; not ``reduction``,
        ``normalize``, ``base`` or gradients.

    Attributes
    ----------
    n : int
        Number of rows so far, ignored ones not counted.

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> from fastinfo.streaming import LossSum
    >>> logits = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> targets = np.array([0, 1, 1])
    >>> loss = LossSum("softmax_cross_entropy")
    >>> loss.update(logits[:2], targets[:2]).update(logits[2:], targets[2:]).mean()
    0.37777895970
    >>> float(fastinfo.softmax_cross_entropy(logits, targets))
    0.37777895970
    """

    def __init__(self, loss: str = "softmax_cross_entropy", **options: Any) -> None:
        choice(loss, "loss", tuple(_LOSSES))
        for name in ("reduction", "normalize", "base", "return_grad", "return_hess", "out"):
            if name in options:
                raise ValueError(f"options must not have {name!r}, which sums do not need")
        if "sample_weight" in options:
            raise ValueError("options must not have 'sample_weight': give it to update, by part")
        self.loss, self.options = loss, options
        self.n = 0
        self._sums: list[float] = []
        self._weights: list[float] = []

    def update(self, predicted: Any, targets: Any, sample_weight: Any = None) -> Self:
        """
        Add a part.

        Parameters
        ----------
        predicted, targets : array_like
            As the function takes them; of ``log_loss`` too, the prediction comes first here.
        sample_weight : array_like, optional
            Weights of the rows.

        Returns
        -------
        LossSum
            Itself.

        Raises
        ------
        TypeError, ValueError
            What the function raises. Nothing was added then.
        """
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        function: Any = _LOSSES[self.loss]
        if self.loss == "log_loss":
            total = function(targets, predicted, normalize=False, **weights, **self.options)
        else:
            total = function(predicted, targets, reduction="sum", **weights, **self.options)
        n, weight = self._weight(predicted, targets, sample_weight)
        self._sums = _exactly([*self._sums, float(total)])
        self._weights = _exactly([*self._weights, weight])
        self.n += n
        return self

    def _weight(self, predicted: Any, targets: Any, sample_weight: Any) -> tuple[int, float]:
        """Rows that count, and what the mean divides by: as the functions do it."""
        goal = np.asarray(targets)
        size = goal.size if goal.ndim < np.ndim(predicted) or self.loss != _SOFTMAX else len(goal)
        if self.loss == _SOFTMAX and goal.ndim == np.ndim(predicted):
            size = goal.size // max(goal.shape[-1], 1)
        kept = np.ones(size, np.bool_)
        factors = np.ones(size)
        if sample_weight is not None:
            factors = factors * np.asarray(sample_weight, np.float64).reshape(-1)
        if self.loss == _SOFTMAX and goal.ndim < np.ndim(predicted):
            ignored = self.options.get("ignore_index")
            flat = goal.reshape(-1)
            if ignored is not None:
                kept = flat != ignored
            weights = self.options.get("class_weight")
            if weights is not None:
                places = np.where(kept, flat, 0).astype(np.intp)
                factors = factors * np.asarray(weights, np.float64)[places]
        return int(np.count_nonzero(kept)), math.fsum(factors[kept].tolist())

    def merge(self, other: LossSum) -> Self:
        """
        Add the sums of other rows, in place.

        Parameters
        ----------
        other : LossSum
            Of the same loss with the same options.

        Returns
        -------
        LossSum
            Itself.

        Raises
        ------
        TypeError, ValueError
            If it is of another kind, or of another loss or with other options.
        """
        if not isinstance(other, LossSum):
            raise TypeError(f"other must be a LossSum, got {type(other).__name__}")
        if (self.loss, _plain(self.options)) != (other.loss, _plain(other.options)):
            raise ValueError(
                f"other must be a LossSum of {self.loss} with the same options, got {other.loss}"
            )
        self._sums = _exactly([*self._sums, *other._sums])
        self._weights = _exactly([*self._weights, *other._weights])
        self.n += other.n
        return self

    def sum(self, base: float | None = None) -> float:
        """
        Sum of the losses.

        Parameters
        ----------
        base : float, optional
            Base of the logarithm: 2 for bits. None is nats.

        Returns
        -------
        float
            0 of nothing.
        """
        return math.fsum(self._sums) / base_divisor(base)

    def mean(self, base: float | None = None) -> float:
        """
        Mean loss, by the weights that applied, as the function divides.

        Parameters
        ----------
        base : float, optional
            Base of the logarithm: 2 for bits. None is nats.

        Returns
        -------
        float
            NaN of nothing.
        """
        weight = math.fsum(self._weights)
        return self.sum(base) / weight if weight else math.nan

    def to_dict(self) -> dict[str, Any]:
        """
        Write the sums as plain values that JSON can hold.

        Returns
        -------
        dict
            What :meth:`from_dict` reads.
        """
        return plain_head("LossSum") | {
            "loss": self.loss,
            "options": _plain(self.options),
            "n": self.n,
            "sums": [value.hex() for value in self._sums],
            "weights": [value.hex() for value in self._weights],
        }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """
        Read what :meth:`to_dict` wrote.

        Parameters
        ----------
        data : mapping
            The plain values.

        Returns
        -------
        LossSum
            The same sums.

        Raises
        ------
        ValueError
            If the data is not what :meth:`to_dict` writes.
        """
        with reading_plain(data, "LossSum"):
            found = cls(data["loss"], **data["options"])
            found.n = integer(data["n"], "n", least=0)
            found._sums = [float.fromhex(text) for text in data["sums"]]
            found._weights = [float.fromhex(text) for text in data["weights"]]
        return found


_SOFTMAX = "softmax_cross_entropy"


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(value).tolist() for name, value in sorted(options.items())}


def _exactly(terms: Iterable[float]) -> list[float]:
    """
    The same sum in as few numbers as hold it exactly, the least first.

    Shewchuk, J. R. (1997), Adaptive precision floating-point arithmetic and fast robust geometric
    predicates, Discrete & Computational Geometry 18, 305-363. https://doi.org/10.1007/PL00009321
    """
    terms = list(terms)
    endless = [term for term in terms if not math.isfinite(term)]
    if endless:
        return [sum(endless)]
    found: list[float] = []
    for x in terms:
        kept = []
        for y in found:
            if abs(x) < abs(y):
                x, y = y, x
            high = x + y
            if not math.isfinite(high):
                return [high]
            low = y - (high - x)
            if low:
                kept.append(low)
            x = high
        found = [*kept, x]
    return found
