"""What data is: an array, a table in memory, or a source that is read part by part."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fastinfo._column_readers.forms import Values
from fastinfo._column_readers.of_arrow import is_nested
from fastinfo._column_readers.of_numpy import read as read_list
from fastinfo._column_readers.sparse_columns import (
    SparseColumns,
    column_of_pandas,
    columns_of_matrix,
    is_matrix,
)
from fastinfo._core.checks import (
    Array,
    as_array,
    as_samples,
    library_of,
    refuse_unreadable,
)
from fastinfo._core.limits import INDEXED_CELLS
from fastinfo._core.messages import missing_packages, printable, warn
from fastinfo._tables.features import Features, refuse_nested
from fastinfo._tables.library_sources import Dataset, LazyFrame, Relation
from fastinfo.files.sources import Source, index_columns, nested_fields
from fastinfo.files.text_columns import taken_of

_TABLES = (
    "an array, a pandas, Polars or PyArrow table, a sparse matrix, a mapping of names to columns, "
    "files, or a table that is read part by part"
)


def is_series(data: Any) -> bool:
    """Whether the data is a column of some table library."""
    kind = type(data)
    return library_of(kind) in ("pandas", "polars", "pyarrow") and hasattr(kind, "__len__")


def is_table(data: Any) -> bool:
    """Whether the data is a table of some library, and not an array, a list or a mapping."""
    kind = type(data)  # a lazy table would warn of a look at its columns
    return hasattr(kind, "columns") or hasattr(kind, "column_names")


def _of_dask(data: Any) -> Any:
    raise TypeError(
        f"X must be {_TABLES}, got a Dask {type(data).__name__}: the functions of fastinfo.dask "
        f"take it, such as fastinfo.dask.rank_features"
    )


def _of_arrow(table: Any) -> Features:
    index = index_columns(table.schema)
    pairs = zip(table.schema.names, table.columns, strict=True)
    kept = [pair for pair in pairs if pair[0] not in index]
    found = _features([n for n, _ in kept], [c for _, c in kept], nested_fields(table.schema))
    return found._replace(taken=taken_of(table.schema))


def _of_pandas(frame: Any) -> Features:
    columns = [column for _, column in frame.items()]
    return _features(frame.columns, [_or_sparse(column) for column in columns])


def _or_sparse(column: Any) -> Any:
    """A column of pandas, taken apart where most of it is not stored."""
    sparse = column_of_pandas(column)
    return column if sparse is None else sparse


def _of_polars(frame: Any) -> Features:
    return _features(frame.columns, frame.get_columns())


#: How to read what, by library and class: to columns, a source, or something else to look up.
_READERS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("narwhals", "DataFrame"): lambda frame: frame.to_native(),
    ("narwhals", "LazyFrame"): lambda frame: frame.to_native(),
    ("pyarrow", "Table"): _of_arrow,
    ("pyarrow", "RecordBatch"): _of_arrow,
    ("pyarrow", "RecordBatchReader"): lambda reader: reader.read_all(),
    ("pyarrow", "Scanner"): lambda scanner: scanner.to_reader(),
    ("pyarrow", "Dataset"): Dataset,
    ("pandas", "DataFrame"): _of_pandas,
    ("polars", "DataFrame"): _of_polars,
    ("polars", "LazyFrame"): LazyFrame,
    ("duckdb", "DuckDBPyRelation"): Relation,
    ("_duckdb", "DuckDBPyRelation"): Relation,
    ("dask", "DataFrame"): _of_dask,
    ("dask", "Series"): _of_dask,
    ("dask_expr", "DataFrame"): _of_dask,
    ("dask_expr", "Series"): _of_dask,
}


def _reader(data: Any) -> Callable[[Any], Any] | None:
    """How to read the data of a library that is known."""
    for kind in type(data).__mro__:
        found = _READERS.get((library_of(kind), kind.__name__))
        if found is not None:
            return found
    return None


def _of_library(data: Any, name: str) -> Any:
    read = _reader(data)
    assert read is not None
    return read(data)


def _of_mapping(data: Mapping[Hashable, Any], name: str) -> Features:
    return _features(data.keys(), [_column(*item) for item in data.items()])


def is_tabular(data: Any) -> bool:
    """Whether data is a table of some kind, a mapping apart."""
    given = isinstance(data, Source) or _reader(data) is not None
    return given or _has_capsules(data) or is_table(data)


def opened(data: Any, name: str = "X", *, small: bool = True) -> Features | Source:
    """
    Tell what data is, called `name` in errors, and read it as far as that is done at once.

    It becomes columns in memory, or a source to read part by part. What is computed anew each time
    it is read is read once, where it is `small`.
    """
    if isinstance(data, str | os.PathLike):
        from fastinfo.files import open_path

        data = open_path(data)
    given = data
    while not isinstance(data, Features | Source):
        read = next((read for is_known, read in _KINDS if is_known(data)), _of_array)
        try:
            data = read(data, name)
        except ImportError as error:
            raise missing_packages("tables need", "narwhals", "pyarrow", extra="frames") from error
        except Exception as error:
            refuse_unreadable(data, name, error)
            raise
    if isinstance(data, Features):
        return data if data is given or data.is_matrix else _checked(data, name)
    held = data.held() if small and data is not given else None
    return data if held is None else _of_source(data, held)


def _of_source(source: Source, table: Any) -> Features:
    """All that is used of a source, which was read as a whole."""
    found = opened(table)
    assert isinstance(found, Features)
    columns = source.columns if source.nested else source.names
    places = [i for i, name in enumerate(columns) if name not in source.nested]
    taken = {**found.taken, **source.taken}
    return found._replace(nested=source.nested, places=places, taken=taken)


def _checked(found: Features, name: str) -> Features:
    """A table that can be used: with columns, whose names differ, of one length."""
    if len(set(found.names)) < len(found.names):
        raise ValueError(
            f"{name} must have columns of different names when written out, got {found.names}"
        )
    for column, values in zip(found.names, found.columns, strict=True):
        if len(values) != found.n_rows:
            raise ValueError(
                f"the columns of {name} must have the same length, got {found.n_rows}, but "
                f"{len(values)} in {column!r}"
            )
    return found


def _features(
    keys: Iterable[Hashable], columns: Sequence[Any], nested: dict[Any, str] | None = None
) -> Features:
    """Columns of a table by name, without those that are nested."""
    keys = list(keys)
    if nested is None:
        kinds = ((key, nested_type(column)) for key, column in zip(keys, columns, strict=True))
        nested = {key: printable(kind) for key, kind in kinds if kind is not None}
    places = [i for i, key in enumerate(keys) if key not in nested]
    kept = [keys[i] for i in places]
    return Features(
        [str(key) for key in kept], None, [columns[i] for i in places], kept, places, nested
    )


def nested_type(column: Any) -> str | None:
    """The type of a column of lists, structs or maps; None of all else."""
    kind: Any = getattr(column, "dtype", None)
    if hasattr(type(kind), "is_nested"):  # Polars
        if kind.is_nested():
            return str(kind)
        objects = str(kind) == "Object"
    elif hasattr(kind, "pyarrow_dtype"):
        return str(kind.pyarrow_dtype) if is_nested(kind.pyarrow_dtype) else None
    elif hasattr(type(column), "type"):  # PyArrow
        return str(column.type) if is_nested(column.type) else None
    else:
        objects = getattr(kind, "kind", "") == "O" and str(kind) == "object"
    if objects:
        first = next((value for value in column if not _is_missing(value)), None)
        if isinstance(first, list | dict | set | np.ndarray) or is_series(first):
            return f"objects of type {type(first).__name__}"
    return None


def _is_missing(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType" or isinstance(value, float)


def _column(key: Hashable, values: Any) -> Any:
    """One column of a mapping."""
    values = as_native(values)
    return values if is_series(values) else as_listed(values, f"column {str(key)!r}")


def as_listed(values: Any, subject: str) -> Array:
    """Samples of an array or a list, as objects where NumPy would change them."""
    samples = as_samples(values, subject)
    if isinstance(values, list | tuple) and samples.dtype.kind in "USf":
        form = read_list(values, subject)
        assert isinstance(form, Values)
        return form.array
    return samples


def as_native(data: Any) -> Any:
    """A column or table of narwhals as that of its library."""
    wrapped = library_of(type(data)) == "narwhals" and hasattr(data, "to_native")
    return data.to_native() if wrapped else data


def _refuse_paths(data: Any, name: str) -> None:
    """Raise where a list is one of files."""
    paths = isinstance(data, list | tuple) and data
    if not paths or not all(isinstance(path, str | os.PathLike) for path in data):
        return
    if all(isinstance(p, os.PathLike) or os.path.splitext(p)[1] for p in data):
        named = ", ".join(repr(os.fspath(path)) for path in data[:2])
        named += ", ..." if len(data) > 2 else ""
        raise TypeError(
            f"{name} must be a table or one path, got a list of paths: "
            f"fastinfo.streaming.open_files({named}) makes one table of them"
        )


def _of_array(data: Any, name: str) -> Features:
    _refuse_paths(data, name)
    array = as_array(data, name)
    if array.ndim == 0:
        raise TypeError(f"{name} must be {_TABLES}, got {type(data).__name__}")
    if array.ndim != 2:
        raise ValueError(f"{name} must be two-dimensional (rows, columns), got shape {array.shape}")
    if array.dtype.kind in "cV":
        raise TypeError(f"{name} must hold real numbers or labels, got dtype {array.dtype}")
    if array.shape[1] >= INDEXED_CELLS:
        raise ValueError(f"{name} must have less than 2**31 columns, got shape {array.shape}")
    return Features(_numbered(name, array.shape[1]), array, [])


def _numbered(name: str, n: int) -> list[str]:
    """Names of the columns of a matrix."""
    letter = "x" if name == "X" else name.lower()
    return [f"{letter}{i}" for i in range(n)]


def _of_sparse(data: Any, name: str) -> Any:
    if len(data.shape) != 2:
        raise ValueError(f"{name} must be two-dimensional (rows, columns), got shape {data.shape}")
    if data.shape[1] >= INDEXED_CELLS:
        raise ValueError(f"{name} must have less than 2**31 columns, got shape {data.shape}")
    columns = columns_of_matrix(data)
    if not isinstance(columns, SparseColumns):
        return columns
    if not data.shape[0]:
        raise ValueError(f"{name} must have at least one row, got none")
    return Features(_numbered(name, data.shape[1]), None, columns)


def _has_capsules(data: Any) -> bool:
    """Whether data comes from another library by the C interface of Arrow, perhaps as a table."""
    given = hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")
    return given and not is_series(data)


def _of_capsule(data: Any, name: str) -> Any:
    """What exports a stream of Arrow, which is read once, or a batch."""
    import pyarrow as pa

    try:
        if hasattr(data, "__arrow_c_stream__"):
            return pa.RecordBatchReader.from_stream(data).read_all()
        return pa.record_batch(data)
    except pa.ArrowInvalid:  # one column, and no table
        return as_array(data, name)


def _of_others(data: Any, name: str) -> Any:
    """A table of a library that narwhals knows."""
    import narwhals.stable.v2 as nw

    try:
        return nw.from_native(data, eager_only=True).to_arrow()
    except TypeError as error:
        raise TypeError(f"{name} must be {_TABLES}, got {type(data).__name__}") from error


#: What data can be, and how that is read, to be looked at again; an array if nothing else.
_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[Any, str], Any]], ...] = (
    (lambda data: isinstance(data, np.ndarray | list | tuple), _of_array),
    (is_matrix, _of_sparse),
    (lambda data: _reader(data) is not None, _of_library),
    (is_series, _of_array),
    (lambda data: isinstance(data, Mapping), _of_mapping),
    (_has_capsules, _of_capsule),
    (is_table, _of_others),
)


def read_features(X: Any, name: str = "X") -> Features:
    """Read the columns of an array or table into memory; at least one column and one row."""
    features = opened(X, name)
    if isinstance(features, Source):
        features = _of_source(features, features.table())
    if not features.names:
        held = " of numbers or labels" if features.nested else ""
        raise ValueError(f"{name} must have at least one column{held}, got none")
    if not features.n_rows:
        raise ValueError(f"{name} must have at least one row, got none")
    return features


def warn_of_nested(nested: Mapping[Any, str], named: Any) -> None:
    """Name the columns that are left out, in one warning; raise where the user has named one."""
    for name in named if isinstance(named, Mapping) else ():
        refuse_nested(name, nested)
    names = [repr(str(name)) for name in nested]
    if names:
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        warn(f"columns of lists, structs or maps are left out: {', '.join(names[:10])}{more}")
