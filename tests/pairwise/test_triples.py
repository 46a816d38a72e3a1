"""conditional_independence_tests: many tests of one table, from columns that are coded once."""

import math
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest

import fastinfo
from fastinfo import conditional_independence_test, conditional_independence_tests

TRIPLES = [
    ("a", "b", "c"),
    ("a", "c", ["b"]),
    ("c", "b", ("a",)),
    ("a", "b", None),
    ("b", "x", []),
    ("a", "x", ["b", "c"]),
    ("a", "x", ["c", "b"]),
]


@pytest.fixture
def table(rng):
    c = rng.integers(0, 3, 800)
    a, b = c + rng.integers(0, 2, (2, 800))
    return pd.DataFrame({"a": a, "b": b, "c": c, "x": a + rng.normal(size=800)})


def test_rows_are_those_of_single_tests(table):
    found = conditional_independence_tests(table, TRIPLES, base=2)
    for row, (x, y, given) in zip(found, TRIPLES, strict=True):
        z = table[[given] if isinstance(given, str) else list(given or [])]
        wanted = conditional_independence_test(table[x], table[y], z, base=2)
        assert (row.x, row.y, row.given) == (x, y, tuple(z))
        assert row.n == 800
        assert row.dof == wanted.dof
        assert row.cmi == pytest.approx(wanted.cmi, rel=1e-12)
        assert row.statistic == pytest.approx(wanted.statistic, rel=1e-12)
        assert row.pvalue == pytest.approx(wanted.pvalue, rel=1e-9)
    adjusted = fastinfo.significance.adjust_pvalues([row.pvalue for row in found])
    assert [row.adjusted_pvalue for row in found] == adjusted.tolist()
    assert found.significant().rows == tuple(r for r in found if r.adjusted_pvalue <= 0.05)


def test_how_it_is_shown(table):
    found = conditional_independence_tests(table, TRIPLES)
    lines = repr(found).splitlines()
    assert lines[0].split()[:3] == ["x", "y", "given"]
    assert lines[-1].endswith("significant; nats]")
    assert "b, c" in lines[6]
    assert "<td>b, c</td>" in found._repr_html_()
    assert found.to_pandas()["given"].tolist()[0] == ("c",)
    assert found.to_polars()["n"].to_list() == [800] * 7
    assert isinstance(found[1:3], fastinfo.ConditionalTests)
    assert pickle.loads(pickle.dumps(found)).rows == found.rows
    assert len(conditional_independence_tests(table, [])) == 0


@pytest.mark.parametrize("kind", [pl.DataFrame, dict, "parquet"])
def test_tables_of_any_kind(table, kind, tmp_path):
    wanted = conditional_independence_tests(table, TRIPLES)
    if kind == "parquet":
        table.to_parquet(tmp_path / "t.parquet")
        other = tmp_path / "t.parquet"
    else:
        other = kind({name: table[name].to_numpy() for name in table})
    assert conditional_independence_tests(other, TRIPLES).rows == wanted.rows
    X = table[["a", "b", "c"]].to_numpy()
    of_array = conditional_independence_tests(X, [("x0", "x1", "x2")])[0]
    assert of_array[3:7] == wanted[0][3:7]


def test_threads_permutations_and_seeds(table):
    options = {"n_permutations": 99, "seed": 5}
    found = []
    for threads in (1, 3):
        with fastinfo.num_threads(threads):
            found.append(conditional_independence_tests(table, TRIPLES, **options).rows)
    assert found[0] == found[1]
    b = np.array([row.pvalue for row in found[0]]) * 100
    np.testing.assert_allclose(b, np.round(b), atol=1e-9)


def test_missing_samples(table):
    table.loc[:19, "x"] = np.nan
    triples = [("a", "x", "c"), ("a", "b", "c")]
    found = conditional_independence_tests(table, triples)
    assert [row.n for row in found] == [780, 800]
    lost = conditional_independence_tests(table, triples, nan_policy="propagate")
    assert math.isnan(lost[0].pvalue)
    assert math.isnan(lost[0].adjusted_pvalue)
    assert lost[1].pvalue == found[1].pvalue == lost[1].adjusted_pvalue
    with pytest.raises(ValueError, match="contains nan values"):
        conditional_independence_tests(table, triples, nan_policy="raise")
    level = conditional_independence_tests(table, triples, missing="category")
    assert [row.n for row in level] == [800, 800]


def test_progress_counts_sets_of_columns(table):
    seen = []
    conditional_independence_tests(table, TRIPLES, progress=lambda *at: seen.append(at))
    assert seen[-1] == (4, 4)


@pytest.mark.parametrize(
    ("triples", "message"),
    [
        ([("a", "b")], r"triples must hold \(x, y, given\), .* got \('a', 'b'\) at place 0"),
        ([3], r"triples must hold \(x, y, given\), .* got 3 at place 0"),
        ([("a", "b", "c"), ("a", "q", "c")], r"one of \['a', .*\], got 'q' at place 1"),
        ([("a", "a", "c")], "triples must name each column once, .* a is there twice"),
        ([("a", "b", ["c", "a"])], "triples must name each column once"),
        ([("a", "b", 3)], "got 3 at place 0"),
    ],
)
def test_triples_that_cannot_be(table, triples, message):
    with pytest.raises(ValueError, match=message):
        conditional_independence_tests(table, triples)


def test_triples_that_are_no_list(table):
    with pytest.raises(TypeError, match="triples must be"):
        conditional_independence_tests(table, 5)
