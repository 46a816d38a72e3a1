"""Counts of several variables together to information that two of them share, in nats.

The counts of groups of the variables are put side by side, at each combination of all that occurs:
a row for each group. What is shared is a sum over the combinations then, of whichever groups.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.scalar import log64, lost_in_sum


@kernel
def counts_at_cells(table, places, sums, found):
    """
    Counts of groups of variables at each of their combinations that occurs.

    `table` has the int64 counts of all combinations; a row of `places`, for each of eight groups,
    where the sum is to which each of them belongs in `sums`, zeros at first. Written to the rows of
    `found`, float64. Returns how many combinations occur.
    """
    for k in range(table.size):
        if table[k] > 0:
            for group in range(8):
                sums[places[group, k]] += table[k]
    m = 0
    for k in range(table.size):
        if table[k] > 0:
            for group in range(8):
                found[group, m] = sums[places[group, k]]
            m += 1
    return m


@kernel
def information_at_cells(counts, whole, xyz, z, xz, yz, size, n):
    """
    ``I(x; y | z) = sum(p(x, y, z) log(p(x, y, z) p(z) / (p(x, z) p(y, z))))``, never negative.

    `counts` are those of groups at each of `size` combinations that occur, all above 0. `whole`,
    `xyz`, `z`, `xz` and `yz` are rows of it; `whole` is of all variables, with the sum `n`.
    """
    s = 0.0
    error = 0.0
    for k in range(np.uint64(size)):
        # Equal products round alike: independent counts give exactly 0.
        p = counts[xyz, k] * counts[z, k]
        term = counts[whole, k] * log64(p / (counts[xz, k] * counts[yz, k]))
        error += lost_in_sum(s, term)
        s += term
    information = (s + error) / n
    return information if information > 0.0 else 0.0
