"""Read files as tables, or open them to be read part by part."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: Files with at least this many bytes, unpacked, are read part by part.
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
    r"""Read a table from a file.

    The format, separator, encoding and column types are detected. Options override the detection.

    Parameters
    ----------
    path : str or path-like
        The file. Formats are delimited text (``.csv``, ``.tsv``, ``.txt`` and others) and JSON (one
        record per line, a list of records, or columns); Parquet, Feather, Arrow and ``.npy``;
        spreadsheets (``.xlsx``, ``.xls``, ``.ods``; needs fastexcel: ``pip install
        "fastinfo[excel]"``); and SQLite or DuckDB databases. Each may be compressed (``.gz``,
        ``.bz2``, ``.xz``, ``.zst``, ``.zip``). If the name does not show the format, the content
        does. A URL is downloaded first. ``"-"`` is standard input.
    columns : sequence of str, optional
        The columns to read, in this order; by default, all of them.
    sep : str, optional
        Separator of the values of text: up to four bytes, or "tab", "space", "comma", "semicolon"
        or "pipe".
    decimal : {".", ","}, optional
        Decimal mark of numbers in text.
    encoding : str, optional
        Python's name of the text encoding, such as "cp1252".
    null_values : str or sequence of str, optional
        Texts of cells that mean a missing value. If given, no other cells are missing, and a column
        with other text among its numbers consists of labels. By default, these are the empty cell,
        ``NA``, ``N/A``, ``n/a``, ``NaN``, ``nan``, ``NULL``, ``null``, ``None``, ``<NA>``,
        ``#N/A``, ``\N`` and similar texts.
    quoted_null : bool, optional
        Whether these texts also mean a missing value in quotes; False keeps ``"NA"`` as text.
    header : bool, optional
        Whether the first line has the column names. By default, it does unless it looks like data.
    format : str, optional
        Format of the file: "csv", "tsv", "json", "parquet", "arrow", "npy", "excel", "sqlite" or
        "duckdb".
    sheet : str or int, optional
        Sheet of a spreadsheet, by name or by number from 1; by default, the first that has rows.
    table : str, optional
        Table of a database, needed if it has several.

    Returns
    -------
    pyarrow.Table
        The table, with at least one row and one column. Column names are unique.

    Raises
    ------
    OSError
        If the file does not exist, is a directory, or cannot be read.
    ValueError
        If the file has an unknown format, is broken or has no rows, a requested column does not
        exist, or its text does not fit into memory when decompressed. The message is one line that
        names the file.
    ImportError
        If the package that reads the format is not installed.

    Warns
    -----
    UserWarning
        For each column of text that is converted: numbers with a currency, percent sign, digit
        groups or decimal comma, and dates not in ISO form. If nearly all cells of a column are
        numbers or dates, the others are treated as missing, and the warning names them. If one of
        them is a sign such as ``?``, it is also treated as missing in columns of labels in which it
        is rare. Other warnings say that a file has no header, or several sheets.

    Notes
    -----
    Types are detected from the first rows, and again if later rows have another type. Integers with
    leading zeros are labels. Arrow files are memory-mapped and not copied. The same holds for an
    ``.npy`` file if each of its columns is contiguous (one dimension, or Fortran order). The
    columns of an ``.npy`` file are named like its fields, or ``x0``, ``x1``, and so on. Columns
    read from Arrow files are fully validated.

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
    """Read a whole file as a table."""
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
    """Read a file of moderate size as a table; open larger or several files to be read in parts."""
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
