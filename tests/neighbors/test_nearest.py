"""The nearest rows, against all distances."""

import numpy as np
import pytest

import fastinfo
from fastinfo._measures.surrogates.orders import Orders
from fastinfo._neighbors.series.surrogates import local_permutation, nearest_rows


@pytest.mark.parametrize("n", [3, 12, 13, 200, 5000])
@pytest.mark.parametrize("width", [1, 2, 4])
def test_the_nearest_rows_are_those_of_all_distances(n, width, rng):
    points = rng.normal(size=(n, width))
    k = min(5, n)
    found = nearest_rows(points, k)
    assert found.shape == (n, k)
    assert found.dtype == np.uint32
    tried = range(n) if n <= 200 else rng.integers(0, n, 40).tolist()
    for i in tried:
        away = np.abs(points - points[i]).max(axis=1)
        assert found[i].tolist() == np.argsort(away, kind="stable")[:k].tolist()
    with fastinfo.num_threads(3):
        assert np.array_equal(nearest_rows(points, k), found)


def test_of_equal_rows_any_is_near(rng):
    points = rng.integers(0, 3, (300, 1)).astype(float)
    found = nearest_rows(points, 5)
    assert (points[found, 0] == points).all()
    assert all(len(set(row)) == 5 for row in found.tolist())
    assert (found == np.arange(300)[:, None]).any(axis=1).all()  # itself among them
    for z in (points, np.zeros((300, 1))):  # and not the same few for many
        assert np.bincount(nearest_rows(z, 5).ravel(), minlength=300).max() <= 9
        order = np.empty(300, np.uint32)
        local_permutation(z, 1, np.array([1, 2], np.uint64)).fill(0, order)
        assert len(set(order.tolist())) > 240


def test_orders_by_what_is_near(rng):
    key = np.array([3, 4], np.uint64)
    z = rng.normal(size=(200, 1)) * 1e-3
    near = nearest_rows(z / z.std(), 5)
    labels = rng.integers(0, 3, 200)
    plain, apart = local_permutation(z, 10, key), local_permutation(z, 10, key, labels)
    within = Orders.within(labels, 10, key)
    for number in range(10):
        order = np.empty(200, np.uint32)
        plain.fill(number, order)
        assert (near == order[:, None]).any(axis=1).all()
        apart.fill(number, order)
        assert (labels[order] == labels).all()
        within.fill(number, order)
        assert (labels[order] == labels).all()
        assert sorted(order.tolist()) == list(range(200))
