"""Entropy, cross-entropy and divergence of many distributions side by side.

The distributions lie along the middle one of three axes (outer, n, inner), or along rows. Each lane
of a SIMD register holds a different distribution. For the same reason short rows are transposed
first. The formulas and the requirements are those of
:mod:`fastinfo.kernels.distributions.divergences`.

The kernels write the measure of each distribution to `out`, and return whether any weight is
negative.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.distributions.divergences import add, closed, has_negative, whole
from fastinfo.kernels.distributions.terms import (
    CROSS_ENTROPY,
    ENTROPY,
    JS_DIVERGENCE,
    KL_DIVERGENCE,
    cross_entropy_any,
    cross_entropy_term,
    entropy_any,
    entropy_term,
    from_sums,
    is_special,
    js_divergence_any,
    js_divergence_term,
    kl_divergence_any,
    kl_divergence_term,
    reference_scale_of,
    scale_of,
    shift_of,
    unscaled_shift,
)

LANES = 256
_ROWS = 64  # terms that are summed before they are added to the compensated sum
SHORT = 64  # rows of up to this many elements are transposed


@kernel(inline=True)
def _accumulate(s, error, parts):
    """Add the parts to compensated sums, lane by lane (Neumaier)."""
    for j in range(parts.size):
        x = parts[j]
        t = s[j] + x
        error[j] += (s[j] - t) + x if abs(s[j]) >= abs(x) else (x - t) + s[j]
        s[j] = t


@kernel(inline=True)
def _close(s, error):
    for j in range(s.size):
        s[j] = s[j] + error[j] if abs(s[j]) < np.inf else s[j]


@kernel(inline=True)
def _totals(p, left, right, s, error, parts):
    """Sum of each of the columns from `left` to `right`."""
    s[:] = 0.0
    error[:] = 0.0
    for start in range(0, p.shape[0], _ROWS):
        part = p[start : start + _ROWS]
        parts[:] = 0.0
        for i in range(part.shape[0]):
            row = part[i, left:right]
            for j in range(row.size):
                parts[j] += np.float64(row[j])
        _accumulate(s, error, parts)
    _close(s, error)


@kernel
def _total_scaled(p, j, scale):
    """Sum of a column times a number, if the sum itself is beyond float64."""
    s = 0.0
    error = 0.0
    for i in range(p.shape[0]):
        s, error = add(s, error, np.float64(p[i, j]) * scale)
    return closed(s, error)


@kernel(inline=True)
def _scale(p, left, f, s):
    """Multiply the sums of the columns from `left` on by their scales."""
    beyond = np.uint8(0)
    for j in range(s.size):
        s[j] *= f[j]
        beyond |= np.uint8(s[j] == np.inf)
    if beyond:
        for j in range(s.size):
            if s[j] == np.inf:
                s[j] = _total_scaled(p, left + j, f[j])


@kernel(inline=True)
def _add_terms(measure, term, every, p, q, left, right, f, g, a, b, t):
    """Sum the terms of some rows, lane by lane; return whether a weight is negative."""
    word = np.uint64(0)
    negative = np.uint8(0)
    t[:] = 0.0
    for i in range(p.shape[0]):
        first = p[i, left:right]
        second = q[i, left:right]
        for j in range(first.size):
            v = np.float64(first[j]) * f[j]
            w = np.float64(second[j]) * g[j]
            value, flag = term(v, w, a[j], b[j])
            t[j] += value
            word |= flag
    if is_special(word):
        t[:] = 0.0
        if measure != JS_DIVERGENCE:
            for j in range(t.size):
                b[j] = unscaled_shift(measure, g[j], a[j])
        for i in range(p.shape[0]):
            first = p[i, left:right]
            second = q[i, left:right]
            for j in range(first.size):
                v = np.float64(first[j]) * f[j]
                w = np.float64(second[j]) * g[j]
                t[j] += every(v, w, np.float64(first[j]), np.float64(second[j]), a[j], b[j])
                negative |= np.uint8((v < 0.0) | (w < 0.0))
    return negative


@kernel(inline=True)
def _terms(measure, term, every, p, q, left, right, f, g, a, b, t, error, parts):
    """Sum of the terms of each of some columns; return whether a weight is negative."""
    negative = np.uint8(0)
    t[:] = 0.0
    error[:] = 0.0
    for start in range(0, p.shape[0], _ROWS):
        stop = start + _ROWS
        x = p[start:stop]
        y = q[start:stop]
        negative |= _add_terms(measure, term, every, x, y, left, right, f, g, a, b, parts)
        _accumulate(t, error, parts)
    _close(t, error)
    return negative


@kernel(inline=True)
def _matrix(measure, term, every, p, q, out):
    """The measure of each column of a matrix; return whether a weight is negative."""
    scratch = np.empty((9, LANES))
    negative = np.uint8(0)
    for left in range(0, out.size, LANES):
        right = min(left + LANES, out.size)
        sp = scratch[0, : right - left]
        sq = scratch[1, : right - left]
        t = scratch[2, : right - left]
        f = scratch[3, : right - left]
        g = scratch[4, : right - left]
        a = scratch[5, : right - left]
        b = scratch[6, : right - left]
        error = scratch[7, : right - left]
        parts = scratch[8, : right - left]
        _totals(p, left, right, sp, error, parts)
        if measure == ENTROPY:
            for j in range(sq.size):
                sq[j] = sp[j]
        else:
            _totals(q, left, right, sq, error, parts)
        for j in range(sp.size):
            f[j] = scale_of(sp[j])
            g[j] = reference_scale_of(sq[j])
        _scale(p, left, f, sp)
        _scale(q, left, g, sq)
        for j in range(sp.size):
            a[j] = 1.0 / sp[j] if measure == JS_DIVERGENCE else shift_of(measure, sp[j], sq[j])
            b[j] = 1.0 / sq[j]
        negative |= _terms(measure, term, every, p, q, left, right, f, g, a, b, t, error, parts)
        to = out[left:right]
        for j in range(sp.size):
            to[j] = from_sums(measure, sp[j], sq[j], t[j], a[j])
    return negative


@kernel(inline=True)
def _columns(measure, term, every, p, q, out):
    negative = np.uint8(0)
    for i in range(p.shape[0]):
        negative |= _matrix(measure, term, every, p[i], q[i], out[i])
    return negative != 0


@kernel
def entropy_columns(p, out):
    """Entropy along the middle axis, and whether any weight is negative."""
    return _columns(ENTROPY, entropy_term, entropy_any, p, p, out)


@kernel
def cross_entropy_columns(p, q, out):
    """Cross-entropy along the middle axis, and whether any weight is negative."""
    return _columns(CROSS_ENTROPY, cross_entropy_term, cross_entropy_any, p, q, out)


@kernel
def kl_divergence_columns(p, q, out):
    """Kullback-Leibler divergence along the middle axis, and whether any weight is negative."""
    return _columns(KL_DIVERGENCE, kl_divergence_term, kl_divergence_any, p, q, out)


@kernel
def js_divergence_columns(p, q, out):
    """Jensen-Shannon divergence along the middle axis, and whether any weight is negative."""
    return _columns(JS_DIVERGENCE, js_divergence_term, js_divergence_any, p, q, out)


@kernel(inline=True)
def _matrix_sums(measure, term, every, p, q, scales, a, b, sums):
    """Sums of scaled p, of scaled q and of the terms for each column, in three rows."""
    scratch = np.empty((3, LANES))
    negative = np.uint8(0)
    for left in range(0, p.shape[1], LANES):
        right = min(left + LANES, p.shape[1])
        error = scratch[0, : right - left]
        parts = scratch[1, : right - left]
        second = scratch[2, : right - left]
        f = scales[0, left:right]
        g = scales[1, left:right]
        sp = sums[0, left:right]
        sq = sums[1, left:right]
        _totals(p, left, right, sp, error, parts)
        _totals(q, left, right, sq, error, parts)
        _scale(p, left, f, sp)
        _scale(q, left, g, sq)
        for j in range(sp.size):
            second[j] = b[left + j]
        negative |= _terms(
            measure,
            term,
            every,
            p,
            q,
            left,
            right,
            f,
            g,
            a[left:right],
            second,
            sums[2, left:right],
            error,
            parts,
        )
    return negative != 0


@kernel
def column_totals(p, scale, out):
    """Sum of each column of a matrix, multiplied by its scale."""
    error = np.empty(out.size)
    parts = np.empty(out.size)
    _totals(p, 0, out.size, out, error, parts)
    _scale(p, 0, scale, out)


@kernel
def entropy_column_sums(p, scales, shift, sums):
    """The results of `entropy_sums` for each column."""
    return _matrix_sums(ENTROPY, entropy_term, entropy_any, p, p, scales, shift, shift, sums)


@kernel
def cross_entropy_column_sums(p, q, scales, shift, sums):
    """The results of `cross_entropy_sums` for each column."""
    return _matrix_sums(
        CROSS_ENTROPY,
        cross_entropy_term,
        cross_entropy_any,
        p,
        q,
        scales,
        shift,
        shift,
        sums,
    )


@kernel
def kl_divergence_column_sums(p, q, scales, shift, sums):
    """The results of `kl_divergence_sums` for each column."""
    return _matrix_sums(
        KL_DIVERGENCE,
        kl_divergence_term,
        kl_divergence_any,
        p,
        q,
        scales,
        shift,
        shift,
        sums,
    )


@kernel
def js_divergence_column_sums(p, q, scales, p_inverses, q_inverses, sums):
    """The results of `js_divergence_sums` for each column, whose sums have these inverses."""
    return _matrix_sums(
        JS_DIVERGENCE,
        js_divergence_term,
        js_divergence_any,
        p,
        q,
        scales,
        p_inverses,
        q_inverses,
        sums,
    )


@kernel
def finish(measure, sums, out):
    """The measure of each column, from sums that were taken with a shift of 0."""
    for j in range(out.size):
        out[j] = from_sums(measure, sums[0, j], sums[1, j], sums[2, j], 0.0)


@kernel(inline=True)
def _turn(x, tile):
    for j in range(tile.shape[0]):
        column = tile[j]
        for i in range(column.size):
            column[i] = x[i, j]


@kernel(inline=True)
def _rows(measure, term, every, p, q, out):
    """The measure of each row; whether a weight is negative."""
    rows, n = p.shape
    turned = 0
    negative = np.uint8(0)
    if 0 < n <= SHORT:
        turned = rows // LANES * LANES
        p_tile = np.empty((n, LANES), p.dtype)
        q_tile = p_tile if measure == ENTROPY else np.empty((n, LANES), q.dtype)
        for start in range(0, turned, LANES):
            stop = start + LANES
            _turn(p[start:stop], p_tile)
            if measure != ENTROPY:
                _turn(q[start:stop], q_tile)
            negative |= _matrix(measure, term, every, p_tile, q_tile, out[start:stop])
    for i in range(turned, rows):
        out[i] = whole(measure, term, every, p[i], q[i])
        negative |= np.uint8(has_negative(p[i]) | has_negative(q[i]))
    return negative != 0


@kernel
def entropy_rows(p, out):
    """Entropy of each row, and whether any weight is negative."""
    return _rows(ENTROPY, entropy_term, entropy_any, p, p, out)


@kernel
def cross_entropy_rows(p, q, out):
    """Cross-entropy of each row, and whether any weight is negative."""
    return _rows(CROSS_ENTROPY, cross_entropy_term, cross_entropy_any, p, q, out)


@kernel
def kl_divergence_rows(p, q, out):
    """Kullback-Leibler divergence of each row, and whether any weight is negative."""
    return _rows(KL_DIVERGENCE, kl_divergence_term, kl_divergence_any, p, q, out)


@kernel
def js_divergence_rows(p, q, out):
    """Jensen-Shannon divergence of each row, and whether any weight is negative."""
    return _rows(JS_DIVERGENCE, js_divergence_term, js_divergence_any, p, q, out)
