"""chow_liu_tree: the weights and edges of SciPy's spanning trees, and of trees that are known."""

import math

import numpy as np
import pandas as pd
import pytest
from helpers import close, plain, quiet, with_gaps
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from fastinfo import chow_liu_tree, mutual_information_matrix, num_threads
from fastinfo._columns.pairs import chance_of_pairs, spanning_tree
from fastinfo._columns.pairs import panels as panels_of_columns
from fastinfo.kernels.information.pairs import graphs as kernels
from fastinfo.pairwise import PairInformation, Pairs

NAN = math.nan


def by_kruskal(weights):
    """Edges of the largest tree, in order; of equal ones the first in the order of columns."""
    f = len(weights)
    edges = sorted(
        (-round(float(weights[i, j]), 12), i, j)
        for i in range(f)
        for j in range(i + 1, f)
        if weights[i, j] == weights[i, j]
    )
    group, found = list(range(f)), []
    for _, i, j in edges:
        if group[i] != group[j]:
            found.append((i, j))
            group = [group[i] if g == group[j] else g for g in group]
    return found


def table_of(rng, n=300):
    z = rng.normal(size=n)
    X = z[:, None] * rng.normal(size=9) + rng.normal(size=(n, 9))
    wide = np.char.add("w", rng.integers(0, 290, n).astype(str))
    table = {f"f{i}": x for i, x in enumerate(X.T)}
    table["f3"] = with_gaps(table["f3"], rng, 0.3)
    table["one"] = np.ones(n)
    table["b"], table["l"] = z > 0, rng.integers(0, 9, n) + (z > 1)
    return table | {"wide": wide, "wider": np.char.add("v", np.arange(n).astype(str))}


@pytest.fixture(params=[8, 1024])
def panels(request, monkeypatch):
    """Few levels in a panel, so that there are many tiles, and edges are joined often; or not."""
    monkeypatch.setattr(panels_of_columns, "_PANEL_LEVELS", request.param)
    monkeypatch.setattr(spanning_tree, "_WAITING", request.param)


@pytest.fixture(params=[True, False])
def by_table(request, monkeypatch):
    """Whether what chance would give is known of all pairs, or bounded."""
    monkeypatch.setattr(chance_of_pairs, "_is_worth", lambda *args: request.param)


@pytest.mark.slow
@pytest.mark.usefixtures("panels", "by_table")
@pytest.mark.parametrize("correction", ["chance", None, "miller-madow"])
def test_the_tree_of_all_pairs(correction, rng, threads):
    table = table_of(rng)
    names = list(table)
    matrix = np.array(quiet(mutual_information_matrix, table, correction=correction))
    tree = quiet(chow_liu_tree, table, correction=correction)
    expected = by_kruskal(matrix)
    assert len(tree) == len(names) - 1
    assert [(row.x, row.y) for row in tree] == [(names[i], names[j]) for i, j in expected]
    assert [row.information for row in tree] == close([matrix[i, j] for i, j in expected], 1e-10)


@pytest.mark.slow
@pytest.mark.usefixtures("panels")
@pytest.mark.parametrize("levels", [2, 8])
def test_the_weight_of_scipy(levels, rng):
    X = rng.integers(0, levels, (200, 70))
    matrix = np.array(quiet(mutual_information_matrix, X))
    weight = -minimum_spanning_tree(-np.triu(matrix + 1, 1)).sum() - 69
    tree = chow_liu_tree(X, correction=None)
    assert math.fsum(row.information for row in tree) == close(weight, 1e-10)


def test_many_columns_and_threads(rng):
    X = rng.integers(0, rng.integers(2, 12, 300), (150, 300))
    with num_threads(1):
        expected = plain(chow_liu_tree(X))
    with num_threads(7):
        assert plain(chow_liu_tree(X)) == expected
    matrix = np.array(quiet(mutual_information_matrix, X, correction="chance"))
    assert [row[:2] for row in expected] == [(f"x{i}", f"x{j}") for i, j in by_kruskal(matrix)]


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.1])
def test_few_pairs_are_measured_where_bounds_tell(share, rng, monkeypatch):
    monkeypatch.setattr(chance_of_pairs, "_is_worth", lambda *args: False)
    monkeypatch.setattr(spanning_tree, "_WAITING", 1)
    X = with_gaps(rng.integers(0, rng.integers(2, 12, 200), (300, 200)), rng, share)
    measured = []
    measure = spanning_tree.PairsOfTile.measured
    monkeypatch.setattr(
        spanning_tree.PairsOfTile,
        "measured",
        lambda self, places: measured.append(places.size) or measure(self, places),
    )
    tree = chow_liu_tree(X, discrete=True)
    assert sum(measured) < 5000  # of 19,900
    matrix = quiet(mutual_information_matrix, X, discrete=True, correction="chance")
    expected = by_kruskal(np.array(matrix))
    assert [row[:2] for row in tree] == [(f"x{i}", f"x{j}") for i, j in expected]
    assert [row[2] for row in tree] == close([matrix[i, j] for i, j in expected], 1e-10, 1e-13)


def test_a_chain_is_found(rng):
    columns = [rng.integers(0, 4, 3000)]
    for _ in range(9):
        changed = rng.random(3000) < 0.3
        columns.append(np.where(changed, rng.integers(0, 4, 3000), columns[-1]))
    order = rng.permutation(10)
    table = {str(i): columns[i] for i in order}
    edges = {frozenset(row[:2]) for row in chow_liu_tree(table)}
    assert edges == {frozenset((str(i), str(i + 1))) for i in range(9)}


def test_levels_alone_join_nothing(rng):
    a = rng.integers(0, 3, 400)
    table = {"id": [f"k{i}" for i in range(400)], "a": a}
    table |= {
        f"c{i}": np.where(rng.random(400) < 0.3, rng.integers(0, 3, 400), a) for i in range(4)
    }
    joined = [row[:2] for row in quiet(chow_liu_tree, table) if row.information > 0]
    assert sorted(joined) == [("a", f"c{i}") for i in range(4)]
    joined = [row[:2] for row in quiet(chow_liu_tree, table, correction=None)]
    assert all("id" in pair for pair in joined)  # what the paper takes


@given(st.integers(1, 25), st.floats(0, 1), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_forests_of_any_weights(f, missing, digits, seed):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(f, f)).round(digits)  # some are equal
    weights[rng.random((f, f)) < missing] = NAN
    places = np.arange(f)
    found = spanning_tree.forest_of(weights, places, places, True, f)
    expected = by_kruskal(weights)
    assert sorted(zip(found.x.tolist(), found.y.tolist(), strict=True)) == sorted(expected)
    assert found.weights.tolist() == [weights[i, j] for i, j in zip(found.x, found.y, strict=True)]
    known = np.triu(~np.isnan(weights), 1)
    assert found.x.size == f - connected_components(known)[0]


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_forests_between_two_sets(f, g, digits, seed):
    rng = np.random.default_rng(seed)
    n = f + g + 3
    rows, columns = np.split(rng.permutation(n)[: f + g], [f])
    weights = rng.normal(size=(f, g)).round(digits)
    weights[rng.random((f, g)) < 0.2] = NAN
    whole = np.full((n, n), NAN)
    for i, x in enumerate(rows):
        for j, y in enumerate(columns):
            whole[min(x, y), max(x, y)] = weights[i, j]
    found = spanning_tree.forest_of(weights, rows, columns, False, n)
    assert sorted(zip(found.x.tolist(), found.y.tolist(), strict=True)) == sorted(by_kruskal(whole))
    assert found.weights.tolist() == [whole[i, j] for i, j in zip(found.x, found.y, strict=True)]


@njit
def forest_in_a_users_function(weights, places, first, second, parents, kept):
    found = kernels.dense_forest(weights, places, places, True, places.size, first, second)
    kernels.keep_forest(first[:found], second[:found], parents, kept)
    return found


@pytest.mark.slow
def test_in_a_users_function(rng):
    weights, places = rng.normal(size=(9, 9)), np.arange(9)
    first, second = np.empty((2, 9), np.int64)
    kept = np.zeros(8, np.bool_)
    assert forest_in_a_users_function(weights, places, first, second, np.arange(9), kept) == 8
    assert kept.all()


def test_of_a_matrix_that_is_known(rng):
    table = table_of(rng)
    matrix = quiet(mutual_information_matrix, table, correction="chance", base=2)
    found = chow_liu_tree(matrix)
    expected = quiet(chow_liu_tree, table, base=2)
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert [row[2] for row in found] == close([row[2] for row in expected])
    for options in ({"base": 2}, {"bins": np.arange(3.0)}, {"correction": None}):
        with pytest.raises(ValueError, match="X must be a table where options are given"):
            chow_liu_tree(matrix, **options)
    with pytest.raises(ValueError, match="X must be the InformationMatrix of one table"):
        chow_liu_tree(mutual_information_matrix(*rng.normal(size=(2, 50, 3))))


def test_columns_without_complete_rows(rng):
    X = rng.normal(size=(100, 4))
    X[:50, :2] = X[50:, 2:] = NAN
    assert {row[:2] for row in chow_liu_tree(X)} == {("x0", "x1"), ("x2", "x3")}
    X[:, 1] = rng.normal(size=100)
    X[:, 3] = rng.normal(size=100)
    assert [row[:2] for row in chow_liu_tree(X, nan_policy="propagate")] == [("x1", "x3")]
    with pytest.raises(ValueError, match="no missing samples"):
        chow_liu_tree(X, nan_policy="raise")
    assert len(chow_liu_tree(X, missing="category")) == 3


def test_what_people_get(rng):
    frame = pd.DataFrame(rng.normal(size=(200, 4)), columns=list("abcd"))
    tree = chow_liu_tree(frame, base=2)
    assert isinstance(tree, Pairs)
    assert isinstance(tree[0], PairInformation)
    assert [row.information for row in tree] == sorted((r[2] for r in tree), reverse=True)
    assert "[3 pairs; information in bits above chance]" in repr(tree)
    assert "in nats, correction miller-madow" in repr(
        chow_liu_tree(frame, correction="miller-madow")
    )
    assert "in nats]" in repr(chow_liu_tree(frame, correction=None))
    assert list(tree.to_pandas().columns) == ["x", "y", "information"]
    assert len(chow_liu_tree(frame[["a"]])) == 0
    calls = []
    chow_liu_tree(frame, progress=lambda *args: calls.append(args))
    assert calls[-1] == (10, 10)


def test_constants_are_named(rng):
    X = np.column_stack([rng.normal(size=(200, 2)), np.ones(200)])
    with pytest.warns(UserWarning, match=r"constant \(information 0\): x2"):
        tree = chow_liu_tree(X)
    assert sum("x2" in row[:2] for row in tree) >= 1
