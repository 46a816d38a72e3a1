"""Detect the format of a text: the separator of its values, and where its rows begin."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from fastinfo.files.formats.in_duckdb import quoted
from fastinfo.files.options import ReadOptions
from fastinfo.files.unpacking import SPACES, split_at_spaces

_SNIFFED = 2048  # rows from which types are detected
_SEEN = 300  # rows whose text is examined
_TRIED = ",;\t|"  # separators that DuckDB tries
_OTHERS = " :~^"
_DECIMAL_COMMA = re.compile(r"\s*[-+]?(?:\d{1,3}(?:[. ']\d{3})+|\d*),\d+\s*\D{0,4}")
_COMMA_GROUPS = re.compile(r"\s*[-+]?\d{1,3}(?:,\d{3})+\s*\D{0,4}")
_NUMBER = re.compile(r"[-+]?[0-9]*[.,]?[0-9]+(?:[eE][-+]?[0-9]+)?|NA")
_YEAR = re.compile("(1[89]|20)[0-9]{2}")
_TITLES = 24  # lines in which titles end
_SMALL = 1 << 22  # smaller files are read at once for the first rows

Rows = list[list[str | None]]


@dataclass(frozen=True)
class Dialect:
    """The format of a text."""

    sep: str
    types: tuple[str, ...]  #: DuckDB's types of the columns
    first_name: str = ""  #: name of the first column
    quote: str = '"'
    escape: str = '"'
    skip: int = 0  #: lines before the first row
    has_header: bool = True
    date: str | None = None  #: format of dates
    time: str | None = None  #: format of points of time
    decimal: str | None = None  #: decimal mark, if it is not a point

    @classmethod
    def of(cls, found: Mapping[str, Any], decimal: str | None) -> Dialect:
        """The format that DuckDB's sniffer found."""
        quote, escape = ("" if found[k] == "(empty)" else found[k] for k in ("Quote", "Escape"))
        quote = quote or '"'  # the first rows have no quotes
        return cls(
            sep=found["Delimiter"],
            types=tuple(column["type"] for column in found["Columns"]),
            first_name=found["Columns"][0]["name"],
            quote=quote,
            escape=escape or quote,
            skip=found["SkipRows"],
            has_header=bool(found["HasHeader"]),
            date=found["DateFormat"],
            time=found["TimestampFormat"],
            decimal=decimal,
        )

    def arguments(self, types: Sequence[str]) -> dict[str, str | None]:
        """Arguments for DuckDB to read columns c0, c1 and so on with these types."""
        columns = ", ".join(f"'c{i}': {quoted(kind)}" for i, kind in enumerate(types))
        return {
            "auto_detect": "false",
            "columns": "{" + columns + "}",
            "delim": quoted(self.sep),
            "quote": quoted(self.quote),
            "escape": quoted(self.escape),
            "comment": "''",
            "skip": str(self.skip),
            "header": str(self.has_header),
            "dateformat": self.date and quoted(self.date),
            "timestampformat": self.time and quoted(self.time),
            "decimal_separator": self.decimal and quoted(self.decimal),
        }

    @property
    def n_texts(self) -> int:
        """Number of columns of text."""
        return self.types.count("VARCHAR")


def with_arguments(function: str, where: str, given: Mapping[str, str | None]) -> str:
    """A call of a DuckDB function that reads a file."""
    said = "".join(f", {name}={value}" for name, value in given.items() if value is not None)
    return f"{function}({where}{said})"


class Sniffer(NamedTuple):
    """Detect the format of a text."""

    ask: Callable[[str], list[dict[str, Any]]]  #: returns the rows of a query
    where: str  #: the file, as an SQL literal
    common: Mapping[str, str | None]  #: arguments of every call that reads it
    lines: Callable[[int], list[str]]  #: returns the first lines
    options: ReadOptions

    def dialect(self, sep: str | None) -> tuple[Dialect, Rows]:
        """Return the format of the text, and its first rows, including the header."""
        found = self._sniffed(sep, self.options.decimal)
        if len(found.types) == 1 and sep is None:
            sep = self._separator(found.first_name)
            if sep is not None:
                found = self._sniffed(sep, self.options.decimal)
        rows = self._rows(found)
        tried = _TRIED + (_OTHERS if found.skip > len(rows) else "")
        other = self._other_separator(found, tried) if sep is None and found.skip else None
        if other is not None:
            found = self._sniffed(other, self.options.decimal)
            rows = self._rows(found)
        if found.decimal is None and found.sep != "," and _has_commas(found, rows):
            by_comma = self._sniffed(found.sep, ",")
            if by_comma.n_texts < found.n_texts:
                found, rows = by_comma, self._rows(by_comma)
        n_titles = 0 if self.options.header is False else _n_titles(self.lines(_TITLES), found.sep)
        if n_titles > found.skip:
            below = self._sniffed(found.sep, found.decimal, n_titles)
            if below.has_header and len(below.types) == len(found.types):
                names, *rows_below = self._rows(below)
                if below.n_texts < found.n_texts or _are_names(names):
                    found, rows = below, [names, *rows_below]
        undecided = self.options.header is None and not found.has_header
        if undecided and (_are_years(rows) or _names_all_but_rows(rows)):
            found = replace(found, has_header=True)
        lost = sum(found.sep in line for line in self.lines(found.skip))
        if lost and lost >= max(len(rows), 1):  # most lines, which look like rows
            found = self._by_first_line(found.sep, found.decimal)
            rows = self._rows(found)
        return found, rows

    def _sniffed(self, sep: str | None, decimal: str | None, skip: int = 0) -> Dialect:
        header = self.options.header
        arguments = {
            "sample_size": str(_SNIFFED),
            "delim": sep and quoted(sep),
            "decimal_separator": decimal and quoted(decimal),
            "header": None if header is None else str(header),
            "skip": str(skip) if skip else None,
            "comment": "''",  # otherwise rows that begin with #N/A would be comments
            **self.common,
        }
        try:
            (found,) = self.ask("from " + with_arguments("sniff_csv", self.where, arguments))
        except ValueError as error:
            if "sniffing" not in str(error):
                raise
            return self._by_first_line(sep, decimal)
        return Dialect.of(found, decimal)

    def _separator(self, header: str) -> str | None:
        """The separator of lines that DuckDB reads as one value each."""
        for sep in _TRIED:
            if sep in header:  # an error will name lines that don't fit
                return sep
        for sep in _OTHERS:
            n = header.strip().count(sep)
            if n and sep + sep not in header and ": " not in header:
                found = self._sniffed(sep, self.options.decimal)
                if len(found.types) == n + 1 and found.skip == 0:
                    return sep
        return None

    def _other_separator(self, found: Dialect, tried: str) -> str | None:
        """The separator of lines that DuckDB skipped, if they are rows."""
        lines = [line for line in self.lines(found.skip) if line.strip()]
        for sep in tried:
            counts = {line.count(sep) for line in lines}
            if sep != found.sep and len(counts) == 1 and counts != {0}:
                return sep
        return None

    def _by_first_line(self, sep: str | None, decimal: str | None) -> Dialect:
        """Return the format by the first line; an error will name the first line that differs."""
        (line,) = self.lines(1)
        line = line.strip("\r\n\ufeff")
        sep = sep or max(_TRIED, key=line.count)
        n = line.count(sep) + 1
        header = self.options.header is not False
        return Dialect(sep, ("VARCHAR",) * n, line, has_header=header, decimal=decimal)

    def _rows(self, found: Dialect) -> Rows:
        texts = replace(found, has_header=False).arguments(["VARCHAR"] * len(found.types))
        buffer = self.common["buffer_size"] if self.common["max_line_size"] else str(_SMALL)
        arguments = {**self.common, **texts, "nullstr": "['']", "buffer_size": buffer}
        scan = with_arguments("read_csv", self.where, arguments)
        return [list(row.values()) for row in self.ask(f"from {scan} limit {_SEEN + 1}")]


def _has_commas(found: Dialect, rows: Rows) -> bool:
    """Whether a column of text has numbers with a decimal comma."""
    texts = [i for i, kind in enumerate(found.types) if kind == "VARCHAR"]
    return any(are_decimal_commas([row[i] or "" for row in rows[1:] if row[i]]) for i in texts)


def are_decimal_commas(cells: Sequence[str]) -> bool:
    """Whether most cells are numbers with a decimal comma."""
    fitting = [cell for cell in cells if _DECIMAL_COMMA.fullmatch(cell)]
    if len(fitting) <= len(cells) / 2:
        return False
    return not all(map(_COMMA_GROUPS.fullmatch, fitting))  # 1,234 has groups of digits


def odd_rows(lines: Sequence[str]) -> tuple[str | None, bool]:
    """
    Return the separator of formats unknown to DuckDB, and whether the first name is missing.

    Such formats are columns aligned by spaces, and tables of R, in which the header has no name for
    the row names. The separator is None for all other texts.
    """
    lines = [line.strip("\r\n\ufeff ") for line in lines if line.strip()]
    sep = next((sep for sep in (*_TRIED, " ") if lines and sep in lines[0]), None)
    if sep is None or len(lines) < 3 or lines[0].startswith("#"):
        return None, False
    try:
        rows = list(csv.reader(lines, delimiter=sep, skipinitialspace=True, strict=True))
    except csv.Error:
        return None, False
    if sep == " " and len({len(row) for row in rows}) > 2:  # words of values have spaces, too
        sep, rows = SPACES, [split_at_spaces(line) for line in lines]
    (n, *others), head = sorted({len(row) for row in rows[1:]}), len(rows[0])
    if others or n < 2 or head not in (n, n - 1):
        return None, False
    columns = list(zip(*rows[1:], strict=True))
    has_numbers = any(all(map(_NUMBER.fullmatch, column)) for column in columns)
    aligned = sep in (" ", SPACES) and any("  " in line for line in lines)
    if not has_numbers or (head == n and not aligned):
        return None, False
    return sep, head < n


def _n_titles(lines: Sequence[str], sep: str) -> int:
    """Number of lines with one cell above the header, as in sheets saved as text."""
    if len(sep) > 1:
        return 0
    try:
        reader = csv.reader(lines, delimiter=sep)
        rows = [(reader.line_num, sum(cell.strip() != "" for cell in row)) for row in reader]
    except (csv.Error, ValueError):
        return 0
    most = max((n for _, n in rows), default=0)
    before = 0
    for line, n in rows:
        if n >= 2 and n >= 0.8 * most:
            return before
        if n > 1:
            return 0
        before = line
    return 0


def _are_names(cells: Sequence[str | None]) -> bool:
    """Whether cells are three or more different words."""
    words = {cell for cell in cells if cell and not _NUMBER.fullmatch(cell.strip())}
    return len(words) == len(cells) > 2


def _are_years(rows: Rows) -> bool:
    """Whether the first row is a header that contains years which other rows don't have."""
    if len(rows) < 2:
        return False
    names = [cell or "" for cell in rows[0]]
    years = [i for i, name in enumerate(names) if _YEAR.fullmatch(name)]
    others = [name for i, name in enumerate(names) if i not in years]
    if len(years) < 2 or len(set(names)) < len(names) or not others:
        return False
    if any(not other or other[0].isdigit() for other in others):
        return False
    return not any(_YEAR.fullmatch(row[i] or "") for row in rows[1:] for i in years)


def _names_all_but_rows(rows: Rows) -> bool:
    """Whether the first row names all columns except that of row names, as in files of R."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    first, *names = (cell or "" for cell in rows[0])
    of_rows = [row[0] for row in rows[1:]]
    if first or not all(of_rows) or len(set(of_rows)) < len(of_rows):
        return False
    if not all(names) or len(set(names)) < len(names):
        return False
    if any(map(_NUMBER.fullmatch, names)):  # as 0, 1, 2 or 1940, 1950, 1960
        steps = {int(b) - int(a) for a, b in pairwise(names) if a.isdecimal() and b.isdecimal()}
        return len(names) > 2 and all(map(str.isdecimal, names)) and len(steps) == 1
    return not any(name == row[i] for row in rows[1:] for i, name in enumerate(names, 1))
