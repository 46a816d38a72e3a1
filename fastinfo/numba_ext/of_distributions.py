"""Distributions, log-sums and losses inside ``@njit``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from fastinfo._core.in_njit import jitable, typed_as
from fastinfo.distributions import entropies, normalized_exponentials
from fastinfo.distributions.log_sums import logsumexp as log_sum
from fastinfo.kernels.distributions import divergences as kernels
from fastinfo.kernels.elementary.memory import new_array, new_matrix
from fastinfo.kernels.log_domain import softmax as softmax_kernels
from fastinfo.kernels.log_domain.row_sums import logsumexp
from fastinfo.kernels.losses import binary_losses as binary_kernels
from fastinfo.kernels.losses import softmax_loss as loss_kernels
from fastinfo.losses.binary_losses import sigmoid_cross_entropy
from fastinfo.losses.softmax_loss import softmax_cross_entropy
from fastinfo.numba_ext import arguments as nopython
from fastinfo.numba_ext.types import (
    absent,
    constant,
    in_base,
    left_out,
    literal,
    narrow,
    number_or_none,
    refuse,
    vector,
)

__all__: list[str] = []

_WHOLE = types.Integer | types.Boolean


# Distributions


@jitable
def _check_axis(axis):
    """Raise an error if the axis of a vector is not 0 or -1."""
    if axis != 0 and axis != -1:
        raise ValueError("axis is out of bounds for an array of one dimension")


@jitable
def _any_axis(axis):
    pass


def _axis_check(function: str, axis: Any) -> Any:
    """Return a compiled function that checks the axis of a vector, which may be None."""
    if absent(axis):
        return _any_axis
    if not isinstance(constant(axis), int | types.Integer):
        refuse(function, "axis", f"must be 0, -1 or None, got {axis}")
    return _check_axis


@typed_as(entropies.entropy)
def _entropy(pk, qk=None, base=None, axis=0):
    vector("entropy", "pk", pk)
    number_or_none("entropy", "base", base)
    check, scaled = _axis_check("entropy", axis), in_base(base)
    if not absent(qk):
        return lambda pk, qk=None, base=None, axis=0: entropies.kl_divergence(pk, qk, base, axis)
    result = np.float32 if narrow(pk) else np.float64

    def of_one(pk, qk=None, base=None, axis=0):
        check(axis)
        p = nopython.as_floats(pk)
        nopython.check_weights(p)
        return result(scaled(kernels.entropy(p), base))

    return of_one


def _overload_pair(name: str) -> None:
    """Overload a function of two distributions."""
    kernel = getattr(kernels, name)

    @typed_as(getattr(entropies, name))
    def typed(pk, qk, base=None, axis=0):
        vector(name, "pk", pk)
        vector(name, "qk", qk)
        number_or_none(name, "base", base)
        check, scaled = _axis_check(name, axis), in_base(base)
        result = np.float32 if narrow(pk, qk) else np.float64

        def of_two(pk, qk, base=None, axis=0):
            check(axis)
            p, q = nopython.as_pair(*nopython.as_common(pk, qk))
            return result(scaled(kernel(p, q), base))

        return of_two


for _name in ("cross_entropy", "kl_divergence", "js_divergence"):
    _overload_pair(_name)


# Log domain


@typed_as(log_sum)
def _logsumexp(a, axis=None, b=None):
    left_out("logsumexp", b=b)
    if not isinstance(a, types.Array):
        refuse("logsumexp", "a", f"must be an array, got {a}")
    if not absent(axis):
        refuse("logsumexp", "axis", "must be None: call it on each row or column")
    result = np.float32 if narrow(a) else np.float64
    return lambda a, axis=None, b=None: result(logsumexp(nopython.as_floats(a.ravel())))


def _overload_elementwise(name: str, kernel: Any) -> None:
    """Overload softmax or its logarithm."""
    public = getattr(normalized_exponentials, name)

    @typed_as(public)
    def typed(x, axis=None):
        if not isinstance(x, types.Array) or x.ndim == 0:
            refuse(name, "x", f"must be an array, got {x}")
        if absent(axis):

            def of_all(x, axis=None):
                if x.size == 0:
                    raise ValueError("x must not be empty")
                row = nopython.as_floats(x.ravel()).reshape((1, x.size))
                out = np.empty_like(row)
                kernel(row, out)
                return out.reshape(x.shape)

            return of_all
        if x.ndim > 2 or not isinstance(axis, types.Integer | types.Omitted):
            refuse(name, "axis", "must be None, or an integer for one or two dimensions")
        if x.ndim == 1:

            def of_vector(x, axis=None):
                _check_axis(axis)
                return public(x)

            return of_vector

        def of_rows(x, axis=None):
            along = axis == 1 or axis == -1
            if x.shape[1 if along else 0] == 0 and x.shape[0 if along else 1] > 0:
                raise ValueError("x must not be empty along axis")
            if along:
                rows = nopython.as_floats(x)
                out = np.empty_like(rows)
                kernel(rows, out)
                return out
            if axis != 0 and axis != -2:
                raise ValueError("axis is out of bounds for an array of two dimensions")
            columns = nopython.as_floats(x.T)
            turned = np.empty_like(columns)
            kernel(columns, turned)
            return np.ascontiguousarray(turned.T)

        return of_rows


_overload_elementwise("softmax", softmax_kernels.softmax_rows)
_overload_elementwise("log_softmax", softmax_kernels.log_softmax_rows)


# Losses


@typed_as(softmax_cross_entropy)
def _softmax_cross_entropy(logits, targets, reduction="mean", label_smoothing=0.0):
    function = "softmax_cross_entropy"
    if not isinstance(logits, types.Array) or logits.ndim != 2:
        refuse(function, "logits", f"must be an array of two dimensions, got {logits}")
    given = isinstance(targets, types.Array) and targets.ndim in (1, 2)
    if not given or (targets.ndim == 1 and not isinstance(targets.dtype, _WHOLE)):
        refuse(function, "targets", f"must be integers (n,) or probabilities (n, c): {targets}")
    if not isinstance(constant(label_smoothing), types.Number | int | float):
        refuse(function, "label_smoothing", f"must be a number in [0, 1], got {label_smoothing}")
    result = np.float32 if narrow(logits) else np.float64
    word = literal(function, "reduction", reduction, ("mean", "sum", "none"))

    @jitable
    def losses_of(logits, targets, label_smoothing):
        x = nopython.as_floats(logits)
        if x.shape[1] == 0:
            raise ValueError("logits must have a last axis of classes")
        t = nopython.as_targets(x, targets)
        none = new_array(0, np.float64)
        rows = new_matrix(4, x.shape[0], np.float64)
        smoothing = np.float64(label_smoothing)
        if not 0.0 <= smoothing <= 1.0:
            raise ValueError("label_smoothing must be between 0.0 and 1.0")
        total = loss_kernels.softmax_cross_entropy(
            x, t, (none, none, np.int64(-1), smoothing), (0, x.shape[0]), rows
        )
        return total, rows[3]

    if word == "none":

        def each(logits, targets, reduction="mean", label_smoothing=0.0):
            return losses_of(logits, targets, label_smoothing)[1].astype(result)

        return each
    mean = word == "mean"

    def whole(logits, targets, reduction="mean", label_smoothing=0.0):
        if mean and logits.shape[0] == 0:
            raise ValueError("logits must have at least one row to take the mean")
        total = losses_of(logits, targets, label_smoothing)[0]
        return result(total / logits.shape[0] if mean else total)

    return whole


@typed_as(sigmoid_cross_entropy)
def _sigmoid_cross_entropy(logits, targets, reduction="mean"):
    function = "sigmoid_cross_entropy"
    vector(function, "logits", logits)
    vector(function, "targets", targets)
    result = np.float32 if narrow(logits) else np.float64
    word = literal(function, "reduction", reduction, ("mean", "sum", "none"))

    @jitable
    def losses_of(logits, targets, kept):
        x = nopython.as_floats(logits)
        if targets.size != x.size:
            raise ValueError("targets must have the length of logits")
        t = nopython.as_floats(targets).astype(x.dtype)
        each = new_array(x.size if kept else 0, x.dtype)
        return binary_kernels.sigmoid_cross_entropy(
            x, t, np.ones(1), new_array(0, np.float64), kept, each
        ), each

    if word == "none":
        return lambda logits, targets, reduction="mean": losses_of(logits, targets, True)[1]
    mean = word == "mean"

    def whole(logits, targets, reduction="mean"):
        if mean and logits.size == 0:
            raise ValueError("logits must hold at least one element to take the mean")
        total = losses_of(logits, targets, False)[0]
        return result(total / logits.size if mean else total)

    return whole
