"""Tables of many columns: what is done for each of them does not grow with their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers import quiet

import fastinfo
from fastinfo._bins.sketches import KEPT
from fastinfo._counts.table import Table
from fastinfo.files import read_table
from fastinfo.streaming import ColumnCounts, PairCounts, open_files, runs, survey
from fastinfo.streaming.streamed_column import StreamedColumn

F = 1200  # columns: more than are looked at together where the number of rows is not known
ROWS = 40


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    words = np.array(["red", "green", "blue"], object)
    columns: dict[str, Any] = {f"c{i}": words[rng.integers(0, 3, ROWS)] for i in range(F // 2)}
    columns |= {f"x{i}": rng.normal(size=ROWS) for i in range(F // 2)}
    return pd.DataFrame(columns | {"y": words[rng.integers(0, 2, ROWS)]})


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often columns are copied, tables made, files read and names compared."""
    seen: Counter[str] = Counter()

    def watch(owner: Any, name: str, label: str) -> None:
        plain = getattr(owner, name)

        def watched(*args: Any, **options: Any) -> Any:
            seen[label] += 1
            return plain(*args, **options)

        monkeypatch.setattr(owner, name, watched)

    watch(StreamedColumn, "copy", "copies")
    watch(Table, "__init__", "tables")
    watch(runs, "each_part", "passes")
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow"])
def test_a_streamed_ranking_does_a_fixed_number_of_steps_for_each_column(
    frame: pd.DataFrame, tmp_path: Path, suffix: str, calls: Counter[str]
) -> None:
    path = tmp_path / f"t{suffix}"
    if suffix == ".csv":
        frame.to_csv(path, index=False)
    elif suffix == ".parquet":
        frame.to_parquet(path)
    else:
        table = pa.Table.from_pandas(frame)
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    ranking = quiet(fastinfo.rank_features, open_files(path), "y")
    assert calls["copies"] < 6 * F
    assert calls["tables"] < 12 * F
    assert calls["passes"] <= 4
    same = quiet(fastinfo.rank_features, frame, "y")
    assert ranking.names == same.names


@pytest.mark.slow
def test_counts_of_a_part_and_their_ranking(frame: pd.DataFrame, calls: Counter[str]) -> None:
    names = [name for name in frame.columns if name != "y"]
    for part in (frame, pa.Table.from_pandas(frame), pl.from_pandas(frame)):
        calls.clear()
        counts = ColumnCounts(names, "y", surveys=survey(frame)).update(part).update(part)
        quiet(counts.ranking)
        assert calls["copies"] < 6 * F
        assert calls["tables"] < 16 * F


def test_counts_of_one_column_are_those_of_the_ranking(frame: pd.DataFrame) -> None:
    counts = ColumnCounts(["c0", "c1"], "y").update(frame)
    table, n_missing, alone = counts.counts(1)
    assert table.dense().tolist() == pd.crosstab(frame["c1"], frame["y"]).to_numpy().tolist()
    assert (n_missing, alone) == (0, 0)


def test_columns_that_are_known_later_get_tables_of_their_own(frame: pd.DataFrame) -> None:
    """Ranges come for some columns at a time, and only their tables are made anew."""
    known = survey(frame)
    whole = ColumnCounts(["x0", "c0", "x1"], "y", surveys=known)
    by_turns = ColumnCounts(["x0", "c0", "x1"], "y")
    for i, name in ((0, "x0"), (2, "x1")):
        by_turns.know({i: known[name]})
    assert by_turns.update(frame).to_dict() == whole.update(frame).to_dict()
    pairs = PairCounts(["x0", "c0", "x1"], surveys=known).update(frame)
    turned = PairCounts(["x0", "c0", "x1"])
    for i, name in ((0, "x0"), (2, "x1")):
        turned.know({i: known[name]})
    assert turned.update(frame).to_dict() == pairs.to_dict()


def test_few_rows_let_many_columns_be_looked_at_together() -> None:
    assert runs._columns_at_once(None) == 512
    assert runs._columns_at_once(10 * KEPT) == 512
    assert runs._columns_at_once(KEPT // 2) == 1024
    assert runs._columns_at_once(1) == runs._columns_at_once(0) == 1 << 26


@pytest.mark.parametrize("plain", [[0, 3, {}, 0], [5, 3, {}, 5], [-1, 3, {}, 5], [0, 3, {}]])
def test_a_survey_that_would_not_end_is_refused(plain: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"less than last|unpack|at least 0"):
        runs._Survey.from_plain(plain, 9)


@pytest.mark.slow
@pytest.mark.parametrize("packed", ["", ".gz"])
def test_text_of_many_columns(tmp_path: Path, packed: str) -> None:
    rng = np.random.default_rng(1)
    wide = pd.DataFrame(rng.integers(0, 10**6, (30, 8000))).add_prefix("column")
    wide.to_csv(tmp_path / f"t.csv{packed}", index=False)
    table = read_table(tmp_path / f"t.csv{packed}")
    assert table.column(7999).to_pylist() == wide["column7999"].tolist()


def test_names_that_are_not_there_are_found_among_many(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a part of the data has no column 'z', only"):
        ColumnCounts(["c0", "z"], "y").update(frame)
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="no column 'z'"):
        survey(tmp_path / "t.parquet", ["c0", "z"])
    with pytest.raises(ValueError, match="no column 'z'"):
        read_table(tmp_path / "t.parquet", columns=["c0", "z"])
    with pytest.raises(ValueError, match="discrete must name columns that are there"):
        fastinfo.rank_features(frame, "y", discrete={"z": True})
