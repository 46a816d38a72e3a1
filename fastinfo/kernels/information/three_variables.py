"""Counts of three variables together to information that two of them share, in nats.

The counts of all groups of the variables are put side by side, at each combination that occurs: a
row for each group, whose number is 1 for x, 2 for y and 4 for z, added up. What is shared is a sum
over the combinations then, of whichever groups.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.memory import as_vector, new_matrix, new_zeros
from fastinfo.kernels.elementary.scalar import log64, lost_in_sum

_BLOCK = 64  # short enough that the order of a sum changes an information by 2 ulp
_GROUPS = 8


@kernel
def counts_at_cells(table, nx, ny, nz):
    """
    Counts of the eight groups of three variables at each of their combinations that occurs.

    `table` has the int64 counts of ``nx * ny * nz`` combinations. Returned as a matrix of float64.
    """
    n_cells = np.int64(0)
    for k in range(table.size):
        n_cells += np.int64(table[k] > 0)
    found = new_matrix(np.int64(_GROUPS), n_cells, np.float64)
    # The sums of x, y, (x, y), z, (x, z) and (y, z), one after the other.
    y_at = nx
    xy_at = y_at + ny
    z_at = xy_at + nx * ny
    xz_at = z_at + nz
    yz_at = xz_at + nx * nz
    sums = new_zeros(yz_at + ny * nz, np.float64)
    total = 0.0
    for again in range(2):
        at = np.uint64(0)
        cell = np.uint64(0)
        for i in range(nx):
            for j in range(ny):
                for k in range(nz):
                    count = np.float64(table[cell])
                    cell += np.uint64(1)
                    if count == 0.0:
                        continue
                    xy = np.uint64(xy_at + i * ny + j)
                    xz = np.uint64(xz_at + i * nz + k)
                    yz = np.uint64(yz_at + j * nz + k)
                    if again == 0:
                        total += count
                        sums[np.uint64(i)] += count
                        sums[np.uint64(y_at + j)] += count
                        sums[xy] += count
                        sums[np.uint64(z_at + k)] += count
                        sums[xz] += count
                        sums[yz] += count
                        continue
                    found[np.uint64(0), at] = total
                    found[np.uint64(1), at] = sums[np.uint64(i)]
                    found[np.uint64(2), at] = sums[np.uint64(y_at + j)]
                    found[np.uint64(3), at] = sums[xy]
                    found[np.uint64(4), at] = sums[np.uint64(z_at + k)]
                    found[np.uint64(5), at] = sums[xz]
                    found[np.uint64(6), at] = sums[yz]
                    found[np.uint64(7), at] = count
                    at += np.uint64(1)
    return found


@kernel(fastmath=REASSOCIATE, inline=True)
def _block(counts, whole, xyz, z, xz, yz, start, stop):  # of a vector, where rows begin
    s = 0.0
    for i in range(np.uint64(start), np.uint64(stop)):
        # Equal products round alike: independent counts give exactly 0.
        together = counts[xyz + i] * counts[z + i]
        s += counts[whole + i] * log64(together / (counts[xz + i] * counts[yz + i]))
    return s


@kernel
def information_at_cells(counts, whole, xyz, z, xz, yz, n):
    """
    ``I(x; y | z) = sum(p(x, y, z) log(p(x, y, z) p(z) / (p(x, z) p(y, z))))``, never negative.

    `counts` are those of groups at each combination that occurs, all above 0; `whole`, `xyz`, `z`,
    `xz` and `yz` are rows of it, of which `whole` is that of all variables, with the sum `n`.
    """
    size = counts.shape[1]
    width = np.uint64(size)
    cells = as_vector(counts)
    c = np.uint64(whole) * width
    p = np.uint64(xyz) * width
    q = np.uint64(z) * width
    u = np.uint64(xz) * width
    v = np.uint64(yz) * width
    s = 0.0
    error = 0.0
    for start in range(0, size, _BLOCK):
        stop = start + _BLOCK if start + _BLOCK < size else size
        part = _block(cells, c, p, q, u, v, start, stop)
        error += lost_in_sum(s, part)
        s += part
    information = (s + error) / n
    return information if information > 0.0 else 0.0
