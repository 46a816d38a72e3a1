"""rank_features(given=…, sample_weight=…) of data in parts: as of the table in memory."""

import numpy as np
import pandas as pd
import pytest

import fastinfo.streaming
from fastinfo import num_threads, rank_features


@pytest.fixture
def table(rng):
    n = 900
    a, b = rng.normal(size=(2, n))
    y = a + b + rng.normal(size=n)
    found = pd.DataFrame({"a": a, "b": b, "l": rng.integers(0, 4, n).astype(str)})
    found["gaps"] = np.where(rng.random(n) < 0.2, np.nan, y + rng.normal(size=n))
    return found.assign(w=rng.gamma(2.0, 1.0, n), y=y)


@pytest.fixture
def source(table, tmp_path):
    table.to_parquet(tmp_path / "table.parquet", row_group_size=128)
    return fastinfo.streaming.open_files(tmp_path / "table.parquet")


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"given": "a"},
        {"given": ["a", "l"], "n_permutations": 99, "seed": 3},
        {"sample_weight": "w"},
        {"sample_weight": "w", "given": "b", "base": 2, "correction": "chance"},
        {"given": "gaps", "missing": "category"},
        {"given": "a", "bins": 3, "strategy": "uniform", "n_permutations": 0},
    ],
)
def test_the_ranking_is_that_of_memory(table, source, options):
    wanted = rank_features(table, "y", **options)
    for threads in (1, 2):
        with num_threads(threads):
            found = rank_features(source, "y", **options)
        assert found.names == wanted.names
        assert found.given == wanted.given
        for row, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(row[1:7], other[1:7])
            assert row[7:] == other[7:]
        assert found.standard_errors == wanted.standard_errors


def test_weights_as_an_array(table, source):
    plain = table.drop(columns="w")
    wanted = rank_features(plain, "y", sample_weight=table["w"])
    found = rank_features(source, "y", sample_weight=table["w"].to_numpy())
    assert set(found.names) == {*wanted.names, "w"}
    for row in wanted:
        assert found[row.name].pvalue == row.pvalue
        assert found[row.name].mi == row.mi


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sample_weight": "nothing"}, "no column 'nothing'"),
        ({"sample_weight": "y"}, "sample_weight must not name the target 'y'"),
        ({"sample_weight": "l"}, "sample_weight must be an array of real numbers"),
        ({"sample_weight": "gaps"}, "sample_weight must hold finite weights"),
        ({"sample_weight": [1.0, 2.0]}, "one weight for each of the 900 samples"),
        ({"sample_weight": "w", "n_permutations": 9}, "n_permutations must be 'auto' or 0"),
        (
            {"given": ["a", "b", "l", "gaps", "w"]},
            "at least one column beside those that are given",
        ),
        ({"given": "a", "bins": "fd"}, "bins must be"),
        ({"estimator": "ksg"}, "estimator must be 'histogram' if X is read part by part"),
    ],
)
def test_wrong_options(source, options, said):
    with pytest.raises((ValueError, TypeError), match=said):
        rank_features(source, "y", **options)
