"""Code that the losses share: rows in the form that kernels accept, weights, and results."""

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
    """Return an array of real numbers, also of ml_dtypes' bfloat16."""
    array = as_array(a, name)
    return array if is_bfloat16(array.dtype) else as_numeric(array, name)


def result_dtype(a: Array) -> np.dtype[Any]:
    """Dtype of results: that of the array for floats of at most 64 bits, else float64."""
    if is_bfloat16(a.dtype) or (a.dtype.kind == "f" and a.dtype.itemsize <= 8):
        return a.dtype.newbyteorder("=")
    return np.dtype(np.float64)


def compute_dtype(a: Array) -> type[np.float32] | type[np.float64]:
    """Dtype in which kernels compute for an array."""
    return np.float32 if result_dtype(a).itemsize <= 4 else np.float64


def as_scalar(value: float, dtype: np.dtype[Any]) -> Any:
    """Convert a result to its dtype; infinity if a narrow dtype cannot hold it."""
    if abs(value) <= 65504.0:  # all hold it; to ask for no warning takes longer
        return dtype.type(value)
    with np.errstate(over="ignore"):
        return dtype.type(value)


def put(a: Any, place: Any, values: Any) -> None:
    """Write results into a part of an array; infinity if a narrow dtype cannot hold them."""
    with np.errstate(over="ignore"):
        a[place] = values


class Rows:
    """The rows of an array along its last axis, without a copy of the array."""

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
        """Return a span of rows, as a view if possible."""
        part: Array = self.array[self._place(span)]
        return part

    def set(self, span: tuple[int, int], values: Array) -> None:
        """Overwrite a span of rows."""
        put(self.array, self._place(span), values)

    @property
    def least(self) -> int:
        """Minimum number of rows per kernel call; more if rows share cache lines."""
        return 1 if self.array.flags.c_contiguous else 512

    def is_direct(self, dtype: npt.DTypeLike) -> bool:
        """Whether a kernel accepts the whole array as it is."""
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
    """Call a function on spans of at least `least` rows, in threads; return results in order."""
    return run_in_order(function, spans(rows, max(least, _CHUNK // max(width, 1))))


def sum_spans(
    function: Callable[[tuple[int, int]], float], rows: int, width: int, least: int = 1
) -> float:
    """Sum the results of a function for spans of rows."""
    return add_up(run_spans(function, rows, width, least))


def add_up(parts: Sequence[float]) -> float:
    """Sum the results of the parts in the same way as NumPy."""
    return float(parts[0]) if len(parts) == 1 else weight_of(list(parts))


def weight_of(weights: npt.ArrayLike) -> float:
    """Sum of weights in float64; NaN if there are infinities of both signs."""
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.sum(weights, dtype=np.float64))


class Total(NamedTuple):
    """Sum of losses and sum of weights, both multiplied by ``2**-exponent``."""

    loss: float
    rows: int  #: that count
    weight: float
    exponent: int = 0
    classes: Array | None = None  #: of labels


def is_ordinary(value: float) -> bool:
    """Whether a weight is far from the limits of float32 and float64."""
    return 2.0**-100 < abs(value) < 2.0**100


def largest(weights: Array) -> float:
    """Return the largest weight; 1 if there are none."""
    return float(weights[weights.argmax()]) if weights.size else 1.0


def exponents(weights: Any) -> Array:
    """Binary exponents of weights; a very low one for weights that are 0 or not finite."""
    counts = np.isfinite(weights) & (weights != 0.0)
    return np.where(counts, np.frexp(weights)[1], -_NOTHING)


def beyond(total: float, predictions: Array) -> int | None:
    """
    Binary exponent that bounds the losses, if their sum overflowed although predictions are finite.

    None if the sum is finite, or if a prediction is not finite.
    """
    if math.isfinite(total) or not predictions.size:
        return None
    with np.errstate(invalid="ignore"):  # of a NaN that NumPy does not know, as bfloat16's
        most = max(float(predictions.max()), -float(predictions.min()))
    return math.frexp(most)[1] + 1 if math.isfinite(most) else None


def shifted(a: Any, exponent: Any) -> Any:
    """Multiply numbers by a power of two; infinity if float64 cannot hold the result."""
    with np.errstate(over="ignore"):
        return np.ldexp(a, exponent)


class Weights:
    """
    Weights of rows or elements in the form that kernels accept, multiplied by ``2**-exponent``.

    `values` can be sliced, and is None if all weights are 1. `added` has the same weights in the
    order in which they are summed, if that is a different one.
    """

    def __init__(self, values: Any, count: int, added: Any = None) -> None:
        self.values, self.count, self.exponent = values, count, 0
        self._added = values if added is None else added

    @property
    def given(self) -> bool:
        """Whether weights were given, or scaled."""
        return self.values is not None or self.exponent != 0

    def of(self, span: tuple[int, int]) -> Array:
        """Return the weights of a span; an empty array if all weights are 1."""
        if not self.given:
            return EMPTY
        return self._part(self.values, span)

    def _part(self, values: Any, span: tuple[int, int]) -> Array:
        part = np.ones(span[1] - span[0]) if values is None else values[slice(*span)]
        part = as_block(part, np.float64)
        return read_only(shifted(part, -self.exponent)) if self.exponent else part

    def exponents(self) -> Array:
        """Binary exponents of all weights."""
        return exponents(np.ones(self.count) if self.values is None else self.of((0, self.count)))

    def total(self) -> float:
        """Sum of all weights."""
        if self.values is None:
            return math.ldexp(self.count, -self.exponent) if self.exponent else float(self.count)
        return sum_spans(lambda s: weight_of(self._part(self._added, s)), self.count, 1)


def power_off(low: int, high: int) -> int:
    """
    Exponent of the power of two by which to divide weights, so that sums stay within float64.

    `low` is the exponent of the largest weight, and `high` that of its largest product with the
    factors of a loss.
    """
    return max(high - 950, min(low, 0)) if low > -_NOTHING // 2 else 0


def class_weights(class_weight: Any, classes: int) -> Array:
    """Return one float64 weight for each class; an empty array if none are given."""
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
    """Return sample weights in the given shape; they may have only its leading axes."""
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
    """Divisor of the sum of losses; NaN, with a warning, if all rows are ignored."""
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
            "Weights sum to zero, can't be normalized: sample_weight and class_weight must "
            f"give the {rows} rows that count a positive weight, got the sum {weight}"
        )
    return weight
