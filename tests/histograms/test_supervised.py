"""Bins that part classes, by minimum description length, and what they are worth."""

import math

import numpy as np
import pandas as pd
import pytest
from helpers import close, compiled, quiet
from hypothesis import given
from hypothesis import strategies as st
from reference.supervised import mdl_cuts

import fastinfo
from fastinfo import discretize, num_threads, supervised_splits

NAN = math.nan


def cuts(x, y, bins="mi", **options):
    """The cuts inside, as a list."""
    return discretize(x, bins, y=y, strategy="mdl", **options).edges[0][1:-1].tolist()


def middles(x, y, most=math.inf):
    """The cuts of the twin, halfway between its values."""
    return [0.5 * (a + b) for a, b in mdl_cuts(list(x), list(y), most)]


def blurred(rng, n, k, blur=0.7):
    """Samples around the number of their class."""
    y = rng.integers(0, k, n)
    return rng.normal(size=n) * blur + y, y


# The cuts


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("digits", [0, 1, 8])
def test_cuts_are_those_of_the_paper(k, digits, rng):
    found = 0
    for n in (1, 2, 10, 60, 150):
        x, y = blurred(rng, n, k)
        x = x.round(digits)
        expected = middles(x, y)
        assert cuts(x, y) == close(expected)
        found += len(expected)
    assert found > 0 or k == 1


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 1.0, 1.5, 2.0, 4.0, 7.0, 8.0, 9.0]), st.integers(0, 3)),
        min_size=1,
        max_size=40,
    ),
    st.integers(1, 5),
)
def test_cuts_of_any_samples(pairs, repeats):
    x, y = map(list, zip(*pairs * repeats, strict=True))
    assert quiet(cuts, x, y) == middles(x, y)


def test_many_classes_in_few_and_many_entries(rng):
    for k, n in ((40, 120), (300, 200)):
        x, y = blurred(rng, n, k, 3.0)
        y = np.concatenate([y, y])  # so that some classes repeat
        x = np.concatenate([x, x + 0.01])
        assert quiet(cuts, x, y) == close(middles(x, y))


@compiled
def test_cuts_of_another_library():
    # Orange3 3.40.0, EntropyMDL, of the same samples
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 100_000)
    x = rng.normal(size=100_000) + 0.7 * y
    found = cuts(x, y)
    assert len(found) == 28
    np.testing.assert_allclose(
        found[:5], [-1.75535036, -0.94242231, -0.5490051, 0.04222634, 0.36997626], atol=1e-8
    )


def test_no_more_bins_than_asked_for(rng):
    x, y = blurred(rng, 200, 4, 0.3)
    free = cuts(x, y)
    assert len(free) == 3
    for bins in (1, 2, 3, 4, 10):
        found = cuts(x, y, bins)
        assert found == close(middles(x, y, bins - 1))
        assert len(found) == min(bins, 4) - 1
        assert set(found) <= set(free)


def test_what_tells_nothing_is_one_bin(rng):
    x = rng.normal(size=500)
    for y in (np.zeros(500), rng.integers(0, 2, 500), np.arange(500) % 7):
        found = discretize(x, y=y, strategy="mdl")
        assert found.n_levels == 1
        assert found.edges[0].tolist() == [x.min(), x.max()]
        assert not found.codes.any()
    assert discretize(np.full(9, 3.0), y=np.arange(9) % 2, strategy="mdl").n_levels == 1


# Where they lie


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i2", "u1", "i8", ">f8", "longdouble"])
def test_every_dtype(dtype, rng):
    y = rng.integers(0, 3, 400)
    x = (y * 40 + rng.normal(size=400) * 5 + 60).astype(dtype)
    found = discretize(x, y=y, strategy="mdl")
    assert found.edges[0][1:-1].tolist() == close(middles(x.astype(float), y))
    expected = np.searchsorted(found.edges[0][1:-1], x.astype(float), side="right")
    assert found.codes.tolist() == expected.tolist()
    assert found.codes.dtype == np.uint8


def test_neighbouring_floats_are_told_apart():
    low = 1.0
    for high in (np.nextafter(1.0, 2.0), 2.0):
        x, y = np.array([low, high] * 20), [0, 1] * 20
        found = discretize(x, y=y, strategy="mdl")
        assert low < found.edges[0][1] <= high
        assert found.codes.tolist() == y
        assert np.all(np.diff(found.edges[0]) > 0)


def test_numbers_near_the_largest_and_the_least():
    for low, high in ((-1.7e308, 1.7e308), (0.0, 5e-324), (-0.0, 1.0), (-5e-324, 0.0)):
        x, y = np.array([low, high] * 20), [0, 1] * 20
        found = discretize(x, y=y, strategy="mdl")
        assert np.isfinite(found.edges[0]).all()
        assert found.codes.tolist() == y
    assert cuts(np.array([0.0, -0.0] * 20), [0, 1] * 20) == []  # which are one number


@pytest.mark.parametrize(
    "values",
    [
        np.array([2**60, 2**60 + 1, 2**60 + 2, 2**60 + 7]),
        np.array([-(2**63), -(2**63) + 1, 2**63 - 2, 2**63 - 1]),
        np.array([0, 2**63, 2**64 - 2, 2**64 - 1], np.uint64),
    ],
)
def test_integers_that_float64_does_not_hold(values):
    y = [0, 1, 1, 2]
    found = discretize(np.tile(values, 20), y=y * 20, strategy="mdl")
    assert found.codes.tolist() == y * 20
    edges = found.edges[0]
    assert edges.dtype == values.dtype
    for cut, below, above in zip(edges[1:-1], values[[0, 2]], values[[1, 3]], strict=True):
        assert below < cut <= above
    one = discretize(np.repeat(values[-1:], 5), y=[0, 1, 0, 1, 0], strategy="mdl")
    assert one.n_levels == 1
    assert not one.codes.any()


def test_dates():
    x = np.array(["2020-01-01", "2021-01-01", "NaT", "2022-01-01"] * 10, "M8[D]")
    found = discretize(x, y=[0, 0, 1, 1] * 10, strategy="mdl")
    assert found.edges[0].astype(str).tolist() == ["2020-01-01", "2021-07-03", "2022-01-01"]
    assert found.codes[:4].tolist() == [0, 0, 2, 1]


# Missing samples, ranges, columns


def test_missing_samples_and_classes_take_no_part(rng):
    x, y = blurred(rng, 300, 3)
    labels = np.array(["a", "b", "c", None], object)[y]
    x[::7] = NAN
    labels[::5] = None
    present = ~np.isnan(x) & np.array([label is not None for label in labels])
    found = discretize(x, y=labels, strategy="mdl")
    alone = discretize(x[present], y=y[present], strategy="mdl")
    assert found.edges[0].tolist() == alone.edges[0].tolist()
    assert found.codes[present].tolist() == alone.codes.tolist()
    assert (found.codes[~present] == found.n_levels).all()
    for classes in (np.where(present, y, NAN), pd.Series(labels, dtype="category")):
        again = discretize(x, y=classes, strategy="mdl")
        np.testing.assert_array_equal(again.codes[present], found.codes[present])


def test_all_missing():
    for x, y in ((np.full(4, NAN), [0, 1, 0, 1]), (np.arange(4.0), [None] * 4)):
        found = discretize(x, y=y, strategy="mdl")
        assert found.codes.tolist() == [1] * 4
        assert found.edges[0].tolist() == [0.0, 1.0]
    nat = discretize(np.array(["NaT"] * 4, "M8[s]"), y=[0, 1] * 2, strategy="mdl")
    assert nat.codes.tolist() == [1] * 4


def test_samples_outside_the_range_take_no_part(rng):
    x, y = blurred(rng, 400, 4, 0.4)
    inside = (x >= 0.5) & (x <= 2.5)
    found = discretize(x, y=y, strategy="mdl", range=(0.5, 2.5))
    assert found.edges[0][1:-1].tolist() == close(middles(x[inside], y[inside]))
    assert (found.codes[~inside] == found.n_levels).all()
    assert (found.codes[inside] < found.n_levels).all()
    x[np.flatnonzero(~inside)[0]] = math.inf
    assert discretize(x, y=y, strategy="mdl", range=(0.5, 2.5)).n_levels == found.n_levels


def test_columns_with_settings_of_their_own(rng, threads):
    a, y = blurred(rng, 3000, 4)
    X = np.column_stack([a, -a, rng.normal(size=3000), y])
    before = X.copy()
    found = discretize(X, ["mi", 3, "mi", 2], y=y, strategy="mdl")
    for i, bins in enumerate(["mi", 3, "mi", 2]):
        one = discretize(X[:, i], bins, y=y, strategy="mdl")
        assert found.edges[i].tolist() == one.edges[0].tolist()
        assert found.codes[:, i].tolist() == one.codes.tolist()
    assert found.n_levels[2] == 1
    assert found.codes.flags.f_contiguous
    np.testing.assert_array_equal(X, before)
    with num_threads(1):
        again = discretize(X, ["mi", 3, "mi", 2], y=y, strategy="mdl")
    np.testing.assert_array_equal(again.codes, found.codes, strict=True)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"strategy": "mdl"}, ValueError, "y must hold the class"),
        ({"y": [0, 1, 0]}, ValueError, "y must be None unless strategy='mdl'"),
        ({"y": [0, 1], "strategy": "mdl"}, ValueError, "X and y must have the same length"),
        ({"y": [0, 1, 0], "strategy": "mdl", "bins": "fd"}, ValueError, "bins must be a number"),
        ({"y": [0, 1, 0], "strategy": "mdl", "bins": [1, 2, 3]}, ValueError, "bins must be a num"),
        ({"y": [0, 1, 0], "strategy": "mdl", "bins": 0}, ValueError, "must be positive"),
        ({"y": [0, 1, 0], "strategy": "mdl", "bins": 2.5}, TypeError, "must be an integer"),
        ({"y": [0, 1, 0], "strategy": "mdl", "range": (3, 1)}, ValueError, "max must be larger"),
        ({"y": [[], 0, []], "strategy": "mdl"}, (TypeError, ValueError), "y must"),
    ],
)
def test_what_is_refused(options, error, said):
    with pytest.raises(error, match=said):
        discretize([1.0, 2.0, 3.0], **options)


def test_infinite_samples_are_refused():
    for x in ([1.0, math.inf, 2.0], np.array([-math.inf, 1, 2], "f4")):
        with pytest.raises(ValueError, match="is not finite"):
            discretize(x, y=[0, 1, 0], strategy="mdl")
    with pytest.raises(TypeError, match="real numbers"):
        discretize(["a", "b"], y=[0, 1], strategy="mdl")


def test_classes_that_are_nearly_all_different_are_warned_of(rng):
    x = rng.normal(size=200)
    with pytest.warns(UserWarning, match="y has 200 different labels"):
        assert discretize(x, y=rng.random(200), strategy="mdl").n_levels > 1


# What they are worth


@pytest.mark.parametrize("k", [2, 3])
def test_information_is_that_of_the_codes(k, rng):
    x, y = blurred(rng, 1000, k)
    x[::9] = NAN
    found = supervised_splits(x, y)
    codes = discretize(x, y=y, strategy="mdl")
    present = codes.codes < codes.n_levels
    assert found.edges.tolist() == codes.edges[0].tolist()
    gain = fastinfo.mutual_info_score(codes.codes[present], y[present])
    assert found.information_gain == close(gain)
    spread = fastinfo.entropy(np.bincount(codes.codes[present]))
    assert found.gain_ratio == close(gain / spread)
    assert supervised_splits(x, y, base=2).information_gain == close(gain / math.log(2))
    assert supervised_splits(x, y, base=2).gain_ratio == found.gain_ratio
    assert math.isnan(found.information_value) == (k > 2)


def test_information_value_by_hand(rng):
    x = np.repeat([1.0, 2.0, 3.0], [100, 100, 100])
    y = np.concatenate([np.arange(100) < m for m in (10, 50, 95)])
    found = supervised_splits(x, y)
    assert found.edges.tolist() == [1.0, 1.5, 2.5, 3.0]
    p, q = np.array([10, 50, 95]) / 155, np.array([90, 50, 5]) / 145
    assert found.information_value == close(((p - q) * np.log(p / q)).sum())
    pure = supervised_splits(np.repeat([1.0, 2.0], 50), np.repeat(["no", "yes"], 50))
    assert pure.information_value == close(2 * (1 - 0.5 / 50) * math.log(100))
    assert pure.information_gain == close(math.log(2))
    assert pure.gain_ratio == close(1.0)


def test_what_tells_nothing_is_worth_nothing(rng):
    found = supervised_splits(rng.normal(size=300), rng.integers(0, 2, 300))
    assert found[1:] == (0.0, 0.0, 0.0)
    one = supervised_splits([1.0, 2.0], ["a", "a"])
    assert one.information_gain == one.gain_ratio == 0.0
    assert math.isnan(one.information_value)


def test_most_bins_and_how_it_shows(rng):
    x, y = blurred(rng, 500, 4, 0.3)
    found = supervised_splits(x, y, max_bins=2)
    assert found.edges.size == 3
    assert repr(found).startswith("SupervisedSplits(n_bins=2, information_gain=0.6")
    assert "<table>" in found._repr_html_()
    with pytest.raises(ValueError, match="max_bins"):
        supervised_splits(x, y, max_bins=0)
    with pytest.raises(TypeError, match="max_bins"):
        supervised_splits(x, y, max_bins="mi")


def test_what_supervised_splits_refuses():
    for x, y, said in (
        ([[1.0, 2.0]], [0], "x must be one-dimensional"),
        ([1.0, 2.0], [0], "x and y must have the same length"),
        ([NAN, 1.0], [0, None], "at least one sample that is complete"),
        ([], [], "at least one sample"),
    ):
        with pytest.raises(ValueError, match=said):
            supervised_splits(x, y)


# From counts, which add up over parts


def test_counts_of_all_values_give_the_cuts_of_the_samples(rng):
    x, y = blurred(rng, 800, 3)
    x = x.round(1)
    values = np.unique(x)
    edges = np.concatenate([values[:1] - 1, 0.5 * (values[1:] + values[:-1]), values[-1:] + 1])
    parts = [
        fastinfo.JointCounts.from_samples(x[i::4], y[i::4], bins=(edges, 9), discrete=(False, True))
        for i in range(4)
    ]
    found = sum(parts[1:], parts[0]).supervised_splits()
    expected = supervised_splits(x, y)
    assert found.edges[1:-1] == close(expected.edges[1:-1])
    assert found[1:3] == close(expected[1:3])
    few = parts[0].merge(parts[1]).merge(parts[2]).merge(parts[3]).supervised_splits(2, base=2)
    assert few.edges.size == 3
    assert few.information_gain == close(supervised_splits(x, y, max_bins=2, base=2)[1])


@given(
    st.lists(
        st.lists(st.sampled_from([0, 0, 1, 2, 30]), min_size=3, max_size=3), min_size=2, max_size=9
    )
)
def test_cuts_of_any_table(table):
    rows = np.array(table)
    if not rows.any():
        return
    x = np.repeat(np.arange(len(table)), rows.sum(axis=1))
    y = np.concatenate([np.repeat(np.arange(3), row) for row in rows])
    edges = np.arange(len(table) + 1.0)
    counts = fastinfo.JointCounts(rows, x_edges=edges, y_levels=np.arange(3))
    found = counts.supervised_splits()
    middle = [(a + 1 + b) // 2 for a, b in mdl_cuts(x.tolist(), y.tolist())]
    assert found.edges.tolist() == [0.0, *middle, float(len(table))]
    assert found.information_gain == close(quiet(supervised_splits, x, y).information_gain)


def test_counts_beyond_31_bits():
    counts = np.array([[2**40, 1], [5, 2**40], [2**40, 2**33]])
    table = fastinfo.JointCounts(counts, x_edges=np.arange(4.0))
    assert table.supervised_splits().edges.tolist() == [0.0, 1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match=r"1 to 2\*\*45 samples"):
        fastinfo.JointCounts(counts * 2**10, x_edges=np.arange(4.0)).supervised_splits()


def test_counts_that_cannot_be_cut():
    labels = fastinfo.JointCounts.from_labels(["a", "b"], [0, 1])
    with pytest.raises(TypeError, match="x must be binned"):
        labels.supervised_splits()
    empty = fastinfo.JointCounts.empty([0, 1, 2], [0, 1, 2])
    with pytest.raises(ValueError, match="counts must be of 1 to"):
        empty.supervised_splits()
    empty.update([0.5, 1.5], [0.5, 1.5], [0.5, 2.0])
    with pytest.raises(ValueError, match="without weights"):
        empty.supervised_splits()


@compiled
@pytest.mark.parametrize("n", [2, 31, 33, 300, 5000, 30_000])
def test_samples_of_any_number_and_spread_are_sorted(n, rng):
    for x in (
        rng.normal(size=n),
        rng.lognormal(0, 100, n),  # that differ in all bits
        1e9 + rng.random(n),
        np.where(np.arange(n) == n // 2, -1e300, 1e9 + 1e-4 * rng.random(n)),
        rng.integers(0, 9, n).astype("f4"),
        rng.random(n).astype("f4") - 0.5,
    ):
        y = x > np.median(x)  # one cut, which every order of the samples shows
        found = discretize(x, y=y, strategy="mdl")
        if n >= 31:
            assert found.codes.tolist() == y.tolist()
        assert found.edges[0][0] == x.min()


def test_any_number_is_the_most_bins(rng):
    x = rng.normal(size=200)
    wanted = fastinfo.supervised_splits(x, x > 0)
    found = fastinfo.supervised_splits(x, x > 0, max_bins=10**12)
    np.testing.assert_array_equal(found.edges, wanted.edges)
