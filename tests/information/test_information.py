"""mutual_information of samples, against scikit-learn on NumPy's bins and on labels of any kind."""

import datetime as dt
import decimal
import functools
import inspect
import itertools
import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import reference
import sklearn.metrics
from helpers import close
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from reference import pairs

from fastinfo import (
    JointCounts,
    conditional_entropy,
    contingency_table,
    entropy_from_counts,
    joint_entropy,
    mutual_information,
    num_threads,
    variation_of_information,
)
from fastinfo._core.coded_variable import CHUNK
from fastinfo.kernels.binning import edges as binning_kernels
from fastinfo.kernels.counting import tables as counting_kernels
from fastinfo.kernels.information import plug_in as kernels

NAN = math.nan
INF = math.inf
MEASURES = [mutual_information, joint_entropy, conditional_entropy, variation_of_information]
CORRECTIONS = ["miller-madow", "jackknife", "grassberger", "chao-shen", "shrinkage", "zhang", 0.5]
RULES = ["auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"]

#: Where NumPy's own bins are the reference: those of equal widths, which are not the default.
by_width = functools.partial(mutual_information, strategy="uniform")


def digitized(x, edges):
    """Codes as NumPy's histograms put samples into bins; -1 for those outside."""
    codes = np.digitize(x, edges) - 1
    codes[x == edges[-1]] = edges.size - 2
    codes[(x > edges[-1]) | np.isnan(x)] = -1
    return codes


def sklearns(x_codes, y_codes):
    """scikit-learn's mutual information of the pairs that have codes."""
    x_codes, y_codes = np.asarray(x_codes), np.asarray(y_codes)
    kept = (x_codes >= 0) & (y_codes >= 0)
    return sklearn.metrics.mutual_info_score(x_codes[kept], y_codes[kept])


@pytest.fixture
def pair(rng):
    x = rng.normal(size=700)
    return x, 0.6 * x + 0.8 * rng.normal(size=700)


def linspace_edges(x, bins):
    return np.linspace(x.min(), x.max(), bins + 1)


# Floats with floats


@pytest.mark.parametrize("bins", [1, 2, 3, 10, 64, 300])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_numbers_of_bins(bins, dtype, pair):
    x, y = (v.astype(dtype) for v in pair)
    x_codes = digitized(x, linspace_edges(x, bins).astype(np.histogram2d(x, y, bins)[1].dtype))
    y_codes = digitized(y, linspace_edges(y, bins).astype(np.histogram2d(x, y, bins)[2].dtype))
    assert by_width(x, y, bins=bins) == close(sklearns(x_codes, y_codes))


def test_forms_of_bins(pair):
    x, y = pair
    edges = np.array([-4.0, -1.0, 0.0, 0.5, 5.0])
    for bins, x_edges, y_edges in [
        ((4, 9), linspace_edges(x, 4), linspace_edges(y, 9)),
        (np.array([4, 9]), linspace_edges(x, 4), linspace_edges(y, 9)),
        (edges, edges, edges),
        (edges.tolist(), edges, edges),
        ([edges, 7], edges, linspace_edges(y, 7)),
        ((3, edges), linspace_edges(x, 3), edges),
        ("sturges", np.histogram_bin_edges(x, "sturges"), np.histogram_bin_edges(y, "sturges")),
        (("fd", 5), np.histogram_bin_edges(x, "fd"), linspace_edges(y, 5)),
        ((edges, "sqrt"), edges, np.histogram_bin_edges(y, "sqrt")),
    ]:
        found = by_width(x, y, bins=bins)
        assert found == close(sklearns(digitized(x, x_edges), digitized(y, y_edges)))


@pytest.mark.parametrize("rule", RULES)
def test_numpys_rules(rule, pair):
    x, y = pair
    y = np.exp(y)
    table = np.histogram2d(x, y, [np.histogram_bin_edges(v, rule) for v in (x, y)])[0]
    expected = reference.information_of_table(table.tolist())
    assert mutual_information(x, y, bins=rule) == close(expected)


def test_numpys_rules_see_the_complete_pairs(pair):
    x, y = pair
    x[::9], y[::11] = NAN, NAN
    both = ~(np.isnan(x) | np.isnan(y))
    for rule in RULES:
        found = mutual_information(x, y, bins=rule, nan_policy="omit")
        assert found == close(mutual_information(x[both], y[both], bins=rule))


@pytest.mark.parametrize("r", [0.0, 0.5, -0.9, 0.95])
@pytest.mark.parametrize("n", [40, 333, 5000])
def test_the_mi_rule_takes_the_number_and_the_correlation_of_the_pairs(n, r, rng):
    x = 100 + rng.normal(size=n)
    y = r * (x - 100) + math.sqrt(1 - r * r) * rng.normal(size=n)
    bins = reference.mi_rule(n, np.corrcoef(x, y)[0, 1])
    counts = JointCounts.from_samples(x, y)
    assert counts.table.shape == (bins, bins)
    assert by_width(x, y) == by_width(x, y, bins=bins)
    assert by_width(x, y) == by_width(x, y, bins=("mi", "mi"))
    incomplete = np.concatenate([x, [NAN, 3.0]]), np.concatenate([y, [1.0, NAN]])
    assert JointCounts.from_samples(*incomplete).table.shape == (bins, bins)


@pytest.mark.parametrize("r", [0.0, 0.5, -0.9, 0.95])
@pytest.mark.parametrize("n", [40, 333, 5000, 20_000])
def test_the_mi_rule_of_equal_counts_takes_the_number_alone(n, r, rng):
    x = 100 + rng.normal(size=n)
    y = r * (x - 100) + math.sqrt(1 - r * r) * rng.normal(size=n)
    bins = reference.mi_rule(n)
    counts = JointCounts.from_samples(x, y, strategy="quantile")
    assert counts.table.shape == (bins, bins)
    for margin in (counts.table.sum(0), counts.table.sum(1)):
        assert np.ptp(margin) <= 1
    assert mutual_information(x, y) == mutual_information(x, y, bins=bins)
    assert mutual_information(x, y) == mutual_information(x, y, bins=("mi", "mi"))
    assert mutual_information(x, y) == close(counts.mutual_information())
    incomplete = np.concatenate([x, [NAN, 3.0]]), np.concatenate([y, [1.0, NAN]])
    assert mutual_information(*incomplete, nan_policy="omit") == mutual_information(x, y)
    # that of one variable with another is that of it with labels
    labels = (y > 0).astype(int)
    counts = JointCounts.from_samples(x, labels, strategy="quantile")
    assert counts.table.shape == (bins, 2)
    assert mutual_information(x, labels) == close(counts.mutual_information())


def test_the_mi_rule_by_hand():
    # r = 0 and n = 2160900: sqrt((1 + sqrt(1 + 24 n)) / 2) is 60.008
    x = np.tile([0.0, 1.0], 2_160_900 // 2)
    y = np.repeat([0.0, 1.0], 2_160_900 // 2)
    assert JointCounts.from_samples(x, y).table.shape == (60, 60)


def test_the_mi_rule_with_one_side_labels_has_no_correlation(pair):
    x, y = pair
    labels = (y > 0).astype(int)
    counts = JointCounts.from_samples(x, labels)
    assert counts.x_edges.size == reference.mi_rule(700) + 1
    counts = JointCounts.from_samples(labels, x)
    assert counts.y_edges.size == reference.mi_rule(700) + 1
    some = labels.astype(object)
    some[::7] = None
    assert JointCounts.from_samples(x, some).x_edges.size == reference.mi_rule(600) + 1


def test_equal_samples_have_their_entropy(rng):
    x = rng.normal(size=1000)
    for strategy in ("quantile", "uniform"):
        counts = JointCounts.from_samples(x, x, strategy=strategy)
        assert mutual_information(x, x, strategy=strategy) == close(counts.entropy_x())
        assert counts.entropy_x() == counts.entropy_y()
    assert mutual_information(x, -x, bins=20) == close(math.log(20))
    assert by_width(x, -x, bins=20) == close(
        reference.entropy_of_counts(np.histogram(x, 20)[0].tolist())
    )


@pytest.mark.slow
@pytest.mark.parametrize(("r", "nats"), [(0.3, 0.0471553), (0.6, 0.2231436), (0.9, 0.8303656)])
def test_bivariate_normal(r, nats, rng):
    n = 400_000
    x = rng.normal(size=n)
    y = r * x + math.sqrt(1 - r * r) * rng.normal(size=n)
    assert nats == pytest.approx(-math.log(1 - r * r) / 2, abs=5e-8)
    assert mutual_information(x, y) == pytest.approx(nats, rel=0.03, abs=0.004)
    assert mutual_information(x, y, base=2) == pytest.approx(
        nats / math.log(2), rel=0.03, abs=0.006
    )


def test_independent_samples_have_only_the_bias(rng):
    x, y = rng.random((2, 200_000))
    for strategy in ("quantile", "uniform"):
        counts = JointCounts.from_samples(x, y, bins=16, strategy=strategy)
        information = counts.mutual_information()
        # 2 n I is chi-squared with 225 degrees of freedom
        assert 2 * 200_000 * information == pytest.approx(225, abs=6 * math.sqrt(450))
        assert mutual_information(x, y, bins=16, strategy=strategy) == information


# Ranges


def test_samples_outside_the_range_are_dropped(pair):
    x, y = pair
    for bounds in ([[-1, 1], [-0.5, 2]], [None, [0, 1]], [[-1, 0.5], None], np.array([[0, 1]] * 2)):
        edges = [
            linspace_edges(v, 6) if b is None else np.linspace(*b, 7)
            for v, b in zip((x, y), bounds, strict=True)
        ]
        expected = sklearns(digitized(x, edges[0]), digitized(y, edges[1]))
        assert by_width(x, y, bins=6, range=bounds) == close(expected)


def test_a_range_with_rules(pair):
    x, y = pair
    bounds = [[-1, 1], [-2, 1.5]]
    for rule in RULES:
        edges = [
            np.histogram_bin_edges(v, rule, range=b) for v, b in zip((x, y), bounds, strict=True)
        ]
        expected = sklearns(digitized(x, edges[0]), digitized(y, edges[1]))
        assert by_width(x, y, bins=rule, range=bounds) == close(expected)
    bins = reference.mi_rule(700, np.corrcoef(x, y)[0, 1])
    expected = by_width(x, y, bins=bins, range=bounds)
    assert by_width(x, y, range=bounds) == expected


def test_equal_counts_within_a_range(pair):
    x, y = pair
    for bounds in ([[-1, 1], [-0.5, 2]], [None, [0, 1]], [[-1, 0.5], None]):
        kept = [
            v if b is None else v[(v >= b[0]) & (v <= b[1])]
            for v, b in zip((x, y), bounds, strict=True)
        ]
        edges = [np.quantile(v, np.linspace(0, 1, 7)) for v in kept]
        expected = sklearns(digitized(x, edges[0]), digitized(y, edges[1]))
        assert mutual_information(x, y, bins=6, range=bounds) == close(expected)
    x[3], y[5] = INF, -INF
    edges = [np.quantile(v[abs(v) <= 1.5], np.linspace(0, 1, 7)) for v in (x, y)]
    expected = sklearns(digitized(x, edges[0]), digitized(y, edges[1]))
    assert mutual_information(x, y, bins=6, range=[[-1.5, 1.5]] * 2) == close(expected)


def test_infinite_samples_are_dropped_within_a_range(pair):
    x, y = pair
    x[3], y[5] = INF, -INF
    with pytest.raises(ValueError, match=r"autodetected range of .* is not finite"):
        mutual_information(x, y)
    with pytest.raises(ValueError, match=r"autodetected range of .* is not finite"):
        mutual_information(x, y > 0)
    with pytest.raises(ValueError, match=r"autodetected range of .* is not finite"):
        by_width(x, y)
    edges = np.linspace(-2, 2, 9)
    expected = sklearns(digitized(x, edges), digitized(y, edges))
    assert by_width(x, y, bins=8, range=[[-2, 2], [-2, 2]]) == close(expected)
    assert by_width(x, y, bins=edges) == close(expected)


def test_a_range_wider_than_its_dtype_is_refused():
    for x in (np.array([-6e4, 0, 6e4], "f2"), np.array([-1.7e308, 0, 1.7e308])):
        with np.errstate(all="ignore"), pytest.raises(ValueError, match="range"):
            by_width(x, x, bins=4)
        assert mutual_information(x, x, bins=4) == close(math.log(3))  # equal counts have no width


def test_everything_outside_the_range():
    x = np.array([0.1, 0.2, 0.3])
    for strategy in ("quantile", "uniform"):
        for bounds in ([[5, 6], [5, 6]], [[0.2, 0.2], [0.15, 0.17]], [None, [0.21, 0.29]]):
            options = {"bins": 3, "strategy": strategy, "range": bounds}
            if bounds[0] == [0.2, 0.2] and strategy == "uniform":
                continue  # which NumPy makes wider
            assert math.isnan(mutual_information(x, x, **options))


# Labels


def labelled(codes):
    """The same labels in many kinds."""
    names = np.array(["left", "right", "ahead", "back"])
    objects = np.array(["a", 1, (), None], object)
    objects[3] = dt.date(2013, 1, 1)
    return {
        "integers": codes,
        "int8": codes.astype("i1"),
        "far integers": codes * 10**18,
        "strings": names[codes],
        "list": names[codes].tolist(),
        "bytes": np.char.encode(names)[codes],
        "objects": objects[codes],
        "dates": np.array(["2020-01-01", "2021-02-03", "1969-07-20", "2013-01-01"], "M8[D]")[codes],
        "durations": codes.astype("m8[s]"),
        "column": codes[:, None],
        "strided": np.repeat(codes, 2)[::2],
        "big-endian": codes.astype(">i4"),
        "pandas integers": pd.Series(codes),
        "pandas nullable": pd.Series(codes, dtype="Int16"),
        "pandas strings": pd.Series(names[codes]),
        "pandas categories": pd.Series(names[codes]).astype("category"),
        "pandas categorical": pd.Categorical(names[codes]),
        "pandas index": pd.Index(names[codes]),
        "pandas dates": pd.Series(pd.Timestamp("2013-01-01") + pd.to_timedelta(codes, unit="D")),
        "pandas time zone": pd.Series(
            pd.Timestamp("2013-01-01", tz="Europe/Paris") + pd.to_timedelta(codes, unit="D")
        ),
        "Polars integers": pl.Series(codes),
        "Polars strings": pl.Series(names[codes].tolist()),
        "Polars categories": pl.Series(names[codes].tolist(), dtype=pl.Categorical),
        "Polars enum": pl.Series(names[codes].tolist(), dtype=pl.Enum(names.tolist())),
        "Polars dates": pl.Series([dt.date(2020, 1, 1 + c) for c in codes.tolist()]),
        "decimals": [decimal.Decimal(c) / 3 for c in codes.tolist()],
    }


KINDS = list(labelled(np.array([0, 1, 2, 3])))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_labels(kind, rng):
    codes = rng.integers(0, 4, 300)
    noisy = np.where(rng.random(300) < 0.3, rng.integers(0, 4, 300), codes)
    x, y = labelled(codes)[kind], labelled(noisy)[kind]
    expected = sklearns(codes, noisy)
    assert mutual_information(x, y) == close(expected)
    assert mutual_information(x, noisy) == close(expected)
    assert mutual_information(codes, y) == close(expected)
    z = rng.normal(size=300) + noisy
    found = by_width(x, z, bins=7)
    assert found == close(sklearns(codes, digitized(z, linspace_edges(z, 7))))
    assert by_width(z, x, bins=7) == close(found)
    found = mutual_information(x, z, bins=7)
    assert found == close(sklearns(codes, digitized(z, np.quantile(z, np.linspace(0, 1, 8)))))
    assert mutual_information(z, x, bins=7) == close(found)


@pytest.mark.parametrize("kind", ["booleans", "pandas", "pandas nullable", "Polars", "objects"])
def test_booleans(kind, rng):
    x, y = rng.integers(0, 2, (2, 200)).astype(bool)
    y[:100] = x[:100]
    make = {
        "booleans": lambda a: a,
        "pandas": pd.Series,
        "pandas nullable": lambda a: pd.Series(a, dtype="boolean"),
        "Polars": pl.Series,
        "objects": lambda a: a.astype(object),
    }[kind]
    assert mutual_information(make(x), make(y)) == close(sklearns(x, y))


def without(codes, missing):
    """Codes with -1 where a label is missing."""
    return np.where(missing, -1, codes)


def incomplete(codes, missing):
    """Labels with missing ones, in many kinds."""
    names = np.array(["left", "right", "ahead", "back"])[codes]
    objects = names.astype(object)
    objects[missing] = None
    dates = np.array(["2020", "2021", "2022", "2023"], "M8[Y]")[codes]
    dates[missing] = "NaT"
    integers = [None if m else int(c) for c, m in zip(codes, missing, strict=True)]
    floats = np.where(missing, NAN, codes / 2)
    return {
        "objects": objects,
        "dates": dates,
        "list": objects.tolist(),
        "pandas objects": pd.Series(objects, dtype=object),
        "pandas strings": pd.Series(objects),
        "pandas string dtype": pd.Series(objects, dtype="string"),
        "pandas categories": pd.Series(objects).astype("category"),
        "pandas categories of integers": pd.Series(integers).astype("category"),
        "pandas categories of floats": pd.Series(floats).astype("category"),
        "pandas nullable integers": pd.Series(integers, dtype="Int64"),
        "pandas nullable booleans": pd.Series(
            [None if m else c % 2 == 0 for c, m in zip(codes, missing, strict=True)],
            dtype="boolean",
        ),
        "pandas dates": pd.Series(dates.astype("M8[s]")),
        "Polars integers": pl.Series(integers),
        "Polars strings": pl.Series(objects.tolist()),
        "Polars categories": pl.Series(objects.tolist(), dtype=pl.Categorical),
        "Polars booleans": pl.Series([None if i is None else i % 2 == 0 for i in integers]),
        "Polars dates": pl.Series(
            [None if i is None else dt.date(2020, 1, 1 + i) for i in integers], dtype=pl.Date
        ),
    }


@pytest.mark.parametrize("kind", list(incomplete(np.array([0, 1]), np.array([False, True]))))
def test_missing_labels(kind, rng):
    codes, missing = rng.integers(0, 4, 300), rng.random(300) < 0.2
    x, y = incomplete(codes, missing)[kind], rng.integers(0, 3, 300) + codes
    levels = codes % 2 if "booleans" in kind else codes
    assert math.isnan(mutual_information(x, y))
    found = mutual_information(x, y, nan_policy="omit")
    assert found == close(sklearns(without(levels, missing), y))
    counts = JointCounts.from_samples(x, y)
    assert (counts.n, counts.n_missing) == (300 - missing.sum(), missing.sum())
    assert counts.x_levels is not None
    with pytest.raises(ValueError, match="The input contains nan values"):
        mutual_information(x, y, nan_policy="raise")


def test_categories_of_numbers_are_labels():
    # pandas hands out the categories themselves: floats, which alone would be binned.
    values = pd.Series(np.tile([0.0, 1e-9, 1.0], 50)).astype("category")
    target = np.tile([0, 1, 2], 50)
    assert mutual_information(values, target) == close(math.log(3))
    assert mutual_information(target, values) == close(math.log(3))


def test_floats_of_pandas_and_polars_are_binned(pair):
    x, y = pair
    expected = mutual_information(x, y)
    for make in (
        pd.Series,
        pl.Series,
        lambda a: pd.Series(a, dtype="Float64"),
        lambda a: pd.Series(a, dtype="float64[pyarrow]"),
    ):
        assert mutual_information(make(x), make(y)) == expected
    x[::10] = NAN
    expected = mutual_information(x, y, nan_policy="omit")
    for make in (
        pd.Series,
        lambda a: pl.Series(a, nan_to_null=True),
        lambda a: pd.Series(a, dtype="Float64"),
        lambda a: pd.Series(a, dtype="float64[pyarrow]"),
    ):
        assert mutual_information(make(x), y, nan_policy="omit") == expected


# Options


@pytest.mark.filterwarnings("ignore:.* what chance alone gives")
def test_discrete(rng):
    x, y = rng.integers(0, 30, (2, 500))
    both = linspace_edges(x, 5), linspace_edges(y, 5)
    x_codes, y_codes = digitized(x, both[0]), digitized(y, both[1])
    for discrete, expected in [
        ("auto", sklearns(x, y)),
        (True, sklearns(x, y)),
        (np.bool_(True), sklearns(x, y)),
        (False, sklearns(x_codes, y_codes)),
        ((True, False), sklearns(x, y_codes)),
        ([False, True], sklearns(x_codes, y)),
        (("auto", False), sklearns(x, y_codes)),
        ((False, "auto"), sklearns(x_codes, y)),
        ({"x": True, "y": False}, sklearns(x, y_codes)),
        ({"x": np.bool_(False)}, sklearns(x_codes, y)),
        ({"y": False, "x": "auto"}, sklearns(x, y_codes)),
        ({}, sklearns(x, y)),
    ]:
        assert by_width(x, y, bins=5, discrete=discrete) == close(expected)
    floats = x / 7
    assert mutual_information(floats, y, discrete=True) == close(sklearns(x, y))
    assert by_width(floats, y, bins=5, discrete=("auto", False)) == close(
        sklearns(digitized(floats, linspace_edges(floats, 5)), y_codes)
    )
    assert by_width(floats, y, bins=5) == close(sklearns(x_codes, y))  # floats of few values


def test_integers_of_more_than_32_values_are_numbers(rng):
    x, y = rng.integers(0, 33, (2, 900))
    assert np.unique(x).size == np.unique(y).size == 33
    y = np.where(rng.random(900) < 0.5, x, y)
    few = y // 3
    x_said = "x has 33 different values, more than 32, and is taken as a number, not as labels"
    y_said = "y has 33 different values"
    for function in (by_width, mutual_information):
        with pytest.warns(UserWarning, match=x_said) as caught:
            found = function(x, few, bins=6)
        assert [w.filename for w in caught] == [__file__]
        assert (
            found
            == function(x / 1, few, bins=6)
            == function(x, few, bins=6, discrete=(False, True))
        )
        with pytest.warns(UserWarning, match=y_said) as caught:
            assert function(few, y, bins=6) == function(few, y / 1, bins=6)
        assert [w.filename for w in caught] == [__file__]
        with pytest.warns(UserWarning, match="[xy] has 33 different values") as caught:
            assert function(x, y, bins=6) == function(x / 1, y / 1, bins=6)
        assert [str(w.message)[:25] for w in caught] == [x_said[:25], y_said]
        assert [w.filename for w in caught] == [__file__] * 2
        # what the user says is not warned of
        assert function(x, y, discrete=True) == close(sklearns(x, y))
        assert function(x, y, bins=6, discrete=False) == function(x / 1, y / 1, bins=6)
        assert function(x, few, discrete={"x": True}) == close(sklearns(x, few))
        with pytest.warns(UserWarning, match=y_said):
            assert function(x, y, bins=6, discrete=(True, "auto")) == function(
                x, y / 1, bins=6, discrete=(True, False)
            )


def test_bases(pair):
    nats = mutual_information(*pair)
    assert mutual_information(*pair, base=2) == pytest.approx(nats / math.log(2), rel=1e-15)
    assert mutual_information(*pair, base=10) == pytest.approx(nats / math.log(10), rel=1e-15)
    assert mutual_information(*pair, base=math.e) == pytest.approx(nats, rel=1e-15)
    assert mutual_information([0, 0, 1, 1], ["a", "a", "b", "b"], base=2) == 1.0


@pytest.mark.parametrize("average", ["arithmetic", "geometric", "min", "max"])
def test_normalized(average, rng):
    x, y = rng.integers(0, 5, (2, 300))
    y[:150] = x[:150]
    expected = sklearn.metrics.normalized_mutual_info_score(x, y, average_method=average)
    assert mutual_information(x, y, normalized=average) == close(expected)
    assert mutual_information(x, y, normalized=average, base=2) == close(expected)
    assert mutual_information(x, x, normalized=average) == close(1.0)
    assert mutual_information(x, np.zeros(300, int), normalized=average) == 0.0


def test_normalized_by_the_joint_entropy(rng):
    x, y = rng.integers(0, 5, (2, 300))
    joint = reference.entropy_of_counts(np.unique(5 * x + y, return_counts=True)[1].tolist())
    assert mutual_information(x, y, normalized="joint") == close(sklearns(x, y) / joint)


def test_nan_policy(pair):
    x, y = pair
    whole = mutual_information(x, y)
    for policy in ("propagate", "omit", "raise"):
        assert mutual_information(x, y, nan_policy=policy) == whole
    x[4], y[4], y[7] = NAN, NAN, NAN
    kept = np.delete(x, [4, 7]), np.delete(y, [4, 7])
    assert math.isnan(mutual_information(x, y))
    assert math.isnan(mutual_information(x, y, normalized="min"))
    assert mutual_information(x, y, nan_policy="omit") == mutual_information(*kept)
    message = "The input contains nan values.*nan_policy='raise', got 2 incomplete pairs"
    with pytest.raises(ValueError, match=message):
        mutual_information(x, y, nan_policy="raise")
    assert isinstance(mutual_information(x, y), float)


def test_dropped_samples_are_not_missing(pair):
    x, y = pair
    for policy in ("propagate", "raise", "omit"):
        found = mutual_information(x, y, bins=4, range=[[-1, 1], [-1, 1]], nan_policy=policy)
        assert found > 0


def test_the_result_is_a_float(pair):
    x, y = pair
    assert type(mutual_information(x, y)) is float
    assert type(mutual_information(x.astype("f4"), y.astype("f4"), base=2)) is float
    assert type(mutual_information([1, 2], [1, 2], normalized="min")) is float


def test_all_options_are_keywords():
    kinds = [p.kind for p in inspect.signature(mutual_information).parameters.values()]
    assert kinds[:2] == [inspect.Parameter.POSITIONAL_OR_KEYWORD] * 2
    assert set(kinds[2:]) == {inspect.Parameter.KEYWORD_ONLY}


# Any order, any layout, any number of threads


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=60),
    st.randoms(use_true_random=False),
)
def test_any_labels(pairs, random):
    x, y = np.array(pairs).T
    found = mutual_information(x, y)
    assert found == pytest.approx(sklearns(x, y), rel=1e-11, abs=1e-14)
    assert found >= 0
    allowed = 2 * np.spacing(
        reference.entropy_of_counts(np.bincount(x).tolist())
        + reference.entropy_of_counts(np.bincount(y).tolist())
    )
    assert abs(mutual_information(y, x) - found) <= allowed
    assert abs(mutual_information(-x, y) - found) <= allowed
    random.shuffle(pairs)
    assert mutual_information(*np.array(pairs).T) == found


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=2, max_size=50),
    st.integers(1, 12),
)
def test_any_floats(pairs, bins):
    x, y = np.array(pairs).T
    table = np.histogram2d(x, y, bins)[0]
    expected = reference.information_of_table(table.tolist())
    assert by_width(x, y, bins=bins) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("dtypes", [("f8", "f8"), ("f4", "i8"), ("i2", "i2"), ("f8", "U1")])
def test_any_number_of_threads_gives_the_same_bits(dtypes, rng):
    x = rng.normal(size=3 * CHUNK + 19) * 3
    y = x + rng.normal(size=x.size)
    x, y = (
        (v.round() % 10 if d == "U1" else v).astype(d) for v, d in zip((x, y), dtypes, strict=True)
    )
    found = []
    for threads in (1, 2, 3, 7):
        with num_threads(threads):
            found.append((mutual_information(x, y), mutual_information(y, x, normalized="max")))
    assert len(set(found)) == 1
    assert found[0][0] > 0.1


def test_layouts(tmp_path, pair):
    x, y = pair
    expected = mutual_information(x, y)
    wide = np.empty((x.size, 4))
    wide[:, 1], wide[:, 3] = x, y
    np.save(tmp_path / "x.npy", x)
    fixed = y.copy()
    fixed.flags.writeable = False
    for a, b in [
        (wide[:, 1], wide[:, 3]),
        (wide[:, 1:2], wide[:, 3:]),
        (np.load(tmp_path / "x.npy", mmap_mode="r"), fixed),
        (x[::-1], y[::-1]),
        (x.tolist(), tuple(y)),
        (x.astype(">f8"), y.astype("longdouble").astype("f8")),
    ]:
        assert mutual_information(a, b) == expected


@pytest.mark.parametrize("dtype", ["f2", "longdouble", ">f4"])
def test_other_floats(dtype, pair):
    x, y = (v.astype(dtype) for v in pair)
    table = np.histogram2d(x, y, 11)[0]
    assert table.sum() == 700
    expected = reference.information_of_table(table.tolist())
    assert by_width(x, y, bins=11) == close(expected)


def test_inputs_stay_as_they_are(pair):
    x, y = pair
    edges = np.linspace(-3, 3, 9)
    kept = [a.copy() for a in (x, y, edges)]
    mutual_information(x, y)
    mutual_information(x, y, bins=edges)
    mutual_information(x, y, bins=7, range=[[-1, 1], None], discrete=(False, True))
    for a, before in zip((x, y, edges), kept, strict=True):
        np.testing.assert_array_equal(a, before, strict=True)


# Entropies


def entropies_of(x, y):
    """H(X), H(Y) and H(X, Y) of codes."""
    pairs = 1000 * np.unique(x, return_inverse=True)[1] + np.unique(y, return_inverse=True)[1]
    return [
        reference.entropy_of_counts(np.unique(v, return_counts=True)[1].tolist())
        for v in (x, y, pairs)
    ]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60))
def test_entropies_of_labels(pairs):
    x, y = np.array(pairs).T
    hx, hy, hxy = entropies_of(x, y)
    near = {"rel": 1e-12, "abs": 4e-15}
    assert joint_entropy(x, y) == pytest.approx(hxy, **near)
    assert conditional_entropy(x, y) == pytest.approx(hxy - hy, **near)
    assert conditional_entropy(y, x) == pytest.approx(hxy - hx, **near)
    assert variation_of_information(x, y) == pytest.approx(2 * hxy - hx - hy, **near)
    assert mutual_information(x, y) == pytest.approx(hx + hy - hxy, **near)
    assert min(f(x, y) for f in MEASURES) >= 0
    assert 0 <= conditional_entropy(x, x) <= 1e-15
    assert 0 <= variation_of_information(x, 7 - x) <= 1e-15


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40
    )
)
def test_variation_of_information_is_a_metric(rows):
    x, y, z = np.array(rows).T
    xy, yz, xz = (variation_of_information(*pair) for pair in ((x, y), (y, z), (x, z)))
    assert xz <= xy + yz + 1e-14
    assert variation_of_information(y, x) == pytest.approx(xy, abs=4e-15)
    same_parts = len(set(zip(x.tolist(), y.tolist(), strict=True))) == len(set(x)) == len(set(y))
    assert (xy < 1e-12) == same_parts


@pytest.mark.parametrize("measure", MEASURES)
def test_all_measures_are_those_of_the_counts(measure, pair, rng):
    x, y = pair
    w = rng.random(700)
    names = {conditional_entropy: "conditional_entropy"}
    for options in (
        {},
        {"bins": (5, 9)},
        {"bins": 6, "range": [[-1, 1], None]},
        {"strategy": "uniform"},
        {"bins": 7, "strategy": "uniform", "range": [[-1, 1], None]},
        {"discrete": (True, False), "bins": 3},
        {"sample_weight": w},
        {"bins": "sturges", "strategy": "quantile", "sample_weight": w},
    ):
        counts = JointCounts.from_samples(x, y, **{"strategy": "quantile", **options})
        method = getattr(counts, names.get(measure, measure.__name__))
        assert measure(x, y, **options) == method()
        assert measure(x, y, base=2, **options) == method(base=2)
        assert measure(x, y, correction=0.5, **options) == method(correction=0.5)
    assert type(measure(x, y)) is float


@pytest.mark.parametrize("measure", MEASURES)
def test_all_measures_know_of_missing_samples(measure, pair):
    x, y = pair
    x[3], y[5] = NAN, NAN
    kept = np.delete(x, [3, 5]), np.delete(y, [3, 5])
    assert math.isnan(measure(x, y))
    assert measure(x, y, nan_policy="omit") == measure(*kept)
    with pytest.raises(ValueError, match=r"The input contains nan values.*got 2 incomplete pairs"):
        measure(x, y, nan_policy="raise")
    assert math.isnan(measure(x, x * NAN, nan_policy="omit"))
    assert math.isnan(measure(*kept, sample_weight=np.zeros(698)))
    with pytest.raises(ValueError, match="nan_policy must be one of"):
        measure(x, y, nan_policy="drop")
    with pytest.raises(ValueError, match="correction must be one of"):
        measure(x, y, correction="none")
    with pytest.raises(ValueError, match="strategy must be one of 'uniform', 'quantile'"):
        measure(x, y, strategy="kmeans")
    with pytest.raises(ValueError, match="`base` must be a positive number"):
        measure(x, y, base=-1)
    for other in ("estimator", "n_neighbors", "jitter", "random_state"):
        if measure is not mutual_information:
            with pytest.raises(TypeError, match="unexpected keyword"):
                measure(x, y, **{other: 1})


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_corrections(correction, rng):
    x, y = rng.integers(0, 5, (2, 90))
    table = contingency_table(x, y)[0]
    hx, hy, hxy = (
        entropy_from_counts(v, correction=correction)
        for v in (table.sum(1), table.sum(0), table.reshape(-1))
    )
    if correction in ("shrinkage", 0.5):  # in the joint table, once
        p = pairs.of_table(table, correction)
        hx, hy, hxy = (pairs.entropy_of(q) for q in (p.sum(1), p.sum(0), p))
    options = {"correction": correction}
    information = hx + hy - hxy
    assert mutual_information(x, y, **options) == close(information)
    assert mutual_information(x, y, base=2, **options) == close(information / math.log(2))
    assert joint_entropy(x, y, **options) == close(hxy)
    assert conditional_entropy(x, y, **options) == close(hxy - hy)
    assert variation_of_information(x, y, **options) == close(2 * hxy - hx - hy)
    for average, scale in (("min", min(hx, hy)), ("arithmetic", (hx + hy) / 2), ("joint", hxy)):
        found = mutual_information(x, y, normalized=average, **options)
        assert found == close(information / scale)


def test_a_corrected_difference_is_not_clipped(rng):
    found = [
        mutual_information(*rng.integers(0, 6, (2, 100)), correction="miller-madow")
        for _ in range(40)
    ]
    assert min(found) < 0 < max(found)


# Weights


@pytest.mark.parametrize("measure", MEASURES)
def test_whole_weights_are_repeated_samples(measure, pair, rng):
    x, y = pair
    w = rng.integers(1, 5, 700)
    repeated = np.repeat(x, w), np.repeat(y, w)
    options = {"bins": 7, "strategy": "uniform"}
    assert measure(x, y, sample_weight=w, **options) == close(measure(*repeated, **options))
    # edges of equal counts are those of the samples, whatever their weights are
    edges = [np.quantile(v, np.linspace(0, 1, 8)) for v in (x, y)]
    expected = close(measure(*repeated, bins=edges))
    assert measure(x, y, sample_weight=w, bins=7) == expected
    x, y = rng.integers(0, 4, (2, 700))
    w = rng.integers(0, 3, 700)
    repeated = np.repeat(x, w), np.repeat(y, w)
    assert measure(x, y, sample_weight=w) == close(measure(*repeated))
    labels = np.array(["a", "b", "c", "d"])[x]
    assert measure(labels, y, sample_weight=w) == close(measure(*repeated))


def test_corrections_of_whole_weights(rng):
    x, y = rng.integers(0, 4, (2, 200))
    w = rng.integers(1, 4, 200)
    for correction in [*CORRECTIONS, "nsb", "chance"]:
        plain = mutual_information(x, y, correction=correction)
        for equal in (1, 3, 1 / 500, 1e-200, 1e200):  # as many samples as without
            found = mutual_information(
                x, y, correction=correction, sample_weight=np.full(200, equal)
            )
            assert found == close(plain)
        if correction in ("jackknife", "grassberger", "chao-shen", "zhang"):
            with pytest.raises(ValueError, match="must have whole counts of samples, got weights"):
                mutual_information(x, y, correction=correction, sample_weight=w)
            continue
        found = mutual_information(x, y, correction=correction, sample_weight=w)
        for scale in (1e-3, 7.0):
            again = mutual_information(x, y, correction=correction, sample_weight=scale * w)
            assert again == close(found)
        # the table scaled to the effective number of samples
        table = np.zeros((4, 4))
        np.add.at(table, (x, y), w * (w.sum() / (w**2).sum()))
        if correction != "chance":
            counts = JointCounts.from_table(table)
            assert found == close(counts.mutual_information(correction=correction))
        else:
            plug_in = mutual_information(x, y, sample_weight=w)
            assert found == close(plug_in - 9 / (2 * table.sum()))


def test_the_scale_of_weights_is_no_matter(pair, rng):
    x, y = pair
    w = rng.random(700)
    for scale in (1e-300, 1e-10, 1e10, 1e300):
        for measure in MEASURES:
            expected = measure(x, y, sample_weight=w)
            assert measure(x, y, sample_weight=scale * w) == pytest.approx(expected, rel=1e-9)


# Labels that are nearly all different


def test_an_id_is_warned_of(pair):
    x, _ = pair
    ids = np.arange(700) * 10**12
    names = np.array([f"row {i}" for i in range(700)])
    y_said = "y has 700 different values, more than 32, and is taken as a number, not as labels: "
    y_said += "discrete={'y': True} takes it as labels, discrete={'y': False} says that it is a n"
    x_said = "x has 700 different values, .*discrete={'x': True} takes it as labels, discrete="
    y_name = 'y has 700 different labels among 700 samples.*correction="chance" of mutual'
    for measure in MEASURES:
        for args, message in (
            ((x, ids), y_said),
            ((ids.astype("M8[ns]"), x), x_said),
            ((ids.astype("m8[s]"), names[:10].repeat(70)), x_said),
            ((x, names), y_name),
            ((x, names.astype(object)), y_name),
            ((x, pd.Series(names)), y_name),
            ((pl.Series(names), x), "x has 700 different labels"),
            ((pd.Series(names).astype("category"), x > 0), "x has 700 different labels"),
        ):
            with pytest.warns(UserWarning, match=message) as caught:
                measure(*args)
            assert [w.filename for w in caught] == [__file__]
        found = measure(ids, x, discrete=False)
        assert found == measure(ids.astype("M8[ns]"), x, discrete=False) == measure(ids / 1, x)
        measure(ids, x, discrete=(True, False))  # the user's word
        measure(names, x, discrete=(True, "auto"))
        measure(names[:40], x[:40])  # few samples may well have as many labels
        if measure is not mutual_information:  # which tells that this is chance
            measure(names[:300].repeat(2), x[:600])  # half as many
        measure(ids // (22 * 10**12), x)
        assert np.unique(ids // (22 * 10**12)).size == 32
        with pytest.warns(UserWarning, match="x has 40 different values"):
            measure(ids[:40], x[:40])


# Bad input


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "message"),
    [
        (([1, 2], [1]), {}, ValueError, "x and y must have the same length, got 2 and 1 samples"),
        (([], []), {}, ValueError, "x must hold at least one sample, got an empty array"),
        (
            ([[1, 2], [3, 4]], [1, 2]),
            {},
            ValueError,
            r"x must be one-dimensional, got shape \(2, 2\)",
        ),
        (([1j], [1]), {}, TypeError, "x must hold real numbers or labels, got dtype complex128"),
        (([1], [[1], [2, 3]]), {}, ValueError, "y must be an array, got list"),
        ((["a"], [1.0]), {"discrete": False}, TypeError, "x must be real numbers to be binned"),
        (([1.0], [{}]), {}, TypeError, "labels must be hashable, got dict"),
        (([1.0], [1.0]), {"bins": 0}, ValueError, "must be positive, when an integer, got 0"),
        (
            ([1.0], [1.0]),
            {"bins": (3, -1)},
            ValueError,
            "must be positive, when an integer, got -1",
        ),
        (([1.0], [1.0]), {"bins": 1.5}, TypeError, "must be an integer, when a scalar, got 1.5"),
        (([1.0], [1.0]), {"bins": "x"}, ValueError, r"one of 'mi', .*'sturges', got 'x'"),
        (([1.0], [1.0]), {"bins": [0, 2, 1]}, ValueError, "must be monotonically increasing"),
        (([1.0], [1.0]), {"range": [0]}, ValueError, "range must have an entry for each variable"),
        (([1.0], [1.0]), {"range": (0, 1)}, ValueError, "range must have an entry for each"),
        (([1.0], [1.0]), {"range": 3}, (ValueError, TypeError), "range must"),
        (([1.0], [1.0]), {"range": [[2, 1], None]}, ValueError, "max must be larger than min"),
        (
            ([1.0], [1.0]),
            {"discrete": 1},
            ValueError,
            "discrete must be 'auto', True, False, a pair",
        ),
        (([1.0], [1.0]), {"base": 1}, ValueError, "base must also .* 1, got 1"),
        (([1.0], [1.0]), {"base": 0}, ValueError, "`base` must be a positive number or `None`"),
        (([1.0], [1.0]), {"base": "2"}, TypeError, "base must be a positive real number"),
        (([1.0], [1.0]), {"normalized": "mean"}, ValueError, "normalized must be one of None, "),
        (([1.0], [1.0]), {"normalized": True}, ValueError, "normalized must be one of None, "),
        (
            ([1.0], [1.0]),
            {"nan_policy": "drop"},
            ValueError,
            "nan_policy must be one of 'propagate'",
        ),
        (([1.0, INF], [1.0, 2.0]), {}, ValueError, r"autodetected range of \[1.0, inf\]"),
        ((np.ma.masked_equal([1, 2], 1), [1, 2]), {}, TypeError, "x must not be a masked array"),
    ],
)
def test_bad_input(args, kwargs, error, message):
    with pytest.raises(error, match=message):
        mutual_information(*args, **kwargs)


def test_a_table_that_does_not_fit_says_how_many_bytes(rng):
    x = rng.normal(size=10)
    with pytest.raises(ValueError, match=r"1000000 by 1000000 cells would take \d{14} bytes"):
        mutual_information(x, x, bins=10**6)


# Contingency tables


def test_contingency_table(rng):
    x, y = rng.integers(0, 4, 200), rng.integers(-2, 3, 200)
    for make in (lambda a: a, lambda a: a.astype(str), lambda a: a.astype(object), pd.Series):
        table, x_levels, y_levels = contingency_table(make(x), make(y))
        expected = pd.crosstab(np.asarray(make(x)), np.asarray(make(y)))
        assert table.dtype == np.int64
        assert table.tolist() == expected.to_numpy().tolist()
        assert x_levels.tolist() == expected.index.tolist()
        assert y_levels.tolist() == expected.columns.tolist()
    sklearns_table = sklearn.metrics.cluster.contingency_matrix(x, y)
    assert contingency_table(x, y)[0].tolist() == sklearns_table.tolist()


def test_contingency_table_of_floats_and_missing_labels():
    table, x_levels, y_levels = contingency_table([0.5, NAN, 0.1, 0.5], ["a", "a", None, "b"])
    assert x_levels.tolist() == [0.1, 0.5]
    assert y_levels.tolist() == ["a", "b"]
    assert table.tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([], [], ValueError, "x must hold at least one sample"),
        ([1], [1, 2], ValueError, "x and y must have the same length, got 1 and 2 samples"),
        ([[1, 2]], [1], ValueError, "x must be one-dimensional"),
        ([1j], [1], TypeError, "x must hold real numbers or labels"),
        ([1], [[[]]], ValueError, "y must be one-dimensional"),
    ],
)
def test_contingency_table_of_bad_input(x, y, error, message):
    with pytest.raises(error, match=message):
        contingency_table(x, y)


def test_a_contingency_table_that_does_not_fit():
    x = np.arange(1_000_000)
    with pytest.raises(ValueError, match=r"1000000 by 1000000 cells would take \d{14} bytes"):
        contingency_table(x, x)


# The kernels in a user's own function


@njit
def best_shift(x, y, edges, shifts):
    """Mutual information of x[t] and y[t + shift], from samples to nats without leaving numba."""
    grid = binning_kernels.grid(edges)
    bins = edges.size - 1
    out = np.empty(shifts.size)
    for k in range(shifts.size):
        shift = shifts[k]
        table = np.zeros((bins + 1, bins + 1), np.uint32)
        a, b = x[: x.size - shift], y[shift:]
        counting_kernels.count_samples(a, b, edges, edges, grid, grid, table)
        counts = np.ascontiguousarray(table[:bins, :bins].astype(np.float64))
        x_counts, y_counts = np.empty(bins), np.empty(bins)
        kernels.margins(counts, x_counts, y_counts)
        out[k] = kernels.mutual_information(counts, x_counts, y_counts)
    return out


@pytest.mark.slow
def test_kernels_in_a_users_function(rng):
    x = rng.normal(size=5000)
    y = np.roll(x, 3) + 0.1 * rng.normal(size=5000)
    edges = np.linspace(-3, 3, 13)
    shifts = np.arange(6)
    found = best_shift(x, y, edges, shifts)
    expected = [mutual_information(x[: x.size - s], y[s:], bins=edges) for s in shifts]
    assert found == pytest.approx(expected, rel=1e-13)
    assert found.argmax() == 3


def test_all_kinds_with_all_kinds(rng):
    codes = rng.integers(0, 4, 80)
    kinds = labelled(codes)
    expected = reference.entropy_of_counts(np.bincount(codes).tolist())
    for a, b in itertools.combinations(KINDS, 2):
        assert mutual_information(kinds[a], kinds[b]) == close(expected), (a, b)


def test_more_pairs_of_labels_than_rows_are_warned_of_where_that_is_mostly_chance(rng):
    x, y = rng.integers(0, 300, 1000).astype(str), rng.integers(0, 20, 1000)
    match = r"x and y have 2.. x 20 values in 1000 rows: about \d+ % of the estimate is what chance"
    for options in ({}, {"normalized": "min"}, {"sample_weight": np.ones(1000)}):
        with pytest.warns(UserWarning, match=match) as caught:
            assert mutual_information(x, y, **options) > 0.3  # of independent variables
        assert [w.filename for w in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert abs(mutual_information(x, y, correction="chance")) < 0.1
        mutual_information(x[:99], y[:99])
        mutual_information(y, np.roll(y, 1))
        mutual_information(*rng.normal(size=(2, 1000)), bins=100)  # the user's word


def test_chance_is_told_whoever_says_what_is_a_label(rng):
    x, y = rng.integers(0, 60, (2, 2000))
    for options in ({"discrete": True}, {"discrete": {"x": True, "y": True}}):
        with pytest.warns(UserWarning, match="60 x 60 values in 2000 rows: about .* chance") as w:
            mutual_information(x, y, **options)
        assert len(w) == 1


def test_an_identifier_is_not_told_where_the_correction_takes_it_off(rng):
    ids, y = np.arange(500).astype(str), rng.integers(0, 5, 500)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mutual_information(ids, y, correction="chance") == 0.0
        assert mutual_information(ids, y, correction="nsb") < 0.1
    with pytest.warns(UserWarning, match="x has 500 .* Only .chance. and .nsb. remove most"):
        assert mutual_information(ids, y, correction="jackknife") > 0.5
