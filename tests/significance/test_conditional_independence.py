"""conditional_independence_test: exact p-values, uniform under the null, and all that goes in."""

import itertools
import math
import pickle
import warnings

import numba
import numpy as np
import pandas as pd
import pytest
import scipy.stats

import fastinfo
from fastinfo import conditional_independence_test, conditional_mutual_information
from fastinfo._core.coded_variable import Coded
from fastinfo._measures.joint_entropies import Joint, Variable
from fastinfo._measures.strata import Margins, Strata
from fastinfo.kernels.information import strata

SURE = 1e-6  #: p-values below are no chance


def g_by_strata(x, y, z):
    """G and its degrees of freedom, one stratum after the other, by SciPy."""
    statistic, dof = 0.0, 0
    for level in np.unique(z):
        table = pd.crosstab(x[z == level], y[z == level]).to_numpy()
        if min(table.shape) > 1:
            g = scipy.stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
            statistic, dof = statistic + g.statistic, dof + g.dof
    return statistic, dof


def all_permutations(x, y, z):
    """Conditional information of all permutations of x within the strata of z."""
    rows = [np.flatnonzero(z == level) for level in np.unique(z)]
    found = []
    for orders in itertools.product(*[itertools.permutations(own) for own in rows]):
        moved = x.copy()
        for own, order in zip(rows, orders, strict=True):
            moved[own] = x[list(order)]
        found.append(conditional_mutual_information(moved, y, z, discrete=True))
    return np.array(found)


# What is returned


def test_the_fields(rng):
    x, y, z = rng.integers(0, 3, (3, 400))
    found = conditional_independence_test(x, y, z, base=2)
    assert found._fields == ("statistic", "pvalue", "dof", "cmi")
    assert [type(value) for value in found] == [float, float, int, float]
    assert found.cmi == conditional_mutual_information(x, y, z, base=2)
    assert found.statistic == pytest.approx(2 * 400 * math.log(2) * found.cmi, rel=1e-14)
    assert "pvalue=" in repr(found)
    assert "conditional independence" in found._repr_html_()
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize("levels", [(2, 2, 2), (3, 5, 4), (9, 2, 30)])
def test_statistic_and_degrees_of_freedom_are_those_of_the_strata(rng, levels):
    x, y, z = (rng.integers(0, k, 500) for k in levels)
    statistic, dof = g_by_strata(x, y, z)
    found = conditional_independence_test(x, y, z, n_permutations=0)
    assert found.statistic == pytest.approx(statistic, rel=1e-12)
    assert found.dof == dof
    assert found.pvalue == pytest.approx(scipy.stats.chi2.sf(statistic, dof), rel=1e-12)


def test_a_constant_z_leaves_the_test_of_two(rng):
    x, y = rng.integers(0, 3, (2, 200))
    found = conditional_independence_test(x, y, np.zeros(200, int))
    row = fastinfo.rank_features({"x": x}, y)[0]
    assert found.pvalue == pytest.approx(row.pvalue, rel=1e-12)
    g = scipy.stats.chi2_contingency(pd.crosstab(x, y), correction=False, lambda_="log-likelihood")
    assert (found.statistic, found.dof) == (pytest.approx(g.statistic, rel=1e-12), g.dof)


@pytest.mark.parametrize(
    "z", [None, np.empty((200, 0)), pd.DataFrame(index=range(200)), np.zeros((200, 2))]
)
def test_nothing_may_be_given(rng, z):
    x, y = rng.integers(0, 3, (2, 200))
    constant = conditional_independence_test(x, y, np.zeros(200, int))
    assert conditional_independence_test(x, y, z) == constant
    assert conditional_independence_test(x, y) == constant


def test_statistic_is_the_same_for_x_and_y_exchanged(rng):
    x, y, z = rng.integers(0, 4, (3, 300))
    one, other = conditional_independence_test(x, y, z), conditional_independence_test(y, x, z)
    assert one.statistic == pytest.approx(other.statistic, rel=1e-12)
    assert one.dof == other.dof


# The law of the draws


@pytest.mark.parametrize(
    ("x", "y", "z"),
    [
        ([0, 0, 1, 1, 0, 1, 1], [0, 1, 1, 1, 0, 0, 1], [0, 0, 0, 0, 1, 1, 1]),
        ([0, 1, 2, 0, 0, 1, 1], [0, 0, 1, 1, 0, 1, 1], [0, 0, 0, 0, 1, 1, 1]),
        ([0, 1, 2, 0, 1, 1], [0, 1, 2, 0, 1, 0], [0, 0, 0, 1, 1, 1]),
    ],
)
def test_draws_are_permutations_within_the_strata(x, y, z):
    x, y, z = map(np.array, (x, y, z))
    every = all_permutations(x, y, z)
    seen = conditional_mutual_information(x, y, z, discrete=True)
    exact = np.mean(every >= seen - 1e-12)
    m = 20_000
    found = conditional_independence_test(x, y, z, n_permutations=m, seed=3)
    b = round(found.pvalue * (m + 1)) - 1
    assert scipy.stats.binomtest(b, m, exact).pvalue > SURE
    auto = conditional_independence_test(x, y, z).pvalue
    assert auto == pytest.approx(exact, abs=0.03)


@numba.njit
def one_by_one(*args):
    strata.strata_one_by_one(None, *args)


@numba.njit
def one_by_one_of_any_size(*args):
    strata.strata_one_by_one(True, *args)


KERNELS = [strata.drawn_strata, strata.placed_strata, one_by_one, one_by_one_of_any_size]
each_kernel = pytest.mark.parametrize(
    "kernel", KERNELS, ids=["in step", "placed", "single", "large"]
)


@numba.njit
def sums_in_njit(draw, margins, scale, key, first, out):
    draw(margins[0], margins[1], margins[2], margins[3], scale, key, first, out)


def drawn(kernel, x_sizes, y_sizes, n, first=0, through=None):
    """Sums of drawn tables of strata with these margins."""
    margins = []
    for sizes in x_sizes, y_sizes:
        margins += [np.cumsum([0, *map(len, sizes)]), np.concatenate(sizes).astype(np.int64)]
    out = np.empty(n, np.int64)
    key = np.array([5, 7], np.uint64)
    if through is None:
        kernel(*margins, 2.0**20, key, first, out)
    else:
        through(kernel, tuple(margins), 2.0**20, key, first, out)
    return out / 2.0**20


def c_log_c(table):
    return float(sum(c * math.log(c) for c in np.ravel(table) if c))


@pytest.mark.slow
@each_kernel
@pytest.mark.parametrize(
    ("x_sizes", "y_sizes"),
    [
        ([[5, 3], [40, 70, 9]], [[2, 6], [50, 69]]),
        ([[300, 200]], [[100, 250, 150]]),
        ([[1, 1], [4000, 1, 900, 2]], [[1, 1], [3000, 1000, 903]]),
    ],
)
def test_kernels_have_the_law_of_random_tables(rng, kernel, x_sizes, y_sizes):
    expected = sum(
        np.array([c_log_c(t) for t in scipy.stats.random_table(x, y, seed=rng).rvs(4000)])
        for x, y in zip(x_sizes, y_sizes, strict=True)
    )
    found = drawn(kernel, x_sizes, y_sizes, 4000)
    # A distance of distributions, since sums of equal tables differ in rounding.
    assert scipy.stats.ks_2samp(found.round(4), expected.round(4)).pvalue > SURE


@pytest.mark.slow
@each_kernel
def test_kernels_in_njit_and_by_parts(kernel):
    margins = [[5, 3], [40, 70, 9], [4000, 5000]], [[2, 6], [50, 69], [2000, 7000]]
    whole = drawn(kernel, *margins, 300)
    assert np.unique(whole).size > 100
    for first, n in (0, 1), (30, 20), (127, 2), (130, 170):
        part = drawn(kernel, *margins, n, first)
        np.testing.assert_array_equal(part, whole[first : first + n])
    np.testing.assert_array_equal(drawn(kernel, *margins, 9, through=sums_in_njit), whole[:9])


@pytest.mark.parametrize(("many", "n_ways"), [(0, 3), (1024, 2)])
def test_strata_of_each_kind_are_drawn_together(many, n_ways, monkeypatch):
    """Few samples are placed, more are drawn in step, very many are drawn one by one."""
    monkeypatch.setattr("fastinfo._measures.strata._MANY_CELLS", many)
    x, y = [[1, 2], [300, 400], [10**8, 5]], [[2, 1], [350, 350], [10**8 + 1, 4]]
    sizes = [Margins(np.array([0, 2, 4, 6]), np.concatenate(own)) for own in (x, y)]
    strata = Strata(0.0, 100_000_708.0, 0, 3, 1.0, False, np.ones(1), *sizes, None)
    assert len(strata._ways) == n_ways
    np.testing.assert_array_equal(sum(own.astype(int) for _, own, _ in strata._ways), 1)
    key = np.array([5, 7], np.uint64)
    null = strata.draw(2000, key)
    expected = sum(
        np.array([c_log_c(t) for t in scipy.stats.random_table(a, b, seed=1).rvs(2000)])
        for a, b in zip(x[:2], y[:2], strict=True)
    )
    expected += np.array([c_log_c(t) for t in huge_tables(x[2], y[2], 2000)])
    found = null.sums / null.scale
    assert scipy.stats.ks_2samp(found.round(3), expected.round(3)).pvalue > SURE
    np.testing.assert_array_equal(strata.draw(2000, key).sums, null.sums)
    parts = [strata.draw(n, key, first).sums for first, n in ((0, 300), (300, 1700))]
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), null.sums)


def huge_tables(x, y, n):
    rng = np.random.default_rng(3)
    for k in rng.hypergeometric(x[1], x[0], y[1], n):
        yield [[x[0] - y[1] + k, y[1] - k], [x[1] - k, k]]


@pytest.mark.parametrize("levels", [(16, 16, 8), (5, 4, 100), (3, 9, 20)])
def test_moments_of_filled_strata_are_the_exact_ones(rng, levels):
    n = 100_000
    x, y, z = (Coded(rng.integers(0, k, n).astype(np.uint16), k) for k in levels)
    strata = Strata.of(Joint([Variable(c, c.n_levels) for c in (x, y, z)], None))
    mean, variance = strata.moments_of_filled
    assert abs(mean - strata.mean) < 0.01 * math.sqrt(strata.variance)
    assert variance == pytest.approx(strata.variance, rel=0.01)


def dependent(rng, kind, n, levels):
    """Labels of a chain, a fork or a collider; x and y are independent given z but in the last."""
    a, b, c = levels
    half = rng.random((2, n)) < 0.5
    if kind == "chain":
        x = rng.integers(0, a, n)
        z = np.where(half[0], x % c, rng.integers(0, c, n))
        y = np.where(half[1], z % b, rng.integers(0, b, n))
    elif kind == "fork":
        z = rng.integers(0, c, n)
        x = np.where(half[0], z % a, rng.integers(0, a, n))
        y = np.where(half[1], z % b, rng.integers(0, b, n))
    else:
        x, y = rng.integers(0, a, n), rng.integers(0, b, n)
        z = np.where(half[0], (x + y) % c, rng.integers(0, c, n))
    return x, y, z


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["chain", "fork"])
@pytest.mark.parametrize(
    ("n", "levels"), [(100, (3, 4, 3)), (300, (8, 8, 8)), (400, (20, 3, 20)), (3000, (3, 3, 4))]
)
def test_pvalues_are_uniform_under_the_null(rng, kind, n, levels):
    tests = [conditional_independence_test(*dependent(rng, kind, n, levels)) for _ in range(250)]
    assert scipy.stats.kstest([test.pvalue for test in tests], "uniform").pvalue > 1e-4


def test_a_collider_is_found(rng):
    x, y, z = dependent(rng, "collider", 2000, (3, 3, 3))
    assert fastinfo.permutation_test(x, y, seed=1).pvalue > 0.001
    assert conditional_independence_test(x, y, z).pvalue < SURE


def test_numbers_are_binned_and_groups_are_one_variable(rng):
    Z = rng.normal(size=(3000, 2))
    x, y = Z.sum(axis=1) + rng.normal(size=(2, 3000))
    one = conditional_independence_test(x, y, Z, bins=4)
    assert one == conditional_independence_test(x, y, pd.DataFrame(Z), bins=4)
    pair = np.column_stack([x, rng.integers(0, 3, 3000)])
    both = conditional_independence_test(pair, y, Z, bins=4)
    assert both.cmi > one.cmi
    assert both.dof > one.dof


# Options


def test_the_answer_depends_on_no_thread_and_no_call(rng):
    x, y, z = dependent(rng, "fork", 500, (4, 5, 30))
    found = []
    for threads in (1, 4):
        with fastinfo.num_threads(threads):
            auto = conditional_independence_test(x, y, z)
            drawn = conditional_independence_test(x, y, z, n_permutations=3000, seed=2)
            found.append((auto, drawn))
    assert found[0] == found[1]
    assert found[0][0] == conditional_independence_test(x, y, z, seed=99)
    assert found[0][1] != conditional_independence_test(x, y, z, n_permutations=3000, seed=3)


def test_weights_are_worth_so_many_samples(rng):
    x, y, z = rng.integers(0, 3, (3, 600))
    plain = conditional_independence_test(x, y, z, n_permutations=0)
    for weight in (1.0, 3.0, 1e-200):
        options = {"sample_weight": np.full(600, weight), "n_permutations": 0}
        weighted = conditional_independence_test(x, y, z, **options)
        assert weighted == pytest.approx(plain, rel=1e-11)
    w = rng.random(600)
    found = conditional_independence_test(x, y, z, sample_weight=w)
    n = w.sum() ** 2 / (w**2).sum()
    assert found.statistic == pytest.approx(2 * n * found.cmi, rel=1e-12)
    assert found.cmi == pytest.approx(
        conditional_mutual_information(x, y, z, sample_weight=w), rel=1e-12
    )
    with pytest.raises(ValueError, match="n_permutations must be 'auto' or 0 with sample_weight"):
        conditional_independence_test(x, y, z, sample_weight=w, n_permutations=9)


def test_missing_samples(rng):
    x, y, z = rng.normal(size=(3, 500))
    x[3] = z[8] = np.nan
    found = conditional_independence_test(x, y, z)
    assert [math.isnan(value) for value in found] == [True, True, False, True]
    kept = np.delete(np.arange(500), [3, 8])
    omitted = conditional_independence_test(x, y, z, nan_policy="omit")
    assert omitted == conditional_independence_test(x[kept], y[kept], z[kept])
    with pytest.raises(ValueError, match="contains nan values: x, y and z"):
        conditional_independence_test(x, y, z, nan_policy="raise")


def test_strata_that_tell_nothing_are_said(rng):
    x, y = rng.integers(0, 2, (2, 40))
    with pytest.warns(UserWarning, match=r"z has 40 values in 40 rows, and none of them"):
        found = conditional_independence_test(x, y, np.arange(40), discrete=True)
    assert found == (0.0, 1.0, 0, 0.0)
    z = np.concatenate([np.zeros(15, int), np.arange(1, 26)])
    with pytest.warns(
        UserWarning, match=r"z has 26 values in 40 rows: 25 of the rows have a value of z "
    ):
        conditional_independence_test(x, y, z, discrete=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        conditional_independence_test(x, y, rng.integers(0, 3, 40))


def test_strata_in_which_all_values_differ_are_said(rng):
    """As the years of a panel do, given the country."""
    year, country = np.tile(np.arange(12), 50), np.repeat(np.arange(50), 12)
    y = year // 3 + rng.integers(0, 2, 600)
    match = r"z has 50 values in 600 rows, and 600 of the rows differ in {} from all other rows"
    with pytest.warns(UserWarning, match=match.format("x")):
        found = conditional_independence_test(year, y, country, discrete=True)
    assert found.pvalue == 1.0
    with pytest.warns(UserWarning, match=match.format("y")):
        conditional_independence_test(y, year, country, discrete=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = conditional_independence_test(year // 3, y, country, discrete=True)
    assert found.pvalue < 1e-9


def test_tables_that_are_all_alike(rng):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = conditional_independence_test(np.arange(60), np.arange(60) % 7, np.arange(60) % 2)
    assert found.pvalue == 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_permutations": -1}, "n_permutations must be"),
        ({"n_permutations": "many"}, "n_permutations must be 'auto' or an integer"),
        ({"n_permutations": 1.5}, "n_permutations must be"),
        ({"seed": "x"}, "seed must be"),
        ({"base": -1}, "base. must be"),
        ({"nan_policy": "drop"}, "nan_policy must be"),
        ({"sample_weight": [1, 2]}, "sample_weight must"),
        ({"bins": 0}, "bins. must"),
    ],
)
def test_options_that_cannot_be(rng, options, message):
    x, y, z = rng.normal(size=(3, 50))
    with pytest.raises((TypeError, ValueError), match=message):
        conditional_independence_test(x, y, z, **options)


def test_lengths_and_empty_input():
    with pytest.raises(ValueError, match=r"x and z must have the same length, got 3 and 2"):
        conditional_independence_test([1, 2, 3], [1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="x must"):
        conditional_independence_test([], [], [])


def test_inputs_are_not_modified(rng):
    arrays = [rng.normal(size=300), rng.integers(0, 4, 300), rng.normal(size=(300, 2))]
    copies = [a.copy() for a in arrays]
    for a in arrays:
        a.flags.writeable = False
    conditional_independence_test(*arrays)
    for a, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(a, copy, strict=True)


@pytest.mark.slow
def test_strata_of_many_values_keep_the_occupied_cells(rng):
    """The same counts, whether all cells are kept or those that occur."""
    x, y = rng.integers(0, 50, (2, 4000))
    z = rng.integers(0, 300, 4000)
    found = conditional_independence_test(x, y, z, discrete=True)
    statistic, dof = g_by_strata(x, y, z)
    assert found.statistic == pytest.approx(statistic, rel=1e-11)
    assert found.dof == dof


# Without bins


@pytest.mark.parametrize("estimator", ["ksg", "mixed", "gaussian", "gaussian-copula"])
def test_estimators_without_bins(rng, estimator):
    z = rng.normal(size=(300, 2))
    x, y = z.sum(axis=1) + rng.normal(size=(2, 300))
    options = {"estimator": estimator, "base": 2}
    found = conditional_independence_test(x, y, z, seed=1, **options)
    assert found.cmi == conditional_mutual_information(x, y, z, **options)
    assert found.statistic == pytest.approx(600 * math.log(2) * found.cmi)
    assert found.pvalue > 0.01
    assert found.dof == (estimator in ("gaussian", "gaussian-copula"))
    related = conditional_independence_test(x, y + 2 * x, z, seed=1, **options)
    assert related.pvalue <= 0.005
    assert conditional_independence_test(x, y, seed=1, **options).pvalue <= 0.005
    drawn = conditional_independence_test(x, y, z, seed=1, n_permutations=99, **options)
    same = fastinfo.permutation_test(x, y, given=z, seed=1, n_permutations=99, **options)
    assert (drawn.cmi, drawn.pvalue) == (same.statistic, same.pvalue)
    with fastinfo.num_threads(1):
        assert conditional_independence_test(x, y, z, seed=1, **options) == found


def test_the_gaussian_law_is_uniform_and_that_of_the_partial_correlation(rng):
    pvalues = []
    for _ in range(300):
        z = rng.normal(size=(40, 2))
        x, y = z.sum(axis=1) + rng.normal(size=(2, 40))
        pvalues.append(conditional_independence_test(x, y, z, estimator="gaussian").pvalue)
    assert scipy.stats.kstest(pvalues, "uniform").pvalue > 1e-4
    z = np.column_stack([z, np.ones(40)])
    left = [a - z @ np.linalg.lstsq(z, a, rcond=None)[0] for a in (x, y)]
    r = np.corrcoef(*left)[0, 1]
    t = r * math.sqrt(36 / (1 - r * r))
    assert pvalues[-1] == pytest.approx(2 * scipy.stats.t.sf(abs(t), 36), abs=0.01)


def test_labels_among_neighbours(rng):
    z = rng.integers(0, 3, 400)
    x, y = z + rng.normal(size=(2, 400))
    options = {"estimator": "ksg", "seed": 1, "n_permutations": 99}
    assert conditional_independence_test(x, y, z, **options).pvalue > 0.01
    assert conditional_independence_test(x, y, **options).pvalue == 0.01


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": "ksg", "n_permutations": 0}, "n_permutations must be 'auto' or at least 1"),
        ({"estimator": "ksg", "bins": 3}, "bins must be left at 'mi' with estimator='ksg'"),
        ({"estimator": "ksg", "sample_weight": np.ones(50)}, "sample_weight must be left at None"),
        ({"estimator": "ksg2"}, "ksg2"),
        ({"estimator": "nearest"}, "estimator must be one of"),
        ({"n_neighbors": 5}, "n_neighbors must be left at 3 with estimator='histogram'"),
    ],
)
def test_options_that_do_not_go_with_an_estimator(rng, options, message):
    x, y, z = rng.normal(size=(3, 50))
    with pytest.raises(ValueError, match=message):
        conditional_independence_test(x, y, z, **options)


def test_missing_samples_without_bins(rng):
    x, y, z = rng.normal(size=(3, 100))
    z[4] = np.nan
    found = conditional_independence_test(x, y, z, estimator="gaussian")
    assert math.isnan(found.pvalue)
    omitted = conditional_independence_test(x, y, z, estimator="gaussian", nan_policy="omit")
    kept = np.arange(100) != 4
    assert omitted == conditional_independence_test(x[kept], y[kept], z[kept], estimator="gaussian")


# Bins of what is given


def test_bins_of_z_that_leave_something_are_told(rng):
    z = rng.normal(size=30_000)
    x, y = z + 0.5 * rng.normal(size=(2, 30_000))
    with pytest.warns(UserWarning, match=r"given 8 bins of z, and .* given 24: they may well be"):
        found = conditional_independence_test(x, y, z)
    assert found.pvalue < 0.001
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        conditional_independence_test(x, y, z, bins=(8, 8, 24))  # whoever gives bins knows
        conditional_independence_test(x, y + x, z)  # there is more than that
        conditional_independence_test(x, y, z.round(), discrete=(False, False, True))
        conditional_independence_test(x, y, z, estimator="gaussian")
