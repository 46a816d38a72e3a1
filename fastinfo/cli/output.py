"""Files that a command writes beside what it prints: checked first, and written as a whole."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fastinfo._core.messages import missing_packages, printable, shown_name
from fastinfo._core.own_files import check_place, not_ours, refuse_special, replacing
from fastinfo._version import __version__
from fastinfo.cli.stderr import say

Columns = dict[str, list[Any]] | list[tuple[str, list[Any]]]  #: names may occur twice

_IN_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|&~])")
_JSON_BEGIN, _MARKDOWN_BEGIN = b'{"fastinfo": "', b"<!-- fastinfo "
_MARK = b"fastinfo"  # among the metadata of Parquet


class Written:
    """What is written where: refused at once where that can't be."""

    def __init__(
        self, output: str | None, plot: str | None, quiet: bool, files: Sequence[str]
    ) -> None:
        self.output, self.plot, self.quiet = output, plot, quiet
        if quiet and output is None and plot is None:
            raise ValueError("--quiet needs a file for the result: --output PATH")
        if plot is not None:
            from fastinfo.plot import check_picture

            check_picture(plot, "--plot")
        if output is not None:
            self._write = _writer(output)
            check_place(output, "--output")
            _refuse_input(output, files)
            if not output.lower().endswith(".csv"):  # whose columns are to be known first
                _refuse_others(output, [])

    def write(self, json: str, columns: Columns) -> None:
        """Write the result, if it is asked for, and say so."""
        if self.output is None:
            return
        pairs = list(columns.items()) if isinstance(columns, dict) else columns
        _refuse_others(self.output, [name for name, _ in pairs])
        with replacing(self.output) as path:
            self._write(path, json, pairs)
        rows = len(pairs[0][1]) if pairs else 0
        say(f"{shown_name(self.output)}: {rows} row{'s' * (rows != 1)} written")


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def _writer(path: str) -> Callable[[str, str, list[tuple[str, list[Any]]]], None]:
    """How a file of this name is written, by its suffix."""
    if _suffix(path) not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise ValueError(f"--output must end in one of {known}, got {path!r}")
    if _suffix(path) == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError as error:
            work = f"--output {path!r} needs"
            raise missing_packages(work, "pyarrow", extra="frames") from error
    return _WRITERS[_suffix(path)]


def _refuse_others(path: str, names: Sequence[str]) -> None:
    """Raise where a file lies that no command wrote; one of CSV has the same columns."""
    refuse_special(path, "--output")
    try:
        with open(path, "rb") as file:
            head = _csv_line(names).encode()
            begin = file.read(max(len(head), 64))
    except FileNotFoundError:
        return
    own = {
        ".json": begin.startswith(_JSON_BEGIN),
        ".md": begin.startswith(_MARKDOWN_BEGIN),
        ".csv": begin.startswith(head),
        ".parquet": begin.startswith(b"PAR1") and _is_marked(path),
    }
    if begin and not own[_suffix(path)]:
        raise not_ours(path, "--output", "a result that fastinfo wrote")


def _is_marked(path: str) -> bool:
    """Whether a file of Parquet has the mark."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return _MARK in (parquet.read_schema(path).metadata or {})
    except (OSError, pa.ArrowException):
        return False


def _refuse_input(path: str, files: Sequence[str]) -> None:
    for file in files:
        if os.path.exists(path) and os.path.exists(file) and os.path.samefile(path, file):
            raise ValueError(f"--output must be another file than what is read, got {path!r}")


def _json(path: str, json: str, columns: list[tuple[str, list[Any]]]) -> None:
    begin = _JSON_BEGIN.decode()
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'{begin}{__version__}",\n {json.removeprefix("{").lstrip()}\n')


def _csv_line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _csv(path: str, json: str, columns: list[tuple[str, list[Any]]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(_csv_line(name for name, _ in columns))
        rows = zip(*(values for _, values in columns), strict=True)
        csv.writer(file, lineterminator="\n").writerows(rows)


def _parquet(path: str, json: str, columns: list[tuple[str, list[Any]]]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    arrays = [pa.array(values) for _, values in columns]
    table = pa.table(arrays, names=[name for name, _ in columns])
    parquet.write_table(table.replace_schema_metadata({_MARK: __version__}), path)


def _markdown(path: str, json: str, columns: list[tuple[str, list[Any]]]) -> None:
    def line(cells: Sequence[Any]) -> str:
        return f"| {' | '.join(map(_cell, cells))} |\n"

    sides = ["---:" if values and _is_number(values[0]) else "---" for _, values in columns]
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{_MARKDOWN_BEGIN.decode()}{__version__} -->\n\n")
        file.write(line([name for name, _ in columns]))
        file.write(f"| {' | '.join(sides)} |\n")
        file.writelines(map(line, zip(*(values for _, values in columns), strict=True)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _cell(value: Any) -> str:
    """A value in a table of Markdown, in which a name can't be markup."""
    if isinstance(value, float):
        return format(value, "z.6g")
    return _IN_MARKDOWN.sub(r"\\\1", printable(str(value)))


_WRITERS = {".json": _json, ".csv": _csv, ".parquet": _parquet, ".md": _markdown}
