"""Delimited text, read by DuckDB, which detects separators and types."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fastinfo._core.messages import listed, printable, shown_name, warn
from fastinfo.files.encodings import encoding_of, has_lone_returns, wide_encoding_of
from fastinfo.files.formats.duckdb_file import NATIVE, DuckdbFile
from fastinfo.files.formats.in_duckdb import identifier, literal, quoted, said
from fastinfo.files.formats.sniffing import Sniffer, are_decimal_commas, odd_rows, with_arguments
from fastinfo.files.integers import with_integers
from fastinfo.files.kinds import Kind
from fastinfo.files.options import ReadOptions
from fastinfo.files.shapes import LEADING_ZERO, example
from fastinfo.files.sources import ReadAgainError
from fastinfo.files.unpacking import by_tabs, opened, packed_size, translated, unpacked

#: Cells that mean a missing value.
MISSING = (
    "", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "<NA>", "#N/A",
    "#NA", "#N/A N/A", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "\\N",
)  # fmt: skip

_LARGE_BUFFER = 1 << 25  # for a text that is read as a whole
_BUFFER = 1 << 22  # bytes of text that each thread of DuckDB holds
_LONGEST = 1 << 26  # limit for a line, if one is longer than DuckDB's 2 MB
_NUMBERS = ("BIGINT", "DOUBLE", "HUGEINT", "UBIGINT")
_GROUPED = re.compile(r"[-+]?[1-9][0-9]{0,2}(\.[0-9]{3})+")
_FRACTION = re.compile(r"[-+]?[0-9]*[.,eE][-+0-9eE]+")
_ODD_ROWS = 20  # lines that are examined for unusual formats
_YEAR = re.compile("[0-9]{4}")
_LATER, _LATER_BYTES = 24, 1 << 13  # places at which a text is examined, bytes at each
_FOR_A_COLUMN, _MOST_MEMORY = 1 << 20, 1 << 36  # bytes that DuckDB may use, per column and at most


class Text(DuckdbFile):
    """
    Delimited text, plain or compressed.

    Columns of integers are read as floats and converted back, because DuckDB would round values
    that come after the rows from which it detected the type. A column with other values further
    down becomes text. DuckDB gets only the marks of missing values that occur in the first rows,
    since each mark takes time. Other marks are searched for in columns of text, and if a number
    can't be read.
    """

    typed = False

    def __init__(self, path: str, kind: Kind, options: ReadOptions) -> None:
        super().__init__(path, kind, options)
        self._sep = options.sep or ("\t" if kind.name == "tsv" else None)
        self._longest: int | None = None
        self._has_own_ends = False
        self._looked_for: set[str] | None = None  # marks to look for; None for all
        self._types: list[str] = []

    def size(self) -> int:
        if self._copy is None and self._packed in NATIVE:
            return packed_size(self.path, self._packed) if self._packed else super().size()
        if self._copy is None:
            self._make_ready()
        return os.path.getsize(self._where())

    def _make_ready(self) -> None:
        """Unpack or translate a file that DuckDB can't read directly."""
        encoding = self._options.encoding
        if encoding is None and self._packed in NATIVE:
            encoding = wide_encoding_of(self.path, self._packed)
        if encoding is not None and encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
            self._copy = translated(self.path, self._packed, encoding)
        elif has_lone_returns(self.path, self._packed):  # DuckDB may lose the text after them
            self._with_own_ends()
        elif self._packed not in NATIVE:
            self._copy = unpacked(self.path, self._packed, "text")
        if self._options.sep in (None, " "):
            sep, has_more = odd_rows(self._lines(_ODD_ROWS))
            if sep is not None:
                with opened(self._where(), "" if self._copy else self._packed) as stream:
                    self._copy = by_tabs(stream, sep, has_more)
                self._sep = "\t"

    def _with_own_ends(self) -> None:
        """Read a copy in which all lines end in the same way."""
        self._copy = translated(self.path, self._packed, "utf-8-sig", "surrogateescape")
        self._has_own_ends = True

    def _translate(self) -> None:
        """Translate a text that is not UTF-8, and say which encoding is used."""
        encoding, is_mostly = encoding_of(self.path, self._packed)
        errors = "replace" if is_mostly else "strict"
        self._copy = translated(self.path, self._packed, encoding, errors)
        said = f"{shown_name(self.path)} is not UTF-8 text, and is read as {encoding}"
        if is_mostly:
            said = f"{shown_name(self.path)} is read as UTF-8, and other bytes are replaced"
        warn(f"{said}; give another encoding by encoding=")

    def look(self) -> None:
        if self._copy is None:
            self._make_ready()
        where = literal(self._where())
        sniffer = Sniffer(self._ask, where, self._common(), self._lines, self._options)
        self.dialect, rows = sniffer.dialect(self._sep)
        self._sep = self.dialect.sep
        if not any(cell for row in rows for cell in row):
            raise ValueError(f"{self.path!r} has no rows")
        header = rows.pop(0) if self.dialect.has_header else []
        names = _names(header, len(self.dialect.types))
        self._memory = max(self._memory, len(names) * _FOR_A_COLUMN)
        self._places: dict[str, int] = {}
        for i, name in enumerate(names):
            self._places.setdefault(name, i)
        self._cells = [[cell for cell in column if cell] for column in zip(*rows, strict=True)]
        self._cells = self._cells or [[] for _ in names]
        for row in self._later_rows(len(names)):
            for known, cell in zip(self._cells, row, strict=True):
                if cell:
                    known.append(cell)
        if self._looked_for is None and self._options.quoted_null:
            marks = set(self._missing())
            self._looked_for = {""} & marks | {c for cells in self._cells for c in cells} & marks
        self._padded = {i for i, cells in enumerate(self._cells) if _are_padded(cells)}
        self._types = self._kinds()
        self._know(self.chosen(names), {})
        self.taken = self._told()
        self._warn(names)

    def _warn(self, names: list[str]) -> None:
        dialect, subject = self.dialect, shown_name(self.path)
        lines = self._lines(dialect.skip)
        if not all(line.lstrip().startswith("#") for line in lines if line.strip(" ,;\t\r\n")):
            said = "line is" if dialect.skip == 1 else f"{dialect.skip} lines are"
            warn(f"{subject}: the first {said} left out, as not part of the table")
        if len(names) == 1 and self._options.sep is None and _have_spaces(self._cells[0]):
            warn(
                f"{subject} is read as one column of whole lines; if something separates values in "
                f"them, give it as sep="
            )
        if not dialect.has_header and self._options.header is None:
            warn(
                f"{subject} has no header, since its first line looks like data: its "
                f"columns are {listed(names)}; use header=True if that line holds the names"
            )

    def _lines(self, n: int) -> list[str]:
        """The first lines of the file."""
        if not n:
            return []
        with opened(self._where(), "" if self._copy else self._packed) as stream:
            return [stream.readline(_LONGEST).decode(errors="replace") for _ in range(n)]

    def _later_rows(self, width: int) -> Iterator[list[str]]:
        """Some rows from places further down in a plain file."""
        where = self._where()
        size = os.path.getsize(where)
        unseekable = self._packed and not self._copy
        if unseekable or size < 2 * _LATER_BYTES or len(self.dialect.sep) > 1:
            return
        with open(where, "rb") as file:
            for k in range(1, _LATER + 1):
                file.seek(k * (size - _LATER_BYTES) // _LATER)
                text = file.read(_LATER_BYTES).decode(errors="replace")
                lines = text.replace("\r\n", "\n").split("\n")[1 : None if k == _LATER else -1]
                try:
                    rows = list(csv.reader(lines, delimiter=self.dialect.sep))
                except csv.Error:  # this place begins or ends within quotes
                    continue
                yield from (row for row in rows if len(row) == width)

    def _told(self) -> dict[str, str]:
        """Messages about columns that DuckDB reads in an unusual format."""
        phrases = {}
        for kind, form in (("DATE", self.dialect.date), ("TIMESTAMP", self.dialect.time)):
            if form and not form.startswith("%Y-%m-%d"):
                phrases[kind] = f"dates as {example(form)}"
        if self.dialect.decimal == "," and self._options.decimal is None:
            phrases["DOUBLE"] = "numbers with a decimal comma"
        return {
            name: phrases[self._types[i]]
            for name, i in self._places.items()
            if self._types[i] in phrases and i not in self._whole
        }

    def _kinds(self) -> list[str]:
        """Types for columns in which DuckDB's own types would silently change values."""
        self._whole = set()
        found = []
        pairs = zip(self.dialect.types, self._cells, strict=True)
        commas = any(are_decimal_commas(cells) for kind, cells in pairs if kind == "VARCHAR")
        for i, (kind, cells) in enumerate(zip(self.dialect.types, self._cells, strict=True)):
            if kind in _NUMBERS and any(map(_is_label, cells)):
                kind = "VARCHAR"  # 1_2 and 0042 are labels, not numbers
            elif kind == "DOUBLE" and commas and all(map(_may_be_grouped, cells)):
                kind = "VARCHAR"  # 1.500 beside 12,50
            elif kind == "BIGINT" and any(map(_FRACTION.fullmatch, cells)):
                kind = "DOUBLE"  # 2.1163865546218486 among 1, 2, of which DuckDB would make 2
            elif kind == "BIGINT" and not any(len(cell) > 15 for cell in cells):
                kind = "DOUBLE"
                self._whole.add(i)
            elif kind in ("DATE", "TIMESTAMP") and self._are_no_dates(kind, cells):
                kind = "VARCHAR"
            found.append(kind)
        return found

    def _are_no_dates(self, kind: str, cells: list[str]) -> bool:
        """Whether a column that DuckDB reads as dates has infinities, or years of two digits."""
        form = (self.dialect.date if kind == "DATE" else self.dialect.time) or ""
        short = form.startswith("%y") or ("%Y" in form and not all(map(_YEAR.search, cells)))
        return short or any("inf" in cell.lower() for cell in cells)

    def _common(self) -> dict[str, str | None]:
        """Arguments of every DuckDB call for this file."""
        others = set(self._sep or ",;\t|")  # which marks must not contain
        missing = [mark for mark in self._missing() if not others & set(mark)]
        if self._looked_for is not None:
            missing = [mark for mark in missing if mark in self._looked_for]
        longest, buffer = self._longest, _BUFFER if self._in_parts else _LARGE_BUFFER
        return {
            "nullstr": "[" + ", ".join(map(quoted, missing or ["\0"])) + "]",
            "allow_quoted_nulls": str(self._options.quoted_null),
            "compression": quoted(self._compression()),
            "max_line_size": None if longest is None else str(longest),
            "buffer_size": str(buffer) if longest is None else str(2 * longest),
            "hive_partitioning": "false",
        }

    def _missing(self) -> tuple[str, ...]:
        given = self._options.null_values
        return MISSING if given is None else given

    def sql(self, names: Sequence[str]) -> str:
        columns = ", ".join(
            f"{self._column(self._places[name])} as {identifier(str(k))}"
            for k, name in enumerate(names)
        )
        arguments = {**self.dialect.arguments(self._types), **self._common()}
        scan = with_arguments("read_csv", literal(self._where()), arguments)
        return f"select {columns} from {scan}"

    def _column(self, place: int) -> str:
        """A column in SQL, without the marks of missing values that the scan doesn't know."""
        if self._types[place] != "VARCHAR":
            return f"c{place}"
        rest = [mark for mark in self._missing() if mark not in (self._looked_for or ())]
        column = f"c{place}"
        if place in self._padded:  # such as "a", "b": DuckDB does not see the quotes
            column, rest = f"trim(trim({column}), '\"')", list(self._missing())
        if self._looked_for is None or not rest:
            return column
        # IN with many constants would change the order of the rows.
        is_none = " and ".join(f"{column} <> {quoted(mark)}" for mark in rest)
        return f"case when {is_none} then {column} end"

    def finished(self, table: Any, names: Sequence[str]) -> Any:
        """The table with the names of the columns, and with integers converted back."""
        for k, name in enumerate(names):
            if self._places[name] in self._whole:
                table = with_integers(table, k)
        return table.rename_columns(list(names))

    def become_text(self, names: Sequence[str]) -> None:
        for name in names:
            self._turn_to_text(self._places[name])

    def _turn_to_text(self, place: int) -> None:
        self._types[place] = "VARCHAR"
        self._whole.discard(place)

    def types(self) -> dict[str, str]:
        """How each column is read."""
        return {name: self._types[self._places[name]] for name in self.names}

    def some_text(self) -> dict[str, list[str]]:
        """Some cells of each column of text."""
        missing = set(self._missing())
        return {
            name: [cell for cell in self._cells[i] if cell not in missing]
            for name, i in self._places.items()
            if self._types[i] == "VARCHAR"
        }

    def identity(self) -> Any:
        return [*super().identity(), self.types()]

    @property
    def decimal(self) -> str | None:
        """The decimal mark, if known."""
        return self.dialect.decimal

    def _try(self, act: Callable[[], Any]) -> Any:
        """Run something with DuckDB; reword its errors, or read the file in another way."""
        import duckdb
        import pyarrow as pa

        try:
            return act()
        except duckdb.InterruptException as error:
            raise KeyboardInterrupt from error
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            self._explain(error)
            raise AssertionError from error

    def _explain(self, error: Exception) -> None:
        """Raise an error that users can act on, or `ReadAgainError` if reading again will help."""
        text = str(error)
        if re.search("(could not|failed to) allocate", text) and self._memory < _MOST_MEMORY:
            self._memory *= 4
            raise ReadAgainError(f"{self.path!r} takes more memory to be read") from error
        if "nicode" in text or "not utf-8" in text or "byte sequence mismatch" in text:
            if self._options.encoding is None and (self._copy is None or self._packed):
                self._translate()
                raise ReadAgainError(f"{self.path!r} is no UTF-8") from error
            raise ValueError(f"{self.path!r} is no text in the encoding given for it") from error
        if re.search(r"aximum line size of \d+ bytes exceeded", text) and self._longest is None:
            self._longest, self._memory = _LONGEST, max(self._memory, 1 << 30)
            raise ReadAgainError(f"{self.path!r} has long lines") from error
        if "state machine" in text and not self._has_own_ends:
            self._with_own_ends()
            raise ReadAgainError(f"{self.path!r} has line ends of several kinds") from error
        column = re.search(r'converting column "c(\d+)". Could not convert string "(.*?)" to', text)
        if column:
            if self._looked_for is not None and column[2] in self._missing():
                self._looked_for.add(column[2])
            else:
                self._turn_to_text(int(column[1]))
            raise ReadAgainError(
                f"{self.path!r} has a column whose values are of one type in the first rows and of "
                f"another further down"
            ) from error
        raise ValueError(self._worded(text)) from error

    def _worded(self, text: str) -> str:
        line = re.search(r"CSV Error on Line: (\d+)", text)
        shown = re.search(r"Original Line: (.{1,60})", text)
        at = f"{self.path!r}, line {line[1]}" if line else repr(self.path)
        at += f" ({printable(shown[1])!r}): " if shown else ": "
        counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
        if counts:
            sep = "" if self._sep is None else f", or name the separator (sep=), here {self._sep!r}"
            return (
                f"{at}expected {counts[1]} values as in the first line, found {counts[2]}; mend or "
                f"remove that line{sep}"
            )
        if "nterminated quote" in text:
            return f"{at}a quote that opens in this row is never closed"
        return f"{self.path!r} cannot be read as {self.suffix}: {said(Exception(text))}"


def _is_label(cell: str) -> bool:
    return "_" in cell or LEADING_ZERO.fullmatch(cell) is not None


def _may_be_grouped(cell: str) -> bool:
    return "." not in cell or _GROUPED.fullmatch(cell) is not None


def _are_padded(cells: Sequence[str]) -> bool:
    """Whether most texts begin or end with a space."""
    return sum(cell != cell.strip(" ") for cell in cells) > len(cells) / 2


def _have_spaces(cells: Sequence[str]) -> bool:
    """Whether most texts are of several words."""
    return sum(len(cell.split()) > 1 for cell in cells) > len(cells) / 2


def _names(cells: Sequence[str | None], width: int) -> list[str]:
    """Names of columns from the cells of the first row; one cell may be empty."""
    names = [(cells[i] or "").strip() if i < len(cells) else None for i in range(width)]
    if any(name and name[0] == '"' and cells[i] != name for i, name in enumerate(names)):
        names = [name and name.strip('"') for name in names]
    if sum(not name for name in names) > 1:
        return [name or f"column{i}" for i, name in enumerate(names)]
    return [name or "" for name in names]
