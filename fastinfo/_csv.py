"""Delimited text to tables, with the number of the line where a file is broken."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: What stands for a missing value.
MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null")

# Bytes that pyarrow reads at a time; the second try is for files with rows longer than the first.
_BLOCKS = (1 << 20, 1 << 28)


def read(name: str, delimiter: str, packed: str) -> pa.Table:
    """Read a text file of columns.

    Parameters
    ----------
    name : str
        The file.
    delimiter : str
        What stands between two values: one character.
    packed : {"", "gz", "zip"}
        How the file is compressed.

    Returns
    -------
    pyarrow.Table
        The columns, with the types that all rows allow.

    Raises
    ------
    ValueError
        When a line has too few or too many values, a quote is never closed, the text is not UTF-8,
        or there are no rows.
    """
    import pyarrow as pa

    for block_size in _BLOCKS:
        try:
            table = _parse(name, delimiter, packed, block_size)
            break
        except pa.ArrowInvalid as error:
            failure = error
    else:
        find_broken_line(name, delimiter, packed)
        if "Empty CSV" in str(failure):
            raise ValueError(f"{name!r} has no rows") from failure
        raise failure
    check_text(name, delimiter, table.schema)
    check_end(name, delimiter, packed, table)
    return table


def check_end(name: str, delimiter: str, packed: str, last: pa.Table | pa.RecordBatch) -> None:
    """Raise where the last row shows that a quote was never closed.

    Parameters
    ----------
    name, delimiter, packed : str
        As :func:`read` has them.
    last : pyarrow.Table or pyarrow.RecordBatch
        The last rows, with all columns.
    """
    if _ends_in_many_lines(last) and not _ends_in_quote(name, packed):
        find_broken_line(name, delimiter, packed)
        raise ValueError(f"{name!r}: a quote is never closed")


def _parse(name: str, delimiter: str, packed: str, block_size: int) -> pa.Table:
    """Read a text file with pyarrow."""
    from pyarrow import csv as arrow_csv

    return arrow_csv.read_csv(
        _source(name, packed),
        read_options=arrow_csv.ReadOptions(block_size=block_size),
        # Without newlines_in_values a quoted line end where two blocks meet splits its row, unseen.
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            null_values=list(MISSING), strings_can_be_null=True
        ),
    )


def open_parts(
    name: str, delimiter: str, packed: str, block_size: int, types: dict[str, Any]
) -> Any:
    """Open a text file of columns, to read block by block.

    Parameters
    ----------
    name : str
        The file.
    delimiter, packed : str
        As :func:`read` has them.
    block_size : int
        Bytes of a block.
    types : dict
        Types of the columns; those that are not there are found out from the first block.

    Returns
    -------
    pyarrow.csv.CSVStreamingReader
        Batches of rows.
    """
    from pyarrow import csv as arrow_csv

    return arrow_csv.open_csv(
        _source(name, packed),
        read_options=arrow_csv.ReadOptions(block_size=block_size),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            null_values=list(MISSING), strings_can_be_null=True, column_types=types
        ),
    )


def _source(name: str, packed: str) -> Any:
    """Open a file for pyarrow, decompressed."""
    import pyarrow as pa

    if packed == "zip":
        return pa.BufferReader(_unzip(name))
    return pa.input_stream(name, compression="gzip" if packed == "gz" else None)


def _unzip(name: str) -> bytes:
    """Return the only file of a zip file."""
    try:
        with zipfile.ZipFile(name) as archive:
            files = [
                member
                for member in archive.infolist()
                if not member.is_dir() and not member.filename.startswith("__MACOSX/")
            ]
            if len(files) != 1:
                raise ValueError(f"{name!r} must hold one file and holds {len(files)}: unpack it")
            return archive.read(files[0])
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"{name!r} cannot be unpacked: {error}") from error


def check_text(name: str, delimiter: str, schema: pa.Schema) -> None:
    """Raise when the text is not UTF-8, or its one column looks like several."""
    import pyarrow as pa

    for field in schema:
        if pa.types.is_binary(field.type):
            message = f"column {field.name!r} of {name!r} is not UTF-8 text: save it as UTF-8"
            raise ValueError(message)
    if len(schema) == 1:
        header = schema.names[0]
        for other in ",;\t|":
            if other in header and other != delimiter:
                raise ValueError(
                    f"{name!r} has one column, {header!r}: its values seem to be separated by "
                    f"{other!r}, where {delimiter!r} is expected"
                )


def _ends_in_many_lines(table: pa.Table) -> bool:
    """Tell whether the very last value spans lines, as it does after a quote never closed."""
    import pyarrow as pa

    if not table.num_rows or not pa.types.is_string(table.schema[-1].type):
        return False
    return "\n" in (table.column(table.num_columns - 1)[-1].as_py() or "")


def _ends_in_quote(name: str, packed: str) -> bool:
    """Tell whether the last character, line ends left out, is a quote."""
    tail = ""
    with _text(name, packed) as text:
        while block := text.read(1 << 20):
            tail = (tail + block).rstrip("\r\n")[-1:]
    return tail == '"'


def find_broken_line(name: str, delimiter: str, packed: str) -> None:
    """Raise for the first line that is not like the first. Slow: for broken files alone."""
    with _text(name, packed) as text:
        for line, expected, found in _odd_rows(name, text, delimiter):
            raise ValueError(
                f"{name!r}, line {line}: expected {expected} values as in the first line, found "
                f"{found}; mend or remove that line"
            )


def _odd_rows(name: str, text: io.TextIOWrapper, delimiter: str) -> Iterator[tuple[int, int, int]]:
    """Yield the number of the line, the values expected and those found, of odd rows."""
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    start, expected = 1, 0
    try:
        for row in rows:
            if not expected and row and row[0].startswith(("\xff\xfe", "\xfe\xff")):
                raise ValueError(f"{name!r} is UTF-16 text: save it as UTF-8")
            expected = expected or len(row)
            if row and len(row) != expected:
                yield start, expected, len(row)
            start = rows.line_num + 1
    except csv.Error as error:
        detail = str(error)
        if "unexpected end" in detail or "field larger" in detail:
            detail = "a quote that opens in this row is never closed"
        raise ValueError(f"{name!r}, line {start}: {detail}") from error


@contextmanager
def _text(name: str, packed: str) -> Iterator[io.TextIOWrapper]:
    """Open a file as text whose characters are its bytes, decompressed."""
    if packed == "zip":
        stream: Any = io.BytesIO(_unzip(name))
    elif packed == "gz":
        stream = gzip.open(name)  # noqa: SIM115
    else:
        stream = open(name, "rb")  # noqa: SIM115
    with io.TextIOWrapper(stream, encoding="latin-1", newline="") as text:
        yield text
