"""The nearest rows, against all distances."""

import numpy as np
import pytest

import fastinfo
from fastinfo._neighbors.surrogates import nearest_rows


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
