"""Tables from files: CSV, TSV, Parquet, Feather, Arrow and NumPy's ``.npy``.

Needs pyarrow, which comes with ``pip install "fastinfo[frames]"``.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SUFFIXES", "failures", "read_table", "unknown_column"]

_DELIMITERS = {"csv": ",", "tsv": "\t"}

#: The suffixes of the files that `read_table` reads.
SUFFIXES = (
    *(f".{kind}{packed}" for kind in _DELIMITERS for packed in ("", ".gz", ".zip")),
    ".parquet",
    ".feather",
    ".arrow",
    ".ipc",
    ".npy",
)


def read_table(path: str | os.PathLike[str], *, columns: Sequence[str] | None = None) -> pa.Table:
    r"""Read a file of columns.

    Parameters
    ----------
    path : str or path-like
        The file. Its suffix, in upper or lower case, says what it is: ``.csv`` and ``.tsv``, plain,
        ``.gz`` or ``.zip``, ``.parquet``, ``.feather``, ``.arrow``, ``.ipc`` or ``.npy``.
    columns : sequence of str, optional
        The columns to read, in this order. All of them by default.

    Returns
    -------
    pyarrow.Table
        At least one row and one column, with names that differ.

    Raises
    ------
    OSError
        When there is no such file, it is a directory, or may not be read.
    ValueError
        When the file is of an unknown kind, broken or without rows, or lacks a column asked for.
        The message is one line that names the file.
    ImportError
        When pyarrow is not installed.

    Notes
    -----
    In text, an empty value, ``NA``, ``N/A``, ``NaN``, ``nan``, ``NULL`` and ``null`` are missing,
    and the types of the columns (numbers, booleans, dates, strings) are found out from all rows.
    Arrow files are mapped into memory and not copied; so are the columns of an ``.npy`` file where
    they lie in one piece (one dimension, or Fortran order). Their names are the fields' names, or
    ``c0``, ``c1``, and so on.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from fastinfo.files import read_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "planes.csv")
    ...     _ = path.write_text("tail,seats\nN14228,149\nN24211,NA\n")
    ...     read_table(path).to_pydict()
    {'tail': ['N14228', 'N24211'], 'seats': [149, None]}
    """
    name = os.fspath(path)
    _check_file(name)
    suffix = _suffix(name)
    with failures(name, suffix):
        table = _read(name, suffix, columns)
    if not table.num_columns:
        raise ValueError(f"{name!r} has no columns")
    if table.num_rows == 0:
        raise ValueError(f"{name!r} has no rows")
    return table


@contextmanager
def failures(name: str, suffix: str) -> Iterator[None]:
    """Word what pyarrow raises in one line that names the file.

    Parameters
    ----------
    name : str
        The file.
    suffix : str
        What it is read as.

    Yields
    ------
    None
        The block reads the file.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        message = f'reading {name!r} needs pyarrow: pip install "fastinfo[frames]"'
        raise ImportError(message) from error
    try:
        yield
    except (FileNotFoundError, MemoryError, PermissionError):
        raise
    except UnicodeDecodeError as error:
        raise ValueError(f"{name!r} has a column name that is not UTF-8 text") from error
    except (pa.ArrowException, OSError, EOFError, NotImplementedError) as error:
        detail = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"{name!r} cannot be read as {suffix}: {detail}") from error


def unknown_column(column: str, known: Sequence[str]) -> str:
    """Say that there is no such column, and which there are.

    Parameters
    ----------
    column : str
        The name that was asked for.
    known : sequence of str
        The names that there are.

    Returns
    -------
    str
        One line, with the nearest known names where some are near, and the first of all.

    Examples
    --------
    >>> from fastinfo.files import unknown_column
    >>> unknown_column("seat", ["tail", "seats"])
    "no column 'seat', but 'seats'; the columns are: tail, seats"
    """
    by_fold = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(column.casefold(), by_fold, n=3)
    but = f", but {' or '.join(repr(by_fold[name]) for name in near)}" if near else ""
    shown = ", ".join([*known[:20], *(["…"] if len(known) > 20 else [])])
    return f"no column {column!r}{but}; the columns are: {shown}"


def _suffix(name: str) -> str:
    """Return the known suffix of a file's name."""
    lower = name.lower()
    for suffix in SUFFIXES:
        if lower.endswith(suffix):
            return suffix
    raise ValueError(f"{name!r} is of an unknown kind: fastinfo reads {', '.join(SUFFIXES)}")


def _check_file(name: str) -> None:
    """Raise one clear line when there is no file to read."""
    if not os.path.exists(name):
        raise FileNotFoundError(f"no such file: {name!r}")
    if os.path.isdir(name):
        raise IsADirectoryError(f"{name!r} is a directory: give one of the files in it")
    if not os.access(name, os.R_OK):
        raise PermissionError(f"{name!r} may not be read: permission denied")
    if os.path.isfile(name) and os.path.getsize(name) == 0:
        raise ValueError(f"{name!r} is empty: it has no rows")


def _read(name: str, suffix: str, columns: Sequence[str] | None) -> pa.Table:
    """Read a file by its kind, and pick columns."""
    kind, _, packed = suffix.removeprefix(".").partition(".")
    if kind in _DELIMITERS:
        from fastinfo import _csv

        table = _csv.read(name, _DELIMITERS[kind], packed)
    elif kind == "npy":
        from fastinfo import _npy

        table = _npy.read(name)
    elif kind == "parquet":
        return _read_parquet(name, columns)
    else:
        table = _read_arrow(name)
    return table.select(_chosen(name, table.column_names, columns))


def _read_parquet(name: str, columns: Sequence[str] | None) -> pa.Table:
    """Read a Parquet file, only the columns that are asked for."""
    from pyarrow import parquet

    with parquet.ParquetFile(name, memory_map=True) as file:
        return file.read(columns=_chosen(name, file.schema_arrow.names, columns))


def _read_arrow(name: str) -> pa.Table:
    """Map an Arrow file, which is what Feather is too, or read an Arrow stream."""
    import pyarrow as pa

    source = pa.memory_map(name)
    magic = source.read(6)
    source.seek(0)
    if magic == b"ARROW1":
        return pa.ipc.open_file(source).read_all()
    return pa.ipc.open_stream(source).read_all()


def _chosen(name: str, known: list[str], columns: Sequence[str] | None) -> list[str]:
    """Return the columns to read: those asked for, or all but pandas' unnamed row index."""
    if len(set(known)) < len(known):
        twice = next(column for column in known if known.count(column) > 1)
        raise ValueError(f"{name!r} has two columns named {twice!r}: rename one of them")
    if columns is None:
        return [column for column in known if not column.startswith("__index_level_")]
    for column in columns:
        if column not in known:
            raise ValueError(f"{name!r} has {unknown_column(column, known)}")
    return list(columns)
