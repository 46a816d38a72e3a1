"""Random orders of rows: shuffles, circular shifts, blocks, strata, and exchanges of neighbours.

Each order has a stream of its own: :mod:`fastinfo.kernels.random.substreams`.

What the kernels expect: keys are those of streams. `order` is uint32, with at least one and fewer
than 2**32 rows. This is not checked. Row ``order[i]`` moves to place `i`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_zeros
from fastinfo.kernels.random.substreams import below, start


@kernel
def _shuffle(state, order):
    """Shuffle an order in place (Fisher and Yates)."""
    n = np.uint64(order.size)
    for k in range(n):
        other = k + below(state, n - k)
        row = order[other]
        order[other] = order[k]
        order[k] = row


@kernel
def draw_block_order(key, number, length, order):
    """
    Cut the rows, as a circle, into blocks from a random place on, and shuffle the blocks.

    The last block is shorter if the length does not divide the number of rows. With blocks of
    length 1, all rows are shuffled.
    """
    state = new_array(4, np.uint64)
    start(key, number, state)
    n = np.uint64(order.size)
    size = np.uint64(length)
    n_blocks = (n + size - np.uint64(1)) // size
    blocks = new_array(np.int64(n_blocks), np.uint32)
    for k in range(n_blocks):
        blocks[k] = np.uint32(k)
    _shuffle(state, blocks)
    first = below(state, n)
    place = np.uint64(0)
    for k in range(n_blocks):
        begin = np.uint64(blocks[k]) * size
        end = begin + size if begin + size < n else n
        row = (first + begin) % n
        for _ in range(begin, end):
            order[place] = np.uint32(row)
            place += np.uint64(1)
            row += np.uint64(1)
            if row == n:
                row = np.uint64(0)


@kernel
def draw_shifts(key, least, shifts, scratch):
    """
    Draw different shifts from the range that begins at `least`; `scratch` has its length.

    `shifts` and `scratch` are uint32. There are at most as many shifts as places in `scratch`.
    """
    state = new_array(4, np.uint64)
    start(key, 0, state)
    n = np.uint64(scratch.size)
    for k in range(n):
        scratch[k] = np.uint32(k)
    for k in range(np.uint64(shifts.size)):
        other = k + below(state, n - k)
        shifts[k] = scratch[other] + np.uint32(least)
        scratch[other] = scratch[k]


@kernel
def shift_order(shift, order):
    """The rows from number `shift` on, followed by those before it."""
    n = np.uint64(order.size)
    row = np.uint64(shift)
    for k in range(n):
        order[k] = np.uint32(row)
        row += np.uint64(1)
        if row == n:
            row = np.uint64(0)


@kernel
def draw_order_in_strata(rows, starts, key, number, order):
    """
    Shuffle the rows of each stratum among themselves.

    `rows` (uint32) has the rows of one stratum after another; `starts` (int64) says where each
    begins, and where the last one ends.
    """
    state = new_array(4, np.uint64)
    start(key, number, state)
    moved = rows.copy()
    for k in range(starts.size - 1):
        _shuffle(state, moved[starts[k] : starts[k + 1]])
    for i in range(np.uint64(rows.size)):
        order[np.uint64(rows[i])] = moved[i]


@kernel
def draw_local_order(neighbors, key, number, order):
    """
    Replace each row by one of its neighbours, and use each row only once if possible.

    `neighbors` is (rows, k), uint32: the nearest rows, itself among them. Rows are visited in a
    random order. Each takes a neighbour that has not been taken yet or, if all have been, any of
    them (Runge 2018, https://proceedings.mlr.press/v84/runge18a.html, algorithm 1).
    """
    state = new_array(4, np.uint64)
    start(key, number, state)
    n = np.uint64(order.size)
    k = np.uint64(neighbors.shape[1])
    visits = new_array(order.size, np.uint32)
    for i in range(n):
        visits[i] = np.uint32(i)
    _shuffle(state, visits)
    taken = new_zeros(order.size, np.uint8)
    own = new_array(neighbors.shape[1], np.uint32)
    for v in range(n):
        i = np.uint64(visits[v])
        for m in range(k):
            own[m] = neighbors[i, m]
        row = np.uint64(0)
        for m in range(k):
            other = m + below(state, k - m)
            row = np.uint64(own[other])
            own[other] = own[m]
            if taken[row] == 0:
                break
        taken[row] = 1
        order[i] = np.uint32(row)
