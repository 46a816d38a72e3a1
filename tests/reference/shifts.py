"""Two images at every shift, pixel by pixel."""

from __future__ import annotations

import itertools

import numpy as np

from reference import count_pairs, information_of_table


def shift_map(fixed, moving, levels, radius):
    """Information at each shift, of codes; those that are not below the levels do not count."""
    found = np.full([2 * m + 1 for m in radius], np.nan)
    for place in np.ndindex(*found.shape):
        pairs = []
        for i in itertools.product(*map(range, fixed.shape)):
            j = tuple(a + b - m for a, b, m in zip(i, place, radius, strict=True))
            if all(0 <= a < n for a, n in zip(j, moving.shape, strict=True)):
                pairs.append((fixed[i], moving[j]))
        table = count_pairs(*zip(*pairs, strict=True), *levels) if pairs else [[0]]
        if np.sum(table):
            found[place] = information_of_table(table)
    return found
