"""Spreadsheets as tables, read by calamine."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fastinfo._core.messages import listed, missing_packages, printable, shown_name, warn
from fastinfo.files.formats.file import File
from fastinfo.files.integers import with_integers
from fastinfo.files.kinds import Kind
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import in_parts, part_rows

if TYPE_CHECKING:
    import pyarrow as pa


_SEEN = 20  # so many rows are searched for the names


class Excel(File):
    """One sheet of a spreadsheet: the named one, or the first that has rows."""

    typed = False

    def __init__(self, path: str, kind: Kind, options: ReadOptions) -> None:
        super().__init__(path, kind, options)
        self._table: Any = None

    def look(self) -> None:
        if self._table is None:
            self._table = self._read()
        names = self._table.column_names
        self._know_schema(self.chosen(names), self._table.schema)
        self.n_rows = self._table.num_rows

    def _read(self) -> pa.Table:
        try:
            import fastexcel
        except ImportError as error:
            work = f"reading {self.path!r} needs"
            raise missing_packages(work, "fastexcel", extra="excel") from error
        logging.getLogger("fastexcel").setLevel(logging.ERROR)  # of empty columns
        try:
            book = fastexcel.read_excel(self.path)
            names = book.sheet_names
        except fastexcel.FastExcelError as error:
            raise ValueError(
                f"{self.path!r} cannot be read as a spreadsheet: {_said(error)}"
            ) from error
        sheet = self._options.sheet
        if isinstance(sheet, str) and sheet not in names and sheet.isdecimal():
            sheet = int(sheet)
        known = range(1, len(names) + 1) if isinstance(sheet, int) else names
        if sheet is not None and sheet not in known:
            raise ValueError(
                f"{self.path!r} has no sheet {sheet!r}; its sheets are: {listed(names)}"
            )
        chosen = names if sheet is None else [names[sheet - 1] if isinstance(sheet, int) else sheet]
        for name in chosen:
            table = self._sheet(book, name)
            if table is not None and table.num_rows:
                if sheet is None and len(names) > 1:
                    others = [other for other in names if other != name]
                    warn(
                        f"{shown_name(self.path)}: of {len(names)} sheets, {shown_name(name)} is "
                        f"read; sheet= chooses another one: {listed(others)}"
                    )
                return table
        which = f"the sheet {sheet!r} of {self.path!r}" if sheet is not None else repr(self.path)
        raise ValueError(f"{which} has no rows")

    def _sheet(self, book: Any, name: str) -> pa.Table | None:
        import fastexcel
        import pyarrow as pa

        header = None
        try:
            if self._options.header is not False:
                first = book.load_sheet(name, header_row=None, n_rows=_SEEN, dtypes="string")
                header = _place_of_header(first.to_arrow().to_pylist())
            found = book.load_sheet(name, header_row=header, schema_sample_rows=None).to_arrow()
        except fastexcel.FastExcelError as error:
            if "no data" in str(error).lower() or "empty" in str(error).lower():
                return None
            raise ValueError(
                f"the sheet {name!r} of {self.path!r} cannot be read: {_said(error)}"
            ) from error
        if header:
            said = "row is" if header == 1 else f"{header} rows are"
            warn(f"{shown_name(self.path)}: the first {said} left out, as not part of the table")
        table = pa.Table.from_batches([found])
        for k, field in enumerate(table.schema):
            if pa.types.is_floating(field.type):
                table = with_integers(table, k)
        return table

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        self.look()
        return self._table.select(self.chosen(self._table.column_names, names))

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        size = part_rows(len(names))
        yield from in_parts(iter(self._table.select(list(names)).to_batches(size)), size, start)


def _place_of_header(rows: list[dict[str, Any]]) -> int:
    """The first row with nearly as many cells as the fullest row; titles have few cells."""
    counts = [sum(cell is not None for cell in row.values()) for row in rows]
    most = max(counts, default=0)
    return next((k for k, n in enumerate(counts) if n >= 2 and n >= 0.8 * most), 0)


def _said(error: Exception) -> str:
    return printable(" ".join(str(error).split("Context:")[0].split()).rstrip("."))
