"""Checks of the arguments of the softmax cross-entropy."""

from __future__ import annotations

import numbers
from typing import Any

from fastinfo._core.checks import Array, as_float, as_numeric, is_real, shown
from fastinfo.losses.rows import as_reals


def check_targets(logits: Array, targets: Any) -> tuple[Array, bool]:
    """Return the targets as an array, and whether they are class numbers."""
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


def fraction(value: Any) -> float:
    """Return the label smoothing as a float in [0, 1]."""
    if not is_real(value):
        raise TypeError(f"label_smoothing must be a real number in [0, 1], got {shown(value)}")
    if not 0.0 <= as_float(value) <= 1.0:
        raise ValueError(f"label_smoothing must be between 0.0 and 1.0. Got: {shown(value)}")
    return float(value)


def check_ignored(ignore_index: Any, labels: bool) -> int | None:
    """Return the target of ignored rows, or None."""
    if ignore_index is None:
        return None
    if not (is_real(ignore_index) and isinstance(ignore_index, numbers.Integral)):
        raise TypeError(f"ignore_index must be an integer or None, got {shown(ignore_index)}")
    if not labels:
        raise ValueError(
            "ignore_index must be None where targets are probabilities "
            f"(it is not supported for floating point targets), got {shown(ignore_index)}"
        )
    number = int(ignore_index)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"ignore_index must fit into 64 bits, got {shown(ignore_index)}")
    return number


def row_weights(sample_weight: Any, shape: tuple[int, ...]) -> Array | None:
    """Return a flat array with one weight for each row, or None."""
    if sample_weight is None:
        return None
    weights = as_numeric(sample_weight, "sample_weight")
    if weights.shape != shape:
        raise ValueError(
            f"sample_weight must hold one weight for each row, of shape {shape}, "
            f"got shape {weights.shape}"
        )
    return weights.reshape(-1)
