"""What a table may be: every kind of table through every function that takes one."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
import warnings
from pathlib import Path
from typing import Any

import narwhals
import narwhals.stable.v1
import narwhals.stable.v2
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers import quiet, run_python
from pyarrow import dataset, feather, parquet

import fastinfo
from fastinfo import mutual_information_matrix, rank_features, select_features
from fastinfo._column_readers.of_arrow import is_nested
from fastinfo._tables import library_sources
from fastinfo._tables.features import Features
from fastinfo._tables.table_readers import opened
from fastinfo.files import read_table
from fastinfo.selection import MutualInfoSelector
from fastinfo.streaming import ColumnCounts, PairCounts, Source, open_files, survey

duckdb = pytest.importorskip("duckdb")
pytestmark = pytest.mark.filterwarnings("ignore:columns to look at")

N = 500
LEFT_OUT = "columns of lists, structs or maps are left out: 'l'$"


class Stream:
    """What can be read once, as a stream of Arrow."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._reader.__arrow_c_stream__(requested_schema)


class Batch:
    """A batch that only its capsules give away."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self._batch.__arrow_c_array__(requested_schema)


def plain_table() -> Any:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, N)
    return pa.table(
        {
            "a": (y + rng.integers(0, 2, N)) % 3,
            "l": pa.array([[1]] * N),
            "b": rng.normal(size=N) + y,
            "s": np.array(["u", "v", "w"])[rng.permutation(y)],
            "y": y,
        }
    )


TABLE = plain_table()
KEPT = ["a", "b", "s", "y"]


def batch() -> Any:
    return TABLE.combine_chunks().to_batches()[0]


def reader() -> Any:
    return pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches(max_chunksize=99))


def relation() -> Any:
    connection = duckdb.connect()
    connection.register("t", TABLE)
    return connection.sql("select * from t")


def mapping() -> Any:
    return {
        "a": TABLE["a"].to_numpy(),
        "l": TABLE["l"],
        "b": TABLE["b"].to_pylist(),
        "s": TABLE["s"].to_pandas(),
        "y": pl.Series(TABLE["y"]),
    }


#: Tables in memory and small ones, which are read once.
TABLES = {
    "PyArrow": lambda: TABLE,
    "batch": batch,
    "reader": reader,
    "stream": lambda: Stream(reader()),
    "capsules": lambda: Batch(batch()),
    "dataset": lambda: dataset.dataset(TABLE),
    "scanner": lambda: dataset.dataset(TABLE).scanner(),
    "pandas": TABLE.to_pandas,
    "pandas of Arrow": lambda: TABLE.to_pandas(types_mapper=pd.ArrowDtype),
    "Polars": lambda: pl.from_arrow(TABLE),
    "Polars, lazy": lambda: pl.from_arrow(TABLE).lazy(),
    "DuckDB": relation,
    "narwhals": lambda: narwhals.from_native(pl.from_arrow(TABLE)),
    "narwhals v1": lambda: narwhals.stable.v1.from_native(TABLE.to_pandas()),
    "narwhals v2": lambda: narwhals.stable.v2.from_native(TABLE),
    "narwhals, lazy": lambda: narwhals.from_native(pl.from_arrow(TABLE).lazy()),
    "narwhals of DuckDB": lambda: narwhals.stable.v2.from_native(relation()),
    "mapping": mapping,
}
#: What computes its rows anew each time.
QUERIES = ("dataset", "Polars, lazy", "DuckDB", "narwhals, lazy", "narwhals of DuckDB")
each_table = pytest.mark.parametrize("kind", TABLES)
each_query = pytest.mark.parametrize("kind", QUERIES)


def rows(ranking: Any) -> list[Any]:
    return [(row.name, row.mi, row.pvalue) for row in ranking]


@pytest.mark.slow
@each_table
def test_every_table_through_every_door(kind: str) -> None:
    plain = TABLE.select(KEPT)
    with pytest.warns(UserWarning, match=LEFT_OUT) as caught:
        ranking = rank_features(TABLES[kind](), "y")
    assert rows(ranking) == rows(rank_features(plain, "y"))
    assert [w.filename for w in caught] == [__file__]
    with pytest.warns(UserWarning, match=LEFT_OUT) as caught:
        matrix = mutual_information_matrix(TABLES[kind]())
    np.testing.assert_array_equal(matrix, mutual_information_matrix(plain))
    assert [w.filename for w in caught] == [__file__]
    with pytest.warns(UserWarning, match=LEFT_OUT) as caught:
        selection = select_features(TABLES[kind](), "y", 2)
    assert selection.names == select_features(plain, "y", 2).names
    assert [TABLE.column_names[i] for i in selection.indices] == selection.names
    assert [w.filename for w in caught] == [__file__]
    found, expected = survey(TABLES[kind]()), survey(plain)
    assert {k: r.bare for k, r in found.items()} == {k: r.bare for k, r in expected.items()}
    edges = [-9.0, 0.0, 1.0, 2.0, 9.0]
    found = ColumnCounts(["a", "b", "s"], "y", bins=edges).update(TABLES[kind]())
    expected = ColumnCounts(["a", "b", "s"], "y", bins=edges).update(plain)
    assert rows(found.ranking()) == rows(expected.ranking())
    pairs = PairCounts(["a", "s"]).update(TABLES[kind]())
    np.testing.assert_array_equal(pairs.matrix(), PairCounts(["a", "s"]).update(plain).matrix())


@each_table
def test_a_nested_target_is_refused(kind: str) -> None:
    for call in (
        lambda: rank_features(TABLES[kind](), "l"),
        lambda: select_features(TABLES[kind](), "l", 1),
        lambda: rank_features(TABLES[kind](), "y", discrete={"l": True}),
        lambda: mutual_information_matrix(TABLES[kind](), discrete={"l": False}),
        lambda: survey(TABLES[kind](), ["l"]),
        lambda: ColumnCounts(["a", "l"], "y").update(TABLES[kind]()),
    ):
        with pytest.raises(TypeError, match="column 'l' must hold numbers or labels, got"):
            call()


@each_table
def test_a_table_as_the_other_columns_and_as_the_target(kind: str) -> None:
    plain = TABLE.select(KEPT)
    found = quiet(mutual_information_matrix, plain, TABLES[kind]())
    np.testing.assert_array_equal(found, quiet(mutual_information_matrix, plain, plain))
    if kind != "mapping":
        with pytest.raises(ValueError, match="y must be one column, got a table of 5"):
            rank_features(plain, TABLES[kind]())


@pytest.mark.parametrize(
    "target",
    [
        pa.table({"t": TABLE["y"]}),
        pa.record_batch({"t": TABLE["y"].combine_chunks()}),
        pl.DataFrame({"t": TABLE["y"]}),
        pl.DataFrame({"t": TABLE["y"]}).lazy(),
        narwhals.from_native(pl.Series("t", TABLE["y"]), series_only=True),
        pd.Series(TABLE["y"], name="t"),
    ],
    ids=lambda t: f"{type(t).__module__.partition('.')[0]} {type(t).__name__}",
)
def test_targets_of_one_column(target: Any) -> None:
    ranking = rank_features(TABLE.select(["a", "b"]), target)
    assert ranking.target == "t"
    assert rows(ranking) == rows(rank_features(TABLE.select(["a", "b", "y"]), "y"))


# Files, and paths


def write(table: Any, path: Path) -> Path:
    if path.suffix == ".parquet":
        parquet.write_table(table, path)
    elif path.suffix == ".feather":
        feather.write_feather(table, path)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            for part in table.to_batches():
                writer.write_batch(part)
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".feather", ".arrow"])
def test_nested_columns_of_files(tmp_path: Path, suffix: str) -> None:
    path = write(TABLE, tmp_path / f"t{suffix}")
    plain = open_files(write(TABLE.select(KEPT), tmp_path / f"plain{suffix}"))
    source = open_files(path)
    assert (source.names, list(source.nested)) == (KEPT, ["l"])
    with pytest.warns(UserWarning, match=LEFT_OUT) as caught:
        ranking = rank_features(source, "y")
    assert [w.filename for w in caught] == [__file__]
    assert rows(ranking) == rows(rank_features(plain, "y"))
    with pytest.warns(UserWarning, match=LEFT_OUT) as caught:
        matrix = mutual_information_matrix(source)
    assert [w.filename for w in caught] == [__file__]
    np.testing.assert_array_equal(matrix, mutual_information_matrix(plain))
    selection = quiet(select_features, source, "y", 2)
    assert [TABLE.column_names[i] for i in selection.indices] == selection.names
    for name in (str(path), path):  # of moderate size: read as a whole
        assert rows(quiet(rank_features, name, "y")) == rows(rank_features(TABLE.select(KEPT), "y"))
    for call in (
        lambda: rank_features(source, "l"),
        lambda: rank_features(source, "y", discrete={"l": True}),
        lambda: survey(source, ["l"]),
    ):
        with pytest.raises(TypeError, match="column 'l' must hold numbers or labels"):
            call()
    assert read_table(path).column_names == TABLE.column_names


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(TABLE.select(KEPT), tmp_path / "t.parquet")
    assert isinstance(opened(path), Features)
    assert isinstance(opened(str(tmp_path / "*.parquet")), Source)
    monkeypatch.setattr("fastinfo.files.reading.LARGE", 10)
    assert isinstance(opened(path), Source)
    with pytest.raises(FileNotFoundError, match=r"no such file: 'none\.parquet'"):
        rank_features("none.parquet", "y")
    with pytest.raises(ValueError, match="is of an unknown kind"):
        rank_features(write(TABLE, tmp_path / "t.what"), "y")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["rank", "matrix"])
def test_nested_columns_on_the_command_line(tmp_path: Path, command: str) -> None:
    pytest.importorskip("typer")
    path = write(TABLE, tmp_path / "t.parquet")
    options = ["--target", "y"] if command == "rank" else []
    for files in ([path], [path, path]):
        found = run_python("-m", "fastinfo", command, *files, *options)
        assert found.returncode == 0
        assert "are left out: 'l'" in found.stderr
        assert " l " not in found.stdout


# Nested, or not


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.int8()),
        pa.large_list(pa.int8()),
        pa.list_(pa.int8(), 2),
        pa.list_view(pa.int8()),
        pa.struct([("a", pa.int8())]),
        pa.map_(pa.string(), pa.int8()),
        pa.dictionary(pa.int8(), pa.list_(pa.int8())),
        pa.run_end_encoded(pa.int16(), pa.struct([("a", pa.int8())])),
        pa.fixed_shape_tensor(pa.int8(), [2]),
        pa.dense_union([pa.field("a", pa.int8())]),
    ],
    ids=str,
)
def test_nested_types(kind: Any) -> None:
    assert is_nested(kind)


@pytest.mark.parametrize(
    "kind",
    [
        pa.null(),
        pa.string_view(),
        pa.binary(3),
        pa.dictionary(pa.int8(), pa.string()),
        pa.run_end_encoded(pa.int16(), pa.string()),
        pa.uuid(),
        pa.json_(),
        pa.bool8(),
        pa.array(pd.period_range("2020", periods=3)).type,
    ],
    ids=str,
)
def test_types_that_are_not_nested(kind: Any) -> None:
    assert not is_nested(kind)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([None, [1], [2]] * 4),
        pd.Series([{"a": 1}, {"a": 2}, None] * 4),
        pd.Series([{1}, {2}, {3}] * 4),
        pd.Series([np.nan, np.zeros(2), np.zeros(2)] * 4),
        pl.Series([[1], [2], [3]] * 4),
        pl.Series([{"a": 1}, {"a": 2}, None] * 4),
        pl.Series([[1, 2]] * 12, dtype=pl.Array(pl.Int8, 2)),
        pl.Series([{1}, {2}, None] * 4, dtype=pl.Object),
        pa.array([[("k", 1)], None] * 6, pa.map_(pa.string(), pa.int8())),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 0] * 4), pa.array([[1], [2]])),
        np.array([None, [1], [2]] * 4, object),
    ],
    ids=lambda c: f"{type(c).__module__} {getattr(c, 'dtype', None) or c.type}",
)
def test_nested_columns_of_any_library(column: Any) -> None:
    table = {"l": column, "a": [0, 1, 0] * 4, "y": [0, 1, 1] * 4}
    with pytest.warns(UserWarning, match=LEFT_OUT):
        assert [row.name for row in rank_features(table, "y")] == ["a"]
    with pytest.raises(TypeError, match="must hold numbers or labels"):
        rank_features({"a": [0, 1, 0] * 4}, column)
    with pytest.raises(ValueError, match="at least one column of numbers or labels, got none"):
        mutual_information_matrix({"l": column})


def test_nested_types_of_duckdb() -> None:
    found = duckdb.sql(
        "select i % 3 a, i % 2 y, [i] l, {'a': i} s, map {'a': i} m, [i, i]::int[2] r, "
        "union_value(num := i) u from range(100) t(i)"
    )
    with pytest.warns(UserWarning, match="left out: 'l', 's', 'm', 'r', 'u'$"):
        assert [row.name for row in rank_features(found, "y")] == ["a"]


def test_many_nested_columns_are_counted() -> None:
    table = pa.table({f"l{i}": pa.array([[1]] * 9) for i in range(13)} | {"a": range(9)})
    with pytest.warns(UserWarning, match=r"'l0', .*'l9' and 3 more$"):
        mutual_information_matrix(table)


def test_the_selector_knows_the_places_of_columns() -> None:
    frame = TABLE.to_pandas()
    with pytest.warns(UserWarning, match=LEFT_OUT):
        selector = MutualInfoSelector(1).fit(frame.drop(columns="y"), frame["y"])
    assert selector.get_support().tolist() == [True, False, False, False]


# Names that are no strings


def test_the_index_of_pandas_is_no_column(tmp_path: Path) -> None:
    """As in the frame itself: it is no feature, whether a file keeps it or not; a name is kept."""
    frame = TABLE.select(KEPT).to_pandas()
    frame.index = np.random.default_rng(1).permutation(N) * 7
    frame.to_parquet(tmp_path / "a.parquet")
    table = pa.Table.from_pandas(frame)
    assert table.schema.names[-1] == "__index_level_0__"
    feather.write_feather(table, tmp_path / "a.arrow")
    expected = rank_features(frame, "y").to_dict()
    doors: list[Any] = [
        table,
        tmp_path / "a.parquet",
        tmp_path / "a.arrow",
        dataset.dataset(tmp_path / "a.parquet"),
        table.to_reader(),
    ]
    for X in doors:
        assert rank_features(X, "y").to_dict() == expected
    assert select_features(table, "y", 2).names == select_features(frame, "y", 2).names
    named = pa.Table.from_pandas(frame.rename_axis("key"))
    assert "key" in rank_features(named, "y").names
    said = named.replace_schema_metadata({"pandas": "no JSON"})
    assert "key" in rank_features(said, "y").names


def test_columns_named_by_numbers() -> None:
    rng = np.random.default_rng(0)
    values = np.c_[rng.normal(size=(300, 2)), rng.integers(0, 2, 300)]
    frame = pd.DataFrame(values)
    ranking = rank_features(frame, 2)
    assert ranking.target == "2"
    assert rows(ranking) == rows(rank_features(frame.rename(columns=str), "2"))
    for y in (np.int64(2), 2.0, "2"):
        assert rows(rank_features(frame, y)) == rows(ranking)
    assert set(select_features(frame, 2, 2).names) == {"0", "1"}
    counts = ColumnCounts([0, 1], 2, bins=3, surveys=survey(frame, [0, 1]))
    assert counts.update(frame).ranking().target == 2
    for y in (7, 1.5, None, dt.date(2020, 1, 1), uuid.UUID(int=3)):
        with pytest.raises(ValueError, match=r"y must be a column of X, one of \['0', '1', '2'\]"):
            rank_features(frame, y)
    with pytest.raises(ValueError, match="y can name a column of a table only, got 2 with an"):
        rank_features(values, 2)
    assert rows(rank_features({0: frame[0], 1: frame[1], 2: frame[2]}, 2)) == rows(ranking)


def test_columns_named_by_tuples_and_dates() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 3, (200, 4))
    levels = pd.MultiIndex.from_product([["u", "v"], [1, 2]])
    frame = pd.DataFrame(values, columns=levels)
    ranking = rank_features(frame, ("v", 2))
    assert ranking.target == "('v', 2)"
    assert {row.name for row in ranking} == {"('u', 1)", "('u', 2)", "('v', 1)"}
    assert rows(rank_features(frame, "('v', 2)")) == rows(ranking)
    days = pd.date_range("2020", periods=4)
    frame = pd.DataFrame(values, columns=days)
    assert rank_features(frame, days[3]).target == str(days[3])
    assert rank_features(frame, tuple(values[:, 3])).target is None  # labels, and no name


# Dictionaries that differ


def narrow_parts(value: Any = "v{}_{}".format) -> list[Any]:
    """Batches with a dictionary each, of more values in all than the codes can tell apart."""
    codes = pa.array(np.arange(100), pa.int8())
    return [
        pa.record_batch(
            [
                pa.DictionaryArray.from_arrays(codes, pa.array([value(k, i) for i in range(100)])),
                pa.array(np.arange(100) % 2),
            ],
            names=["x", "y"],
        )
        for k in range(3)
    ]


def texts() -> Any:
    table = pa.Table.from_batches(narrow_parts())
    return pa.table({"x": table["x"].cast(pa.string()), "y": table["y"]})


NARROW = {
    "table": lambda path: pa.Table.from_batches(narrow_parts()),
    "reader": lambda path: pa.RecordBatchReader.from_batches(
        narrow_parts()[0].schema, narrow_parts()
    ),
    "dataset": lambda path: dataset.dataset(pa.Table.from_batches(narrow_parts())),
    "dataset of Parquet": lambda path: dataset.dataset(
        write(pa.Table.from_batches(narrow_parts()), path)
    ),
    "dataset of Parquet, filtered": lambda path: dataset.dataset(
        write(pa.Table.from_batches(narrow_parts()), path)
    ).filter(dataset.field("y") >= 0),
    "stream": lambda path: open_files(
        write(pa.Table.from_batches(narrow_parts()), path.with_suffix(".arrow"))
    ),
    "stream as a whole": lambda path: read_table(
        write(pa.Table.from_batches(narrow_parts()), path.with_suffix(".arrow"))
    ),
    "Parquet": lambda path: open_files(write(pa.Table.from_batches(narrow_parts()), path)),
    "Parquet as a whole": lambda path: read_table(
        write(pa.Table.from_batches(narrow_parts()), path)
    ),
}


@pytest.mark.parametrize("kind", NARROW)
@pytest.mark.parametrize("held", [0, 1 << 28])
def test_dictionaries_that_differ(
    kind: str, held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_sources, "HELD_BYTES", held)
    right = rows(rank_features(texts(), "y"))
    assert rows(rank_features(NARROW[kind](tmp_path / "t.parquet"), "y")) == right
    counts = ColumnCounts(["x"], "y").update(NARROW[kind](tmp_path / "t.parquet"))
    assert rows(counts.ranking()) == right


def test_a_filter_of_a_dataset_is_kept(tmp_path: Path) -> None:
    path = write(pa.Table.from_batches(narrow_parts()), tmp_path / "t.parquet")
    for row_group in (None, [0]):
        whole = dataset.dataset(path)
        if row_group is not None:
            (fragment,) = whole.get_fragments()
            parts = [fragment.subset(row_group_ids=row_group)]
            whole = dataset.FileSystemDataset(parts, whole.schema, whole.format, whole.filesystem)
        assert len(opened(whole).columns[0]) == 300
        assert len(opened(whole.filter(dataset.field("y") == 1)).columns[0]) == 150


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_chunks_with_dictionaries_of_their_own(order: Any) -> None:
    parts = [
        pa.array(["a", "b", None] * 20).dictionary_encode(),
        pa.array(["b", "c", None] * 20).dictionary_encode(null_encoding="encode"),
        pa.DictionaryArray.from_arrays(
            pa.array([0, 1, None] * 20, pa.int32()), pa.array(["d", "d"])
        ),
    ]
    column = pa.chunked_array([parts[i] for i in order])
    y = np.arange(180) % 3 // 2 + np.repeat([0, 1, 2], 60)
    plain = pa.table({"x": column.to_pylist(), "y": y})
    table = pa.table({"x": column, "y": y})
    assert rows(rank_features(table, "y")) == rows(rank_features(plain, "y"))
    counts = ColumnCounts(["x"], "y").update(table).update(plain)
    assert [row.mi for row in counts.ranking()] == [
        row.mi for row in ColumnCounts(["x"], "y").update(plain).update(plain).ranking()
    ]


# Types that Arrow has no room for


@pytest.mark.parametrize("dtype", [pl.Int128, pl.UInt128])
@pytest.mark.parametrize("held", [0, 1 << 28])
@pytest.mark.parametrize("scale", [1, 10**25, 10**36 * 5])
def test_wide_integers_of_polars(
    dtype: Any, held: int, scale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_sources, "HELD_BYTES", held)
    values = np.random.default_rng(0).integers(0, 30, N).tolist()
    wide = pl.Series("x", [value * scale for value in values], dtype=dtype)
    lazy = pl.DataFrame([wide, pl.Series("y", TABLE["y"])]).lazy()
    options = {"bins": 30, "discrete": {"x": False}} if held else {"bins": 30}
    plain = pa.table({"x": np.array(values) * float(scale), "y": TABLE["y"]})
    expected = rank_features(plain, "y", strategy="uniform", **options)[0].mi
    if held:
        options["strategy"] = "uniform"
    assert rank_features(lazy, "y", **options)[0].mi == pytest.approx(expected, rel=1e-9)


def test_types_of_duckdb() -> None:
    kinds = {
        "hugeint": "i::hugeint",
        "uhugeint": "i::uhugeint",
        "enum": "['a', 'b', 'c'][i + 1]::enum('a', 'b', 'c')",
        "uuid": "('00000000-0000-0000-0000-00000000000' || i)::uuid",
        "decimal": "i::decimal(20, 3)",
        "time": "time '00:00:00' + to_seconds(i)",
        "date": "date '2020-01-01' + i::int",
        "instant": "timestamptz '2020-01-01' + to_days(i::int)",
        "interval": "to_days(i::int)",
        "bit": "i::int::bit",
        "json": "('{\"a\":' || i || '}')::json",
        "blob": "('a' || i)::blob",
        "bignum": "i::bignum",
    }
    chosen = ", ".join(f"{sql} {name}" for name, sql in kinds.items())
    found = duckdb.sql(f"select {chosen}, i y from (select i % 3 i from range(600) t(i))")
    for row in rank_features(found, "y"):
        assert row.mi == pytest.approx(np.log(3), rel=1e-12), row.name


def test_whole_numbers_that_fit_nowhere_are_refused_not_wrong() -> None:
    found = duckdb.sql(
        "select (case when i % 2 = 0 then '0' else '340282366920938463463374607431768211455' end)"
        "::uhugeint x, i % 2 y from range(9) t(i)"
    )
    with pytest.raises(duckdb.ConversionException):
        rank_features(found, "y")


# What differs when it is read again

CHANGING = {
    "random numbers": "select random() x, i % 3 y from range(5000) t(i)",
    "a sample": "select i % 100 x, i % 3 y from range(5000) t(i) using sample 50% (bernoulli)",
    "random labels": "select random() x, (random() > 0.5)::int::varchar y from range(5000)",
}


@pytest.mark.parametrize("kind", CHANGING)
def test_queries_that_change_are_read_once(kind: str) -> None:
    found = rank_features(duckdb.sql(CHANGING[kind]), "y")[0]
    assert found.pvalue > 1e-6
    assert 0 < found.n <= 5000
    matrix = mutual_information_matrix(duckdb.sql(CHANGING[kind]))
    assert matrix.shape == (2, 2)


@pytest.mark.parametrize("kind", CHANGING)
def test_large_queries_that_change_are_told_of(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_sources, "HELD_BYTES", 0)
    for call in (lambda q: rank_features(q, "y"), mutual_information_matrix):
        for _ in range(4):  # of two samples one in 90 pairs has as many rows and looks the same
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                call(duckdb.sql(CHANGING[kind]))
            told = [w for w in caught if "the relation was not the same when" in str(w.message)]
            if told:
                break
        assert [w.filename for w in told] == [__file__]


def test_a_table_that_changes_between_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_sources, "HELD_BYTES", 0)
    connection = duckdb.connect()
    connection.execute("create table t as select i % 50 x, i % 2 y from range(1000) s(i)")
    source = opened(connection.table("t"))
    assert isinstance(source, Source)
    assert sum(part.num_rows for part in source.parts(["x"])) == 1000
    assert not source.changed
    assert sum(part.num_rows for part in source.parts(["x", "y"])) == 1000
    assert not source.changed
    connection.execute("update t set x = 51 where x = 49")
    assert sum(part.num_rows for part in source.parts(["x", "y"])) == 1000
    assert source.changed


@pytest.mark.slow
@each_query
@pytest.mark.parametrize("held", [0, 10_000])
def test_large_queries_go_part_by_part(
    kind: str, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastinfo.files.sources.FEWEST_ROWS", 97)
    monkeypatch.setattr("fastinfo.files.sources.MOST_ROWS", 97)
    whole = TABLES["PyArrow"]()
    monkeypatch.setattr(library_sources, "HELD_BYTES", held)
    uniform = quiet
    assert isinstance(opened(TABLES[kind]()), Source)
    with pytest.warns(UserWarning, match=LEFT_OUT) as caught:
        ranking = rank_features(TABLES[kind](), "y")
    assert [w.filename for w in caught] == [__file__]
    assert rows(ranking) == rows(uniform(rank_features, whole, "y"))
    found = quiet(mutual_information_matrix, TABLES[kind]())
    expected = uniform(mutual_information_matrix, whole)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14)
    with pytest.raises(TypeError, match="column 'l' must hold numbers or labels"):
        rank_features(TABLES[kind](), "l")


@each_query
def test_a_query_is_read_once_where_it_is_small(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    for source in (
        library_sources.Dataset,
        library_sources.LazyFrame,
        library_sources.Relation,
    ):
        pieces = source._pieces

        def counted(self: Any, names: Any, rows: int, pieces: Any = pieces) -> Any:
            read.append(len(names))
            return pieces(self, names, rows)

        monkeypatch.setattr(source, "_pieces", counted)
    quiet(rank_features, TABLES[kind](), "y")
    assert read == [len(KEPT)]


@each_query
def test_a_checkpoint_is_kept_of_any_query(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "state.json"

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quiet(rank_features, TABLES[kind](), "y", checkpoint=path, progress=stop)
    assert path.exists()


@each_query
def test_queries_without_rows(kind: str) -> None:
    empty = {
        "dataset": lambda: dataset.dataset(TABLE.slice(0, 0)),
        "Polars, lazy": lambda: pl.from_arrow(TABLE.slice(0, 0)).lazy(),
        "DuckDB": lambda: relation().filter("y > 9"),
    }.get(kind)
    if empty is None:
        return
    for call in (lambda: rank_features(empty(), "y"), lambda: mutual_information_matrix(empty())):
        with pytest.raises(ValueError, match="X must have at least one row, got none"):
            call()


# What is refused


def test_dask_is_shown_its_door() -> None:
    pytest.importorskip("dask.dataframe")
    import dask.dataframe as dd

    frame = dd.from_pandas(TABLE.to_pandas()[["a", "y"]], npartitions=2)
    for call in (
        lambda: rank_features(frame, "y"),
        lambda: mutual_information_matrix(frame),
        lambda: select_features(frame, "y", 1),
        lambda: ColumnCounts(["a"], "y").update(frame),
    ):
        with pytest.raises(TypeError, match=r"got a Dask DataFrame: the .* fastinfo\.dask"):
            call()


def test_mappings_that_are_no_tables() -> None:
    for table, message in (
        ({"a": [1, 2], "y": [1, 2, 3]}, "columns of X must have the same length, got 2, but 3"),
        ({"a": 3, "y": [1]}, "column 'a' must be one-dimensional"),
        ({"a": np.zeros((2, 2)), "y": [1, 2]}, "column 'a' must be one-dimensional"),
        ({"a": [], "y": []}, "column 'a' must hold at least one sample"),
        ({}, "y must be a column of X|X must have at least one column"),
        ({1: [1, 2], "1": [3, 4]}, "columns of different names when written out"),
    ):
        with pytest.raises(ValueError, match=message):
            rank_features(table, "y")
    with pytest.raises(TypeError, match="real numbers or labels, got dtype complex128"):
        rank_features({"a": [1j, 2j], "y": [0, 1]}, "y")


def test_a_capsule_of_one_column_is_no_table() -> None:
    with pytest.raises((TypeError, ValueError), match="X must be"):
        rank_features(Stream(pa.chunked_array([[1, 2, 3]])), [0, 1, 0])


def test_a_reader_is_read_once_and_then_empty() -> None:
    used = reader()
    quiet(rank_features, used, "y")
    with pytest.raises((ValueError, pa.ArrowException)):
        rank_features(used, "y")


def test_a_source_of_ones_own() -> None:
    class Own(Source):
        def __init__(self) -> None:
            self.names, self.label = ["a", "y"], "mine"

        def parts(self, names: Any, start: int = 0) -> Any:
            yield TABLE.select(list(names)).slice(start)

    right = rows(rank_features(TABLE.select(["a", "y"]), "y"))
    assert rows(rank_features(Own(), "y")) == right
    assert select_features(Own(), "y", 1).names == ["a"]
    assert fastinfo.mutual_information_matrix(Own()).shape == (2, 2)
