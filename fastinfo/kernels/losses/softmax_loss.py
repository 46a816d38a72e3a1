"""Softmax cross-entropy of logits and targets, its gradient, and the diagonal of its Hessian.

The loss of a row of logits ``x`` with target weights ``a`` (one-hot for an integer target) and ``A
= sum(a)`` is

    sum(a (log(sum(exp x)) - x)) = A log(1 + others) + sum(a (m - x)),    m = max(x),

where ``others`` is the sum of ``exp(x - m)`` without the first maximum. Nothing cancels, so even a
loss of 1e-18 is accurate. The gradient is ``A p - a`` and the diagonal of the Hessian is ``A p (1 -
p)``, with ``1 - p = others / (1 + others)`` for the largest ``p``.

What the kernels expect: logits are float32 or float64, two-dimensional, in C or Fortran order, with
at least one class. The rows of ``span = (start, stop)`` are processed. Targets (int64 in range, or
probabilities of the logits' dtype), sample weights and ``rows`` hold only those rows. ``rows`` is a
float64 array (4, stop - start): maximum, others, weight, loss. ``weighting`` is (class weights,
sample weights, target of ignored rows, smoothing). Weights are float64, and empty if there are
none.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.memory import as_vector
from fastinfo.kernels.log_domain.exponentials import (
    UNSCALE,
    exp_difference,
    exp_negative,
    log1p_positive,
)
from fastinfo.kernels.log_domain.row_sums import row_sums

_SHORT = 48  # with up to this many classes, many rows are processed together, class by class
_ROWS = 256


@kernel
def check_targets(targets, classes, ignoring, ignored):
    """First row whose target is not a class (-1 if none), and the number of rows that count."""
    most = np.uint64(classes)
    rows = np.int64(0)
    bad = np.uint8(0)
    for i in range(targets.size):
        skip = ignoring & (targets[i] == ignored)
        bad |= np.uint8((np.uint64(targets[i]) >= most) & (not skip))
        rows += np.int64(not skip)
    row = np.int64(-1)
    if bad:
        for i in range(targets.size):
            skip = ignoring & (targets[i] == ignored)
            if (row < 0) & (np.uint64(targets[i]) >= most) & (not skip):
                row = i
    return row, rows


@kernel
def weigh_targets(targets, ignoring, ignored, class_weight, sample_weight):
    """Sum of the weights of the rows that count, whose targets are all classes."""
    weight = 0.0
    for i in range(targets.size):
        if not (ignoring and targets[i] == ignored):
            w = sample_weight[i] if sample_weight.size else 1.0
            weight += w * class_weight[np.uint64(targets[i])] if class_weight.size else w
    return weight


@kernel(fastmath=REASSOCIATE)
def _row_gap(x, t, class_weight, smooth, most):
    """``sum(a (m - x))`` and ``sum(a)``; the logit of a class of weight 0 may be -inf."""
    kept, floor = smooth
    gap = 0.0
    weight = 0.0
    for j in range(x.size):
        a = class_weight[j] * (kept * np.float64(t[j]) + floor)
        weight += a
        gap += a * (most - np.float64(x[j])) if a != 0.0 else 0.0
    return gap, weight


@kernel
def _class_gap(x, t, class_weight, smooth, rows):
    """Add the terms of one class to the sums of :func:`_row_gap`, for many rows."""
    kept, floor = smooth
    most, weight, gap = rows[0], rows[2], rows[3]
    for r in range(gap.size):
        a = class_weight * (kept * np.float64(t[r]) + floor)
        weight[r] += a
        gap[r] += a * (most[r] - np.float64(x[r])) if a != 0.0 else 0.0


@kernel
def _filled(weights, n, like):
    """Weights in the dtype of `like`; ones if there are none."""
    found = np.ones(n, like.dtype)
    for i in range(weights.size):
        found[i] = weights[i]
    return found


@kernel
def _some_targets(targets, i, first, last, none):
    """Row `i` of the targets from `first` to `last`; zeros if targets are integers."""
    if targets.ndim == 2:
        return targets[i, first:last]
    return none[: last - first]


@kernel
def _by_row(logits):
    """Whether each row is processed by a loop of its own: rows are long and contiguous."""
    return logits.shape[1] > _SHORT and logits.strides[0] >= logits.strides[1]


@kernel
def target_gaps(logits, targets, weighting, span, rows):
    """Both sums of each row; for integer targets only the part that comes from smoothing."""
    start, stop = span
    n, classes = stop - start, logits.shape[1]
    smooth = (1.0 - weighting[3], weighting[3] / classes)
    weights = _filled(weighting[0], classes, rows)
    none = np.zeros(max(classes, _ROWS), logits.dtype)
    if _by_row(logits):
        for r in range(n):
            t = _some_targets(targets, r, 0, classes, none)
            rows[3, r], rows[2, r] = _row_gap(logits[start + r], t, weights, smooth, rows[0, r])
        return
    rows[2:] = 0.0
    for first in range(0, n, _ROWS):
        last = min(first + _ROWS, n)
        for j in range(classes):
            x = logits.T[j][start + first : start + last]
            t = _some_targets(targets.T, j, first, last, none)
            _class_gap(x, t, weights[j], smooth, rows[:, first:last])


@kernel
def _add_targets(logits, targets, class_weight, ignored, kept, start, most, gap, weight):
    """Add the target's own term and the weight of each row; ignored rows become 0."""
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


@kernel(fastmath=REASSOCIATE, inline=True)
def _sum_from(values, start):
    s = 0.0
    for r in range(np.uint64(start), np.uint64(values.size)):
        s += values[r]
    return s


@kernel
def plain_losses(logits, targets, ignored, start, rows):
    """
    Sum of the losses for integer targets without weights or smoothing.

    It does what :func:`start_rows` and :func:`finish_labels` do together, and completes `rows`.
    """
    n = np.uint64(rows.shape[1])
    values = as_vector(rows)  # maximum, rest, count; then maximum, others, weight, loss
    for r in range(n):
        most = values[r]
        finite = (most > -np.inf) & (most < np.inf)
        values[n + r] = values[n + r] + (values[n + n + r] - 1.0) if finite else np.nan
        counts = targets[r] != ignored
        t = np.uint64(targets[r]) if counts else np.uint64(0)
        gap = most - np.float64(logits[np.uint64(start) + r, t])
        values[n + n + r] = 1.0 if counts else 0.0
        values[n + n + n + r] = gap if counts else 0.0
    for r in range(n):
        loss = values[n + n + n + r] + log1p_positive(values[n + r])
        values[n + n + n + r] = loss if values[n + n + r] != 0.0 else 0.0
    return _sum_from(values, n + n + n)


@kernel
def finish_probabilities(sample_weight, rows):
    """Sum of the losses of rows for which :func:`target_gaps` is complete; completes `rows`."""
    others, weight, loss = rows[1], rows[2], rows[3]
    if sample_weight.size:
        _weigh(sample_weight, loss, weight)
    for r in range(loss.size):
        loss[r] += weight[r] * log1p_positive(others[r])
    return _sum(loss)


@kernel
def finish_labels(logits, targets, weighting, start, rows):
    """Sum of the losses for integer targets, whose own terms are added here."""
    class_weight, sample_weight, ignored, smoothing = weighting
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
    Convert the sums of :mod:`fastinfo.kernels.log_domain.row_sums` (maximum, rest, count).

    Others is NaN for a row that contains NaN or +inf, or only -inf.
    """
    most, others, count, loss = rows[0], rows[1], rows[2], rows[3]
    for r in range(most.size):
        others[r] = others[r] + (count[r] - 1.0) if abs(most[r]) < np.inf else np.nan
        count[r] = 0.0
        loss[r] = 0.0


@kernel
def softmax_cross_entropy(logits, targets, weighting, span, rows):
    """Sum of the losses of the rows of a span; fills `rows`."""
    row_sums(logits, span[0], span[1], rows[0], rows[2], rows[1])
    start_rows(rows)
    if targets.ndim == 2 or weighting[3] != 0.0:
        target_gaps(logits, targets, weighting, span, rows)
    if targets.ndim == 1:
        return finish_labels(logits, targets, weighting, span[0], rows)
    return finish_probabilities(weighting[1], rows)


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
def _row_derivatives(x, t, class_weight, factors, state, second, g, h):
    """
    Derivatives of one row.

    `factors` are the share that smoothing keeps, the share that it gives to each class, and the
    scale. `state` is the row's maximum, inverse sum, weight, 1 minus the largest share, and sample
    weight.
    """
    kept, floor, scale = factors
    most, inverse, weight, fall, row_weight = state
    top = exp_negative(scale - scale)
    for j in range(x.size):
        a = row_weight * class_weight[j] * (kept * t[j] + floor)
        g[j] = _gradient(x[j], a, top, most, inverse, weight, fall, scale)
    if second:
        for j in range(x.size):
            h[j] = _curvature(x[j], top, most, inverse, weight, fall, scale)


@kernel
def _class_derivatives(x, t, class_weight, factors, state, second, g, h):
    """Derivatives of one class for many rows; the arguments are arrays over the rows."""
    kept, floor, scale = factors
    top = exp_negative(scale - scale)
    most = state[0][: x.size]
    inverse = state[1][: x.size]
    weight = state[2][: x.size]
    fall = state[3][: x.size]
    row_weight = state[4][: x.size]
    for r in range(x.size):
        a = row_weight[r] * class_weight * (kept * t[r] + floor)
        g[r] = _gradient(x[r], a, top, most[r], inverse[r], weight[r], fall[r], scale)
    if second:
        for r in range(x.size):
            h[r] = _curvature(x[r], top, most[r], inverse[r], weight[r], fall[r], scale)


@kernel
def _patch_targets(logits, targets, weighting, row_weight, scale, start, rows, outputs):
    """Set the gradient of each target without cancellation; set ignored rows to 0."""
    class_weight, _, ignored, smoothing = weighting
    grad, hess, second = outputs
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
def softmax_derivatives(logits, targets, weighting, scale, span, rows, outputs):
    """
    Write `scale` times the gradient of the rows of a span, and the Hessian's diagonal.

    ``rows`` was filled by :func:`softmax_cross_entropy`. ``outputs`` is (gradient, Hessian's
    diagonal, whether the latter is wanted), both with the shape and order of the logits.
    """
    start, stop = span
    grad, hess, second = outputs
    dtype = logits.dtype.type
    n, classes = stop - start, logits.shape[1]
    factors = (dtype(1.0 - weighting[3]), dtype(weighting[3] / classes), dtype(scale))
    weights = _filled(weighting[0], classes, logits)
    none = np.zeros(max(classes, _ROWS), logits.dtype)
    state = np.empty((5, n), logits.dtype)
    state[4] = _filled(weighting[1], n, logits)
    for r in range(n):
        whole = 1.0 + rows[1, r]
        state[0, r] = rows[0, r]
        state[1, r] = UNSCALE / whole
        state[2, r] = rows[2, r]
        state[3, r] = rows[1, r] / whole
    if _by_row(logits):
        for r in range(n):
            t = _some_targets(targets, r, 0, classes, none)
            of_row = (state[0, r], state[1, r], state[2, r], state[3, r], state[4, r])
            i = start + r
            _row_derivatives(logits[i], t, weights, factors, of_row, second, grad[i], hess[i])
    else:
        for first in range(0, n, _ROWS):
            last = min(first + _ROWS, n)
            a, b = start + first, start + last
            for j in range(classes):
                x, g, h = logits.T[j][a:b], grad.T[j][a:b], hess.T[j][a:b]
                t = _some_targets(targets.T, j, first, last, none)
                of_rows = state[:, first:last]
                _class_derivatives(x, t, weights[j], factors, of_rows, second, g, h)
    if targets.ndim == 1:
        _patch_targets(logits, targets, weighting, state[4], scale, start, rows, outputs)
