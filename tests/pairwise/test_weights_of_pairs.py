"""sample_weight in the matrix, the strongest pairs and the tree: as in mutual_information."""

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import fastinfo
from fastinfo import (
    chow_liu_tree,
    mutual_information,
    mutual_information_matrix,
    num_threads,
    strongest_pairs,
)
from fastinfo._columns.pairs import panels

OPTIONS = {"nan_policy": "omit", "discrete": True}


@pytest.fixture
def labels(rng):
    """Labels with gaps in some columns, one of many levels, and copies with another order."""
    n = 1200
    a = rng.integers(0, 3, n)
    b = (a + (rng.random(n) < 0.4)) % 3
    table = pd.DataFrame({"a": a, "b": b, "c": rng.integers(0, 5, n), "d": 4 - a})
    table["gaps"] = np.where(rng.random(n) < 0.2, None, (b + rng.integers(0, 2, n)).astype(object))
    table["more"] = np.where(rng.random(n) < 0.1, None, rng.integers(0, 4, n).astype(object))
    table["wide"] = rng.integers(0, 250, n).astype(str)
    return table


def weights_of(rng, n):
    return rng.gamma(2.0, 2.0, n)


@pytest.mark.slow
@pytest.mark.parametrize("levels", [8, 1024])
@pytest.mark.parametrize("correction", [None, "chance", "miller-madow", "shrinkage", 0.5, "nsb"])
def test_entries_are_those_of_mutual_information(labels, correction, levels, rng, monkeypatch):
    monkeypatch.setattr(panels, "_PANEL_LEVELS", levels)
    w = weights_of(rng, len(labels))
    for normalized in (None, "joint"):
        options = {"correction": correction, "normalized": normalized, "sample_weight": w}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = mutual_information_matrix(labels, discrete=True, **options)
            for p, q in itertools.combinations(labels, 2):
                wanted = mutual_information(labels[p], labels[q], **options, **OPTIONS)
                assert found[p, q] == pytest.approx(wanted, rel=1e-11, abs=1e-13)
                assert found[q, p] == found[p, q]
        own = None if correction == "chance" else correction
        if normalized is None:
            h = fastinfo.entropy_of_samples(
                labels["a"], discrete=True, correction=own, sample_weight=w
            )
            assert found["a", "a"] == pytest.approx(h, rel=1e-12)
        else:
            assert found["a", "a"] == 1.0


def test_two_tables_and_weights_by_name(labels, rng):
    w = weights_of(rng, len(labels))
    some = labels[["a", "b", "gaps"]]
    wanted = mutual_information_matrix(some, labels[["c"]], sample_weight=w)
    named = some.assign(w=w)
    found = mutual_information_matrix(named, labels[["c"]], sample_weight="w")
    assert found.shape == (3, 1)
    np.testing.assert_array_equal(found, wanted)
    whole = mutual_information_matrix(labels.drop(columns="wide"), sample_weight=w)
    assert found["a", "c"] == pytest.approx(whole["a", "c"], rel=1e-12)


@pytest.mark.parametrize("scale", [1e-250, 1.0, 1e200])
def test_no_result_depends_on_the_scale(labels, scale, rng):
    w, some = weights_of(rng, len(labels)), labels.drop(columns="wide")
    for correction in (None, "chance", "miller-madow"):
        options = {"correction": correction}
        found = mutual_information_matrix(some, sample_weight=scale * w, **options)
        wanted = mutual_information_matrix(some, sample_weight=w, **options)
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-15)


@pytest.mark.slow
def test_equal_weights_are_none_and_rows_without_weight_do_not_count(labels):
    some = labels.drop(columns="wide")
    for correction in ("jackknife", "chance", None):
        options = {"correction": correction, "bins": 4}
        wanted = mutual_information_matrix(some, **options)
        equal = mutual_information_matrix(some, sample_weight=np.full(1200, 0.3), **options)
        np.testing.assert_array_equal(equal, wanted)
        half = np.repeat([0.7, 0.0], 600)
        part = mutual_information_matrix(some[:600], **options)
        np.testing.assert_allclose(
            mutual_information_matrix(some, sample_weight=half, **options), part, atol=1e-13
        )
    some = some.drop(columns="d")
    pairs = strongest_pairs(some, sample_weight=np.full(1200, 3.0))
    assert pairs.rows == strongest_pairs(some).rows


def test_corrections_of_whole_counts_refuse_weights(labels, rng):
    with pytest.raises(ValueError, match="whole counts of samples, got weights"):
        mutual_information_matrix(
            labels[["a", "b"]], correction="zhang", sample_weight=weights_of(rng, len(labels))
        )


@pytest.mark.parametrize("threads", [1, 2])
def test_strongest_pairs_and_tree(labels, threads, rng, monkeypatch):
    monkeypatch.setattr(panels, "_PANEL_LEVELS", 8)
    some = labels.drop(columns=["wide", "d"])
    w = weights_of(rng, len(labels))
    with num_threads(threads):
        pairs = strongest_pairs(some, None, sample_weight=w)
        tree = chow_liu_tree(some, sample_weight=w)
    above = {}
    for x, y in itertools.combinations(some, 2):
        options = {"sample_weight": w, **OPTIONS}
        above[x, y] = mutual_information(some[x], some[y], correction="chance", **options)
    assert len(pairs) == len(above)
    assert [(row.x, row.y) for row in pairs] == sorted(above, key=lambda pair: -above[pair])
    for row in pairs:
        assert row.above_chance == pytest.approx(above[row.x, row.y], rel=1e-9, abs=1e-12)
        known = some[[row.x, row.y]].notna().all(axis=1)
        own = w[known]
        n = own.sum() ** 2 / (own**2).sum()
        dof = np.prod(some.loc[known, [row.x, row.y]].nunique() - 1)
        mi = row.above_chance + dof / (2 * n)
        assert row.pvalue == pytest.approx(scipy.stats.chi2.sf(2 * n * mi, dof), rel=1e-7)
    parts, wanted = {name: {name} for name in some}, []
    for x, y in sorted(above, key=lambda pair: -above[pair]):
        if parts[x] is not parts[y]:
            wanted.append((x, y))
            joined = parts[x] | parts[y]
            parts |= dict.fromkeys(joined, joined)
    assert [(edge.x, edge.y) for edge in tree] == wanted


def test_pairs_of_many_levels_and_copies(labels, rng):
    w = weights_of(rng, len(labels))
    with pytest.warns(UserWarning, match=r"copies: each value.*: a = d"):
        pairs = strongest_pairs(labels[["a", "d", "wide"]], sample_weight=w)
    assert (pairs[0].x, pairs[0].y) == ("a", "d")
    (wide,) = [row for row in pairs if (row.x, row.y) == ("a", "wide")]
    options = {"sample_weight": w, "correction": "chance", **OPTIONS}
    wanted = mutual_information(labels["a"], labels["wide"], **options)
    assert wide.above_chance == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    assert 0.001 < wide.pvalue < 1.0  # of the permuted rows
    tree = chow_liu_tree(labels[["a", "d", "wide"]], sample_weight=w)
    assert (tree[0].x, tree[0].y) == ("a", "d")


def test_data_in_parts(labels, rng, tmp_path):
    import fastinfo.streaming

    some = labels.drop(columns=["wide", "d"]).assign(w=weights_of(rng, len(labels)))
    path = tmp_path / "some.parquet"
    some.to_parquet(path, row_group_size=500)
    source = fastinfo.streaming.open_files(path)
    wanted = strongest_pairs(some.drop(columns="w"), sample_weight=some["w"])
    for w in ("w", some["w"]):
        columns = source if isinstance(w, str) else some.drop(columns="w")
        assert strongest_pairs(columns, sample_weight=w).rows == wanted.rows
    assert (
        chow_liu_tree(source, sample_weight="w").rows == chow_liu_tree(some, sample_weight="w").rows
    )
    for correction in (None, "chance"):
        options = {"sample_weight": "w", "correction": correction}
        found = mutual_information_matrix(source, **options)
        np.testing.assert_array_equal(found, mutual_information_matrix(some, **options))
        assert found.names == list(some.drop(columns="w"))
    with pytest.raises(ValueError, match="checkpoint must be None with sample_weight"):
        mutual_information_matrix(source, sample_weight="w", checkpoint=tmp_path / "c")
    with pytest.raises(ValueError, match="bins must"):
        mutual_information_matrix(source, sample_weight="w", bins="fd")
    with pytest.raises(ValueError, match="no column 'nothing'"):
        strongest_pairs(source, sample_weight="nothing")


@pytest.mark.parametrize("function", [mutual_information_matrix, strongest_pairs, chow_liu_tree])
def test_wrong_weights(function, labels):
    some = labels[["a", "b", "c"]]
    for w, said in (
        ([1.0], "one weight for each of the 1200 samples"),
        (np.full(1200, -1.0), "must not hold negative weights"),
        (np.full(1200, np.nan), "1200 that are NaN or infinite"),
        (np.zeros(1200), "must be positive for one row at least, got 1200 zeros"),
        ("nothing", "sample_weight must be a column of X"),
    ):
        with pytest.raises(ValueError, match=said):
            function(some, sample_weight=w)
    with pytest.raises(ValueError, match="can name a column of a table only"):
        function(np.ones((3, 3)), sample_weight="w")


def test_permutations_of_weights_are_refused(labels, rng):
    w = weights_of(rng, len(labels))
    with pytest.raises(ValueError, match="n_permutations must be 'auto' or 0 with sample_weight"):
        strongest_pairs(labels[["a", "b"]], sample_weight=w, n_permutations=99)
    plain = strongest_pairs(labels[["a", "b"]], sample_weight=w, n_permutations=0)
    found = strongest_pairs(labels[["a", "b"]], sample_weight=w)
    assert found[0].pvalue == pytest.approx(plain[0].pvalue, rel=1e-9)
