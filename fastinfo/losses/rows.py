"""What the losses do alike: rows of any array as kernels take them, targets, weights, results."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, as_array, as_block, as_numeric, is_bfloat16, read_only
from fastinfo._core.messages import warn
from fastinfo._core.threads import run_in_order, spans

REDUCTIONS = ("mean", "sum", "none")

_CHUNK = 1 << 18  # elements that one kernel call sees: fixed, so that any number of threads agrees

_NOTHING = 1 << 20  # no binary exponent is below the negative of that

#: For kernels: an optional array that is not there.
EMPTY = read_only(np.empty(0))


def as_reals(a: Any, name: str) -> Array:
    """Return an array of real numbers; ml_dtypes' bfloat16 is one of them."""
    array = as_array(a, name)
    return array if is_bfloat16(array.dtype) else as_numeric(array, name)


def result_dtype(a: Array) -> np.dtype[Any]:
    """Dtype of results: the array's own where it is a float of at most 64 bits, else float64."""
    if is_bfloat16(a.dtype) or (a.dtype.kind == "f" and a.dtype.itemsize <= 8):
        return a.dtype.newbyteorder("=")
    return np.dtype(np.float64)


def compute_dtype(a: Array) -> type[np.float32] | type[np.float64]:
    """Dtype of the kernel for an array."""
    return np.float32 if result_dtype(a).itemsize <= 4 else np.float64


def as_scalar(value: float, dtype: np.dtype[Any]) -> Any:
    """A result in its dtype: an infinity where a narrow one does not hold it."""
    if abs(value) <= 65504.0:  # all hold it; to ask for no warning takes longer
        return dtype.type(value)
    with np.errstate(over="ignore"):
        return dtype.type(value)


def put(a: Any, place: Any, values: Any) -> None:
    """Write results into a part of an array: infinities where a narrow dtype does not hold them."""
    with np.errstate(over="ignore"):
        a[place] = values


class Rows:
    """An array as rows along its last axis, without a copy of it."""

    def __init__(self, a: Array) -> None:
        self.lead, self.width = a.shape[:-1], a.shape[-1]
        self.count = math.prod(self.lead)
        if a.flags.c_contiguous or a.ndim == 1:
            a = a.reshape(self.count, self.width)
        self.array = a

    def _place(self, span: tuple[int, int]) -> Any:
        if self.array.ndim == 2:
            return slice(*span)
        return np.unravel_index(np.arange(*span), self.lead)

    def get(self, span: tuple[int, int]) -> Array:
        """Some rows: a view where that is possible."""
        part: Array = self.array[self._place(span)]
        return part

    def set(self, span: tuple[int, int], values: Array) -> None:
        """Overwrite some rows."""
        put(self.array, self._place(span), values)

    @property
    def least(self) -> int:
        """Rows that a kernel takes at a time at least: side by side in memory, they share lines."""
        return 1 if self.array.flags.c_contiguous else 512

    def is_direct(self, dtype: npt.DTypeLike) -> bool:
        """Whether a kernel can take the array as a whole."""
        a = self.array
        return bool(
            a.ndim == 2
            and a.dtype == dtype
            and a.flags.aligned
            and (a.flags.c_contiguous or a.flags.f_contiguous)
        )


def run_spans(
    function: Callable[[tuple[int, int]], Any], rows: int, width: int, least: int = 1
) -> list[Any]:
    """Call a function on spans of at least so many rows, several at a time; results in order."""
    return run_in_order(function, spans(rows, max(least, _CHUNK // max(width, 1))))


def sum_spans(
    function: Callable[[tuple[int, int]], float], rows: int, width: int, least: int = 1
) -> float:
    """Sum of what a function returns for spans of rows."""
    return add_up(run_spans(function, rows, width, least))


def add_up(parts: Sequence[float]) -> float:
    """Sum what is found of each part, as NumPy does."""
    return float(parts[0]) if len(parts) == 1 else weight_of(list(parts))


def weight_of(weights: npt.ArrayLike) -> float:
    """Sum of weights in float64; infinities of both signs make it NaN."""
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.sum(weights, dtype=np.float64))


class Total(NamedTuple):
    """Losses added up, and what their mean divides by; both sums are times ``2**-exponent``."""

    loss: float
    rows: int  #: that count
    weight: float
    exponent: int = 0
    classes: Array | None = None  #: of labels


def is_ordinary(value: float) -> bool:
    """Whether a weight is far from all that float32 and float64 do not hold."""
    return 2.0**-100 < abs(value) < 2.0**100


def largest(weights: Array) -> float:
    """Return the largest of weights, 1 of none."""
    return float(weights[weights.argmax()]) if weights.size else 1.0


def exponents(weights: Any) -> Array:
    """Binary exponents of weights, far below all others for what is 0 or not finite."""
    counts = np.isfinite(weights) & (weights != 0.0)
    return np.where(counts, np.frexp(weights)[1], -_NOTHING)


def beyond(total: float, predictions: Array) -> int | None:
    """
    Binary exponent of the losses of predictions of which a sum is not finite but could be.

    None where it is finite, or a prediction is not.
    """
    if math.isfinite(total) or not predictions.size:
        return None
    with np.errstate(invalid="ignore"):  # of a NaN that NumPy does not know, as bfloat16's
        most = max(float(predictions.max()), -float(predictions.min()))
    return math.frexp(most)[1] + 1 if math.isfinite(most) else None


def shifted(a: Any, exponent: Any) -> Any:
    """Numbers times a power of two: infinities where float64 does not hold them."""
    with np.errstate(over="ignore"):
        return np.ldexp(a, exponent)


class Weights:
    """
    Weights of rows or elements as kernels take them, times ``2**-exponent``.

    `values` can be cut by spans, and is None where all are 1; they are added up in the order of
    `added`, where that is another.
    """

    def __init__(self, values: Any, count: int, added: Any = None) -> None:
        self.values, self.count, self.exponent = values, count, 0
        self._added = values if added is None else added

    @property
    def given(self) -> bool:
        """Whether there are some that are not 1."""
        return self.values is not None or self.exponent != 0

    def of(self, span: tuple[int, int]) -> Array:
        """Return those of a span, none where all are 1."""
        if not self.given:
            return EMPTY
        return self._part(self.values, span)

    def _part(self, values: Any, span: tuple[int, int]) -> Array:
        part = np.ones(span[1] - span[0]) if values is None else values[slice(*span)]
        part = as_block(part, np.float64)
        return read_only(shifted(part, -self.exponent)) if self.exponent else part

    def exponents(self) -> Array:
        """Binary exponents of all."""
        return exponents(np.ones(self.count) if self.values is None else self.of((0, self.count)))

    def total(self) -> float:
        """Sum of all."""
        if self.values is None:
            return math.ldexp(self.count, -self.exponent) if self.exponent else float(self.count)
        return sum_spans(lambda s: weight_of(self._part(self._added, s)), self.count, 1)


def power_off(low: int, high: int) -> int:
    """
    Exponent of the power of two to take off weights, for sums that stay within float64.

    The largest weights have the exponent `low`, times the factors that losses have `high`.
    """
    return max(high - 950, min(low, 0)) if low > -_NOTHING // 2 else 0


def class_weights(class_weight: Any, classes: int) -> Array:
    """Return one float64 weight for each class, none if there are none."""
    if class_weight is None:
        return EMPTY
    weights = as_numeric(class_weight, "class_weight")
    if weights.shape != (classes,):
        raise ValueError(
            f"class_weight must hold one weight for each of the {classes} classes, "
            f"got shape {weights.shape}"
        )
    return as_block(weights, np.float64)


def weights_like(sample_weight: Any, shape: tuple[int, ...], name: str) -> Array | None:
    """Return weights of samples, of a leading part of the shape or broadcast to all of it."""
    if sample_weight is None:
        return None
    weights = as_numeric(sample_weight, "sample_weight")
    if weights.shape == shape:
        return weights
    if weights.ndim < len(shape) and weights.shape == shape[: weights.ndim]:
        weights = weights.reshape(weights.shape + (1,) * (len(shape) - weights.ndim))
    try:
        return np.broadcast_to(weights, shape)
    except ValueError:
        raise ValueError(
            f"sample_weight must hold one weight for each sample of {name}, of shape {shape} or "
            f"its leading part, got shape {np.shape(sample_weight)}"
        ) from None


def mean_divisor(weight: float, rows: int, reduction: str) -> float:
    """What the sum of losses is divided by; NaN, with a warning, where no row counts."""
    if reduction != "mean":
        return 1.0
    if rows == 0:
        warn(
            "The mean loss is NaN: every target is ignore_index, so that no row counts",
            RuntimeWarning,
        )
        return math.nan
    if weight == 0.0:
        raise ValueError(
            "Weights sum to zero, can't be normalized: sample_weight and class_weight must leave "
            f"a weight to the {rows} rows that count, got the sum {weight}"
        )
    return weight
