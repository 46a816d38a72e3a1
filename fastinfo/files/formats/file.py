"""One file of any format: its path, and how it is read."""

from __future__ import annotations

import difflib
import os
import zlib
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastinfo._core.messages import listed, missing_packages, printable, shown_name
from fastinfo.files.kinds import Kind
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import Source

if TYPE_CHECKING:
    pass

_FAILURES = EOFError, NotImplementedError, OSError, TypeError, zlib.error


@contextmanager
def failures(name: str, suffix: str) -> Iterator[None]:
    """Turn pyarrow's errors into a message of one line with the file's name and kind."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise missing_packages(f"reading {name!r} needs", "pyarrow", extra="frames") from error
    try:
        yield
    except (FileNotFoundError, MemoryError, PermissionError):
        raise
    except UnicodeDecodeError as error:
        raise ValueError(f"{name!r} has a column name that is not UTF-8 text") from error
    except (*_FAILURES, pa.ArrowException) as error:
        detail = printable(" ".join(str(error).split()).rstrip("."))
        raise ValueError(f"{name!r} cannot be read as {suffix}: {detail}") from error


def unknown_column(column: str, known: Sequence[str]) -> str:
    """
    Message that a column does not exist, with similar names if any, and the first known names.

    Examples
    --------
    >>> from fastinfo.files.formats.file import unknown_column
    >>> unknown_column("seat", ["tail", "seats"])
    "no column 'seat', but 'seats'; the columns are: tail, seats"
    """
    known = [str(name) for name in known]
    by_fold = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(str(column).casefold(), by_fold, n=3)
    but = f", but {' or '.join(repr(by_fold[name]) for name in near)}" if near else ""
    shown = ", ".join([*map(shown_name, known[:20]), *(["…"] if len(known) > 20 else [])])
    return f"no column {column!r}{but}; the columns are: {shown}"


class File(Source):
    """One file of any format: its path, and how it is read."""

    typed = True  #: whether the format defines the types of columns

    def __init__(self, path: str, kind: Kind, options: ReadOptions) -> None:
        self.path, self.label = path, printable(path)
        self.suffix, self._packed, self._options = kind.suffix, kind.packed, options
        self.copy: Any = None  #: the temporary copy that is read, if any

    def types(self) -> Mapping[str, str]:
        """How columns are read, if parts of several files may differ in that."""
        return {}

    def become_text(self, names: Sequence[str]) -> None:
        """Read some columns as text from now on."""

    def some_text(self) -> dict[str, list[str]] | None:
        """Some cells of each column of text, if known."""
        return None

    @abstractmethod
    def look(self) -> None:
        """Find the columns, and whatever else is known before reading."""

    def chosen(self, known: Sequence[str], columns: Sequence[str] | None = None) -> list[str]:
        """The columns to read: the given ones, or all except pandas' unnamed row index."""
        there = set(known)
        if len(there) < len(known):
            twice = next(column for column, n in Counter(known).items() if n > 1)
            raise ValueError(f"{self.path!r} has two columns named {twice!r}: rename one of them")
        if columns is None:
            return [column for column in known if not column.startswith("__index_level_")]
        for column in columns:
            if column not in there:
                raise ValueError(f"{self.path!r} has {unknown_column(column, known)}")
        return list(columns)

    def size(self) -> int:
        """Bytes of the unpacked file, as far as known without reading it."""
        return os.path.getsize(self.path)

    def identity(self) -> Any:
        status = os.stat(self.path)
        return [os.path.abspath(self.path), status.st_size, status.st_mtime_ns, self.names]


def chosen_table(path: str, wanted: str | None, known: Sequence[str]) -> str:
    """Return the name of the table to read."""
    if wanted is not None:
        if wanted in known:
            return wanted
        raise ValueError(f"{path!r} has no table {wanted!r}; its tables are: {listed(known)}")
    if len(known) == 1:
        return known[0]
    if not known:
        raise ValueError(f"{path!r} has no tables")
    raise ValueError(
        f"{path!r} has {len(known)} tables: name one of them by table=, --table of the command: "
        f"{listed(known)}"
    )
