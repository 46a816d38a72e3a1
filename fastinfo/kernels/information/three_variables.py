"""Information that two of several variables share, from counts of all of them, in nats.

The counts of groups of the variables are written side by side for each combination that occurs: one
row for each group. Then the shared information is a sum over the combinations.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.scalar import log64, lost_in_sum


@kernel
def counts_at_cells(table, places, sums, found):
    """
    Counts of groups of variables for each combination that occurs; returns how many do.

    `table` has the int64 counts of all combinations. `places` has a row for each of eight groups,
    which says for each combination where the group's sum is in `sums`. The sums are zeros at first.
    The counts are written to the rows of `found`, float64.
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
    ``I(x; y | z) = sum(p(x, y, z) log(p(x, y, z) p(z) / (p(x, z) p(y, z))))``, not negative.

    `counts` are those of groups for each of `size` combinations that occur, all above 0. `whole`,
    `xyz`, `z`, `xz` and `yz` are rows of it; `whole` is that of all variables, with sum `n`.
    """
    s = 0.0
    error = 0.0
    for k in range(np.uint64(size)):
        # Equal products are rounded equally: independent counts give 0.
        p = counts[xyz, k] * counts[z, k]
        term = counts[whole, k] * log64(p / (counts[xz, k] * counts[yz, k]))
        error += lost_in_sum(s, term)
        s += term
    information = (s + error) / n
    return information if information > 0.0 else 0.0
