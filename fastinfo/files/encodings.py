"""In which encoding a text is."""

from __future__ import annotations

import codecs
from typing import Any

from fastinfo.files.kinds import wide_encoding
from fastinfo.files.unpacking import opened, unpacking

_BLOCK = 1 << 20
_ENOUGH = 1 << 14  # bytes of lines that are not plain ASCII
_USUAL = ("cp1252", "latin_1", "iso8859_1", "iso8859_15", "cp1250", "mac_roman", "cp850", "cp437")


def wide_encoding_of(path: str, packed: str) -> str | None:
    """UTF-16 or UTF-32, None if it is neither."""
    with unpacking(path), opened(path, packed) as stream:
        return wide_encoding(stream.read(1 << 12))


def encoding_of(path: str, packed: str) -> str | None:
    """The encoding of a text that is not UTF-8."""
    lines = bytearray()
    with unpacking(path), opened(path, packed) as stream:
        rest = b""
        while len(lines) < _ENOUGH and (block := stream.read(_BLOCK)):
            found, _, rest = (rest + block).rpartition(b"\n")
            for line in found.split(b"\n"):
                if not line.isascii() and not _is_utf8(line):
                    lines += line + b"\n"
        if not rest.isascii():
            lines += rest
    return _guess(bytes(lines[: 4 * _ENOUGH]))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _guess(text: bytes) -> str | None:
    try:
        from charset_normalizer import from_bytes
    except ImportError as error:
        raise ImportError(
            "finding out the encoding of a text needs charset-normalizer: "
            'pip install "fastinfo[frames]", or name it (encoding=)'
        ) from error
    matches: Any = from_bytes(text)
    best = matches.best()
    found = None if best is None else str(best.encoding)
    if found is None or found in _USUAL:  # which differ in few letters
        return "cp1252" if _reads(text, "cp1252") else "latin-1"
    return found


def _reads(text: bytes, encoding: str) -> bool:
    try:
        codecs.decode(text, encoding)
    except UnicodeDecodeError:
        return False
    return True
