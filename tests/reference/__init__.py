"""Slow, readable twins of the library's functions: what the fast ones must agree with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import mpmath
import numpy as np


def sorted_axes(axis, ndim):
    """The axes as a sorted tuple of numbers from 0."""
    axes = range(ndim) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
    return tuple(sorted(i % ndim for i in axes))


def find_bin(x, edges):
    """Number of the bin of a sample, by looking at each edge; the number of bins if in none."""
    bins = len(edges) - 1
    if x == edges[-1] and bins:
        return bins - 1  # the last bin is closed
    for i in reversed(range(bins)):
        if edges[i] <= x < edges[i + 1]:
            return i
    return bins


def count_pairs(x_codes, y_codes, nx, ny):
    """Table of pairs of codes, as a list of rows; codes beyond the table are in no cell."""
    table = [[0] * ny for _ in range(nx)]
    for i, j in zip(x_codes, y_codes, strict=True):
        if i < nx and j < ny:
            table[i][j] += 1
    return table


def entropy_of_counts(counts):
    """Plug-in entropy in nats: the sum of p log(1 / p)."""
    counts = [c for c in counts if c > 0]
    n = math.fsum(counts)
    return math.fsum(c / n * math.log(n / c) for c in counts)


def information_of_table(table):
    """Plug-in mutual information in nats: the sum of p(x, y) log(p(x, y) / (p(x) p(y)))."""
    rows = [list(row) for row in table]
    x_counts = [math.fsum(row) for row in rows]
    y_counts = [math.fsum(column) for column in zip(*rows, strict=True)]
    n = math.fsum(x_counts)
    return math.fsum(
        c / n * math.log((c / x_counts[i]) / (y_counts[j] / n))
        for i, row in enumerate(rows)
        for j, c in enumerate(row)
        if c > 0
    )


def benjamini_hochberg(pvalues):
    """Adjusted p-values: the least false discovery rate at which each one is a discovery."""
    m = len(pvalues)
    return [
        min(1.0, *(q * m / sum(r <= q for r in pvalues) for q in pvalues if q >= p))
        for p in pvalues
    ]


def mi_rule(n, r=0.0):
    """Number of bins after Hacine-Gharbi & Ravier (2018): the B closest to the formula's number."""
    exact = math.sqrt((1 + math.sqrt(1 + 24 * n / (1 - r * r))) / 2)
    return min(range(1, math.ceil(exact) + 1), key=lambda b: abs(b - exact))


def between(below, above):
    """The edge between two neighbouring values."""
    middle = below + 0.5 * (above - below)
    return middle if below < middle <= above else above


def last_edge(edge, largest):
    """The edge that closes the last bin: the largest value, or what comes next."""
    return largest if largest > edge else math.nextafter(edge, math.inf)


def equal_count_edges(a, bins):
    """Edges of equal counts: heavy values alone, the rest shared out by number."""
    values = sorted(float(v) for v in a if v == v)
    n, counts = len(values), Counter(values)
    levels = sorted(counts)
    if len(levels) == 1:
        return [levels[0] - 0.5, levels[0] + 0.5]
    if bins > 1 and len(levels) <= bins:
        inner = list(map(between, levels, levels[1:]))
        return [levels[0], *inner, last_edge(inner[-1], levels[-1])]
    heavy = [v for v in levels if counts[v] * bins >= n]
    gaps, gap = [], []
    for v in levels:
        if v in heavy:
            gaps.append(gap)
            gap = []
        else:
            gap += [v] * counts[v]
    gaps.append(gap)
    sizes = [len(g) for g in gaps]
    left = max(bins - len(heavy), sum(size > 0 for size in sizes))
    shares = [max(left * size // sum(sizes), 1) if size else 0 for size in sizes]
    short = [left * size - share * sum(sizes) for size, share in zip(sizes, shares, strict=True)]
    while any(sizes) and sum(shares) != left:
        step = 1 if sum(shares) < left else -1
        open_ = [i for i, s in enumerate(shares) if s > (0 if step == 1 else 1)]
        best = max(open_, key=lambda i: (step * short[i], -i))
        shares[best] += step
        short[best] -= step * sum(sizes)
    edges = [levels[0]]

    def add(edge):
        if edge > edges[-1]:
            edges.append(edge)

    for j, g in enumerate(gaps):
        if g:
            with np.errstate(all="ignore"):
                inner = np.quantile(np.array(g), np.arange(1, shares[j]) * (1.0 / shares[j]))
            for edge in inner.tolist():
                if g[0] < edge < levels[-1]:
                    add(edge)
        if j < len(heavy):
            v = heavy[j]
            at = levels.index(v)
            if at:
                add(between(levels[at - 1], v))
            if at + 1 < len(levels):
                add(between(v, levels[at + 1]))
    return [*edges, last_edge(edges[-1], levels[-1])]


#: Digits that the twins compute with: their results are exact to the last bit of a float.
DIGITS = 40


def _normalized(weights: Iterable[float]) -> list[mpmath.mpf]:
    """Weights over their sum: probabilities."""
    exact = [mpmath.mpf(float(w)) for w in weights]
    total = mpmath.fsum(exact)
    return [w / total for w in exact]


def _in_base(nats: mpmath.mpf, base: float | None) -> float:
    return float(nats if base is None else nats / mpmath.log(base))


def entropy(p: Iterable[float], base: float | None = None) -> float:
    """-Σ p log p of weights, normalised to sum 1; 0 log 0 = 0."""
    with mpmath.workdps(DIGITS):
        terms = [p_i * mpmath.log(p_i) for p_i in _normalized(p) if p_i != 0]
        return _in_base(-mpmath.fsum(terms), base)


def cross_entropy(p: Iterable[float], q: Iterable[float], base: float | None = None) -> float:
    """-Σ p log q of weights, each normalised to sum 1; 0 log 0 = 0, and inf if p > 0 = q."""
    with mpmath.workdps(DIGITS):
        pairs = list(zip(_normalized(p), _normalized(q), strict=True))
        if any(p_i != 0 and q_i == 0 for p_i, q_i in pairs):
            return float("inf")
        terms = [p_i * mpmath.log(q_i) for p_i, q_i in pairs if p_i != 0]
        return _in_base(-mpmath.fsum(terms), base)


def kl_divergence(p: Iterable[float], q: Iterable[float], base: float | None = None) -> float:
    """Σ p log(p / q) of weights, each normalised to sum 1; 0 log 0 = 0, and inf if p > 0 = q."""
    with mpmath.workdps(DIGITS):
        pairs = list(zip(_normalized(p), _normalized(q), strict=True))
        if any(p_i != 0 and q_i == 0 for p_i, q_i in pairs):
            return float("inf")
        terms = [p_i * mpmath.log(p_i / q_i) for p_i, q_i in pairs if p_i != 0]
        return _in_base(mpmath.fsum(terms), base)


# The twins below return numbers of mpmath, so that errors are known to a fraction of an ulp.


def _exponentials(x: Iterable[float]) -> tuple[mpmath.mpf, list[mpmath.mpf]]:
    """The largest number, and each exponential over that of the largest."""
    exact = [mpmath.mpf(float(v)) for v in x]
    top = max(exact, default=mpmath.mpf("-inf"))
    if top == mpmath.mpf("-inf"):
        return top, [mpmath.mpf(1)] * len(exact)
    return top, [mpmath.exp(v - top) for v in exact]


def _log_of_parts(at_top: mpmath.mpf, rest: mpmath.mpf) -> mpmath.mpf:
    """log(at_top + rest), precise where the rest is tiny."""
    return mpmath.log(at_top) + mpmath.log1p(rest / at_top)


def logsumexp(x: Iterable[float], counts: Iterable[int] | None = None) -> mpmath.mpf:
    """log Σ count exp(x) of finite numbers and -inf; each counts once unless it is said how often.

    The terms at the maximum stand apart, so that the logarithm of 1 + 1e-300 is not 0.
    """
    x = [float(v) for v in x]
    counts = [1] * len(x) if counts is None else [int(c) for c in counts]
    with mpmath.workdps(DIGITS):
        top, terms = _exponentials(x)
        if not x or top == mpmath.mpf("-inf"):
            return mpmath.mpf("-inf")
        pairs = list(zip(x, terms, counts, strict=True))
        at_top = sum(c for v, _, c in pairs if v == top)
        rest = mpmath.fsum(c * e for v, e, c in pairs if v != top)
        return top + _log_of_parts(mpmath.mpf(at_top), rest)


def weighted_logsumexp(
    x: Iterable[float], b: Iterable[float], counts: Iterable[int] | None = None
) -> tuple[mpmath.mpf, int]:
    """Logarithm of |Σ b exp(x)| of finite numbers, and the sign of the sum."""
    x, b = [float(v) for v in x], [float(w) for w in b]
    counts = [1] * len(x) if counts is None else [int(c) for c in counts]
    with mpmath.workdps(4 * DIGITS):  # what cancels takes digits with it
        top, terms = _exponentials(x)
        factors = [c * mpmath.mpf(w) for w, c in zip(b, counts, strict=True)]
        total = mpmath.fsum(w * e for w, e in zip(factors, terms, strict=True))
        if total == 0:
            return mpmath.mpf("-inf"), 0
        return top + mpmath.log(abs(total)), int(mpmath.sign(total))


def softmax(x: Iterable[float]) -> list[mpmath.mpf]:
    """Each exponential over the sum of all."""
    with mpmath.workdps(DIGITS):
        _, terms = _exponentials(x)
        total = mpmath.fsum(terms)
        return [e / total for e in terms]


def log_softmax(x: Iterable[float]) -> list[mpmath.mpf]:
    """Each number minus the logarithm of the sum of exponentials."""
    x = [float(v) for v in x]
    with mpmath.workdps(DIGITS):
        top, terms = _exponentials(x)
        rest = mpmath.fsum(e for v, e in zip(x, terms, strict=True) if v != top)
        log_sum = _log_of_parts(mpmath.mpf(x.count(float(top))), rest)
        return [(mpmath.mpf(v) - top) - log_sum for v in x]


def softmax_cross_entropy_row(logits, weights):
    """Loss, gradient and Hessian's diagonal of one row of logits with target weights, by mpmath."""
    spread = max(map(float, logits)) - min(map(float, logits))
    with mpmath.workdps(60 + int(spread / 2.3)):
        x = [mpmath.mpf(float(v)) for v in logits]
        a = [mpmath.mpf(w) for w in weights]
        top = max(x)
        x = [v - top for v in x]
        whole = mpmath.fsum(mpmath.exp(v) for v in x)
        p = [mpmath.exp(v) / whole for v in x]
        total = mpmath.fsum(a)
        loss = mpmath.fsum(w * (mpmath.log(whole) - v) for w, v in zip(a, x, strict=True) if w)
        grad = [total * q - w for q, w in zip(p, a, strict=True)]
        hess = [total * q * (1 - q) for q in p]
    return loss, grad, hess


def target_weights(target, classes, class_weight=None, label_smoothing=0):
    """Weights of the classes in the loss of a row, for a class number or probabilities."""
    w = class_weight if class_weight is not None else [1.0] * classes
    one_hot = [float(j == target) for j in range(classes)] if np.ndim(target) == 0 else target
    s = mpmath.mpf(label_smoothing)
    return [
        mpmath.mpf(float(w[j])) * ((1 - s) * mpmath.mpf(float(one_hot[j])) + s / classes)
        for j in range(classes)
    ]


def sigmoid_cross_entropy_element(x, t, pos_weight=1.0):
    """Loss and its two derivatives, by mpmath."""
    with mpmath.workdps(60):
        x, t, w = mpmath.mpf(float(x)), mpmath.mpf(float(t)), mpmath.mpf(float(pos_weight))
        p = 1 / (1 + mpmath.exp(-x))
        loss = w * t * mpmath.log1p(mpmath.exp(-x)) + (1 - t) * mpmath.log1p(mpmath.exp(x))
        a = w * t + 1 - t
        return loss, a * p - w * t, a * p * (1 - p)
