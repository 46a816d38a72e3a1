"""strongest_pairs: every pair against slow twins, and nothing that depends on how it was found."""

import itertools
import math
import pickle
import re

import numpy as np
import pandas as pd
import pytest
from helpers import close, plain, quiet, with_gaps
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from reference import benjamini_hochberg, selection

import fastinfo
from fastinfo import mutual_information_matrix, num_threads, permutation_test, strongest_pairs
from fastinfo._columns.pairs import chance_of_pairs, largest_statistics, strongest
from fastinfo._columns.pairs import panels as panels_of_columns
from fastinfo.kernels.information.expected import expected_of_margins
from fastinfo.kernels.information.pairs import bounds as pair_bounds
from fastinfo.pairwise import PairRanking, RankedPair

FIELDS = ["x", "y", "above_chance", "share", "pvalue", "adjusted_pvalue"]


def twins(names, columns):
    """All pairs of columns of codes, -1 where missing, as rows in the order of a ranking."""
    rows = []
    for i, j in itertools.combinations(range(len(columns)), 2):
        x, y = selection.complete(columns[i], columns[j])
        if not x.size:
            continue
        chance = selection.chance(x, y)
        above = selection.information(x, y) - chance
        smaller = min(selection.entropy(x), selection.entropy(y))
        share = above / (smaller - chance) if smaller - chance > 1e-9 * smaller else 0.0
        rows.append([i, j, above, share, selection.pvalue(x, y)])
    rows.sort(key=lambda row: (-round(row[2], 11), -round(row[3], 11), row[0], row[1]))
    adjusted = benjamini_hochberg([row[-1] for row in rows])
    return [
        RankedPair(names[i], names[j], *rest, q)
        for (i, j, *rest), q in zip(rows, adjusted, strict=True)
    ]


def assert_same(found, expected, rel=1e-9):
    """Rows are those of the twin, but for rounding."""
    assert found.names == [row[:2] for row in expected]
    for a, b in zip(found, expected, strict=True):
        assert a[2:] == close(b[2:], rel, 1e-11), (a, b)


def table_of(rng, n=400):
    """Columns of all kinds, their names and codes."""
    z = rng.normal(size=n)
    floats = np.stack([z, z + rng.normal(size=n), rng.normal(size=n), z + 2 * rng.normal(size=n)])
    gaps = with_gaps(z + 0.5 * rng.normal(size=n), rng, 0.3)
    few = rng.integers(0, 3, n) + (z > 0)
    wide = rng.integers(0, 300, n)
    words = np.array(["a", "b", "c"])[rng.integers(0, 3, n)]
    labels = {"few": few, "wide": np.char.add("label ", wide.astype(str)), "words": words}
    table = {f"f{i}": x for i, x in enumerate(floats)} | {"gaps": gaps} | labels
    codes = [selection.binned(x) for x in (*floats, gaps)]
    codes += [selection.labelled(x.tolist()) for x in (few, wide, words)]
    return table, list(table), codes


# Against the twin


@pytest.fixture(params=[True, False])
def by_table(request, monkeypatch):
    """Whether what chance would give is known of all pairs, or bounded."""
    monkeypatch.setattr(chance_of_pairs, "_is_worth", lambda *args: request.param)


@pytest.fixture(params=[16, 1024])
def panels(request, monkeypatch):
    """Few levels in a panel, so that there are many tiles; or the usual number."""
    monkeypatch.setattr(panels_of_columns, "_PANEL_LEVELS", request.param)
    monkeypatch.setattr(strongest, "_FIRST", 2)


@pytest.mark.usefixtures("by_table", "panels")
def test_all_pairs(rng, threads):
    table, names, codes = table_of(rng)
    assert_same(quiet(strongest_pairs, table, None), twins(names, codes))


@pytest.mark.slow
@pytest.mark.usefixtures("by_table", "panels")
@pytest.mark.parametrize("k", [1, 2, 5, 27, 28, 100])
def test_the_strongest_of_all(k, rng):
    table, names, codes = table_of(rng)
    expected = twins(names, codes)
    found = quiet(strongest_pairs, table, k)
    assert found.names == [row[:2] for row in expected[:k]]
    assert found.n_pairs == len(expected) == 28
    for a, b in zip(found, expected, strict=False):
        assert a[2:5] == close(b[2:5], 1e-9, 1e-11)
        assert a.adjusted_pvalue >= b.adjusted_pvalue * (1 - 1e-9)


@pytest.mark.slow
@pytest.mark.usefixtures("by_table", "panels")
def test_many_tiles_give_the_same_bits(rng):
    X = rng.integers(0, rng.integers(2, 12, 60), (300, 60))
    X[:, 30:] = np.where(rng.random((300, 30)) < 0.1, X[:, :30], X[:, 30:])
    with num_threads(1):
        expected = plain(strongest_pairs(X, 40))
    with num_threads(7):
        assert plain(strongest_pairs(X, 40)) == expected
    matrix = np.array(quiet(mutual_information_matrix, X, correction="chance"))
    best = np.sort(matrix[np.triu_indices(60, 1)])[::-1][:40]
    assert [row[2] for row in expected] == close(best, 1e-10, 1e-12)


def test_units(rng):
    X = rng.normal(size=(300, 5))
    nats, bits = strongest_pairs(X), strongest_pairs(X, base=2)
    assert [row.above_chance for row in bits] == close(
        [row.above_chance / math.log(2) for row in nats]
    )
    assert [row[3:] for row in bits] == [row[3:] for row in nats]
    assert "bits" in repr(bits)


def test_equal_pairs_come_in_the_order_of_the_columns():
    x = np.arange(240)
    X = np.column_stack([x % 2, x // 2 % 2, x // 4 % 2, x // 8 % 2])
    found = strongest_pairs(X, None)
    assert found.names == [(f"x{i}", f"x{j}") for i, j in itertools.combinations(range(4), 2)]
    assert len({row.above_chance for row in found}) == 1
    assert strongest_pairs(X, 2).names == found.names[:2]


# What chance would give


@pytest.mark.slow
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=8),
    st.lists(st.integers(0, 30), min_size=1, max_size=8),
)
def test_the_bound_is_below_the_mean(x, y):
    n = min(sum(x), sum(y))
    if n < 1:
        return
    sides = []
    for counts in (x, y):  # so that both have the same sum
        left, own = n, []
        for c in counts:
            own.append(float(min(c, left)))
            left -= int(own[-1])
        sides.append(np.array(own))
    bound = pair_bounds.least_chance(
        *pair_bounds.third_order(sides[0], float(n)),
        *pair_bounds.third_order(sides[1], float(n)),
        float(n),
    )
    mean = expected_of_margins(*sides, float(n), np.empty((4, 8)))
    assert bound >= 0.0
    if not math.isnan(mean):
        assert bound <= mean + 1e-12


def test_the_bound_is_close_for_filled_tables():
    sizes = np.full(8, 625.0)
    orders = pair_bounds.third_order(sizes, 5000.0)
    mean = expected_of_margins(sizes, sizes, 5000.0, np.empty((4, 8)))
    assert 0.99 * mean < pair_bounds.least_chance(*orders, *orders, 5000.0) < mean


@njit
def bounds_in_a_users_function(x_sizes, y_sizes, n):
    return pair_bounds.least_chance(
        *pair_bounds.third_order(x_sizes, n), *pair_bounds.third_order(y_sizes, n), n
    )


def test_the_bound_in_a_users_function():
    a, b = np.array([3.0, 0.0, 7.0]), np.array([5.0, 5.0])
    found = bounds_in_a_users_function(a, b, 10.0)
    s = sum((10 - c) * (10 - 2 * c) / c for c in (3, 7))
    assert found == close(1 / 18 - s * 0 / (6 * 10 * 10 * 9 * 8))
    assert bounds_in_a_users_function(a, a, 10.0) == close(1 / 18 - s * s / (6 * 100 * 9 * 8))


@pytest.mark.parametrize("levels", [2, 5, 40])
def test_a_table_of_sizes_gives_what_each_pair_gives(levels, rng, monkeypatch):
    X = rng.integers(0, levels, (200, 12))
    X[:, 3] = 1
    X = np.column_stack([X, np.arange(200) % 100, np.arange(200)])
    Y = rng.integers(0, 3, (200, 4))
    found = []
    for worth in (True, False):
        monkeypatch.setattr(chance_of_pairs, "_is_worth", lambda *args, worth=worth: worth)
        for other in (None, Y):
            options = {"correction": "chance", "discrete": True}
            found.append(np.array(quiet(mutual_information_matrix, X, other, **options)))
    np.testing.assert_allclose(found[0], found[2], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(found[1], found[3], rtol=1e-11, atol=1e-13)
    assert (found[0][13, :13] == 0).all()  # all tables of an identifier have the same information


def test_a_table_of_sizes_is_used_for_many_columns_of_few_rows(rng, monkeypatch):
    used = []
    tabulate = chance_of_pairs.ChanceOfPairs._tabulate
    monkeypatch.setattr(
        chance_of_pairs.ChanceOfPairs,
        "_tabulate",
        lambda self, *args: used.append(1) or tabulate(self, *args),
    )
    strongest_pairs(rng.integers(0, 8, (300, 200)), 1)
    assert used == [1]
    strongest_pairs(rng.integers(0, 2, (100_000, 3)), 1)
    assert used == [1]


def test_too_many_sizes_for_a_table(rng, monkeypatch):
    monkeypatch.setattr(chance_of_pairs, "_MOST_CELLS", 10)
    X = rng.integers(0, 8, (300, 200))
    found = plain(strongest_pairs(X, 5))
    monkeypatch.undo()
    expected = plain(strongest_pairs(X, 5))
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert [row[2:] for row in found] == [close(row[2:], 1e-10) for row in expected]


# A threshold


@pytest.mark.usefixtures("by_table", "panels")
def test_a_threshold_finds_all_that_reach_it(rng):
    table, names, codes = table_of(rng)
    expected = twins(names, codes)
    for least in (expected[0].above_chance + 1e-6, expected[4].above_chance, 0.0, -1.0):
        found = quiet(strongest_pairs, table, threshold=least - 1e-10)
        assert found.names == [row[:2] for row in expected if row.above_chance >= least - 1e-10]


def test_a_threshold_is_in_units_of_the_base(rng):
    X = rng.normal(size=(300, 6))
    values = [row.above_chance for row in strongest_pairs(X, None, base=2)]
    assert len(strongest_pairs(X, threshold=values[3] - 1e-9, base=2)) == 4
    assert len(strongest_pairs(X, threshold=values[3], base=2)) == 4


def test_a_threshold_with_a_number(rng):
    X = rng.normal(size=(300, 9))
    assert len(strongest_pairs(X, threshold=-1)) == 36
    assert len(strongest_pairs(X, None, threshold=-1)) == 36
    assert len(strongest_pairs(X, 5, threshold=-1)) == 5
    assert len(strongest_pairs(X)) == 20
    assert len(strongest_pairs(X, threshold=5.0)) == 0


@pytest.mark.usefixtures("panels")
def test_more_pairs_than_are_listed(rng, monkeypatch):
    monkeypatch.setattr("fastinfo.pairwise.strongest._MOST_ROWS", 10)
    X = rng.normal(size=(300, 9))
    with pytest.raises(ValueError, match=r"threshold=-1 is reached by about 36 of 36 pairs, more"):
        strongest_pairs(X, threshold=-1)
    assert len(strongest_pairs(X, 15, threshold=-1)) == 15
    assert len(strongest_pairs(X, threshold=strongest_pairs(X)[9].above_chance)) == 10


@pytest.mark.parametrize("threshold", [math.nan, math.inf, -math.inf, "a", 1j, [0.1], True + 0j])
def test_thresholds_that_are_none(threshold, rng):
    with pytest.raises((TypeError, ValueError), match="threshold must be a"):
        strongest_pairs(rng.normal(size=(30, 3)), threshold=threshold)


# Missing samples, odd columns


def test_missing_samples(rng):
    X = with_gaps(rng.normal(size=(300, 5)), rng, 0.2)
    X[:, 4] = rng.normal(size=300)
    X[:, 3] = rng.normal(size=300)
    codes = [selection.binned(x) for x in X.T]
    names = [f"x{i}" for i in range(5)]
    assert_same(strongest_pairs(X, None), twins(names, codes))
    assert strongest_pairs(X, None, nan_policy="propagate").names == [("x3", "x4")]
    with pytest.raises(ValueError, match="x0 must have no missing samples"):
        strongest_pairs(X, nan_policy="raise")
    as_level = [np.where(c < 0, c.max() + 1, c) for c in codes]
    assert_same(strongest_pairs(X, None, missing="category"), twins(names, as_level))


def test_pairs_without_a_complete_row_are_none(rng):
    X = rng.normal(size=(100, 3))
    X[:50, 0] = X[50:, 1] = np.nan
    found = strongest_pairs(X)
    assert sorted(found.names) == [("x0", "x2"), ("x1", "x2")]
    assert found.n_pairs == 2


def test_columns_that_say_nothing_are_named():
    X = pd.DataFrame({"a": [1, 2] * 60, "one": 1, "id": [f"k{i}" for i in range(120)]})
    with pytest.warns(UserWarning, match=r"constant \(information 0\): one; nearly unique .*: id"):
        found = strongest_pairs(X)
    assert [row.above_chance for row in found] == [0.0, 0.0, 0.0]
    assert [row.pvalue for row in found] == [1.0, 1.0, 1.0]


def test_copies_are_named(rng):
    a = rng.integers(0, 4, 200)
    table = {"a": a, "b": 3 - a, "c": a // 2, "d": rng.integers(0, 4, 200)}
    words = re.escape(
        "1 of the pairs are copies: each value of one column always occurs with the same value of "
        "the other: a = b"
    )
    with pytest.warns(UserWarning, match=words):
        found = strongest_pairs(table, None)
    assert found.copies == [("a", "b")]
    assert found[0].share == close(1.0)
    assert [found["a", "c"].share, found["b", "c"].share] == close([1.0, 1.0])
    assert "copies: 1" in repr(found)
    assert found[1:].copies == []


def test_no_copy_where_a_sample_is_missing_in_one(rng):
    a = rng.integers(0, 4, 200).astype(float)
    b = a.copy()
    b[3] = np.nan
    assert strongest_pairs({"a": a, "b": b}, discrete=True).copies == []


def test_columns_that_cannot_be_read_are_left_out(rng):
    table = pd.DataFrame({"a": rng.normal(size=50), "b": rng.normal(size=50)})
    table["odd"] = np.ones(50, complex)
    with pytest.warns(UserWarning, match="can't be read are left out: odd"):
        assert strongest_pairs(table).names == [("a", "b")]


def test_fewer_than_two_columns(rng):
    with pytest.raises(ValueError, match="X must have at least two columns, got 1"):
        strongest_pairs(rng.normal(size=(30, 1)))


# p-values


@pytest.mark.parametrize("m", [0, 19])
def test_other_pvalues(m, rng):
    X = rng.normal(size=(200, 4))
    found = strongest_pairs(X, None, n_permutations=m, seed=3)
    for row in found:
        x, y = (selection.binned(X[:, int(name[1:])]) for name in row[:2])
        if m:
            assert row.pvalue * 20 == close(round(row.pvalue * 20))
            null = permutation_test(x, y, n_permutations=m, discrete=True, seed=1)
            assert abs(row.pvalue - null.pvalue) < 0.45
        else:
            expected = fastinfo.JointCounts.from_labels(x, y).independence_test()
            assert row.pvalue == close(expected.pvalue, 1e-10)
    assert plain(found) == plain(strongest_pairs(X, None, n_permutations=m, seed=3))


def test_adjusted_by_the_largest_statistic(rng):
    X = rng.integers(0, 4, (300, 8))
    X[:, 5] = np.where(rng.random(300) < 0.5, X[:, 2], X[:, 5])
    options = {"n_permutations": 39, "adjustment": "max-statistic"}
    found = strongest_pairs(X, None, seed=1, **options)
    assert found.names[0] == ("x2", "x5")
    assert found[0].adjusted_pvalue == 1 / 40
    assert sum(row.adjusted_pvalue <= 0.05 for row in found) <= 2
    with num_threads(5):
        assert plain(strongest_pairs(X, None, seed=1, **options)) == plain(found)
    assert plain(strongest_pairs(X, 3, seed=1, **options)) == plain(found[:3])


@pytest.mark.slow
def test_few_false_discoveries_by_the_largest_statistic():
    false = 0
    for number in range(100):
        rng = np.random.default_rng([7, number])
        levels = rng.integers(2, 7, 6)
        X = with_gaps(rng.integers(0, levels, (60, 6)), rng, 0.1 * (number % 2))
        options = {"n_permutations": 19, "adjustment": "max-statistic", "discrete": True}
        found = quiet(strongest_pairs, X, None, seed=1000 + number, **options)
        false += min(row.adjusted_pvalue for row in found) <= 0.05
    assert 0 < false <= 12  # 5 of 100 are expected


def test_permuted_columns_keep_their_levels(rng):
    table, _, _ = table_of(rng)
    matrix = quiet(strongest_matrix, table)
    key = np.array([1, 2], np.uint64)
    permuted = largest_statistics._permuted(matrix, key, 3)
    for i in range(matrix.n_columns):
        a, b = matrix.column(i).codes, permuted.column(i).codes
        assert sorted(a.tolist()) == sorted(b.tolist())
        assert (a != b).any()
    orders = {permuted.column(i).codes[:20].tobytes() for i in range(matrix.n_columns)}
    assert len(orders) == matrix.n_columns


def strongest_matrix(table):
    from fastinfo._bins.options import Binning
    from fastinfo.pairwise.coded_tables import code_table

    return code_table(table, Binning())


def test_statistics_are_about_normal(rng):
    rows = rng.chisquare([[1], [4], [49], [400]], (4, 20_000))
    found = largest_statistics.statistics_of(rows / 2 / 100, 100.0, [[1], [4], [49], [400]])
    assert np.abs(found.mean(axis=1)).max() < 0.05
    assert np.abs(found.std(axis=1) - 1).max() < 0.09
    assert largest_statistics.statistics_of(0.3, 10.0, 0.0) == -math.inf


def test_the_largest_statistic_needs_permutations(rng):
    X = rng.normal(size=(30, 3))
    for m in ("auto", 0):
        with pytest.raises(ValueError, match="needs n_permutations of at least 1"):
            strongest_pairs(X, adjustment="max-statistic", n_permutations=m)


def test_progress(rng):
    calls = []
    options = {"n_permutations": 3, "adjustment": "max-statistic", "seed": 0}
    strongest_pairs(rng.normal(size=(50, 5)), progress=lambda *args: calls.append(args), **options)
    assert calls[-1] == (60, 60)
    assert calls == sorted(calls)


# What people get


def test_a_ranking_of_pairs(rng):
    table, _, _ = table_of(rng)
    found = quiet(strongest_pairs, table, 5)
    assert len(quiet(strongest_pairs, table, None).significant()) < 28
    assert isinstance(found, PairRanking)
    assert len(found) == 5
    assert list(found.to_dict()) == FIELDS == list(found.to_pandas().columns)
    assert found.to_polars().shape == (5, 6)
    assert found["f1", "f0"] == found["f0", "f1"]
    assert found[0] in found
    with pytest.raises(KeyError, match="there is no pair"):
        found["f0", "no"]
    assert plain(pickle.loads(pickle.dumps(found))) == plain(found)
    assert f"[5 of 28 pairs, {len(found.significant())} significant; 400 rows; nats]" in repr(found)
    assert found._repr_html_().count("<tr>") == 6
    assert found.to_text().count("\n") == 5
    assert found.names == [row[:2] for row in found.rows]


def test_input_is_not_modified(rng):
    X = with_gaps(rng.normal(size=(100, 4)), rng)
    before = X.copy()
    strongest_pairs(X)
    np.testing.assert_array_equal(X, before)
