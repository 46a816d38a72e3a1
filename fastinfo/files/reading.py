"""The file of a name as a table, or as what reads it part by part."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: Bytes of a file, unpacked, from which on it is read part by part.
LARGE = 1 << 28


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
        When the file is of an unknown kind, broken or without rows, lacks a column asked for, or
        holds more compressed text than there is memory for. The message is one line that names the
        file.
    ImportError
        When pyarrow is not installed.

    Notes
    -----
    In text, an empty value, ``NA``, ``N/A``, ``NaN``, ``nan``, ``NULL`` and ``null`` are missing,
    and the types of the columns (numbers, booleans, dates, strings) are found out from all rows.
    Arrow files are mapped into memory and not copied; so are the columns of an ``.npy`` file where
    they lie in one piece (one dimension, or Fortran order). Their names are the fields' names, or
    ``x0``, ``x1``, and so on. What is read of Arrow files is validated in full.

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
    from fastinfo.files.formats import failures
    from fastinfo.files.many_files import file_of

    file = file_of(os.fspath(path))
    with failures(file.path, file.suffix):
        table = file.table(columns)
    if not table.num_columns:
        raise ValueError(f"{file.path!r} has no columns")
    if table.num_rows == 0:
        raise ValueError(f"{file.path!r} has no rows")
    return table


def open_path(path: str | os.PathLike[str]) -> Any:
    """Read a file of moderate size; open a larger one, or those of a pattern, part by part."""
    name = os.fspath(path)
    from fastinfo.files.many_files import Files, file_of, find_files

    if os.path.isfile(name) and file_of(name).size() <= LARGE:
        return read_table(name)

    return Files(find_files([name]))
