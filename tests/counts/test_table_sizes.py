"""Counting straight from samples: tables of all sizes, samples of all numbers about the blocks."""

import math

import numpy as np
import pytest
import reference
from helpers import compiled
from numba import njit

from fastinfo.kernels.binning import edges as binning
from fastinfo.kernels.counting import tables as counting

NAN = math.nan


@njit
def count(x, y, x_edges, y_edges):
    table = np.zeros((x_edges.size, y_edges.size), np.uint32)
    x_grid, y_grid = binning.grid(x_edges), binning.grid(y_edges)
    counting.count_samples(x, y, x_edges, y_edges, x_grid, y_grid, table)
    return table


@njit
def count_one(x, edges):
    counts = np.zeros(edges.size, np.uint32)
    scale, margin, step = binning.grid(edges)
    counting.count_uniform(x, edges, scale, margin, step, counts)
    return counts


def samples(n, dtype, rng):
    """Samples of which some are on edges, outside or missing."""
    x = rng.normal(size=n)
    x[rng.random(n) < 0.01] = NAN
    x[rng.random(n) < 0.01] = rng.choice([-2.0, 0.0, 2.0, 5.0, -math.inf])
    return x.astype(dtype)


def coded(x, edges):
    return [reference.find_bin(v, edges) for v in x]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n", [1, 3, 4, 5, 191, 192, 193, 195, 511, 512, 513, 900])
@pytest.mark.parametrize("bins", [(3, 4), (16, 20), (21, 22), (70, 80), (90, 91), (120, 100)])
def test_tables_of_any_size(bins, n, dtype, rng):
    x, y = samples(n, dtype, rng), samples(n, dtype, rng)
    edges = [np.linspace(-2, 2, b + 1) for b in bins]
    expected = reference.count_pairs(
        coded(x, edges[0]), coded(y, edges[1]), bins[0] + 1, bins[1] + 1
    )
    assert count(x, y, *edges).tolist() == expected


@compiled
@pytest.mark.parametrize("bins", [3, 21])  # with lanes and without them, by the number of samples
def test_lanes_add_up(bins, rng):
    edges = np.linspace(-2, 2, bins + 1)
    for n in (32 * (bins + 1) ** 2 - 1, 32 * (bins + 1) ** 2, 32 * (bins + 1) ** 2 + 3):
        x, y = samples(n, "f8", rng), np.full(n, 0.1)
        table = count(x, y, edges, edges)
        assert table.sum() == n
        assert table.sum(axis=1).tolist() == count_one(x, edges).tolist()
        assert (table.sum(axis=0) > 0).sum() == 1  # equal samples in a row


@pytest.mark.slow
@pytest.mark.parametrize("bins", [1, 10, 64, 511, 512, 5000])
@pytest.mark.parametrize("n", [1, 2, 511, 513, 4500])
def test_counts_of_any_size(bins, n, rng):
    x = samples(n, "f8", rng)
    edges = np.linspace(-2, 2, bins + 1)
    expected = np.bincount(coded(x, edges), minlength=bins + 1)
    assert count_one(x, edges).tolist() == expected.tolist()
