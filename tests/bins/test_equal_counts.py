"""Bins of equal counts: values that repeat never merge with others, and no sort of all samples."""

import math
from collections import Counter

import numba
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference import equal_count_edges

import fastinfo
from fastinfo import num_threads
from fastinfo._bins.order_statistics import FEWEST
from fastinfo._bins.quantiles import code_equal_counts, quantile_edges
from fastinfo.kernels.binning import sorted_samples

MANY = FEWEST + 777


def kinds(rng, n):
    normal = rng.normal(size=n)
    yield "normal", normal
    yield "90 % zeros", np.where(rng.random(n) < 0.9, 0.0, np.exp(normal))
    yield "zeros in the middle", np.where(rng.random(n) < 0.17, 0.0, normal)
    yield (
        "two heavy values",
        np.where(rng.random(n) < 0.4, 1.0, np.where(rng.random(n) < 0.5, 3.0, normal)),
    )
    yield "rounded", normal.round(1)
    yield "answers", rng.choice([1.0, 2, 3, 4, 5], n, p=[0.03, 0.05, 0.12, 0.2, 0.6])
    yield "counts", rng.poisson(3, n).astype(float)
    yield "Zipf", rng.zipf(1.6, n).clip(max=10**9).astype(float)
    yield "log-normal", np.exp(6 * normal)
    yield "half at the top", np.minimum(normal, 0.0)
    yield "neighbouring floats", np.where(rng.random(n) < 0.5, 1.0, np.nextafter(1.0, 2.0))
    yield "far cluster", np.where(rng.random(n) < 0.5, 1e6 + normal * 1e-3, normal)


@pytest.mark.parametrize("n", [3, 40, 900, MANY])
@pytest.mark.parametrize("bins", [1, 2, 3, 8, 33])
def test_edges_are_those_of_the_definition(n, bins, rng):
    for name, a in kinds(rng, n):
        found = quantile_edges(a, bins)
        np.testing.assert_allclose(found, equal_count_edges(a, bins), rtol=1e-12, err_msg=name)
        assert (np.diff(found) > 0).all(), name


@settings(max_examples=300, deadline=None)
@example([0.0, 5e-324], 2)
@example([1.0, math.nextafter(1.0, 2.0)], 3)
@given(
    st.lists(st.integers(-4, 4).map(float) | st.floats(-3, 3), min_size=1, max_size=60),
    st.integers(1, 9),
)
def test_edges_of_any_samples(values, bins):
    a = np.array(values)
    found = quantile_edges(a, bins)
    rounding = 1e-15 * np.abs(a).max()  # of what lies on both sides of an edge
    np.testing.assert_allclose(found, equal_count_edges(a, bins), rtol=1e-12, atol=rounding)
    assert (np.diff(found) > 0).all()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=80), st.integers(2, 9))
def test_values_that_fill_a_bin_are_alone(values, bins):
    a = np.array(values, float)
    codes = code_equal_counts(a, bins)
    counts = Counter(values)
    for v, count in counts.items():
        with_it = {
            w for w, c in zip(values, codes.codes, strict=True) if c == codes.codes[values.index(v)]
        }
        if count * bins >= len(values):
            assert with_it == {v}
    if len(counts) <= bins:
        assert codes.n_levels == max(len(counts), 1)
    assert len(counts) == 1 or codes.n_levels >= 2


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i4", "u2", "i1", ">f8", "f2"])
def test_codes_are_those_of_the_edges(dtype, rng):
    for name, a in kinds(rng, MANY):
        with np.errstate(all="ignore"):
            a = np.clip(
                a * (20 if np.dtype(dtype).kind in "iu" else 1), 0 if dtype == "u2" else -100, 100
            ).astype(dtype)
        before = a.copy()
        coded = code_equal_counts(a, 12)
        edges = np.asarray(coded.edges)
        np.testing.assert_array_equal(edges, quantile_edges(a, 12), err_msg=name)
        np.testing.assert_array_equal(edges, quantile_edges(np.sort(a), 12), err_msg=name)
        x = a.astype(float)
        expected = np.searchsorted(edges, x, side="right") - 1
        expected[x == edges[-1]] = edges.size - 2
        np.testing.assert_array_equal(coded.codes, expected, err_msg=name)
        np.testing.assert_array_equal(a, before)


def test_missing_samples_have_the_last_code(rng):
    a = rng.normal(size=MANY)
    a[::7] = np.nan
    coded = code_equal_counts(a, 10)
    np.testing.assert_array_equal(coded.codes == 10, np.isnan(a))
    np.testing.assert_array_equal(coded.edges, np.quantile(a[~np.isnan(a)], np.linspace(0, 1, 11)))
    assert code_equal_counts(np.full(MANY, np.nan), 4).codes.tolist() == [1] * MANY
    assert code_equal_counts(np.empty(0), 4).codes.size == 0


@pytest.mark.parametrize("bins", [2, 50, 255, 256, 300])
def test_any_number_of_bins_and_threads(bins, rng):
    a = rng.standard_cauchy(5 * MANY)
    found = []
    for threads in (1, 3):
        with num_threads(threads):
            found.append(code_equal_counts(a, bins))
    np.testing.assert_array_equal(found[0].codes, found[1].codes)
    np.testing.assert_array_equal(found[0].edges, np.quantile(a, np.linspace(0, 1, bins + 1)))
    counts = np.bincount(found[0].codes)
    assert counts.size == bins
    assert np.ptp(counts) <= 1


def test_order_and_strides_do_not_matter(rng):
    a = rng.gamma(0.3, size=3 * MANY).round(4)
    edges = quantile_edges(a, 20)
    for other in (np.sort(a), np.sort(a)[::-1], rng.permutation(a), np.repeat(a, 2)[::2]):
        np.testing.assert_array_equal(quantile_edges(other, 20), edges)


def test_magnitudes(rng):
    a = rng.normal(size=MANY)
    for scale in (1e-300, 1e-30, 1.0, 1e300):
        np.testing.assert_array_equal(
            code_equal_counts(a * scale, 9).codes, code_equal_counts(a, 9).codes
        )
    assert code_equal_counts(np.array([1e308, -1e308, 0.0] * 9), 3).n_levels == 3
    assert quantile_edges(np.full(5, 1e300), 3).size == 2


@pytest.mark.slow
def test_the_kernel_inside_compiled_code(rng):
    @numba.njit
    def edges_of(a, bins):
        out = np.empty(3 * bins + 3)
        n = sorted_samples.sorted_edges(np.sort(a), bins, out)
        return out[:n]

    for _, a in kinds(rng, 500):
        np.testing.assert_array_equal(edges_of(a, 8), quantile_edges(a, 8))


def test_the_default_has_equal_counts(rng):
    x = rng.lognormal(sigma=2, size=4000)
    y = np.log(x) + rng.normal(size=4000)
    for function in (
        fastinfo.mutual_information,
        fastinfo.joint_entropy,
        fastinfo.conditional_entropy,
        fastinfo.variation_of_information,
    ):
        assert function(x, y) == function(x, y, strategy="quantile")
        assert function(x, y) != function(x, y, strategy="uniform")
    # Equal counts do not depend on the scale of a variable.
    assert fastinfo.mutual_information(x, y) == fastinfo.mutual_information(np.log(x), y)
    h = [fastinfo.joint_entropy(a, a) for a in (x, y)]
    information = fastinfo.mutual_information(x, y)
    assert math.isclose(information, sum(h) - fastinfo.joint_entropy(x, y), rel_tol=1e-12)


def test_a_rule_of_numpys_means_its_own_widths(rng):
    x, y = rng.lognormal(size=(2, 3000))
    by_rule = fastinfo.mutual_information(x, y, bins="fd")
    assert by_rule == fastinfo.mutual_information(x, y, bins="fd", strategy="uniform")
    assert by_rule != fastinfo.mutual_information(x, y, bins="fd", strategy="quantile")
    mixed = fastinfo.mutual_information(x, y, bins=("fd", 8))
    edges = np.histogram_bin_edges(x, "fd"), np.quantile(y, np.linspace(0, 1, 9))
    assert mixed == pytest.approx(fastinfo.mutual_information(x, y, bins=edges), abs=1e-14)
    row = fastinfo.rank_features(x[:, None], y > 1, bins="sturges")[0]
    assert (
        row.mi
        == fastinfo.rank_features(x[:, None], y > 1, bins="sturges", strategy="uniform")[0].mi
    )


def test_pairs_with_gaps_are_cut_over_the_complete_ones(rng):
    x, y = rng.normal(size=(2, 3000))
    x[:300], y[200:500] = np.nan, np.nan
    complete = ~(np.isnan(x) | np.isnan(y))
    found = fastinfo.mutual_information(x, y, nan_policy="omit")
    assert found == fastinfo.mutual_information(x[complete], y[complete])
    counts = fastinfo.JointCounts.from_samples(x, y, strategy="quantile")
    assert (counts.n, counts.n_missing, counts.n_dropped) == (2500, 500, 0)


def test_small_inputs_have_the_counts_of_large_ones(rng):
    for n in (10, 57, 1000):
        x = rng.normal(size=n)
        y = (x + rng.normal(size=n)).round(1)
        small = fastinfo.mutual_information(x, y)
        assert small == pytest.approx(
            fastinfo.mutual_information(x, y, sample_weight=np.ones(n)), abs=1e-13
        )
        assert fastinfo.mutual_information(x.astype("f4"), y.astype("f4")) == pytest.approx(
            small, abs=0.05
        )


@pytest.mark.parametrize("dtype", ["i8", "u8"])
@pytest.mark.parametrize("n", [300, MANY])
def test_integers_that_float64_merges(dtype, n, rng):
    a = rng.permutation(n).astype(dtype) + np.array(2**62, dtype)
    coded = code_equal_counts(a, 7)
    np.testing.assert_array_equal(
        coded.codes, code_equal_counts(a - np.array(2**62, dtype), 7).codes
    )
    assert np.ptp(np.bincount(coded.codes)) <= 1
    with pytest.warns(UserWarning, match="row number"):
        row = fastinfo.rank_features(a[:, None], np.arange(n) % 2)[0]
    assert row.levels > 1
    assert row.note == "row number"
