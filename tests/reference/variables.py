"""Slow twins of the measures of three variables or more: dictionaries of counts, sums by fsum."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np


def entropy_of_rows(*columns, weights=None):
    """Plug-in entropy in nats of the rows that columns of codes make."""
    counts: Counter = Counter()
    rows = list(zip(*(np.asarray(c).tolist() for c in columns), strict=True))
    for row, w in zip(rows, [1] * len(rows) if weights is None else weights, strict=True):
        counts[row] += w
    n = math.fsum(counts.values())
    return math.fsum(c / n * math.log(n / c) for c in counts.values() if c > 0)


def conditional_information(x, y, z, weights=None):
    """``H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z)``; x, y and z are lists of columns."""
    terms = [(1, x + z), (1, y + z), (-1, x + y + z), (-1, z)]
    return math.fsum(
        sign * entropy_of_rows(*columns, weights=weights) for sign, columns in terms if columns
    )


def total_correlation(columns, weights=None):
    """The entropies of columns less that of their rows."""
    each = math.fsum(entropy_of_rows(c, weights=weights) for c in columns)
    return each - entropy_of_rows(*columns, weights=weights)


def transfer_entropy(source, target, history=1, source_history=1, lag=1):
    """Schreiber's transfer entropy of two series of codes, row by row."""
    rows = []
    for t in range(max(history, lag + source_history - 1), len(target)):
        past = tuple(target[t - k] for k in range(1, history + 1))
        told = tuple(source[t - lag - k] for k in range(source_history))
        rows.append((target[t], told, past))
    n = len(rows)
    xyz, yz = Counter(rows), Counter((s, p) for _, s, p in rows)
    xz, z = Counter((v, p) for v, _, p in rows), Counter(p for _, _, p in rows)
    return math.fsum(
        c / n * math.log((c / yz[s, p]) / (xz[v, p] / z[p])) for (v, s, p), c in xyz.items()
    )
