"""Slow twins for all pairs of columns: tables by np.add.at, entropies and information of them."""

from __future__ import annotations

import numpy as np


def codes_of(labels):
    """Places of labels among those that occur, in their order; -1 for None and NaN."""
    missing = np.array([v is None or v != v for v in labels], bool)
    codes = np.full(len(labels), -1)
    present = np.asarray([v for v, m in zip(labels, missing, strict=True) if not m])
    codes[~missing] = np.unique(present, return_inverse=True)[1].reshape(-1)
    return codes


def codes_among(samples, edges):
    """Bins of samples as NumPy's histograms have them; -1 outside and for NaN."""
    edges = np.asarray(edges)
    codes = np.searchsorted(edges, samples, side="right") - 1
    codes[samples == edges[-1]] = len(edges) - 2
    codes[(samples < edges[0]) | (samples > edges[-1]) | np.isnan(samples)] = -1
    return codes


def count(x, y, nx, ny):
    """Table of pairs of codes; what is missing on a side, or beyond the levels, is in no cell."""
    table = np.zeros((nx, ny), np.int64)
    kept = (x >= 0) & (x < nx) & (y >= 0) & (y < ny)
    np.add.at(table, (x[kept], y[kept]), 1)
    return table


def entropy_of(counts):
    """Plug-in entropy in nats."""
    p = np.ravel(counts)[np.ravel(counts) > 0] / np.sum(counts)
    return float(np.sum(p * np.log(1 / p)))


def entropies(x, y):
    """H(X), H(Y) and H(X, Y) of the rows in which both codes are; NaN if there are none."""
    kept = (x >= 0) & (y >= 0)
    if not kept.any():
        return (np.nan,) * 3
    x, y = x[kept], y[kept]
    pairs = np.unique(x * (int(y.max()) + 1) + y, return_counts=True)[1]
    return entropy_of(np.bincount(x)), entropy_of(np.bincount(y)), entropy_of(pairs)


def scale_of(hx, hy, hxy, normalized):
    """What mutual information is divided by."""
    return {
        "arithmetic": (hx + hy) / 2,
        "geometric": np.sqrt(hx * hy),
        "min": min(hx, hy),
        "max": max(hx, hy),
        "joint": hxy,
    }[normalized]


def information_of(x, y, normalized=None):
    """Plug-in mutual information of codes, in nats, by an average of the entropies or not."""
    hx, hy, hxy = entropies(x, y)
    information = hx + hy - hxy
    if normalized is None or np.isnan(information):
        return information
    scale = scale_of(hx, hy, hxy, normalized)
    return information / scale if scale > 0 else 0.0


def matrix(columns, others=None, normalized=None):
    """Mutual information of all pairs of columns of codes, -1 where missing."""
    found = [
        [information_of(x, y, normalized) for y in (columns if others is None else others)]
        for x in columns
    ]
    if others is None:
        for i, x in enumerate(columns):
            found[i][i] = entropies(x, x)[0]
            if normalized is not None and found[i][i] > 0:
                found[i][i] = 1.0
    return np.array(found)


def indicators(codes, widths):
    """A row for each level of each column: whether a sample has it."""
    rows = [c == np.arange(w)[:, None] for c, w in zip(codes, widths, strict=True)]
    return np.concatenate(rows).astype(np.int64)


def of_table(table, correction):
    """Probabilities of a table of any number of variables, with a pseudo-count or shrunk."""
    table = np.asarray(table, float)
    n, size = table.sum(), table.size
    if correction != "shrinkage":
        return (table + correction) / (n + correction * size)
    u = table / n
    distance = ((1 / size - u) ** 2).sum()
    weight = 1.0 if n <= 1 or distance == 0 else (1 - (u**2).sum()) / ((n - 1) * distance)
    weight = min(weight, 1.0)
    return weight / size + (1 - weight) * u
