"""Doors: ways in which a column comes to fastinfo. Each gives what the column tells about y.

A door takes a kind and returns a number, which is to be that of ``Door.truth``. It leads by a
container, and is for the kinds that this can hold.
"""

import contextlib
import functools
import io
import itertools
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import narwhals
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset

import fastinfo
import fastinfo.dask
from doors.containers import (
    PARTS,
    Container,
    arrow_table,
    batch,
    batches,
    column,
    csv,
    dask_frame,
    feather,
    native,
    pandas_frame,
    parquet,
    polars_frame,
    relation,
    stream,
)
from doors.kinds import KINDS, Y_NUMBERS, Kind, N, Y
from fastinfo import (
    JointCounts,
    contingency_table,
    mutual_info_score,
    mutual_information,
    mutual_information_matrix,
    rank_features,
    select_features,
)
from fastinfo.cli import run
from fastinfo.streaming import ColumnCounts, PairCounts, open_files, survey

# Doors


def _only(rows: Any, kind: Kind) -> float:
    """Information of the only row of a ranking."""
    (row,) = rows
    assert (row.n, row.n_missing) == (N - kind.n_missing, kind.n_missing)
    return float(row.mi)


class Door(NamedTuple):
    """A way in."""

    name: str
    open: Callable[[Kind], float]
    container: Container
    takes: Callable[[Kind], bool]
    truth: Callable[[Kind], float]

    def __str__(self) -> str:
        return self.name

    def carries(self, kind: Kind) -> bool:
        """Whether a column of the kind can come this way."""
        return self.takes(kind) and self.container.holds(kind)


def _of_plain(y: np.ndarray, **options: Any) -> Callable[[Kind], float]:
    @functools.cache
    def truth(kind: Kind) -> float:
        present = ~np.isnan(kind.plain)
        x = kind.plain[present]
        return mutual_information(x, y[present], discrete=(kind.is_labels, "auto"), **options)

    return truth


_truth = _of_plain(Y)
_above_chance = _of_plain(Y, correction="chance")
_against_numbers = _of_plain(Y_NUMBERS)

DOORS: list[Door] = []


def door(
    container: Container,
    *,
    takes: Callable[[Kind], bool] = lambda kind: True,
    truth: Callable[[Kind], float] = _truth,
) -> Callable[[Callable[[Kind], float]], Callable[[Kind], float]]:
    def add(way: Callable[[Kind], float]) -> Callable[[Kind], float]:
        DOORS.append(Door(way.__name__, way, container, takes, truth))
        return way

    return add


def _is_labels(kind: Kind) -> bool:
    return kind.is_labels


def _of(*libraries: str) -> Callable[[Kind], bool]:
    return lambda kind: kind.library in libraries


def _is_complete(kind: Kind) -> bool:
    return kind.is_labels and not kind.n_missing


# Of columns


@door(column)
def mutual_information_of_x(kind: Kind) -> float:
    return mutual_information(column(kind), Y, nan_policy="omit")


@door(column)
def mutual_information_of_y(kind: Kind) -> float:
    return mutual_information(Y, column(kind), nan_policy="omit")


@door(column, truth=_against_numbers)
def mutual_information_with_numbers(kind: Kind) -> float:
    return mutual_information(column(kind), Y_NUMBERS, nan_policy="omit")


@door(column, takes=_is_complete)
def score_of_labels(kind: Kind) -> float:
    return mutual_info_score(column(kind), Y)


@door(column, takes=_is_labels)
def table_of_labels(kind: Kind) -> float:
    return JointCounts.from_table(contingency_table(column(kind), Y)[0]).mutual_information()


@door(column)
def joint_counts(kind: Kind) -> float:
    counts = JointCounts.from_samples(column(kind), Y, strategy="quantile")
    assert (counts.n, counts.n_missing) == (N - kind.n_missing, kind.n_missing)
    return counts.mutual_information()


@door(column)
def target_of_array(kind: Kind) -> float:
    return rank_features(Y[:, None], column(kind))[0].mi


def _is_array(kind: Kind) -> bool:
    return kind.library == "numpy" and not kind.name.startswith("list")


@door(column, takes=_is_array)
def feature_of_array(kind: Kind) -> float:
    return _only(rank_features(column(kind)[:, None], Y), kind)


# Of tables in memory


@door(native)
def feature_of_table(kind: Kind) -> float:
    return _only(rank_features(native(kind), "y"), kind)


@door(native)
def target_of_table(kind: Kind) -> float:
    return rank_features(native(kind), "x")["y"].mi


@door(native)
def matrix_of_table(kind: Kind) -> float:
    return float(mutual_information_matrix(native(kind))[0, 1])


@door(native, truth=_above_chance)
def selection(kind: Kind) -> float:
    return select_features(native(kind), "y", 1, method="mim")[0].mi


@door(arrow_table, takes=_of("numpy", "pandas", "polars", "duckdb"))
def feature_of_arrow(kind: Kind) -> float:
    return _only(rank_features(arrow_table(kind), "y"), kind)


@door(pandas_frame, takes=_of("numpy", "polars", "pyarrow", "duckdb"))
def feature_of_pandas(kind: Kind) -> float:
    return _only(rank_features(pandas_frame(kind), "y"), kind)


@door(polars_frame, takes=_of("numpy", "pandas", "pyarrow", "duckdb"))
def feature_of_polars(kind: Kind) -> float:
    return _only(rank_features(polars_frame(kind), "y"), kind)


@door(native, takes=_of("pandas", "polars", "pyarrow"))
def feature_of_narwhals(kind: Kind) -> float:
    return _only(rank_features(narwhals.from_native(native(kind), eager_only=True), "y"), kind)


@door(batch)
def record_batch(kind: Kind) -> float:
    return _only(rank_features(batch(kind), "y"), kind)


# In parts


def _parts(kind: Kind) -> list[Any]:
    table = native(kind)
    if isinstance(table, dict):
        return [{name: values[a:b] for name, values in table.items()} for a, b in PARTS]
    if isinstance(table, pd.DataFrame):
        return [table.iloc[a:b] for a, b in PARTS]
    return [table.slice(a, b - a) for a, b in PARTS]


def _surveys(kind: Kind) -> Any:
    return None if kind.is_labels else survey(native(kind))


@door(native)
def column_counts(kind: Kind) -> float:
    counts = ColumnCounts(["x"], "y", surveys=_surveys(kind))
    for part in _parts(kind):
        counts.update(part)
    return _only(counts.ranking(), kind)


@door(column, takes=_is_array)
def column_counts_of_arrays(kind: Kind) -> float:
    x = column(kind)[:, None]
    counts = ColumnCounts(["x"], "y", surveys=_surveys(kind))
    for a, b in PARTS:
        counts.update(x[a:b], Y[a:b])
    return _only(counts.ranking(), kind)


@door(native)
def pair_counts(kind: Kind) -> float:
    counts = PairCounts(["x", "y"], surveys=_surveys(kind))
    for part in _parts(kind):
        counts.update(part)
    return float(counts.matrix()[0, 1])


@door(batches, takes=_of("pandas", "polars", "pyarrow", "duckdb"))
def dataset(kind: Kind) -> float:
    return _only(rank_features(pyarrow.dataset.InMemoryDataset(batches(kind)), "y"), kind)


@door(batches, takes=_of("pandas", "polars", "pyarrow", "duckdb"))
def target_of_dataset(kind: Kind) -> float:
    return rank_features(pyarrow.dataset.InMemoryDataset(batches(kind)), "x")["y"].mi


@door(batches, takes=_of("pandas", "polars", "pyarrow", "duckdb"))
def matrix_of_dataset(kind: Kind) -> float:
    source = pyarrow.dataset.InMemoryDataset(batches(kind))
    return float(mutual_information_matrix(source)[0, 1])


@door(batches, takes=_of("pandas", "polars", "pyarrow", "duckdb"))
def record_batch_reader(kind: Kind) -> float:
    parts = batches(kind)
    reader = pa.RecordBatchReader.from_batches(parts[0].schema, parts)
    return _only(rank_features(reader, "y"), kind)


@door(parquet, takes=_of("pandas", "polars", "pyarrow", "duckdb"))
def parquet_in_parts(kind: Kind) -> float:
    return _only(rank_features(open_files(parquet(kind)), "y"), kind)


@door(parquet, takes=_of("pyarrow"))
def parquet_by_path(kind: Kind) -> float:
    return _only(rank_features(parquet(kind), "y"), kind)


@door(feather, takes=_of("pandas", "pyarrow"))
def arrow_file_in_parts(kind: Kind) -> float:
    return _only(rank_features(open_files(feather(kind)), "y"), kind)


@door(stream, takes=_of("pandas", "pyarrow"))
def arrow_stream_in_parts(kind: Kind) -> float:
    return _only(rank_features(open_files(stream(kind)), "y"), kind)


@door(csv)
def csv_in_parts(kind: Kind) -> float:
    return _only(rank_features(open_files(csv(kind)), "y"), kind)


@door(polars_frame, takes=_of("polars", "pyarrow"))
def lazy_frame(kind: Kind) -> float:
    return _only(rank_features(polars_frame(kind).lazy(), "y"), kind)


@door(polars_frame, takes=_of("polars", "pyarrow"))
def lazy_frame_of_narwhals(kind: Kind) -> float:
    return _only(rank_features(narwhals.from_native(polars_frame(kind).lazy()), "y"), kind)


@door(relation, takes=_of("pandas", "pyarrow", "duckdb"))
def duckdb_relation(kind: Kind) -> float:
    return _only(rank_features(relation(kind), "y"), kind)


@door(relation, takes=_of("duckdb"))
def target_of_relation(kind: Kind) -> float:
    return rank_features(relation(kind), "x")["y"].mi


@door(relation, takes=_of("duckdb"))
def duckdb_relation_of_narwhals(kind: Kind) -> float:
    return _only(rank_features(narwhals.from_native(relation(kind)), "y"), kind)


@door(dask_frame, takes=_of("pandas", "pyarrow"))
def dask_dataframe(kind: Kind) -> float:
    ranking = fastinfo.dask.rank_features(dask_frame(kind), "y")
    return _only(ranking.compute(scheduler="synchronous"), kind)


# By the command line


def _command(*arguments: str) -> Any:
    out, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        code = run([*arguments, "--json"])
    assert code == 0, said.getvalue()
    return json.loads(out.getvalue())


@door(csv)
def command_line_of_csv(kind: Kind) -> float:
    (row,) = _command("rank", str(csv(kind)), "--target", "y")["rows"]
    return row["mi"]


@door(parquet, takes=_of("pyarrow"))
def command_line_of_parquet(kind: Kind) -> float:
    (row,) = _command("rank", str(parquet(kind)), "--target", "y")["rows"]
    return row["mi"]


WAYS = [(kind, way) for way, kind in itertools.product(DOORS, KINDS) if way.carries(kind)]
