"""Slow, readable twins of the library's functions: what the fast ones must agree with."""

from __future__ import annotations

import math


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
