"""Losses of data that arrives in parts: sums that merge exactly."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Self

import numpy as np

from fastinfo._core.as_json import counted, listed, of_type, plain_head, reading_plain, shortly
from fastinfo._core.checks import as_float, base_divisor, choice
from fastinfo.losses.binary_losses import binary_total, sigmoid_total
from fastinfo.losses.log_losses import log_loss_total
from fastinfo.losses.rows import mean_divisor
from fastinfo.losses.softmax_loss import softmax_total

#: How the losses of a part are added up, and the options.
_LOSSES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "binary_cross_entropy": (binary_total, ()),
    "log_loss": (log_loss_total, ("labels",)),
    "sigmoid_cross_entropy": (sigmoid_total, ("pos_weight",)),
    "softmax_cross_entropy": (
        softmax_total,
        ("class_weight", "ignore_index", "label_smoothing"),
    ),
}

_Exact = Fraction | float  #: a float where it is not finite


class LossSum:
    """
    A loss of data that arrives in parts.

    Each part is summed in the same way as by the loss function. The sums of the parts are added
    exactly: parts merged in any order give the same result to the bit.

    Parameters
    ----------
    loss : {"softmax_cross_entropy", "sigmoid_cross_entropy", "binary_cross_entropy", "log_loss"}
        Name of the loss function; by default, the first of these.
    **options
        Options of the loss function, the same for all parts: ``class_weight``, ``ignore_index`` and
        ``label_smoothing``; ``pos_weight``; or ``labels``. They are copied. Without ``labels``, the
        labels of the first part are used for all parts.

    Attributes
    ----------
    n : int
        Number of rows so far, without ignored ones. For the two binary losses, the number of
        elements.

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
        known = _LOSSES[loss][1]
        for name in options:
            if name not in known:
                raise ValueError(
                    f"options must not have {name!r}, only the options of sums of {loss}: "
                    f"{', '.join(known) or 'none'} (pass sample_weight to update, with each part)"
                )
        self.loss, self.options = loss, copy.deepcopy(options)
        self.n = 0
        self._sum: _Exact = Fraction(0)
        self._weight: _Exact = Fraction(0)
        self._labels: list[Any] | None = None

    def update(self, predicted: Any, targets: Any, sample_weight: Any = None) -> Self:
        """
        Add a part of the data, and return the object itself.

        The arguments are those of the loss function, but the prediction always comes first, for
        ``log_loss`` too. The errors are those of the loss function. If there is one, nothing is
        added.
        """
        options = self.options
        if self._labels is not None:
            options = options | {"labels": self._labels}
        found = _LOSSES[self.loss][0](predicted, targets, sample_weight=sample_weight, **options)
        if found.classes is not None and options.get("labels") is None:
            self._labels = found.classes.tolist()
        self._add(_exact(found.loss, found.exponent), _exact(found.weight, found.exponent))
        self.n += found.rows
        return self

    def _add(self, loss: _Exact, weight: _Exact) -> None:
        self._sum, self._weight = _added(self._sum, loss), _added(self._weight, weight)

    def merge(self, other: LossSum) -> Self:
        """Add the sums of other rows, with the same loss, options and labels, in place."""
        if not isinstance(other, LossSum):
            raise TypeError(f"other must be a LossSum, got {type(other).__name__}")
        if (self.loss, _plain(self.options)) != (other.loss, _plain(other.options)):
            raise ValueError(
                f"other must be a LossSum of {self.loss} with the same options, got {other.loss}"
            )
        if self._labels and other._labels and self._labels != other._labels:
            raise ValueError(
                f"other must be a LossSum of the same labels, {self._labels}, got {other._labels}"
            )
        self._labels = self._labels or other._labels
        self._add(other._sum, other._weight)
        self.n += other.n
        return self

    def sum(self, base: float | None = None) -> float:
        """Sum of the losses, 0 if there are none; `base` is 2 for bits, None for nats."""
        return as_float(self._sum) / base_divisor(base)

    def mean(self, base: float | None = None) -> float:
        """
        Mean loss, weighted as in the loss function; NaN if no row was added, or all are ignored.

        ``ValueError`` is raised if the weights of the rows sum to zero.
        """
        divisor = base_divisor(base)
        if not self.n:
            return math.nan
        if not self._weight:
            mean_divisor(0.0, self.n, "mean")
        if isinstance(self._sum, Fraction) and isinstance(self._weight, Fraction):
            return as_float(self._sum / self._weight) / divisor
        weight = self._weight
        if isinstance(weight, Fraction):  # of any magnitude
            weight = 1.0 if weight > 0 else -1.0
        return as_float(self._sum) / weight / divisor

    def to_dict(self) -> dict[str, Any]:
        """Return the sums as plain values that JSON can hold and :meth:`from_dict` reads."""
        return plain_head("LossSum") | {
            "loss": self.loss,
            "options": _plain(self.options),
            "n": self.n,
            "labels": self._labels,
            "sums": [_written(self._sum)],
            "weights": [_written(self._weight)],
        }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Read the result of :meth:`to_dict`; ``ValueError`` if `data` is something else."""
        with reading_plain(data, "LossSum"):
            options = of_type(data["options"], "options", dict)
            found = cls(data["loss"], **options)
            if _plain(options) != options:
                raise ValueError("options must have the form that to_dict writes")
            found.n = counted(data["n"], "n")
            found._labels = _labels_from_plain(data.get("labels"))
            for loss in listed(data["sums"], "sums", str):
                found._add(_read(loss), Fraction(0))
            for weight in listed(data["weights"], "weights", str):
                found._add(Fraction(0), _read(weight))
        return found


def _labels_from_plain(labels: Any) -> list[Any] | None:
    if labels is None:
        return None
    if len(set(map(type, listed(labels, "labels", bool, float, int, str)))) > 1:
        raise ValueError("labels must be of one type")
    if any(a >= b for a, b in itertools.pairwise(labels)):
        raise ValueError("labels must differ, and ascend")
    return [*labels]


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(value).tolist() for name, value in sorted(options.items())}


def _exact(value: float, exponent: int) -> _Exact:
    return Fraction(value) * Fraction(2) ** exponent if math.isfinite(value) else value


def _added(a: _Exact, b: _Exact) -> _Exact:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    return sum(x for x in (a, b) if isinstance(x, float))


def _written(value: _Exact) -> str:
    return value.hex() if isinstance(value, float) else f"{value.numerator}/{value.denominator}"


def _read(text: str) -> _Exact:
    if "/" not in text:
        return _exact(float.fromhex(text), 0)
    above, below = map(int, text.split("/"))
    if below < 1 or below & (below - 1):  # sums of floats have no others, and stay short
        raise ValueError(f"sums must be divided by a power of two, got {shortly(below)}")
    return Fraction(above, below)
