"""Detect the kind of a file, by its name and, more reliably, by its first bytes."""

from __future__ import annotations

import os
from typing import NamedTuple

from fastinfo._core.messages import shown_name, warn

#: Kinds of files, and the endings of their names.
KINDS: dict[str, tuple[str, ...]] = {
    "csv": ("csv", "txt", "dat", "data", "psv", "ssv", "text"),
    "tsv": ("tsv", "tab"),
    "json": ("json", "jsonl", "ndjson", "geojson"),
    "parquet": ("parquet", "parq", "pq"),
    "arrow": ("feather", "arrow", "ipc", "arrows"),
    "npy": ("npy",),
    "excel": ("xlsx", "xlsm", "xlsb", "xls", "ods"),
    "sqlite": ("sqlite", "sqlite3", "db3", "s3db", "gpkg"),
    "duckdb": ("duckdb", "ddb"),
}
_BY_SUFFIX = {suffix: kind for kind, suffixes in KINDS.items() for suffix in suffixes}
_PACKED = ("gz", "bz2", "xz", "zst", "zip")

#: The endings of names that are shown to users.
SUFFIXES = (
    ".csv, .tsv, .txt, .json, .jsonl (also .gz, .bz2, .xz, .zst, .zip), .parquet, .feather, "
    ".arrow, .npy, .xlsx, .xls, .ods, .sqlite, .duckdb"
)

_TEXTS = ("csv", "tsv", "json")
_NAMES = {
    "arrow": "an Arrow or Feather file",
    "duckdb": "a DuckDB database",
    "excel": "a spreadsheet",
    "npy": "a NumPy array",
    "parquet": "a Parquet file",
    "sqlite": "an SQLite database",
}
_SEEN = 4096  # bytes that are examined


class Kind(NamedTuple):
    """The kind of a file."""

    name: str  #: one of KINDS
    packed: str = ""  #: gz, bz2, xz, zst or zip
    suffix: str = ""  #: ending of the name, as users know it: ".csv.gz"


def kind_of(path: str, given: str | None = None) -> Kind:
    """Return the kind of a file; `given` is the format option of the user."""
    parts = os.path.basename(path).lower().split(".")
    ends = parts[1:] if len(parts) > 1 else []
    with open(path, "rb") as file:
        start = file.read(_SEEN)
    packed = ends.pop() if ends and ends[-1] in _PACKED else ""
    found = _by_content(start)
    if packed:
        inner = ends[-1] if ends and ends[-1] in _BY_SUFFIX else ""
        suffix = f".{inner}.{packed}" if inner else f".{packed}"
        return Kind(given or _BY_SUFFIX.get(inner, "csv"), packed, suffix)
    by_name = _BY_SUFFIX.get(ends[-1]) if ends else None
    suffix = f".{ends[-1]}" if ends else ""
    name = given or by_name
    if found in _PACKED and name in (None, *_TEXTS):
        return Kind(name or "csv", found, suffix)
    if name is None:
        name = found or _text_kind(path, start)
    elif given is None and found in KINDS and name != found and not _agree(name, found):
        warn(
            f"{shown_name(path)} is {_NAMES[found]}, although its name says otherwise, and is read "
            f"as one"
        )
        name = found
    if name in _TEXTS and not packed and _is_binary(start):
        raise ValueError(f"{path!r} is not text: it has bytes that are not characters")
    return Kind(name, "", suffix or f".{name}")


def _agree(name: str, found: str) -> bool:
    return {name, found} <= {"excel", "zip"}


def _by_content(start: bytes) -> str | None:
    """Return the kind or the compression of a file, detected from the first bytes."""
    if start[:4] == b"PAR1":
        return "parquet"
    if start[:6] == b"ARROW1":
        return "arrow"
    if start[:6] == b"\x93NUMPY":
        return "npy"
    if start[:16] == b"SQLite format 3\0":
        return "sqlite"
    if start[8:12] == b"DUCK":
        return "duckdb"
    if start[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "excel"
    if start[:4] == b"PK\x03\x04":
        office = b"[Content_Types].xml" in start or b"opendocument.spreadsheet" in start
        return "excel" if office or b"xl/" in start or b"_rels/" in start else "zip"
    if start[:2] == b"\x1f\x8b":
        return "gz"
    if start[:3] == b"BZh" and start[4:10] == b"1AY&SY":
        return "bz2"
    if start[:6] == b"\xfd7zXZ\0":
        return "xz"
    if start[:4] == b"\x28\xb5\x2f\xfd":
        return "zst"
    return None


def _text_kind(path: str, start: bytes) -> str:
    """Return whether a text is JSON or delimited, for a file whose name doesn't show it."""
    if _is_binary(start):
        raise ValueError(f"{path!r} is of an unknown kind: fastinfo reads {SUFFIXES}")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "json" if text[:1] == b"{" or text[:2] in (b"[{", b"[\n", b"[ ", b"[[") else "csv"


def _is_binary(start: bytes) -> bool:
    """Whether there are characters that never occur in text; UTF-16 and UTF-32 contain zeros."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or wide_encoding(start):
        return False
    controls = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f"))
    return len(start) != len(start.translate(None, controls))


def wide_encoding(start: bytes) -> str | None:
    """UTF-16 or UTF-32, detected by the byte order mark or by the zeros in plain text."""
    if start[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "utf-32"
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    even, odd = start[0:_SEEN:2], start[1:_SEEN:2]
    if len(odd) >= 4 and odd.count(0) > 0.8 * len(odd) and not even.count(0):
        return "utf-16-le"
    if len(even) >= 4 and even.count(0) > 0.8 * len(even) and not odd.count(0):
        return "utf-16-be"
    return None


def is_known(name: str) -> bool:
    """Whether a file name has the ending of a known format."""
    ends = name.lower().split(".")[1:]
    if ends and ends[-1] in _PACKED:
        ends.pop()
    return bool(ends) and ends[-1] in _BY_SUFFIX
