"""Delimited text as tables, with the number of the line where a file is broken."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastinfo._core.messages import printable
from fastinfo.files.formats.file import File
from fastinfo.files.packed import open_guarded, open_packed, packed_size, unzip
from fastinfo.files.sources import in_parts, part_rows

if TYPE_CHECKING:
    import pyarrow as pa

#: What stands for a missing value.
MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null")

# Bytes that pyarrow reads at a time; the second try is for files with rows longer than the first.
_BLOCKS = (1 << 20, 1 << 28)
_ROWS = 64  # of a block, at least: each block makes a chunk of each column
_TEXT_BLOCK = 1 << 24  # of a file in parts


class Text(File):
    """Delimited text, plain or compressed; in parts, types are those of its first block."""

    def __init__(self, path: str, suffix: str) -> None:
        super().__init__(path, suffix)
        kind, _, self._packed = suffix.removeprefix(".").partition(".")
        self._delimiter = "," if kind == "csv" else "\t"
        self._types: dict[str, Any] = {}

    def size(self) -> int:
        return packed_size(self.path, self._packed) if self._packed else super().size()

    def look(self) -> None:
        with self._open() as reader:
            self._know(self.chosen(reader.schema.names), {})
            self._types = dict(zip(reader.schema.names, reader.schema.types, strict=True))
            _check_text(self.path, self._delimiter, reader.schema)

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        """All of it, with the types that all rows allow."""
        import pyarrow as pa

        for block_size in (self._block_size(), _BLOCKS[1]):
            try:
                table = _parse(self.path, self._delimiter, self._packed, block_size)
                break
            except pa.ArrowInvalid as error:
                failure = error
        else:
            self._find_broken_line()
            if "Empty CSV" in str(failure):
                raise ValueError(f"{self.path!r} has no rows") from failure
            raise failure
        _check_text(self.path, self._delimiter, table.schema)
        self._check_end(table)
        return table.select(self.chosen(table.column_names, names))

    def _block_size(self) -> int:
        """Bytes to read at a time, by the length of the first line."""
        small = not self._packed and self.size() <= _BLOCKS[0]
        if small or self._packed == "zip":  # which is unpacked as a whole
            return _BLOCKS[0]
        with _text(self.path, self._packed) as text:
            return min(max(_BLOCKS[0], _ROWS * len(text.readline(_BLOCKS[1] // _ROWS))), _BLOCKS[1])

    @contextmanager
    def _open(self) -> Iterator[Any]:
        import pyarrow as pa

        try:
            yield _open_parts(self.path, self._delimiter, self._packed, _TEXT_BLOCK, self._types)
        except pa.ArrowInvalid as error:
            if "conversion error" in str(error):
                raise ValueError(self._other_type(str(error))) from error
            self._find_broken_line()
            raise

    def _other_type(self, detail: str) -> str:
        return (
            f"{self.path!r} has a column whose values are of one type in the first "
            f"{_TEXT_BLOCK >> 20} MB and of another further down: "
            + printable(" ".join(detail.split()).rstrip("."))
        )

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        with self._open() as reader:
            last: list[Any] = []

            def chosen() -> Iterator[Any]:
                for batch in reader:
                    last[:] = [batch]
                    yield batch.select(list(names))

            yield from in_parts(chosen(), part_rows(len(names)), start)
            if last:
                self._check_end(last[0])

    def _check_end(self, last: pa.Table | pa.RecordBatch) -> None:
        """Raise where the last row, of all columns, shows that a quote was never closed."""
        if _ends_in_many_lines(last) and not _ends_in_quote(self.path, self._packed):
            self._find_broken_line()
            raise ValueError(f"{self.path!r}: a quote is never closed")

    def _find_broken_line(self) -> None:
        """Raise for the first line that is not like the first. Slow: for broken files alone."""
        with _text(self.path, self._packed) as text:
            for line, expected, found in _odd_rows(self.path, text, self._delimiter):
                raise ValueError(
                    f"{self.path!r}, line {line}: expected {expected} values as in the first line, "
                    f"found {found}; mend or remove that line"
                )


def _parse(name: str, delimiter: str, packed: str, block_size: int) -> pa.Table:
    """Read a text file with pyarrow."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    return arrow_csv.read_csv(
        open_guarded(name, packed) if packed else pa.input_stream(name, compression=None),
        read_options=arrow_csv.ReadOptions(block_size=block_size),
        # Without newlines_in_values a quoted line end where two blocks meet splits its row, unseen.
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            null_values=list(MISSING), strings_can_be_null=True
        ),
    )


def _open_parts(
    name: str, delimiter: str, packed: str, block_size: int, types: dict[str, Any]
) -> Any:
    """Open a text file with pyarrow, to read block by block; `types` are those that are known."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    return arrow_csv.open_csv(
        open_packed(name, packed) if packed else pa.input_stream(name, compression=None),
        read_options=arrow_csv.ReadOptions(block_size=block_size),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            null_values=list(MISSING), strings_can_be_null=True, column_types=types
        ),
    )


def _check_text(name: str, delimiter: str, schema: pa.Schema) -> None:
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
        stream: Any = io.BytesIO(unzip(name))
    elif packed == "gz":
        stream = gzip.open(name)  # noqa: SIM115
    else:
        stream = open(name, "rb")  # noqa: SIM115
    with io.TextIOWrapper(stream, encoding="latin-1", newline="") as text:
        yield text
