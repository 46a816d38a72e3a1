"""Conversion of arguments to contiguous, checked arrays inside compiled functions.

Helpers whose code depends on types are overloads of stubs. The others are kernels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from fastinfo._core.in_njit import OVERLOADS, jitable
from fastinfo._core.jit import kernel
from fastinfo.kernels.distributions.divergences import has_negative, total
from fastinfo.kernels.losses.softmax_loss import check_targets


def as_floats(a: Any) -> Any:
    """Return a contiguous array: float32 for float32 and float16, else float64."""
    raise NotImplementedError


@overload(as_floats, jit_options=OVERLOADS)
def _as_floats(a):
    if a.dtype in (types.float32, types.float64):
        if a.layout == "C":
            return lambda a: a
        return lambda a: np.ascontiguousarray(a)
    if a.dtype == types.float16:
        return lambda a: np.ascontiguousarray(a).astype(np.float32)
    return lambda a: np.ascontiguousarray(a).astype(np.float64)


def as_common(x: Any, y: Any) -> Any:
    """Return two contiguous arrays: float32 if neither is wider, else float64."""
    raise NotImplementedError


@overload(as_common, jit_options=OVERLOADS)
def _as_common(x, y):
    narrow = [a.dtype in (types.float32, types.float16) for a in (x, y)]
    if narrow[0] == narrow[1]:
        return lambda x, y: (as_floats(x), as_floats(y))
    if narrow[0]:
        return lambda x, y: (as_floats(x).astype(np.float64), as_floats(y))
    return lambda x, y: (as_floats(x), as_floats(y).astype(np.float64))


def as_labels(a: Any) -> Any:
    """Return labels as int64 so that equal labels stay equal; floats become their bits."""
    raise NotImplementedError


@overload(as_labels, jit_options=OVERLOADS)
def _as_labels(a):
    if isinstance(a.dtype, types.Float):
        return lambda a: (as_floats(a).astype(np.float64) + 0.0).view(np.int64)  # -0.0 is 0.0
    if a.dtype == types.int64 and a.layout == "C":
        return lambda a: a
    return lambda a: a.astype(np.int64)


@kernel
def check_weights(p):
    """Raise an error if weights are negative or all zero."""
    if p.size == 0 or total(p) == 0.0:
        raise ValueError("weights must not all be zero")
    if has_negative(p):
        raise ValueError("weights must not be negative")


@jitable
def as_pair(p, q):
    """Check the weights of two distributions; a single weight is repeated to the other's length."""
    if p.size != q.size:
        if p.size == 1:
            p = np.full(q.size, p[0])
        elif q.size == 1:
            q = np.full(p.size, q[0])
        else:
            raise ValueError("pk and qk must have the same length")
    check_weights(p)
    check_weights(q)
    return p, q


def as_targets(x: Any, targets: Any) -> Any:
    """Check targets; return class numbers as int64, or probabilities in the dtype of logits."""
    raise NotImplementedError


@overload(as_targets, jit_options=OVERLOADS)
def _as_targets(x, targets):
    if targets.ndim == 2:

        def probabilities(x, targets):
            if targets.shape != x.shape:
                raise ValueError("targets must have the shape of logits")
            return as_floats(targets).astype(x.dtype)

        return probabilities

    def labels(x, targets):
        if targets.size != x.shape[0]:
            raise ValueError("targets must have one entry for each row of logits")
        t = targets.astype(np.int64)
        if check_targets(t, x.shape[1], False, np.int64(0))[0] >= 0:
            raise ValueError("targets must be classes, from 0 to the number of columns minus 1")
        return t

    return labels


@jitable
def is_complete(a):
    """Whether no sample is missing."""
    missing = np.uint8(0)
    for i in range(a.size):
        missing |= np.uint8(a[i] != a[i])
    return missing == 0
