"""Results as people see them: short, and named tuples as before."""

from __future__ import annotations

import html

import numpy as np
import pytest

import fastinfo
from fastinfo._measures.information import standard_error
from fastinfo.significance import BootstrapInterval, PermutationTest


@pytest.fixture
def counts(rng: np.random.Generator) -> fastinfo.JointCounts:
    x = rng.integers(0, 4, 400)
    return fastinfo.JointCounts.from_labels(x, (x + rng.integers(0, 3, 400)) % 4)


def test_tests_and_intervals_are_short(counts: fastinfo.JointCounts) -> None:
    g = counts.independence_test()
    permuted = fastinfo.permutation_test(counts, seed=1)
    interval = fastinfo.bootstrap_interval(counts, seed=1)
    for result, kind in (
        (g, "IndependenceTest(statistic="),
        (permuted, "PermutationTest(statistic="),
        (interval, "BootstrapInterval(low="),
    ):
        text = repr(result)
        assert text.startswith(kind)
        assert text.endswith(")")
        assert all(len(line) <= 80 for line in text.splitlines())
        assert len(text.splitlines()) <= 2
        page = result._repr_html_()
        assert page.startswith("<table><caption>")
        assert page.count("<tr>") == (4 if result is interval else 3)
    assert "null_distribution=<999 values, mean 0.0" in " ".join(repr(permuted).split())
    statistic, pvalue, dof = g
    assert (statistic, pvalue, dof) == (g.statistic, g.pvalue, 9)
    assert g == (statistic, pvalue, dof)
    assert permuted._fields == ("statistic", "pvalue", "null_distribution")
    low, high = interval
    assert (low, high) == (interval.low, interval.high)


def test_odd_values_are_shown() -> None:
    assert repr(BootstrapInterval(np.nan, np.inf, 0.0, -1e-300)) == (
        "BootstrapInterval(low=nan, high=inf, estimate=0, standard_error=-1e-300)"
    )
    assert "<0 values>" in repr(PermutationTest(1.0, 1.0, np.empty(0)))


def test_counts_in_a_notebook(rng: np.random.Generator) -> None:
    x = ["<i>", "b", "b"]
    page = fastinfo.JointCounts.from_labels(x, [0, 1, 1])._repr_html_()
    assert page == (
        "<table><caption>JointCounts: 2 x 2 cells, n=3, n_dropped=0, n_missing=0</caption>"
        "<thead><tr><th>x \\ y</th><th>0</th><th>1</th></tr></thead><tbody>"
        f"<tr><th>{html.escape('<i>')}</th><td>1</td><td>0</td></tr>"
        "<tr><th>b</th><td>0</td><td>2</td></tr></tbody></table>"
    )
    large = np.arange(100_000)
    page = fastinfo.JointCounts.from_labels(large, large)._repr_html_()
    assert page.count("<tr>") == 14
    assert len(page) < 5000
    binned = fastinfo.JointCounts.from_samples(
        rng.random(50), rng.random(50), bins=[[0, 0.5, 1]] * 2
    )
    assert "<th>0 to 0.5</th><th>0.5 to 1</th>" in binned._repr_html_()
    assert "<td>" not in fastinfo.JointCounts.empty([0, 1], [0, 1])._repr_html_().replace(
        "<td>0</td>", ""
    )


def test_codes_are_short() -> None:
    assert repr(fastinfo.discretize(np.arange(1000.0), 7)) == (
        "<Codes: 1,000 samples, uint8, in 7 bins>"
    )
    X = np.arange(2000.0).reshape(1000, 2)
    assert repr(fastinfo.discretize(X, [7, 300])) == (
        "<Codes: 1,000 samples of 2 columns, uint16, in 7 to 300 bins>"
    )


@pytest.mark.parametrize(
    ("n", "dependence", "bins"), [(1000, 0.0, 8), (1000, 0.3, 8), (2000, 0.8, 8), (500, 0.4, 16)]
)
def test_the_standard_error_is_the_spread_over_tables(
    rng: np.random.Generator, n: int, dependence: float, bins: int
) -> None:
    found, errors = [], []
    for _ in range(200):
        x, z = rng.normal(size=(2, n))
        y = dependence * x + np.sqrt(1 - dependence**2) * z
        counts = fastinfo.JointCounts.from_samples(x, y, bins=bins, strategy="quantile")
        table = counts._table
        found.append(counts.mutual_information(correction="chance"))
        errors.append(standard_error(table, counts.mutual_information()))
    assert np.median(errors) == pytest.approx(np.std(found), rel=0.3)


def test_no_standard_error_of_nearly_unique_levels() -> None:
    x = np.arange(100)
    table = fastinfo.JointCounts.from_labels(x, x % 2)._table
    assert np.isnan(standard_error(table, np.log(2)))
    table = fastinfo.JointCounts.empty([0, 1], [0, 1])._table
    assert np.isnan(standard_error(table, 0.0))


def test_rankings_have_standard_errors(rng: np.random.Generator) -> None:
    y = rng.integers(0, 3, 600)
    table = {"a": (y + rng.integers(0, 2, 600)) % 3, "id": [f"i{i}" for i in range(600)], "y": y}
    with pytest.warns(UserWarning, match="nearly unique"):
        ranking = fastinfo.rank_features(table, "y")
    assert set(ranking.standard_errors) == {"a"}
    with pytest.warns(UserWarning, match="nearly unique"):
        bits = fastinfo.rank_features(table, "y", base=2)
    assert bits.standard_errors["a"] == pytest.approx(ranking.standard_errors["a"] / np.log(2))
    assert ranking[:1].standard_errors == ranking.standard_errors
    interval = fastinfo.bootstrap_interval(table["a"], y, seed=1)
    assert ranking.standard_errors["a"] == pytest.approx(interval.standard_error, rel=0.2)
