"""Open files by name and content: one file, or several as one table."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fastinfo._bins.surveys import Survey
from fastinfo.files.finding import hive_keys
from fastinfo.files.formats.file import File, failures, unknown_column
from fastinfo.files.kinds import kind_of
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import ReadAgainError, Source, again
from fastinfo.files.text_cells import some_cells
from fastinfo.files.text_columns import TextColumns
from fastinfo.files.unpacking import Copy, downloaded, is_address, standard_input, unpacked

if TYPE_CHECKING:
    import pyarrow as pa

#: The module and the class that read each kind of file.
_FORMATS = {
    "csv": ("text", "Text"),
    "tsv": ("text", "Text"),
    "json": ("json_records", "Json"),
    "excel": ("excel", "Excel"),
    "sqlite": ("sqlite", "Sqlite"),
    "duckdb": ("duckdb_database", "Duckdb"),
    "parquet": ("parquet", "Parquet"),
    "arrow": ("arrow", "Arrow"),
    "npy": ("npy", "Npy"),
}
_UNPACKING = ("csv", "tsv", "json")  # kinds whose reader unpacks files itself
_SEEN = 1000  # so many rows of columns of text are examined first
NO_OPTIONS = ReadOptions()


def file_of(path: str, options: ReadOptions = NO_OPTIONS) -> File:
    """Open a file in the format of its name and content; it must exist and not be empty."""
    if path == "-":
        copy = standard_input()
        return _held(_file(copy.path, options), copy, "standard input")
    if is_address(path):
        copy = downloaded(path)
        return _held(_file(copy.path, options), copy, path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"no such file: {path!r}")
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path!r} is a directory: give one of the files in it")
    if not os.access(path, os.R_OK):
        raise PermissionError(f"{path!r} may not be read: permission denied")
    return _file(path, options)


def _file(path: str, options: ReadOptions) -> File:
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        raise ValueError(f"{path!r} is empty: it has no rows")
    kind = kind_of(path, options.format)
    for name, wanted in (("sheet", ("excel",)), ("table", ("sqlite", "duckdb"))):
        if getattr(options, name) is not None and kind.name not in wanted:
            raise ValueError(f"{name} must be None for {path!r}, which has no {name}s")
    if kind.packed and kind.name not in _UNPACKING:
        copy = unpacked(path, kind.packed, f"unpacked{kind.suffix.rpartition('.')[0]}")
        return _held(_file(copy.path, options), copy, path)
    module, name = _FORMATS[kind.name]
    read = getattr(importlib.import_module(f"fastinfo.files.formats.{module}"), name)
    file: File = read(path, kind, options)
    return file


def _held(file: File, copy: Copy, label: str) -> File:
    """A file that is a temporary copy; the copy exists as long as the file object."""
    file.copy, file.label = copy, label
    return file


class Files(Source):
    """
    One file, or several files with the same columns, which are read one after another.

    Columns of text are converted if most of their cells, in all files, are numbers or dates. Folder
    names such as ``year=2024`` become columns.
    """

    def __init__(self, paths: Sequence[str | File], options: ReadOptions = NO_OPTIONS) -> None:
        self._options = options
        self._files = [
            path if isinstance(path, File) else file_of(os.fspath(path), options) for path in paths
        ]
        self._keys = hive_keys([file.path for file in self._files])
        for file in self._files:
            with failures(file.path, file.suffix):
                again(file.look)
        first = self._files[0]
        nested = {name: kind for file in self._files for name, kind in file.nested.items()}
        keys = [key for key in self._keys if key not in first.columns]
        self._know([*first.columns, *keys], nested)
        for file in self._files[1:]:
            there = {*file.names, *keys}
            for name in self.names:
                if name not in there:
                    raise ValueError(f"{file.path!r} has {unknown_column(name, file.names)}")
            more = [name for name in file.names if name not in self.columns]
            if more:
                raise ValueError(
                    f"{file.path!r} has a column {more[0]!r}, which {first.path!r} has not: give "
                    f"files with the same columns"
                )
        self._keys = {key: self._keys[key] for key in keys}
        self.label = first.label if len(paths) == 1 else f"{first.label} and {len(paths) - 1} more"
        sizes = [file.n_rows for file in self._files]
        self.n_rows = None if None in sizes else sum(n for n in sizes if n is not None)
        again(self._look_at_text)
        self._text.tell()

    def _look_at_text(self) -> None:
        """Decide how to convert columns of text, from all files."""
        self._agree()
        comma = any(getattr(file, "decimal", None) == "," for file in self._files)
        strict = self._options.null_values is not None
        typed = all(file.typed for file in self._files)
        self._text = TextColumns(
            comma=comma,
            strict=strict,
            typed=typed,
            known={name: said for file in self._files for name, said in file.taken.items()},
            subject=self.label,
        )
        self._text.look(self._cells(), lambda names: self._plain(names, 0))
        self.taken = self._text.taken

    def _agree(self) -> None:
        """Read a column as text if it is text in one of the files."""
        known = [file for file in self._files if file.types()]
        if len(known) < 2:
            return
        kinds = [file.types() for file in known]
        for name in self.names:
            found = {kind.get(name) for kind in kinds} - {"DOUBLE", "BIGINT"}
            if len({kind.get(name) for kind in kinds}) > 1 and found:
                for file in known:
                    file.become_text([name])

    def _cells(self) -> dict[str, list[str]]:
        """Some cells of each column of text."""
        found: dict[str, list[str]] = {}
        for file in self._files[:3]:
            own = file.some_text()
            if own is None:
                own = self._of_first_rows(file)
            for name, cells in own.items():
                found.setdefault(name, []).extend(cells)
        found = {name: cells for name, cells in found.items() if name in self.names}
        empty = [name for name, cells in found.items() if not cells]
        for part in self._plain(empty, 0) if empty else ():
            for name in empty:
                found[name] += some_cells(part.column(name))
            empty = [name for name in empty if not found[name]]
            if not empty:
                break
        return found

    def _of_first_rows(self, file: File) -> dict[str, list[str]]:
        names = file.texts
        if not names:
            return {}
        try:
            with failures(file.path, file.suffix):
                part: Any = next(file.parts(names), None)
        except ValueError:  # it is raised again when the file is read
            return {}
        if part is None:
            return {}
        return {name: some_cells(part.column(k)) for k, name in enumerate(names)}

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        try:
            for part in self._plain(names, start):
                yield self._text.applied(part)
        except ReadAgainError:
            before = dict(self.taken)
            again(self._look_at_text)
            self._text.tell(before)
            raise

    def _plain(self, names: Sequence[str], start: int) -> Iterator[pa.RecordBatch | pa.Table]:
        """Parts of the files, before text is converted."""
        inner = [name for name in names if name not in self._keys]
        for k, file in enumerate(self._files):
            if file.n_rows is not None and start >= file.n_rows:
                start -= file.n_rows
                continue
            with failures(file.path, file.suffix):
                skipped = start if file.n_rows is not None else 0
                for part in file.parts(inner or file.names[:1], skipped):
                    if file.n_rows is None and start:  # its rows are counted while they are read
                        gone = min(start, part.num_rows)
                        start -= gone
                        if gone == part.num_rows:
                            continue
                        part = part.slice(gone)
                    yield self._with_keys(part, names, k) if self._keys else part
            if file.n_rows is not None:
                start = 0

    def _with_keys(self, part: Any, names: Sequence[str], k: int) -> Any:
        """Return a part with additional columns from folder names."""
        import pyarrow as pa

        columns = []
        for name in names:
            if name in self._keys:
                value = self._keys[name][k]
                column = pa.repeat(pa.scalar(value), part.num_rows)
            else:
                column = part.column(name)
            columns.append(column)
        return pa.table(columns, names=list(names))

    def table(self, names: Sequence[str] | None = None) -> Any:
        return again(lambda: super(Files, self).table(names))

    def surveys(self, names: Sequence[str]) -> dict[str, Survey]:
        found: dict[str, Survey] = {}
        for k, file in enumerate(self._files):
            own = file.surveys(names)
            if not k:
                found = own
            else:
                found = {name: found[name] | own[name] for name in found.keys() & own.keys()}
        return found

    def identity(self) -> Any:
        return [file.identity() for file in self._files]
