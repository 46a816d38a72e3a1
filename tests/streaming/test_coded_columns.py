"""Tables in parts whose codes are kept: the same selection, pairs and tree as in memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from helpers import plain, quiet
from pyarrow import parquet

import fastinfo
from fastinfo import chow_liu_tree, select_features, strongest_pairs
from fastinfo._bins.options import Binning
from fastinfo._columns.coding import code_features
from fastinfo._tables.table_readers import read_features
from fastinfo.streaming import coded_columns, open_files
from fastinfo.streaming.coded_columns import CodedColumns, code_source
from fastinfo.streaming.streamed_column import StreamedColumn

N = 2000


def frame(rng: np.random.Generator) -> pd.DataFrame:
    """Columns of all kinds, whose levels come one after the other."""
    z = rng.normal(size=N)
    table = {
        "number": z + rng.normal(size=N),
        "gaps": np.where(rng.random(N) < 0.2, np.nan, z),
        "skewed": np.exp(2 * z).round(1),
        "halves": rng.integers(0, 4, N) / 2.0,
        "whole": rng.integers(0, 90, N),
        "few": rng.integers(-3, 5, N),
        "letters": np.array(list("gfedcba"))[(np.arange(N) // 300 + rng.integers(0, 2, N)) % 7],
        "names": np.char.add("name ", (np.arange(N) % 700 // rng.integers(1, 3, N)).astype(str)),
        "flag": z > rng.normal(size=N),
        "words": pd.Series(np.where(rng.random(N) < 0.3, None, "x"), dtype=object),
        "void": np.full(N, np.nan),
        "y": (z + rng.normal(size=N) > 0) * 2 + rng.integers(0, 2, N),
    }
    return pd.DataFrame(table)


@pytest.fixture(params=[150, 700, 5000])
def source(request: pytest.FixtureRequest, rng: Any, tmp_path: Path) -> tuple[Any, pd.DataFrame]:
    """A file in parts, and its table."""
    table = frame(rng)
    parquet.write_table(
        pa.Table.from_pandas(table), tmp_path / "t.parquet", row_group_size=request.param
    )
    return open_files(tmp_path / "t.parquet"), table


def same_partition(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether codes are the same but for their order."""
    pairs = {*zip(a.tolist(), b.tolist(), strict=True)}
    return len(pairs) == len({x for x, _ in pairs}) == len({y for _, y in pairs})


@pytest.mark.parametrize(
    "options",
    [{}, {"missing": "category"}, {"bins": 5, "strategy": "uniform"}, {"discrete": True}],
    ids=str,
)
def test_codes_are_those_of_memory(source: Any, options: Any) -> None:
    file, table = source
    binning = Binning(**options)
    found, _ = code_source(file, file.names, binning)
    expected = code_features(read_features(pa.Table.from_pandas(table)), binning)
    assert found.names == expected.names
    for i, name in enumerate(found.names):
        a, b = found.column(i), expected.occurring(i)
        assert same_partition(a.codes, b.codes), name
        assert a.n_levels == b.n_levels or name == "void", name
    void = found.names.index("void")  # is of no type
    assert found.n_missing.tolist() == expected.n_missing.tolist()
    assert np.delete(found.labels, void).tolist() == np.delete(expected.labels, void).tolist()
    assert found.incomplete.tolist() == expected.incomplete.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("method", ["mim", "mrmr", "jmi", "jmim", "cmim", "disr"])
def test_selections(source: Any, method: str) -> None:
    file, table = source
    found = quiet(select_features, file, "y", 6, method=method, bins=4)
    expected = quiet(select_features, table, "y", 6, method=method, bins=4)
    assert found.names == expected.names
    assert [row[2:] for row in found] == [pytest.approx(row[2:], abs=1e-12) for row in expected]
    assert found.indices.tolist() == expected.indices.tolist()
    assert (found.target, found.n_significant) == ("y", expected.n_significant)


def test_pairs_and_trees(source: Any) -> None:
    file, table = source
    found, expected = (quiet(strongest_pairs, data, None) for data in (file, table))
    assert found.names == expected.names
    assert [row[2:] for row in found] == [pytest.approx(row[2:], rel=1e-9) for row in expected]
    found, expected = (quiet(chow_liu_tree, data) for data in (file, table))
    assert [row[:2] for row in found] == [row[:2] for row in expected]


def test_warnings_are_those_of_memory(source: Any) -> None:
    file, table = source
    said = []
    for data in (file, table):
        with pytest.warns(UserWarning, match="columns to look at") as caught:
            select_features(data, "y", 3)
        said.append([str(warning.message) for warning in caught])
    assert said[0] == said[1]


def test_missing_samples(source: Any) -> None:
    file, table = source
    for data in (file, table):
        with pytest.raises(ValueError, match="gaps must have no missing samples"):
            select_features(data, "y", 3, nan_policy="raise")
    found, expected = (
        quiet(select_features, data, "y", 8, nan_policy="propagate") for data in (file, table)
    )
    assert plain(found) == plain(expected)


def test_edges_that_are_given_and_infinite_samples(tmp_path: Path, rng: Any) -> None:
    table = frame(rng)[["number", "gaps", "y"]]
    parquet.write_table(pa.Table.from_pandas(table), tmp_path / "t.parquet", row_group_size=300)
    file = open_files(tmp_path / "t.parquet")
    edges = np.linspace(-1, 1, 5)
    options = {"bins": edges, "discrete": {"y": True}}
    found, expected = (select_features(data, "y", 2, **options) for data in (file, table))
    assert plain(found) == plain(expected)
    matrix, _ = code_source(file, ["number", "gaps"], Binning(edges))
    assert matrix.n_missing.tolist() == [0, int(table["gaps"].isna().sum())]
    assert matrix.missing(1).tolist() == table["gaps"].isna().tolist()
    table.loc[[3, 1500], "number"] = np.inf
    parquet.write_table(pa.Table.from_pandas(table), tmp_path / "u.parquet", row_group_size=300)
    for data in (open_files(tmp_path / "u.parquet"), table):
        with pytest.warns(UserWarning, match=r"infinite values lie outside .*: number \(2\)"):
            found = select_features(data, "y", 2)
        assert found.names == ["gaps", "number"]


def test_a_rule_that_needs_all_samples_reads_them(source: Any) -> None:
    file, table = source
    found, expected = (
        quiet(select_features, data, "y", 3, bins="fd", strategy="uniform")
        for data in (file, table)
    )
    assert plain(found) == plain(expected)
    assert not coded_columns.can_code(Binning("fd", "uniform"))
    assert coded_columns.can_code(Binning("sturges"))


def test_a_target_beside_the_table(source: Any) -> None:
    file, table = source
    y = table["y"].to_numpy()
    found, expected = (quiet(select_features, data, y, 3) for data in (file, table))
    assert plain(found) == plain(expected)


def test_targets_that_are_none(source: Any) -> None:
    file, _ = source
    with pytest.raises(ValueError, match="the target 'void' must have at least two values"):
        select_features(file, "void", 2)
    with pytest.raises(ValueError, match="the data has no column 'no'"):
        select_features(file, "no", 2)
    with pytest.raises(ValueError, match="k must be at most the number of columns, 11, got 12"):
        select_features(file, "y", 12)


def test_memory_for_codes(source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file, _ = source
    monkeypatch.setattr("fastinfo._core.limits._SMALL", 0)
    monkeypatch.setattr("fastinfo._core.limits.free_memory", lambda: 20_000)
    words = re.escape("codes of 12 columns of 2,000 rows would take 24000 bytes of memory")
    with pytest.raises(ValueError, match=words):
        select_features(file, "y", 2)


def test_codes_are_of_one_run() -> None:
    codes = CodedColumns([StreamedColumn("a", 3)])
    with pytest.raises(TypeError, match="not merged"):
        codes.merge(codes)
    with pytest.raises(TypeError, match="checkpoint"):
        codes._to_state()
    with pytest.raises(TypeError, match="checkpoint"):
        CodedColumns._from_state({})
    assert codes.update(pd.DataFrame({"a": np.zeros(0)})).n_rows == 0


@pytest.mark.slow
def test_a_column_of_another_type_further_down(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{i % 7},{i % 3}" for i in range(3000)] + [f"word{i % 2},{i % 3}" for i in range(3000)]
    path.write_text("\n".join(["a,y", *rows]))
    found = quiet(select_features, open_files(path), "y", 1)
    assert found.names == ["a"]
    assert fastinfo.strongest_pairs(open_files(path))[0][:2] == ("a", "y")
