"""Ranges, correlation and number of pairs: found where bins depend on them, and only there."""

import math

import numpy as np
import pytest
from helpers import compiled

from fastinfo import JointCounts, mutual_information, num_threads
from fastinfo._bins.ranges import PairRange, Range
from fastinfo._core.coded_variable import CHUNK
from fastinfo._counts.samples import count_plain_numbers

NAN = math.nan
N = 20_000  # more than one call takes at once

pytestmark = compiled

GIVEN = [[-1.5, 2.0], [-2.0, 1.0]]
WAYS = {
    "range": {"bins": 12, "range": GIVEN},
    "edges": {"bins": [np.linspace(-1.5, 2.0, 8), np.array([-2.0, -0.5, 0.3, 1.0])]},
    "edges and a range": {"bins": [np.linspace(-1.5, 2.0, 8), 9], "range": [None, [-2.0, 1.0]]},
    "range of one": {"bins": 12, "range": [None, [-2.0, 1.0]]},
    "numbers": {"bins": [12, 5]},
    "mi": {"bins": "mi"},
    "mi, range": {"bins": "mi", "range": GIVEN},
    "rule": {"bins": "sturges", "range": [GIVEN[0], None]},
}


@pytest.fixture(params=["complete", "missing", "outside", "infinite"])
def pairs(request, rng):
    x, y = rng.normal(size=(2, N))
    y += x
    if request.param == "complete":
        x, y = np.clip(x, -1.5, 2.0), np.clip(y, -2.0, 1.0)
    if request.param == "missing":
        x[::7], y[::11], x[5], y[5] = NAN, NAN, NAN, NAN
        x[7], y[7] = 100.0, NAN  # the range is that of complete pairs
    if request.param == "infinite":
        x[3], y[4] = math.inf, -math.inf
    return x, y


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_counts_and_what_is_not_counted(way, dtype, pairs, threads):
    x, y = (a.astype(dtype) for a in pairs)
    options = WAYS[way]
    there = ~(np.isnan(x) | np.isnan(y))
    limited = way in ("range", "edges", "edges and a range", "mi, range")
    if not limited and not (np.isfinite(x[there]).all() and np.isfinite(y[there]).all()):
        with pytest.raises(ValueError, match="range of"):
            JointCounts.from_samples(x, y, strategy="uniform", **options)
        return
    counts = JointCounts.from_samples(x, y, strategy="uniform", **options)
    edges = counts.x_edges, counts.y_edges
    expected = np.histogram2d(x[there].astype(float), y[there].astype(float), edges)[0]
    np.testing.assert_array_equal(counts.table, expected)
    assert counts.n_missing == x.size - there.sum()
    assert counts.n_dropped == there.sum() - expected.sum()
    for e, a, given in zip(edges, (x, y), options.get("range") or [None, None], strict=True):
        if given is not None:
            assert [e[0], e[-1]] == given
        elif "edges" not in way:
            assert [e[0], e[-1]] == [a[there].min(), a[there].max()]
    information = mutual_information(x, y, strategy="uniform", **options)
    assert math.isnan(information) == (not there.all())
    if there.all():
        assert information == pytest.approx(counts.mutual_information(), rel=1e-13)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("n", [0, 1, 5, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_ranges_of_each(k, n, rng):
    arrays = [rng.normal(size=n) for _ in range(k)]
    for a in arrays[::2]:
        a[1::3] = NAN
    with num_threads(2):
        found = Range.of_each(*arrays)
    assert found == [Range.of(a) for a in arrays]
    for a, extent in zip(arrays, found, strict=True):
        present = a[~np.isnan(a)]
        assert extent.n == present.size
        if present.size:
            assert extent == (present.min(), present.max(), present.size)


def test_nothing_is_measured_where_all_is_given(rng, monkeypatch):
    def refuse(*arrays):
        raise AssertionError

    x, y = np.clip(rng.normal(size=(2, N)), -1, 1)
    monkeypatch.setattr(PairRange, "of", refuse)
    counts = JointCounts.from_samples(x, y, bins=8, strategy="uniform")
    assert (counts.n, counts.n_dropped, counts.n_missing) == (N, 0, 0)
    monkeypatch.setattr(Range, "of_each", refuse)
    counts = JointCounts.from_samples(x, y, bins=8, strategy="uniform", range=[[-1, 1], [-1, 1]])
    assert (counts.n, counts.n_dropped, counts.n_missing) == (N, 0, 0)


def answer(x, y, **options):
    """What is returned, or the kind and the text of what is raised."""
    try:
        return mutual_information(x, y, strategy="uniform", **options)
    except (TypeError, ValueError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("limits", [None, GIVEN, ((-9, 9), [0.5, 0.6]), [[90, 99], [-1, 1]]])
def test_the_short_way_finds_the_same(limits, dtype, pairs, threads):
    x, y = (a.astype(dtype) for a in pairs)
    expected = answer(x, y, bins=13, range=limits, discrete=False)  # the long way
    np.testing.assert_equal(answer(x, y, bins=13, range=limits), expected)
    if isinstance(expected, tuple):
        assert expected[0] is ValueError
        return
    table = count_plain_numbers(x, y, 13, "uniform", limits)
    assert (table is None) == math.isnan(expected)  # samples are missing, or none is left
    if table is not None:
        counts = JointCounts.from_samples(x, y, bins=13, strategy="uniform", range=limits)
        np.testing.assert_array_equal(table.dense(), counts.table)


@pytest.mark.parametrize(
    "limits",
    [
        (0.0, 1.0),
        [[0, 1]],
        [[0, 1], None],
        [[1, 0], [0, 1]],
        [[0, 1], [0, math.inf]],
        [[0, 1], ["a", "b"]],
        [[0, 1], [0, 1, 2]],
        np.array([[0, 1], [0, 1]]),
        [np.array([0, 1]), np.array([0, 1])],
        "ab",
    ],
)
def test_ranges_of_the_short_way_are_as_those_of_the_long_one(limits, rng):
    x, y = rng.normal(size=(2, N))
    found = [answer(x, y, bins=4, range=limits, discrete=how) for how in ("auto", False)]
    np.testing.assert_equal(found[0], found[1])


def test_the_short_way_is_for_plain_numbers_alone(rng):
    x, y = rng.normal(size=(2, 100))
    assert count_plain_numbers(x, y, 5, "uniform", None) is not None
    for a, b, bins, strategy in [
        (x, y.astype("f4"), 5, "uniform"),
        (x[:50], y, 5, "uniform"),
        (x[:0], y[:0], 5, "uniform"),
        (x[::2], y[::2], 5, "uniform"),
        (x.tolist(), y, 5, "uniform"),
        (x.astype(int), y.astype(int), 5, "uniform"),
        (x.reshape(10, 10), y.reshape(10, 10), 5, "uniform"),
        (x, y, "mi", "uniform"),
        (x, y, True, "uniform"),
        (x, y, 0, "uniform"),
        (x, y, 10**6, "uniform"),
        (x, y, [0, 1], "uniform"),
        (x, y, 5, "quantile"),
    ]:
        assert count_plain_numbers(a, b, bins, strategy, None) is None
