"""Compressed text: how large it is, and streams of it that end before the memory does."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastinfo._core import limits, machine
from fastinfo._core.messages import printable

_STEP = 1 << 22  # bytes of text after which the memory is looked at
_LEAST = 0.5  # of the memory that was free: what must be left when all is read
_RATIO = 1032  # bytes of text that a byte of gzip holds, at most


def packed_size(name: str, packed: str) -> int:
    """Bytes of the text of a compressed file, as it tells them itself."""
    if packed == "zip":
        with _unpacking(name):
            archive = zipfile.ZipFile(name)
        with archive:
            return _only_member(name, archive).file_size
    size = os.path.getsize(name)
    with open(name, "rb") as file:
        file.seek(max(size - 4, 0))
        end = file.read(4)
    return max(size, min(int.from_bytes(end, "little"), _RATIO * size))


def open_packed(name: str, packed: str) -> Any:
    """Open the text of a compressed file, to be read block by block."""
    import pyarrow as pa

    if packed == "zip":
        return pa.BufferReader(unzip(name))
    return pa.input_stream(name, compression="gzip")


def open_guarded(name: str, packed: str) -> Any:
    """Open it to be read as a whole, as far as the memory lasts for what is made of it."""
    import pyarrow as pa

    return pa.PythonFile(_Guarded(name, open_packed(name, packed)), mode="r")


class _Guarded:
    """A stream that raises once the table that is made of it has taken half of the memory."""

    def __init__(self, name: str, stream: Any) -> None:
        self._name, self._stream = name, stream
        self._read = self._next = 0
        self._free = machine.free_memory()

    @property
    def closed(self) -> bool:
        return bool(self._stream.closed)

    def close(self) -> None:
        self._stream.close()

    def read(self, size: int) -> bytes:
        block: bytes = self._stream.read(size)
        self._read += len(block)
        if self._read >= self._next:
            if machine.free_memory() < _LEAST * self._free:
                raise ValueError(
                    f"{self._name!r} holds more text than there is memory for: {self._read} bytes "
                    f"of it took half of the {self._free} bytes that were free; unpack it, or read "
                    f"it in parts (fastinfo.streaming.open_files)"
                )
            self._next = self._read + _STEP
        return block


def unzip(name: str) -> bytes:
    """Return the only file of a zip file."""
    with _unpacking(name):
        archive = zipfile.ZipFile(name)
    with archive:
        member = _only_member(name, archive)
        limits.check_memory(member.file_size, f"the text in {name!r}", "unpack it")
        with _unpacking(name):
            return archive.read(member)


def _only_member(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The file in a zip file, but for folders and what macOS adds."""
    files = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(files) != 1:
        raise ValueError(f"{name!r} must hold one file and holds {len(files)}: unpack it")
    return files[0]


@contextmanager
def _unpacking(name: str) -> Iterator[None]:
    """Word in one line what is wrong with an archive."""
    try:
        yield
    except (FileNotFoundError, MemoryError, PermissionError):
        raise
    except Exception as error:  # of any of four kinds of compression, or of names that are damaged
        detail = printable(" ".join(str(error).split())) or type(error).__name__
        raise ValueError(f"{name!r} cannot be unpacked: {detail}") from error
