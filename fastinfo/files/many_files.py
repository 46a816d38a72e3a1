"""Files by their suffix, one or several as one table."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fastinfo._bins.surveys import Survey
from fastinfo.files.formats.arrow import Arrow
from fastinfo.files.formats.file import File, failures, unknown_column
from fastinfo.files.formats.npy import Npy
from fastinfo.files.formats.parquet import Parquet
from fastinfo.files.formats.text import Text
from fastinfo.files.sources import Source

if TYPE_CHECKING:
    import pyarrow as pa

#: What reads files, by suffix.
_FORMATS: dict[str, Callable[[str, str], File]] = {
    **{f".{kind}{packed}": Text for kind in ("csv", "tsv") for packed in ("", ".gz", ".zip")},
    ".parquet": Parquet,
    ".feather": Arrow,
    ".arrow": Arrow,
    ".ipc": Arrow,
    ".npy": Npy,
}

#: The suffixes of the files that are read.
SUFFIXES = tuple(_FORMATS)


def file_of(path: str) -> File:
    """A file by its suffix; it must be there, and may not be empty."""
    if not os.path.exists(path):
        raise FileNotFoundError(f"no such file: {path!r}")
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path!r} is a directory: give one of the files in it")
    if not os.access(path, os.R_OK):
        raise PermissionError(f"{path!r} may not be read: permission denied")
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        raise ValueError(f"{path!r} is empty: it has no rows")
    for suffix, kind in _FORMATS.items():
        if path.lower().endswith(suffix):
            return kind(path, suffix)
    raise ValueError(f"{path!r} is of an unknown kind: fastinfo reads {', '.join(SUFFIXES)}")


def find_files(patterns: Sequence[str]) -> list[str]:
    """The files that are named, or whose names fit a pattern."""
    if not patterns:
        raise ValueError("paths must name at least one file, got none")
    found: list[str] = []
    for pattern in patterns:
        if os.path.exists(pattern) or not glob.has_magic(pattern):
            found.append(pattern)
            continue
        fitting = sorted(glob.glob(pattern, recursive=True))
        if not fitting:
            raise ValueError(f"no file fits the pattern {pattern!r}")
        found += fitting
    return found


class Files(Source):
    """One file or several with the same columns, one after the other; at least one."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._files = [file_of(os.fspath(path)) for path in paths]
        for file in self._files:
            with failures(file.path, file.suffix):
                file.look()
        first = self._files[0]
        nested = {name: kind for file in self._files for name, kind in file.nested.items()}
        self._know(first.columns, nested)
        for file in self._files[1:]:
            there = set(file.names)
            for name in self.names:
                if name not in there:
                    raise ValueError(f"{file.path!r} has {unknown_column(name, file.names)}")
        self.label = first.label if len(paths) == 1 else f"{first.label} and {len(paths) - 1} more"
        sizes = [file.n_rows for file in self._files]
        self.n_rows = None if None in sizes else sum(n for n in sizes if n is not None)

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        for file in self._files:
            if file.n_rows is not None and start >= file.n_rows:
                start -= file.n_rows
                continue
            with failures(file.path, file.suffix):
                skipped = start if file.n_rows is not None else 0
                for part in file.parts(names, skipped):
                    if file.n_rows is None and start:  # its rows are counted as they are read
                        gone = min(start, part.num_rows)
                        start -= gone
                        if gone == part.num_rows:
                            continue
                        yield part.slice(gone)
                        continue
                    yield part
            if file.n_rows is not None:
                start = 0

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
