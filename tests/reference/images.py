"""Images, sample by sample, as the definitions are written."""

from __future__ import annotations

import numpy as np


def cubic_spline(x):
    """The cubic B-spline, in the precision of its argument."""
    x = abs(x)
    one = type(x)(1)
    if x < 1:
        return (4 - 6 * x**2 + 3 * x**3) * one / 6
    return (2 - x) ** 3 * one / 6 if x < 2 else 0 * one


def table_with_windows(fixed, moving, bins, ranges, weight=None):
    """
    The table of Mattes et al. with ITK's padding, in extended precision.

    `fixed` and `moving` are vectors. Samples outside of the ranges are left out.
    """
    number = np.longdouble
    table = np.zeros(bins, number)
    weight = np.ones(len(fixed)) if weight is None else weight
    lows = [number(low) for low, _ in ranges]
    width = (number(ranges[1][1]) - lows[1]) / (bins[1] - 4)
    edges = np.linspace(*map(float, ranges[0]), bins[0] - 3)
    for x, y, w in zip(fixed, moving, weight, strict=True):
        if not all(low <= v <= high for v, (low, high) in zip((x, y), ranges, strict=True)):
            continue
        row = min(int(np.searchsorted(edges, float(x), side="right")) - 1, bins[0] - 5) + 2
        u = (number(y) - lows[1]) / width + 2
        first = min(int(u), bins[1] - 3) - 1
        for m in range(first, first + 4):
            table[row, m] += number(w) * cubic_spline(number(m) - u)
    return table


def entropy(p):
    p = p[p > 0] / p.sum()
    return -(p * np.log(p)).sum()


def information(table, normalized=None):
    """Mutual information of a table, in its precision."""
    hx, hy, hxy = entropy(table.sum(axis=1)), entropy(table.sum(axis=0)), entropy(table.ravel())
    scale = {
        None: 1,
        "arithmetic": (hx + hy) / 2,
        "geometric": np.sqrt(hx * hy),
        "min": min(hx, hy),
        "max": max(hx, hy),
        "joint": hxy,
    }[normalized]
    return (hx + hy - hxy) / scale


def slopes(fixed, moving, bins, ranges, weight=None, normalized=None, step=1e-6):
    """How the information changes with each moving sample, by central differences."""
    found = []
    for i in range(len(moving)):
        values = []
        for sign in (1, -1):
            changed = np.array(moving, np.longdouble)
            changed[i] += sign * np.longdouble(step)
            table = table_with_windows(fixed, changed, bins, ranges, weight)
            values.append(information(table, normalized))
        found.append((values[0] - values[1]) / (2 * np.longdouble(step)))
    return np.array(found)
