"""Delimited text, read by DuckDB, which finds out how its values are separated and their types."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fastinfo._core.messages import listed, printable, shown_name, warn
from fastinfo.files.encodings import encoding_of, wide_encoding_of
from fastinfo.files.formats.duckdb_file import DuckdbFile
from fastinfo.files.formats.in_duckdb import connection, identifier, literal, quoted, said, whole
from fastinfo.files.kinds import Kind
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import ReadAgainError
from fastinfo.files.unpacking import Copy, opened, packed_size, translated, unpacked

if TYPE_CHECKING:
    import pyarrow as pa

#: What stands for a missing value.
MISSING = (
    "", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "<NA>", "#N/A",
    "#NA", "#N/A N/A", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "\\N",
)  # fmt: skip

_SNIFFED = 8192  # rows that tell the types
_SEEN = 1000  # rows whose text is looked at
_LONGEST = 1 << 26  # bytes of a line, where one is longer than DuckDB's 2 MB
_SEPARATORS = ",;\t|"
_OTHERS = " :~^"  # which DuckDB does not try by itself
_NATIVE = {"": "none", "gz": "gzip"}
_MOST_MEMORY = 1 << 36
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d*,\d+\s*")


class Text(DuckdbFile):
    """
    Delimited text, plain or packed.

    Columns of whole numbers are read as floats and turned: DuckDB would round what comes after the
    rows that told the type. A column with other values further down is text from then on.
    """

    typed = False

    def __init__(self, path: str, kind: Kind, options: ReadOptions) -> None:
        super().__init__(path, kind, options)
        self._copy: Copy | None = None
        self._sep = options.sep or ("\t" if kind.name == "tsv" else None)
        self._decimal = options.decimal
        self._longest: int | None = None
        self._strict = True

    def size(self) -> int:
        if self._copy is None and self._packed in ("", "gz"):
            return packed_size(self.path, self._packed) if self._packed else super().size()
        if self._copy is None:
            self._make_ready()
        return os.path.getsize(self._where_is())

    def _make_ready(self) -> None:
        """Unpack or translate what DuckDB doesn't read as it is."""
        encoding = self._options.encoding
        if encoding is None and self._packed in ("", *_NATIVE):
            encoding = wide_encoding_of(self.path, self._packed)
        if encoding is not None and encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
            self._translate(encoding)
        elif self._packed not in _NATIVE:
            self._copy = unpacked(self.path, self._packed, "text")

    def _translate(self, encoding: str) -> None:
        self._copy = translated(self.path, self._packed, encoding)

    def look(self) -> None:
        if self._copy is None:
            self._make_ready()
        with connection() as con:
            found = self._sniff(con)
            self._dialect = found
            rows = self._first_rows(con, found)
            if _has_lost_rows(self._lines(found["SkipRows"]), found, len(rows)):
                self._dialect = found = self._by_first_line(self._sep, self._decimal)
                rows = self._first_rows(con, found)
        if found["SkipRows"] and not found["Comment"]:
            lines = [line for line in self._lines(found["SkipRows"]) if line.strip(" ,;\t\r\n")]
            if lines and not all(line.lstrip().startswith("#") for line in lines):
                n = found["SkipRows"]
                warn(f"{shown_name(self.path)}: the first {n} lines are left out, as no rows")
        if not any(cell for row in rows for cell in row):
            raise ValueError(f"{self.path!r} has no rows")
        raw = rows.pop(0) if found["HasHeader"] and rows else []
        width = len(found["Columns"])
        self._places: dict[str, int] = {}
        names = _names(raw, width)
        for i, name in enumerate(names):
            self._places.setdefault(name, i)
        self._columns = [list(column) for column in zip(*rows, strict=True)] if rows else []
        self._types = self._kinds([column["type"] for column in found["Columns"]])
        self._know(self.chosen(names), {})
        if not found["HasHeader"] and rows and self._options.header is None:
            warn(
                f"{shown_name(self.path)} has no header, since its first line looks like data: its "
                f"columns are {listed(names)}; header=True where that line holds the names"
            )

    def _sniff(self, con: Any) -> dict[str, Any]:
        """What separates the values, and the types of the columns."""
        found = self._sniffed(con, self._sep, self._decimal)
        if len(found["Columns"]) == 1 and self._sep is None:
            self._sep = self._separator(con, found["Columns"][0]["name"])
            if self._sep is not None:
                found = self._sniffed(con, self._sep, self._decimal)
        self._sep = found["Delimiter"]
        if self._decimal is None and found["Delimiter"] != "," and self._has_commas(con, found):
            by_comma = self._sniffed(con, self._sep, ",")
            if _n_texts(by_comma) < _n_texts(found):
                found, self._decimal = by_comma, ","
        return found

    def _separator(self, con: Any, header: str) -> str | None:
        """What separates the values of lines that DuckDB takes for one value each."""
        for sep in _SEPARATORS:
            if sep in header:  # lines that don't fit will be named
                return sep
        for sep in _OTHERS:
            n = header.strip().count(sep)
            if n and sep + sep not in header and ": " not in header:
                try:
                    found = self._sniffed(con, sep, self._decimal)
                except ValueError:
                    continue
                if len(found["Columns"]) == n + 1 and found["SkipRows"] == 0:
                    return sep
        return None

    def _has_commas(self, con: Any, found: dict[str, Any]) -> bool:
        rows = self._first_rows(con, found)[1:]
        for i, column in enumerate(found["Columns"]):
            cells = [row[i] or "" for row in rows if column["type"] == "VARCHAR" and row[i]]
            if (
                cells
                and sum(bool(_DECIMAL_COMMA.fullmatch(cell)) for cell in cells) > len(cells) / 2
            ):
                return True
        return False

    def _sniffed(self, con: Any, sep: str | None, decimal: str | None) -> dict[str, Any]:
        arguments = {
            "sample_size": str(_SNIFFED),
            "delim": sep and quoted(sep),
            "decimal_separator": decimal and quoted(decimal),
            "header": None if self._options.header is None else str(self._options.header),
            **self._common(),
        }
        relation = self._run(con, f"from sniff_csv({self._where()}{_arguments(arguments)})")
        try:
            rows = self._try(relation.fetchall)
        except ReadAgainError:
            raise
        except ValueError as error:
            if "sniffing" not in str(error):
                raise
            return self._by_first_line(sep, decimal)
        found = dict(zip(relation.columns, rows[0], strict=True))
        for key in ("Quote", "Escape", "Comment"):
            found[key] = "" if found[key] == "(empty)" else found[key]
        return found

    def _lines(self, n: int) -> list[str]:
        """The first lines of the file."""
        if not n:
            return []
        with opened(self._where_is(), "" if self._copy else self._packed) as stream:
            return [stream.readline(_LONGEST).decode(errors="replace") for _ in range(n)]

    def _by_first_line(self, sep: str | None, decimal: str | None) -> dict[str, Any]:
        """What the first line says of a text whose lines differ: the first odd one is named."""
        with opened(self._where_is(), "" if self._copy else self._packed) as stream:
            line = stream.readline(_LONGEST).decode(errors="replace").strip("\r\n\ufeff")
        sep = sep or max(_SEPARATORS, key=line.count)
        return {
            "Delimiter": sep, "Quote": '"', "Escape": '"', "Comment": "", "SkipRows": 0,
            "HasHeader": self._options.header is not False,
            "Columns": [{"name": name, "type": "VARCHAR"} for name in line.split(sep)],
            "DateFormat": None, "TimestampFormat": None,
        }  # fmt: skip

    def _where_is(self) -> str:
        return self.path if self._copy is None else self._copy.path

    def _where(self) -> str:
        return literal(self._where_is())

    def _common(self) -> dict[str, str | None]:
        """Arguments of all that DuckDB is asked."""
        longest = self._longest
        others = set(self._sep or _SEPARATORS)  # which no mark may have
        missing = [mark for mark in self._missing() if not others & set(mark)] or ["\0"]
        return {
            "nullstr": "[" + ", ".join(map(quoted, missing)) + "]",
            "allow_quoted_nulls": str(self._options.quoted_null),
            "compression": quoted("none" if self._copy else _NATIVE[self._packed]),
            "max_line_size": None if longest is None else str(longest),
            "buffer_size": None if longest is None else str(2 * longest),
            "strict_mode": None if self._strict else "false",
        }

    def _missing(self) -> tuple[str, ...]:
        given = self._options.null_values
        return MISSING if given is None else given

    def _scan(self, found: dict[str, Any], types: Sequence[str], **others: str) -> str:
        """Reading the file, in SQL, with columns c0, c1 and so on of these types."""
        columns = ", ".join(f"'c{i}': {quoted(kind)}" for i, kind in enumerate(types))
        quote = found["Quote"] or '"'
        arguments = {
            "auto_detect": "false",
            "columns": "{" + columns + "}",
            "delim": quoted(found["Delimiter"]),
            "quote": quoted(quote),
            "escape": quoted(found["Escape"] or quote),
            "comment": quoted(found["Comment"]),
            "skip": str(found["SkipRows"]),
            "header": str(bool(found["HasHeader"])),
            "dateformat": found["DateFormat"] and quoted(found["DateFormat"]),
            "timestampformat": found["TimestampFormat"] and quoted(found["TimestampFormat"]),
            "decimal_separator": self._decimal and quoted(self._decimal),
            **self._common(),
            **others,
        }
        return f"read_csv({self._where()}{_arguments(arguments)})"

    def _first_rows(self, con: Any, found: dict[str, Any]) -> list[list[str | None]]:
        """The text of the first rows, that of the names among them."""
        types = ["VARCHAR"] * len(found["Columns"])
        scan = self._scan(found, types, header="false", nullstr="['']")
        table = self._try(lambda: whole(self._run(con, f"from {scan} limit {_SEEN + 1}")))
        return [list(row.values()) for row in table.to_pylist()]

    def _kinds(self, types: list[str]) -> list[str]:
        """Types as which columns are read, where those of DuckDB would change values unseen."""
        self._whole = set()
        found = []
        for i, kind in enumerate(types):
            cells = [cell for cell in self._columns[i] if cell] if self._columns else []
            if kind in ("BIGINT", "DOUBLE") and any("_" in cell for cell in cells):
                kind = "VARCHAR"  # 1_2 is a label, and no 12
            elif kind == "BIGINT" and not any(len(cell) > 15 for cell in cells):
                kind = "DOUBLE"
                self._whole.add(i)
            elif kind == "HUGEINT":
                kind = "DOUBLE"
            elif kind in ("DATE", "TIMESTAMP") and any("inf" in cell.lower() for cell in cells):
                kind = "VARCHAR"
            found.append(kind)
        return found

    def sql(self, names: Sequence[str]) -> str:
        chosen = [self._places[name] for name in names]
        columns = ", ".join(f"c{i} as {identifier(str(k))}" for k, i in enumerate(chosen))
        return f"select {columns} from {self._scan(self._dialect, self._types)}"

    def finished(self, table: Any, names: Sequence[str]) -> Any:
        """With the names of the columns, and whole numbers as integers."""
        for k, name in enumerate(names):
            if self._places[name] in self._whole:
                table = _with_integers(table, k)
        return table.rename_columns(list(names))

    def become_text(self, names: Sequence[str]) -> None:
        for name in names:
            self._types[self._places[name]] = "VARCHAR"
            self._whole.discard(self._places[name])

    def types(self) -> dict[str, str]:
        return {name: self._types[self._places[name]] for name in self.names}

    def some_text(self) -> dict[str, list[str]]:
        """Some cells of each column of text."""
        missing = set(self._missing())
        return {
            name: [cell for cell in self._columns[i] if cell and cell not in missing]
            for name, i in self._places.items()
            if self._types[i] == "VARCHAR" and self._columns
        }

    def identity(self) -> Any:
        return [*super().identity(), self.types()]

    @property
    def decimal(self) -> str | None:
        """The decimal mark, where one is known."""
        return self._decimal

    def _try(self, act: Callable[[], Any]) -> Any:
        """Do something with DuckDB; what it says is worded, or the file is read another way."""
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
        """Raise what users can do something about; `ReadAgainError` where this object can."""
        import duckdb

        text = str(error)
        if "nicode" in text or "not utf-8" in text or "byte sequence mismatch" in text:
            if self._options.encoding is None and (self._copy is None or self._packed):
                encoding = encoding_of(self.path, self._packed)
                if encoding is not None:
                    self._translate(encoding)
                    raise ReadAgainError(f"{self.path!r} is {encoding}") from error
            raise ValueError(
                f"{self.path!r} is not UTF-8 text, and its encoding could not be found out: name "
                f"it (encoding=)"
            ) from error
        if re.search(r"aximum line size of \d+ bytes exceeded", text) and self._longest is None:
            self._longest = _LONGEST
            raise ReadAgainError(f"{self.path!r} has long lines") from error
        if "state machine" in text and self._strict:
            self._strict = False
            raise ReadAgainError(f"{self.path!r} has line ends of several kinds") from error
        if isinstance(error, duckdb.OutOfMemoryException) and self._memory < _MOST_MEMORY:
            self._memory *= 4
            raise ReadAgainError(f"{self.path!r} takes more memory to be read") from error
        column = re.search(r'converting column "c(\d+)"', text)
        if column:
            self._types[int(column[1])] = "VARCHAR"
            self._whole.discard(int(column[1]))
            raise ReadAgainError(
                f"{self.path!r} has a column whose values are of one type in the first rows and of "
                f"another further down: {printable(self._name(int(column[1])))}"
            ) from error
        raise ValueError(self._worded(text)) from error

    def _name(self, place: int) -> str:
        return next(name for name, i in self._places.items() if i == place)

    def _worded(self, text: str) -> str:
        line = re.search(r"CSV Error on Line: (\d+)", text)
        shown = re.search(r"Original Line: (.{1,60})", text)
        at = f"{self.path!r}, line {line[1]}" if line else repr(self.path)
        at += f" ({printable(shown[1])!r}): " if shown else ": "
        counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
        if counts:
            return (
                f"{at}expected {counts[1]} values as in the first line, found {counts[2]}; mend or "
                f"remove that line, or name the separator (sep=), here {self._sep!r}"
            )
        if "nterminated quote" in text:
            return f"{at}a quote that opens in this row is never closed"
        return f"{self.path!r} cannot be read as {self.suffix}: {said(Exception(text))}"


def _names(cells: list[str | None], width: int) -> list[str]:
    """Names of columns by the cells of the first row; one of them may be empty."""
    names = [cells[i] if i < len(cells) else None for i in range(width)]
    if sum(not name for name in names) > 1:
        return [name or f"column{i}" for i, name in enumerate(names)]
    return [name or "" for name in names]


def _has_lost_rows(lines: list[str], found: dict[str, Any], n_rows: int) -> bool:
    """Whether lines that are left out look like rows, and are more than those that are read."""
    return sum(found["Delimiter"] in line for line in lines) >= max(n_rows, 1)


def _n_texts(found: dict[str, Any]) -> int:
    return sum(column["type"] == "VARCHAR" for column in found["Columns"])


def _arguments(given: dict[str, str | None]) -> str:
    return "".join(f", {name}={value}" for name, value in given.items() if value is not None)


def _with_integers(table: pa.Table, k: int) -> pa.Table:
    """A table with a column of floats as integers, where all of them are."""
    import pyarrow as pa

    column = table.column(k)
    try:
        found = column.cast(pa.int64())
    except pa.ArrowInvalid:
        return table
    return table.set_column(k, table.schema.names[k], found)
