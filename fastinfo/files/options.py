"""Options for reading files, with which users override what is detected."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastinfo._core.checks import choice
from fastinfo.files.kinds import KINDS

#: Words for separators that are hard to type on a command line.
_SEPARATORS = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True)
class ReadOptions:
    """Options for reading a file; what is None will be detected."""

    sep: str | None = None  #: separator of the values of text
    decimal: str | None = None  #: decimal mark in text
    encoding: str | None = None  #: Python's name of the encoding
    null_values: tuple[str, ...] | None = None  #: cells of text that mean missing
    quoted_null: bool = True  #: whether they also mean missing if quoted
    header: bool | None = None  #: whether the first line of text has the names
    format: str | None = None  #: one of KINDS
    sheet: str | int | None = None  #: sheet of a spreadsheet
    table: str | None = None  #: table of a database

    @classmethod
    def of(
        cls, *, sep: Any = None, decimal: Any = None, null_values: Any = None, **others: Any
    ) -> ReadOptions:
        """Check the options of the user."""
        if sep is not None:
            sep = _SEPARATORS.get(sep, sep) if isinstance(sep, str) else sep
            fits = isinstance(sep, str) and 1 <= len(sep.encode(errors="replace")) <= 4
            if not fits or set(sep) & set("\r\n\"'"):
                raise ValueError(
                    f"sep must be the characters between two values, such as ',', ';', 'tab' or "
                    f"'space', got {sep!r}"
                )
        if decimal is not None:
            choice(decimal, "decimal", (".", ","))
            if decimal == sep:
                raise ValueError(f"decimal and sep must differ, got {sep!r} for both")
        options = cls(sep, decimal, null_values=_words(null_values), **others)
        options._check()
        return options

    def _check(self) -> None:
        for name in ("quoted_null", "header"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, bool):
                raise TypeError(f"{name} must be True or False, got {type(value).__name__}")
        if self.encoding is not None:
            try:
                codecs.getincrementaldecoder(self.encoding)
            except (LookupError, TypeError, ValueError):
                message = f"encoding must be one that Python knows, got {self.encoding!r}"
                raise ValueError(message) from None
        if self.format is not None:
            choice(self.format, "format", tuple(KINDS))
        if self.sheet is not None and not isinstance(self.sheet, str | int):
            raise TypeError(f"sheet must be a name or a number, got {type(self.sheet).__name__}")
        if self.table is not None and not isinstance(self.table, str):
            raise TypeError(f"table must be a name, got {type(self.table).__name__}")


def _words(null_values: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if null_values is None:
        return None
    words = (null_values,) if isinstance(null_values, str) else tuple(null_values)
    for word in words:
        if not isinstance(word, str):
            raise TypeError(f"null_values must be text, got {type(word).__name__}")
    return words
