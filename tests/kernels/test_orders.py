"""Random orders of rows: each is what it says, the same for a number, and as likely as any."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from helpers import compiled

from fastinfo.kernels.random import orders

KEY = np.array([11, 7], np.uint64)


def block_order(n, length, number=0):
    order = np.empty(n, np.uint32)
    orders.draw_block_order(KEY, number, length, order)
    return order.tolist()


@pytest.mark.parametrize(("n", "length"), [(1, 1), (2, 1), (7, 1), (12, 3), (13, 3), (13, 13)])
def test_blocks_keep_all_rows_and_most_neighbours(n, length):
    for number in range(20):
        order = block_order(n, length, number)
        assert sorted(order) == list(range(n))
        assert block_order(n, length, number) == order
        kept = sum((b - a) % n == 1 for a, b in pairwise(order))
        n_blocks = -(-n // length)
        assert kept >= n - n_blocks


def test_numbers_have_orders_of_their_own():
    assert len({tuple(block_order(30, 1, number)) for number in range(50)}) == 50
    assert len({tuple(block_order(30, 10, number)) for number in range(300)}) > 50


@compiled
@pytest.mark.parametrize(("length", "expected"), [(1, 24), (2, 4), (4, 4)])
def test_each_order_is_as_likely(length, expected):
    # length 2: 4 places to begin, and 2 orders of the blocks; swapped blocks are a turn by 2
    draws = 24_000
    found = Counter(tuple(block_order(4, length, number)) for number in range(draws))
    assert len(found) == expected
    deviation = np.sqrt(draws / expected)
    assert max(abs(c - draws / expected) for c in found.values()) < 5 * deviation


@pytest.mark.parametrize(("least", "n", "m"), [(1, 9, 9), (5, 91, 10), (3, 1, 1)])
def test_shifts_are_different(least, n, m):
    shifts = np.empty(m, np.uint32)
    orders.draw_shifts(KEY, least, shifts, np.empty(n, np.uint32))
    assert len(set(shifts.tolist())) == m
    assert shifts.min() >= least
    assert shifts.max() < least + n


def test_a_shift_turns_the_circle():
    order = np.empty(5, np.uint32)
    orders.shift_order(2, order)
    assert order.tolist() == [2, 3, 4, 0, 1]


def local_order(neighbors, number=0):
    order = np.empty(len(neighbors), np.uint32)
    orders.draw_local_order(neighbors, KEY, number, order)
    return order


def test_each_row_is_taken_by_a_neighbour():
    n, k = 60, 5
    first = np.clip(np.arange(n) - 2, 0, n - k)
    neighbors = (first[:, None] + np.arange(k)).astype(np.uint32)
    repeated = 0
    for number in range(50):
        order = local_order(neighbors, number)
        assert (neighbors == order[:, None]).any(axis=1).all()
        repeated += n - len(set(order.tolist()))
        assert np.array_equal(order, local_order(neighbors, number))
    assert repeated < 0.2 * 50 * n  # each once where that can be
    alone = np.arange(4, dtype=np.uint32)[:, None]
    assert local_order(alone).tolist() == [0, 1, 2, 3]
    everybody = np.tile(np.arange(6, dtype=np.uint32), (6, 1))
    for number in range(20):
        assert sorted(local_order(everybody, number).tolist()) == list(range(6))


@compiled
def test_rows_stay_in_their_strata():
    strata = np.array([1, 0, 1, 2, 0, 1])
    rows = np.argsort(strata, kind="stable").astype(np.uint32)
    starts = np.array([0, 2, 5, 6])
    found = Counter()
    for number in range(12_000):
        order = np.empty(6, np.uint32)
        orders.draw_order_in_strata(rows, starts, KEY, number, order)
        assert (strata[order] == strata).all()
        assert sorted(order.tolist()) == list(range(6))
        found[tuple(order.tolist())] += 1
    assert len(found) == 12
    assert max(abs(c - 1000) for c in found.values()) < 160
