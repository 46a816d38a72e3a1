"""Distributions, log-sums and losses inside ``@njit``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import register_jitable

from fastinfo import _nopython as nopython
from fastinfo import distributions, losses, reductions
from fastinfo._binary_losses import sigmoid_cross_entropy
from fastinfo._overload_types import (
    absent,
    divided,
    literal,
    narrow,
    number_or_none,
    overload_public,
    refuse,
    vector,
)
from fastinfo.kernels import binary_losses as binary_kernels
from fastinfo.kernels import distributions as kernels
from fastinfo.kernels import losses as loss_kernels
from fastinfo.kernels import softmax as softmax_kernels
from fastinfo.kernels.row_sums import logsumexp

__all__: list[str] = []


# Distributions


@overload_public(distributions.entropy)
def _entropy(pk, qk=None, base=None):
    vector("entropy", "pk", pk)
    number_or_none("entropy", "base", base)
    if not absent(qk):
        return lambda pk, qk=None, base=None: distributions.kl_divergence(pk, qk, base)
    result = np.float32 if narrow(pk) else np.float64
    if absent(base):

        def in_nats(pk, qk=None, base=None):
            p = nopython.as_floats(pk)
            nopython.check_weights(p)
            return result(kernels.entropy(p))

        return in_nats

    def in_base(pk, qk=None, base=None):
        p = nopython.as_floats(pk)
        nopython.check_weights(p)
        return result(divided(kernels.entropy(p), base))

    return in_base


def _overload_pair(name: str) -> None:
    """Overload a function of two distributions."""
    kernel = getattr(kernels, name)

    @overload_public(getattr(distributions, name))
    def typed(pk, qk, base=None):
        vector(name, "pk", pk)
        vector(name, "qk", qk)
        number_or_none(name, "base", base)
        result = np.float32 if narrow(pk, qk) else np.float64
        if absent(base):

            def in_nats(pk, qk, base=None):
                p, q = nopython.as_common(pk, qk)
                nopython.check_pair(p, q)
                return result(kernel(p, q))

            return in_nats

        def in_base(pk, qk, base=None):
            p, q = nopython.as_common(pk, qk)
            nopython.check_pair(p, q)
            return result(divided(kernel(p, q), base))

        return in_base


for _name in ("cross_entropy", "kl_divergence", "js_divergence"):
    _overload_pair(_name)


# Log domain


@overload_public(reductions.logsumexp)
def _logsumexp(a, axis=None):
    if not isinstance(a, types.Array):
        refuse("logsumexp", "a", f"must be an array, got {a}")
    if not absent(axis):
        refuse("logsumexp", "axis", "must be None: call it on each row or column")
    result = np.float32 if narrow(a) else np.float64
    return lambda a, axis=None: result(logsumexp(nopython.as_floats(a.ravel())))


def _overload_elementwise(name: str, kernel: Any) -> None:
    """Overload softmax or its logarithm."""
    public = getattr(reductions, name)

    @overload_public(public)
    def typed(x, axis=None):
        if not isinstance(x, types.Array) or x.ndim == 0:
            refuse(name, "x", f"must be an array, got {x}")
        if absent(axis):

            def of_all(x, axis=None):
                row = nopython.as_floats(x.ravel()).reshape((1, x.size))
                out = np.empty_like(row)
                kernel(row, out)
                return out.reshape(x.shape)

            return of_all
        if x.ndim > 2 or not isinstance(axis, types.Integer | types.Omitted):
            refuse(name, "axis", "must be None, or an integer for one or two dimensions")
        if x.ndim == 1:

            def of_vector(x, axis=None):
                if axis != 0 and axis != -1:
                    raise ValueError("axis is out of bounds for an array of one dimension")
                return public(x)

            return of_vector

        def of_rows(x, axis=None):
            if axis == 1 or axis == -1:
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


@overload_public(losses.softmax_cross_entropy, prefer_literal=True)
def _softmax_cross_entropy(logits, targets, reduction="mean", label_smoothing=0.0):
    function = "softmax_cross_entropy"
    if not isinstance(logits, types.Array) or logits.ndim != 2:
        refuse(function, "logits", f"must be an array of two dimensions, got {logits}")
    labels = isinstance(targets, types.Array) and isinstance(targets.dtype, types.Integer)
    if not isinstance(targets, types.Array) or targets.ndim != (1 if labels else 2):
        refuse(function, "targets", f"must be integers (n,) or probabilities (n, c): {targets}")
    result = np.float32 if narrow(logits) else np.float64
    word = literal(function, "reduction", reduction, ("mean", "sum", "none"))

    @register_jitable
    def losses_of(logits, targets, label_smoothing):
        x = nopython.as_floats(logits)
        t = nopython.as_targets(x, targets)
        none = np.empty(0)
        rows = np.empty((4, x.shape[0]))
        smoothing = np.float64(label_smoothing)
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
        total = losses_of(logits, targets, label_smoothing)[0]
        return result(total / logits.shape[0] if mean else total)

    return whole


@overload_public(sigmoid_cross_entropy, prefer_literal=True)
def _sigmoid_cross_entropy(logits, targets, reduction="mean"):
    function = "sigmoid_cross_entropy"
    vector(function, "logits", logits)
    vector(function, "targets", targets)
    result = np.float32 if narrow(logits) else np.float64
    word = literal(function, "reduction", reduction, ("mean", "sum", "none"))

    @register_jitable
    def losses_of(logits, targets, kept):
        x = nopython.as_floats(logits)
        if targets.size != x.size:
            raise ValueError("targets must be as many as logits")
        t = nopython.as_floats(targets).astype(x.dtype)
        each = np.empty(x.size if kept else 0, x.dtype)
        return binary_kernels.sigmoid_cross_entropy(x, t, np.ones(1), np.empty(0), kept, each), each

    if word == "none":
        return lambda logits, targets, reduction="mean": losses_of(logits, targets, True)[1]
    mean = word == "mean"

    def whole(logits, targets, reduction="mean"):
        total = losses_of(logits, targets, False)[0]
        return result(total / logits.size if mean else total)

    return whole
