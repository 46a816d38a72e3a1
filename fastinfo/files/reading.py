"""The file of a name as a table, or as what reads it part by part."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: Bytes of a file, unpacked, from which on it is read part by part.
LARGE = 1 << 28


def read_table(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] | None = None,
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    null_values: str | Sequence[str] | None = None,
    quoted_null: bool = True,
    header: bool | None = None,
    format: str | None = None,
    sheet: str | int | None = None,
    table: str | None = None,
) -> pa.Table:
    r"""Read a file of columns.

    What the file is, how its text is separated and encoded, and what its columns are is found out;
    the options say it where that is not wanted.

    Parameters
    ----------
    path : str or path-like
        The file: delimited text (``.csv``, ``.tsv``, ``.txt`` and others), JSON (a record a line, a
        list of records, or columns), both plain or packed (``.gz``, ``.bz2``, ``.xz``, ``.zst``,
        ``.zip``); Parquet, Feather and Arrow, ``.npy``; a spreadsheet (``.xlsx``, ``.xls``,
        ``.ods``; needs fastexcel: ``pip install "fastinfo[excel]"``); a database of SQLite or
        DuckDB. Where the name doesn't tell, the content does. ``"-"`` is standard input.
    columns : sequence of str, optional
        The columns to read, in this order. All of them by default.
    sep : str, optional
        What separates the values of text: a character, or "tab" or "space".
    decimal : {".", ","}, optional
        The decimal mark of numbers in text.
    encoding : str, optional
        The encoding of text, as Python names it, such as "cp1252".
    null_values : str or sequence of str, optional
        The cells of text that are missing, and no others: a column of numbers with other cells is
        then one of labels. By default the empty cell, ``NA``, ``N/A``, ``n/a``, ``NaN``, ``nan``,
        ``NULL``, ``null``, ``None``, ``<NA>``, ``#N/A``, ``\N`` and the like.
    quoted_null : bool, optional
        Whether such cells in quotes are missing, too; False keeps ``"NA"`` as text.
    header : bool, optional
        Whether the first line holds the names of the columns. By default that is so unless it looks
        like data.
    format : str, optional
        What the file is: "csv", "tsv", "json", "parquet", "arrow", "npy", "excel", "sqlite" or
        "duckdb".
    sheet : str or int, optional
        The sheet of a spreadsheet, by name or by number from 1. The first that has rows by default.
    table : str, optional
        The table of a database that has several.

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
        When a package is missing that reads such files.

    Warns
    -----
    UserWarning
        For each column of text that is taken as something else: numbers with a currency, percent,
        groups of digits or a decimal comma, and dates of another form than ISO. Where nearly all
        cells of a column are numbers or dates, the others count as missing, and are named; a sign
        such as ``?`` that marks them there is missing in columns of labels, too. Other warnings say
        that a file has no header, or several sheets.

    Notes
    -----
    Types are found out from the first rows, and again where a column has others further down. Whole
    numbers with leading zeros are labels. Arrow files are mapped into memory and not copied; so are
    the columns of an ``.npy`` file where they lie in one piece (one dimension, or Fortran order).
    Their names are the fields' names, or ``x0``, ``x1``, and so on. What is read of Arrow files is
    validated in full.

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
    from fastinfo.files.many_files import file_of
    from fastinfo.files.options import ReadOptions

    options = ReadOptions.of(
        sep=sep,
        decimal=decimal,
        encoding=encoding,
        null_values=null_values,
        quoted_null=quoted_null,
        header=header,
        format=format,
        sheet=sheet,
        table=table,
    )
    return _whole(file_of(os.fspath(path), options), options, columns)


def _whole(file: Any, options: Any, columns: Sequence[str] | None = None) -> pa.Table:
    """All of a file as a table."""
    from fastinfo.files.formats.file import failures
    from fastinfo.files.sources import again
    from fastinfo.files.text_columns import of_table

    with failures(file.path, file.suffix):
        table = again(lambda: file.table(columns))
    if not table.num_columns:
        raise ValueError(f"{file.path!r} has no columns")
    if table.num_rows == 0:
        raise ValueError(f"{file.path!r} has no rows")
    comma = getattr(file, "decimal", None) == ","
    strict = options.null_values is not None
    return of_table(
        table, file.label, comma=comma, strict=strict, typed=file.typed, known=file.taken
    )


def open_path(path: str | os.PathLike[str], options: Any = None) -> Any:
    """Read a file of moderate size; open a larger one, or those of a pattern, part by part."""
    name = os.fspath(path)
    from fastinfo.files.finding import find_files
    from fastinfo.files.many_files import NO_OPTIONS, Files, file_of
    from fastinfo.files.unpacking import is_address

    options = NO_OPTIONS if options is None else options
    if name == "-" or is_address(name) or os.path.isfile(name):
        file = file_of(name, options)
        if file.size() <= LARGE:
            return _whole(file, options)
        return Files([file], options)
    return Files(find_files([name]), options)
