"""Containers of a column and a target: what its library, or another one, puts them into.

Each is made once for each kind. A container lists, by patterns of their names, the kinds that its
library can't hold, and those of which it makes another kind, which then is read as that.
"""

import functools
import tempfile
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import dask
import dask.dataframe
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from doors.kinds import KINDS, Kind, N, Y

#: Rows of the parts, where data comes in parts.
PARTS = [(0, 150), (150, 390), (390, N)]


_NOT_IN_ARROW = (
    *("numpy >*", "numpy longdouble", "numpy m8[[]h]*"),
    *("*objects: mixed", "*objects: Fraction", "*objects: Period*", "*objects: Interval"),
    *("*objects: int past 2[*][*]64*", "pandas Sparse*", "polars *Int128*"),
    "polars Object: *",  # the addresses of the objects
)
#: Categories of what is no string: plain numbers or times elsewhere.
_CATEGORIES = (
    *("pandas categories: int", "pandas categories: float", "pandas categories: datetime"),
    "pyarrow dictionary of *",
)


class Container:
    """How a column and a target are put into something, for kinds whose names match no pattern."""

    def __init__(self, make: Callable[[Kind], Any], lacks: tuple[str, ...]) -> None:
        self._make, self.lacks = functools.cache(make), lacks

    def __call__(self, kind: Kind) -> Any:
        """The same one each time."""
        return self._make(kind)

    def holds(self, kind: Kind) -> bool:
        """Whether it can hold such a column as what it is."""
        return not any(fnmatchcase(str(kind), pattern) for pattern in self.lacks)


def container(*lacks: str) -> Callable[[Callable[[Kind], Any]], Container]:
    """Make a container of a function: of all kinds but those that match a pattern."""
    return lambda make: Container(make, lacks)


@container("duckdb *")
def column(kind: Kind) -> Any:
    """The column itself."""
    return kind.make()


@container("duckdb *")
def native(kind: Kind) -> Any:
    """A table of the column's own library; a mapping, for NumPy."""
    x = column(kind)
    new = {"numpy": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
    return new[kind.library]({"x": x, "y": Y})


@container(*_NOT_IN_ARROW)
def arrow_table(kind: Kind) -> pa.Table:
    if kind.library == "duckdb":
        return kind.make().to_arrow_table()
    table = native(kind)
    if kind.library == "pandas":
        return pa.Table.from_pandas(table, preserve_index=False)
    if kind.library == "polars":
        return table.to_arrow()
    if kind.library == "numpy":
        return pa.table({name: pa.array(values) for name, values in table.items()})
    return table


@container("polars *Int128*", "polars Object: *", "numpy list of int*")
def pandas_frame(kind: Kind) -> pd.DataFrame:
    if kind.library == "pandas":
        return native(kind)
    if kind.library == "numpy":
        return pd.DataFrame({name: pd.Series(values) for name, values in native(kind).items()})
    return arrow_table(kind).to_pandas(types_mapper=pd.ArrowDtype)


@container(
    *_CATEGORIES,
    *("numpy >M8*", "numpy M8[[]s]*", "numpy m8[[]h]*", "numpy longdouble", "*objects: mixed"),
    *("pandas objects: Interval", "pandas objects: Fraction", "pandas objects: Period*"),
    *("pandas objects: int past 2[*][*]64*", "pandas Sparse*"),
    *("pyarrow decimal256*", "pyarrow month_day_nano_interval", "duckdb INTERVAL"),
    "pyarrow run ends*",
)
def polars_frame(kind: Kind) -> pl.DataFrame:
    if kind.library == "polars":
        return native(kind)
    if kind.library == "pandas":
        return pl.from_pandas(native(kind))
    if kind.library == "numpy":
        return pl.DataFrame({name: pl.Series(values) for name, values in native(kind).items()})
    return pl.from_arrow(arrow_table(kind))


@container(
    *_NOT_IN_ARROW,
    *_CATEGORIES,
    *("*float16", "*halffloat", "*Float16", "numpy f2", "pyarrow decimal256*"),
    *("pandas cut", "pandas qcut", "pandas Interval"),  # structs
    *("*[dD]uration*", "*timedelta*", "numpy m8*"),  # intervals of months, days and nanoseconds
)
def relation(kind: Kind) -> Any:
    if kind.library == "duckdb":
        return kind.make()
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.register("source", arrow_table(kind))
    return connection.sql("select * from source")


@container(*_NOT_IN_ARROW, "pyarrow dictionary past int8*")
def batch(kind: Kind) -> pa.RecordBatch:
    (found,) = arrow_table(kind).combine_chunks().to_batches()
    return found


@container(*_NOT_IN_ARROW)
def batches(kind: Kind) -> list[pa.RecordBatch]:
    """Record batches as they are in the table's chunks, or three."""
    table = arrow_table(kind)
    found = table.to_batches()
    if len(found) == 1:
        return [found[0].slice(a, b - a) for a, b in PARTS]
    return found


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def _path(kind: Kind, ending: str) -> Path:
    return Path(_folder().name, f"{KINDS.index(kind)}.{ending}")


@container(
    *_NOT_IN_ARROW,
    *_CATEGORIES,
    *("pandas cut", "pandas qcut", "pyarrow dictionary with a null level", "pyarrow run ends*"),
    *("pyarrow month_day_nano_interval", "duckdb INTERVAL"),
)
def parquet(kind: Kind) -> Path:
    path = _path(kind, "parquet")
    pyarrow.parquet.write_table(arrow_table(kind), path, row_group_size=250)
    return path


@container(*_NOT_IN_ARROW, "pyarrow dictionary past int8*", "pandas cut", "pandas qcut")
def feather(kind: Kind) -> Path:
    path = _path(kind, "arrow")
    table = arrow_table(kind).unify_dictionaries()  # a file has one for all parts
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=250)
    return path


@container(*_NOT_IN_ARROW, "pandas cut", "pandas qcut")  # pandas can't make their type again
def stream(kind: Kind) -> Path:
    path = _path(kind, "stream.arrow")
    parts = batches(kind)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, parts[0].schema) as writer:
        for part in parts:
            writer.write_batch(part)
    return path


@container(
    *("[!p]*", "pandas *", "polars *", "pyarrow [!bdifs]*"),
    *("pyarrow binary*", "pyarrow bool8", "pyarrow date64*", "pyarrow decimal*"),
    *("pyarrow dictionary*", "pyarrow duration*", "pyarrow string_view"),
)
def csv(kind: Kind) -> Path:
    path = _path(kind, "csv")
    pyarrow.csv.write_csv(arrow_table(kind), path)
    return path


@container("polars *Int128*", "polars Object: *", "numpy list of int*")
def dask_frame(kind: Kind) -> Any:
    with dask.config.set({"dataframe.convert-string": False}):
        return dask.dataframe.from_pandas(pandas_frame(kind), npartitions=3, sort=False)
