"""Checks of arrays to which results will be written."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._core.checks import Array


def check_output(out: Any, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Check that results of this shape and dtype can be written to an array."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, got {type(out).__name__}")
    if out.shape != shape or out.dtype != dtype:
        raise ValueError(
            f"{name} must be of shape {shape} and dtype {dtype}, "
            f"got shape {out.shape} and dtype {out.dtype}"
        )
    if not out.flags.writeable:
        raise ValueError(f"{name} must be writeable, got a read-only array")


def overlap(a: Array, b: Array) -> bool:
    """Whether two arrays share memory, or might if finding out takes too long."""
    try:
        return np.shares_memory(a, b, max_work=1000)  # type: ignore[arg-type]
    except (np.exceptions.TooHardError, RuntimeError):
        return np.may_share_memory(a, b)


def refuse_overlap(out: Array, name: str, inputs: dict[str, Array]) -> None:
    """Raise an error if an output shares memory with an input; `inputs` maps names to arrays."""
    for other, a in inputs.items():
        if overlap(out, a):
            raise ValueError(f"{name} must not overlap {other}, got arrays that share memory")


def is_same(a: Array, b: Array) -> bool:
    """Whether two arrays are views of the same memory, with equal dtype, shape and strides."""
    return (
        a.dtype == b.dtype
        and a.shape == b.shape
        and a.strides == b.strides
        and a.__array_interface__["data"] == b.__array_interface__["data"]
    )
