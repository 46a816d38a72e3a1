"""Logits and targets to the softmax cross-entropy, its gradient and the diagonal of its Hessian.

A row of logits ``x`` with target weights ``a`` (one-hot for an integer target) and ``A = sum(a)``
loses

    sum(a (log(sum(exp x)) - x)) = A log(1 + others) + sum(a (m - x)),    m = max(x),

where ``others`` is the sum of ``exp(x - m)`` without the first maximum: nothing cancels, and a loss
of 1e-18 is as exact as any. The gradient is ``A p - a`` and the Hessian's diagonal ``A p (1 - p)``,
with ``1 - p = others / (1 + others)`` for the largest ``p``.

Contract: logits float32 or float64, two-dimensional, C- or Fortran-ordered, at least one class;
weights float64, empty where there are none. Rows start:stop are dealt with: targets (int64 in
range, or probabilities of the logits' dtype), sample weights and ``rows`` hold those rows alone.
``rows`` is a float64 array (4, stop - start): maximum, others, weight, loss.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import REASSOCIATE, kernel
from fastinfo.kernels.exponentials import UNSCALE, exp_difference, exp_negative, log1p_positive
from fastinfo.kernels.row_sums import row_sums

__all__ = [
    "check_targets",
    "finish_labels",
    "finish_probabilities",
    "softmax_cross_entropy",
    "softmax_derivatives",
    "start_rows",
    "target_gaps",
]

_SHORT = 48  # classes up to which rows are taken class by class, many at a time
_ROWS = 256


@kernel
def check_targets(targets, classes, ignoring, ignored, class_weight, sample_weight):
    """First row whose target is no class (-1 if none), rows that count, and their weight."""
    rows = np.int64(0)
    bad = np.uint8(0)
    for i in range(targets.size):
        out = np.uint64(targets[i]) >= np.uint64(classes)
        skip = ignoring & (targets[i] == ignored)
        bad |= np.uint8(out & (not skip))
        rows += np.int64(not skip)
    if bad:
        for i in range(targets.size):
            out = np.uint64(targets[i]) >= np.uint64(classes)
            if out and not (ignoring and targets[i] == ignored):
                return i, rows, np.nan
    if class_weight.size == 0 and sample_weight.size == 0:
        return -1, rows, np.float64(rows)
    weight = 0.0
    for i in range(targets.size):
        if not (ignoring and targets[i] == ignored):
            w = sample_weight[i] if sample_weight.size else 1.0
            weight += w * class_weight[np.uint64(targets[i])] if class_weight.size else w
    return -1, rows, weight


@kernel(fastmath=REASSOCIATE)
def _row_gap(x, t, class_weight, kept, floor, most):
    """``sum(a (m - x))`` and ``sum(a)``; a class of no weight may be -inf."""
    gap = 0.0
    weight = 0.0
    for j in range(x.size):
        a = class_weight[j] * (kept * np.float64(t[j]) + floor)
        weight += a
        gap += a * (most - np.float64(x[j])) if a != 0.0 else 0.0
    return gap, weight


@kernel
def _class_gap(x, t, class_weight, kept, floor, most, gap, weight):
    """The share of one class in the same, for many rows."""
    for r in range(gap.size):
        a = class_weight * (kept * np.float64(t[r]) + floor)
        weight[r] += a
        gap[r] += a * (most[r] - np.float64(x[r])) if a != 0.0 else 0.0


@kernel
def target_gaps(logits, targets, class_weight, smoothing, start, stop, rows):
    """Both sums of each row; of integer targets only what smoothing gives to all classes."""
    most, weight, gap = rows[0], rows[2], rows[3]
    classes = logits.shape[1]
    kept = 1.0 - smoothing
    floor = smoothing / classes
    weights = class_weight.copy() if class_weight.size else np.ones(classes)
    if classes > _SHORT and logits.strides[0] >= logits.strides[1]:
        none = np.zeros(classes, logits.dtype)
        for r in range(stop - start):
            if targets.ndim == 2:
                t = targets[r]
            else:
                t = none
            gap[r], weight[r] = _row_gap(logits[start + r], t, weights, kept, floor, most[r])
        return
    gap[:] = 0.0
    weight[:] = 0.0
    none = np.zeros(_ROWS, logits.dtype)
    columns = logits.T
    for first in range(0, stop - start, _ROWS):
        last = min(first + _ROWS, stop - start)
        for j in range(classes):
            if targets.ndim == 2:
                t = targets.T[j][first:last]
            else:
                t = none
            _class_gap(
                columns[j][start + first : start + last],
                t,
                weights[j],
                kept,
                floor,
                most[first:last],
                gap[first:last],
                weight[first:last],
            )


@kernel
def _add_targets(logits, targets, class_weight, ignored, kept, start, most, gap, weight):
    """The target's own share, and the weight of each row; nothing is left of an ignored row."""
    for r in range(gap.size):
        t = np.uint64(targets[r])
        if targets[r] == ignored:
            gap[r] = 0.0
            weight[r] = 0.0
            continue
        a = kept * class_weight[t] if class_weight.size else kept
        distance = most[r] - np.float64(logits[start + r, t])
        gap[r] += a * distance if a != 0.0 else 0.0
        weight[r] += a


@kernel
def _weigh(sample_weight, gap, weight):
    for r in range(gap.size):
        w = sample_weight[r]
        gap[r] = w * gap[r] if w != 0.0 else 0.0
        weight[r] *= w


@kernel(fastmath=REASSOCIATE)
def _sum(values):
    s = 0.0
    for r in range(values.size):
        s += values[r]
    return s


@kernel
def finish_probabilities(sample_weight, rows):
    """Sum of the losses of rows whose gaps to their targets are known; completes `rows`."""
    others, weight, loss = rows[1], rows[2], rows[3]
    if sample_weight.size:
        _weigh(sample_weight, loss, weight)
    for r in range(loss.size):
        loss[r] += weight[r] * log1p_positive(others[r])
    return _sum(loss)


@kernel
def finish_labels(logits, targets, class_weight, sample_weight, ignored, smoothing, start, rows):
    """The same for integer targets, whose own share is not among the gaps yet."""
    most, weight, loss = rows[0], rows[2], rows[3]
    _add_targets(logits, targets, class_weight, ignored, 1.0 - smoothing, start, most, loss, weight)
    total = finish_probabilities(sample_weight, rows)
    skipped = np.uint8(0)
    for r in range(loss.size):
        skip = targets[r] == ignored
        loss[r] = 0.0 if skip else loss[r]
        skipped |= np.uint8(skip)
    return _sum(loss) if skipped else total


@kernel
def start_rows(rows):
    """
    Make `rows` of the sums of :mod:`fastinfo.kernels.row_sums`: maximum, rest, count.

    The others' sum is NaN where a row holds NaN or +inf, or only -inf.
    """
    most, others, count, loss = rows[0], rows[1], rows[2], rows[3]
    for r in range(most.size):
        others[r] = others[r] + (count[r] - 1.0) if abs(most[r]) < np.inf else np.nan
        count[r] = 0.0
        loss[r] = 0.0


@kernel
def softmax_cross_entropy(
    logits, targets, class_weight, sample_weight, ignored, smoothing, start, stop, rows
):
    """Sum of the losses of rows start:stop; fills `rows`."""
    row_sums(logits, start, stop, rows[0], rows[2], rows[1])
    start_rows(rows)
    if targets.ndim == 2 or smoothing != 0.0:
        target_gaps(logits, targets, class_weight, smoothing, start, stop, rows)
    if targets.ndim == 1:
        return finish_labels(
            logits, targets, class_weight, sample_weight, ignored, smoothing, start, rows
        )
    return finish_probabilities(sample_weight, rows)


@kernel(inline=True)
def _gradient(x, a, top, most, inverse, weight, fall, scale):
    """``scale (A p - a)`` of one element; all of the logits' dtype."""
    e = exp_difference(x, most)
    at_top = (weight - a) - weight * fall
    return (at_top if e == top else e * inverse * weight - a) * scale


@kernel(inline=True)
def _curvature(x, top, most, inverse, weight, fall, scale):
    """``scale A p (1 - p)`` of one element."""
    e = exp_difference(x, most)
    p = e * inverse
    return weight * scale * (p * (fall if e == top else (top - top + 1) - p))


@kernel
def _row_derivatives(x, t, class_weight, smooth, row_weight, state, scale, second, g, h):
    """One row; `state` is its maximum, inverse sum, weight, and 1 less the largest share."""
    kept, floor = smooth
    most, inverse, weight, fall = state
    top = exp_negative(scale - scale)
    for j in range(x.size):
        a = row_weight * class_weight[j] * (kept * t[j] + floor)
        g[j] = _gradient(x[j], a, top, most, inverse, weight, fall, scale)
    if second:
        for j in range(x.size):
            h[j] = _curvature(x[j], top, most, inverse, weight, fall, scale)


@kernel
def _class_derivatives(x, t, class_weight, smooth, row_weight, state, scale, second, g, h):
    """One class of many rows; the same by row."""
    kept, floor = smooth
    top = exp_negative(scale - scale)
    most = state[0][: x.size]
    inverse = state[1][: x.size]
    weight = state[2][: x.size]
    fall = state[3][: x.size]
    for r in range(x.size):
        a = row_weight[r] * class_weight * (kept * t[r] + floor)
        g[r] = _gradient(x[r], a, top, most[r], inverse[r], weight[r], fall[r], scale)
    if second:
        for r in range(x.size):
            h[r] = _curvature(x[r], top, most[r], inverse[r], weight[r], fall[r], scale)


@kernel
def _patch_targets(
    logits,
    targets,
    class_weight,
    row_weight,
    ignored,
    smoothing,
    scale,
    start,
    rows,
    second,
    grad,
    hess,
):
    """The target's own share in the gradient, without cancellation; 0 for ignored rows."""
    floor = smoothing / logits.shape[1]
    for r in range(rows.shape[1]):
        i = start + r
        if targets[r] == ignored:
            grad[i] = 0
            if second:
                hess[i] = 0
            continue
        t = np.uint64(targets[r])
        w = row_weight[r] * class_weight[t] if class_weight.size else row_weight[r]
        p = np.float64(exp_difference(logits[i, t], logits.dtype.type(rows[0, r]))) * UNSCALE
        whole = 1.0 + rows[1, r]
        fall = (rows[1, r] if p == 1.0 else whole - p) / whole
        other = rows[2, r] - w * (1.0 - smoothing + floor)
        grad[i, t] = scale * ((other if smoothing != 0.0 else 0.0) - rows[2, r] * fall)


@kernel
def softmax_derivatives(
    logits,
    targets,
    class_weight,
    sample_weight,
    ignored,
    smoothing,
    scale,
    start,
    stop,
    rows,
    second,
    grad,
    hess,
):
    """
    `scale` times the gradient, and if `second` the Hessian's diagonal, of rows start:stop.

    ``rows`` is what :func:`softmax_cross_entropy` left there.
    """
    dtype = logits.dtype.type
    n, classes = stop - start, logits.shape[1]
    smooth = (dtype(1.0 - smoothing), dtype(smoothing / classes))
    weights = np.ones(classes, logits.dtype)
    if class_weight.size:
        for j in range(classes):
            weights[j] = class_weight[j]
    row_weight = np.ones(n, logits.dtype)
    if sample_weight.size:
        for r in range(n):
            row_weight[r] = sample_weight[r]
    state = np.empty((4, n), logits.dtype)
    for r in range(n):
        whole = 1.0 + rows[1, r]
        state[0, r] = rows[0, r]
        state[1, r] = UNSCALE / whole
        state[2, r] = rows[2, r]
        state[3, r] = rows[1, r] / whole
    factor = dtype(scale)
    if classes > _SHORT and logits.strides[0] >= logits.strides[1]:
        none = np.zeros(classes, logits.dtype)
        for r in range(n):
            if targets.ndim == 2:
                t = targets[r]
            else:
                t = none
            _row_derivatives(
                logits[start + r],
                t,
                weights,
                smooth,
                row_weight[r],
                (state[0, r], state[1, r], state[2, r], state[3, r]),
                factor,
                second,
                grad[start + r],
                hess[start + r if second else 0],
            )
    else:
        none = np.zeros(_ROWS, logits.dtype)
        for first in range(0, n, _ROWS):
            last = min(first + _ROWS, n)
            for j in range(classes):
                if targets.ndim == 2:
                    t = targets.T[j][first:last]
                else:
                    t = none
                _class_derivatives(
                    logits.T[j][start + first : start + last],
                    t,
                    weights[j],
                    smooth,
                    row_weight[first:last],
                    state[:, first:last],
                    factor,
                    second,
                    grad.T[j][start + first : start + last],
                    hess.T[j if second else 0][start + first : start + last],
                )
    if targets.ndim == 1:
        _patch_targets(
            logits,
            targets,
            class_weight,
            row_weight,
            ignored,
            smoothing,
            scale,
            start,
            rows,
            second,
            grad,
            hess,
        )
