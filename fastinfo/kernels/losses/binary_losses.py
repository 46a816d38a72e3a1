"""Binary cross-entropy of logits or of probabilities, element by element.

With ``L = log(1 + exp(-|x|))``, which is accurate however small it is,

    softplus(x) = max(x, 0) + L,    log(sigmoid(x)) = -softplus(-x),

and the loss of a target ``t`` with weight ``w`` of the positive class is ``w t softplus(-x) + (1 -
t) softplus(x)``. A term with factor 0 is 0, even if the other factor is infinite.

What the kernels expect: arrays of the same length, float32 or float64; losses have the dtype of the
logits (float64 for probabilities). Weights are float64, and empty if there are none.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.memory import larger
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.log_domain.exponentials import (
    UNSCALE,
    exp_negative,
    exp_negative64,
    log1p_fraction,
)

_BLOCK = 512


@kernel(inline=True)
def _sigmoid_loss(x, t, positive):
    """Loss of one element, in float64."""
    x = np.float64(x)
    t = np.float64(t)
    a = positive * t
    b = 1.0 - t
    small = log1p_fraction(exp_negative64(-abs(x)) * UNSCALE)
    linear = b * x if x > 0.0 else -a * x
    none = (b if x > 0.0 else a) == 0.0
    return (a + b) * small + (0.0 if none & (x == x) else linear)


@kernel(fastmath=REASSOCIATE, inline=True)
def _block(x, t, positive, losses):
    """Losses of a block in its own dtype, and their sum."""
    zero = x.dtype.type(0)
    one = x.dtype.type(1)
    unit = one / exp_negative(zero)
    total = zero
    for i in range(x.size):
        v = x[i]
        a = positive * t[i]
        b = one - t[i]
        share = b if v > zero else a
        size = v if v > zero else -v
        loss = (a + b) * log1p_fraction(exp_negative(-size) * unit)
        loss += zero if (share == zero) & (v == v) else share * size
        losses[i] = loss
        total += loss
    return np.float64(total)


@kernel(fastmath=REASSOCIATE, inline=True)
def _weighted_block(x, t, positive, weights, losses):
    total = 0.0
    for i in range(x.size):
        loss = _sigmoid_loss(x[i], t[i], positive[i])
        w = weights[i]
        loss = 0.0 if (w == 0.0) & (loss == loss) else w * loss
        losses[i] = loss
        total += loss
    return total


@kernel
def sigmoid_cross_entropy(logits, targets, positive, weights, kept, losses):
    """
    Sum of the losses; if `kept`, also write each loss to `losses`.

    `positive` has one number, or one for each element. `weights` has one number for each element,
    or none.
    """
    spare = np.empty(_BLOCK, logits.dtype)
    factor = logits.dtype.type(positive[0] if positive.size else 1)
    total = 0.0
    for begin in range(0, logits.size, _BLOCK):
        x = logits[begin : begin + _BLOCK]
        t = targets[begin : begin + _BLOCK]
        into = losses[begin : begin + _BLOCK] if kept else spare[: x.size]
        if weights.size:
            p = positive[begin : begin + _BLOCK]
            total += _weighted_block(x, t, p, weights[begin : begin + _BLOCK], into)
        else:
            total += _block(x, t, factor, into)
    return total


@kernel(inline=True)
def _shares(x):
    """Probability of the class that a logit speaks against, and of the other class."""
    small = exp_negative64(-abs(x)) * UNSCALE
    large = 1.0 / (1.0 + small)
    return small * large, large


@kernel
def sigmoid_derivatives(logits, targets, positive, weights, scale, second, grad, hess):
    """Write `scale` times the gradient and, if `second`, times the Hessian's diagonal."""
    whole = np.ones(_BLOCK)
    for begin in range(0, logits.size, _BLOCK):
        x = logits[begin : begin + _BLOCK]
        t = targets[begin : begin + _BLOCK]
        g = grad[begin : begin + _BLOCK]
        w = weights[begin : begin + _BLOCK] if weights.size else whole[: x.size]
        p = positive[begin : begin + _BLOCK] if weights.size else whole[: x.size]
        factor = 1.0 if weights.size else positive[0]
        for i in range(x.size):
            v = np.float64(x[i])
            small, large = _shares(v)
            rise = large if v > 0.0 else small
            fall = small if v > 0.0 else large
            a = factor * p[i] * np.float64(t[i])
            b = 1.0 - np.float64(t[i])
            g[i] = (scale * w[i]) * (b * rise - a * fall) if v == v else v
        if second:
            h = hess[begin : begin + _BLOCK]
            for i in range(x.size):
                v = np.float64(x[i])
                small, large = _shares(v)
                a = factor * p[i] * np.float64(t[i])
                b = 1.0 - np.float64(t[i])
                h[i] = (scale * w[i]) * ((a + b) * (small * large)) if v == v else v


@kernel(inline=True)
def _log1m(p):
    """``log(1 - p)`` for ``0 <= p <= 1``."""
    u = 1.0 - p
    return log64(u) - (((u - 1.0) + p) / u if u > 0.0 else 0.0)


@kernel(inline=True)
def _term(weight, log_p):
    return -weight * log_p if (weight != 0.0) | (log_p != log_p) else 0.0


@kernel(fastmath=REASSOCIATE, inline=True)
def _probability_block(p, t, weights, losses):
    total = 0.0
    for i in range(p.size):
        q = np.float64(p[i])
        target = np.float64(t[i])
        loss = _term(target, log64(q)) + _term(1.0 - target, _log1m(q))
        w = weights[i]
        loss = 0.0 if (w == 0.0) & (loss == loss) else w * loss
        losses[i] = loss
        total += loss
    return total


@kernel
def binary_cross_entropy(probs, targets, weights, kept, losses):
    """Sum of ``-(t log p + (1 - t) log(1 - p))``; if `kept`, write each term to `losses`."""
    spare = np.empty(_BLOCK)
    whole = np.ones(_BLOCK)
    total = 0.0
    for begin in range(0, probs.size, _BLOCK):
        p = probs[begin : begin + _BLOCK]
        into = losses[begin : begin + _BLOCK] if kept else spare[: p.size]
        w = weights[begin : begin + _BLOCK] if weights.size else whole[: p.size]
        total += _probability_block(p, targets[begin : begin + _BLOCK], w, into)
    return total


@kernel
def extremes(x):
    """Smallest and largest element, leaving out NaN; both are 0.5 if there is none."""
    lane = np.full((2, _BLOCK), 0.5)
    least, most = lane[0], lane[1]  # the least ones negated
    least[:] = -0.5
    for begin in range(0, x.size, _BLOCK):
        part = x[begin : begin + _BLOCK]
        for i in range(part.size):
            v = np.float64(part[i])
            v = v if v == v else 0.5
            least[i] = larger(-v, least[i])
            most[i] = larger(v, most[i])
    return -least.max(), most.max()
