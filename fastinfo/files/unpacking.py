"""Copies of files that no library reads directly: compressed, in other encodings, or remote."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import os
import re
import shutil
import sys
import tempfile
import urllib.parse
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from fastinfo._core.messages import printable

_STEP = 1 << 22  # bytes that are copied at a time
_SHARE = 0.8  # share of the free disk space that a copy may take
SPACES = "  "  #: what separates values: two spaces or more
_RATIO = 1032  # the most bytes of text in a byte of gzip


class Copy:
    """A temporary file that is removed when this object is no longer used."""

    def __init__(self, name: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="fastinfo-")
        self.path = os.path.join(self._folder, name)
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def fill(self, stream: Any, source: str) -> None:
        """Write the bytes of a stream, as long as there is space on the disk."""
        room = self.room()
        written = 0
        with open(self.path, "wb") as file:
            while block := stream.read(_STEP):
                written += len(block)
                if written > room:
                    raise _too_large(source, written)
                file.write(block)

    def room(self) -> float:
        """Bytes that the copy may take."""
        return _SHARE * shutil.disk_usage(self._folder).free


def _too_large(source: str, size: int) -> ValueError:
    return ValueError(
        f"{source!r} holds more than there is room for: {size} bytes of it take most of the free "
        f"space in {tempfile.gettempdir()!r}; set TMPDIR to a folder on a larger disk"
    )


def unpacked(path: str, packed: str, name: str) -> Copy:
    """The content of a compressed file, as a file with this name."""
    copy = Copy(name)
    with unpacking(path):
        if packed == "zip":
            with zipfile.ZipFile(path) as archive:
                size = only_member(path, archive).file_size
            if size > copy.room():
                raise _too_large(path, size)
        with opened(path, packed) as stream:
            copy.fill(stream, path)
    return copy


@contextmanager
def opened(path: str, packed: str) -> Iterator[Any]:
    """A stream of the bytes in a file, unpacked."""
    if packed == "zip":
        with zipfile.ZipFile(path) as archive, archive.open(only_member(path, archive)) as stream:
            yield stream
    elif packed == "zst":
        import pyarrow as pa

        with pa.input_stream(path, compression="zstd") as stream:
            yield stream
    else:
        read: Any = {"xz": lzma.open, "gz": gzip.open, "bz2": bz2.open}.get(packed, open)
        with read(path, "rb") as stream:
            yield stream


def packed_size(name: str, packed: str) -> int:
    """Size of the text in a gzip file, as stated in the file."""
    size = os.path.getsize(name)
    with open(name, "rb") as file:
        file.seek(max(size - 4, 0))
        end = file.read(4)
    return max(size, min(int.from_bytes(end, "little"), _RATIO * size))


def translated(path: str, packed: str, encoding: str, errors: str = "strict") -> Copy:
    """A text in UTF-8 in which all lines end in the same way."""
    copy = Copy("text")
    with unpacking(path), opened(path, packed) as stream:
        copy.fill(_Translated(stream, _decoder(encoding, errors)), path)
    return copy


def _decoder(encoding: str, errors: str) -> Any:
    import codecs

    return io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors), True)


class _Translated:
    """A stream of bytes in UTF-8, converted from one in another encoding."""

    def __init__(self, stream: Any, decoder: Any) -> None:
        self._stream, self._decoder = stream, decoder

    def read(self, size: int) -> bytes:
        while True:
            block = self._stream.read(size)
            text: str = self._decoder.decode(block, not block)
            if text or not block:
                return text.encode("utf-8", "surrogatepass")


def standard_input() -> Copy:
    """The content of standard input, which can be read only once."""
    stream: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise ValueError("there is no standard input to read")
    copy = Copy("stdin")
    copy.fill(stream, "-")
    return copy


def only_member(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The single file in a zip file, ignoring folders and files that macOS adds."""
    files = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(files) != 1:
        raise ValueError(f"{name!r} must hold one file and holds {len(files)}: unpack it")
    return files[0]


@contextmanager
def unpacking(name: str) -> Iterator[None]:
    """Turn errors about an archive into a message of one line."""
    try:
        yield
    except (FileNotFoundError, MemoryError, PermissionError):
        raise
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name!r} is not text in {error.encoding}: name its encoding (encoding=)"
        ) from error
    except ValueError as error:
        if repr(name) in str(error):
            raise
        raise _broken(name, error) from error
    except (EOFError, NotImplementedError, OSError, RuntimeError, lzma.LZMAError) as error:
        raise _broken(name, error) from error
    except (zipfile.BadZipFile, zlib.error) as error:
        raise _broken(name, error) from error


def _broken(name: str, error: Exception) -> ValueError:
    detail = printable(" ".join(str(error).split())) or type(error).__name__
    return ValueError(f"{name!r} cannot be unpacked: {detail}")


def split_at_spaces(line: str) -> list[str]:
    """The values of a line whose separators are two or more spaces."""
    return re.split(" {2,}", line.strip())


def by_tabs(stream: Any, sep: str, has_more: bool) -> Copy:
    """A text with tabs as separators; its rows may have one value more than its header."""
    copy = Copy("text")
    with (
        io.TextIOWrapper(
            stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
        ) as text,
        open(copy.path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file,
    ):
        cut = (line.strip(" ") for line in text)
        rows: Iterator[list[str]] = (
            (split_at_spaces(line) for line in cut if line.strip())
            if sep == SPACES
            else csv.reader(cut, delimiter=sep, skipinitialspace=True)
        )
        write = csv.writer(file, delimiter="\t", lineterminator="\n").writerow
        for k, row in enumerate(rows):
            if row:
                write(["", *row] if has_more and not k else row)
    return copy


_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def is_address(path: str) -> bool:
    """Whether a path is an address, such as ``https://…`` or ``s3://…``."""
    return _ADDRESS.match(path) is not None


def downloaded(address: str) -> Copy:
    """The file at an address, under its own name."""
    name = os.path.basename(urllib.parse.urlsplit(address).path) or "download"
    copy = Copy(re.sub(r"[^\w.-]", "_", name)[-80:])
    with _opened(address) as stream:
        copy.fill(stream, address)
    return copy


@contextmanager
def _opened(address: str) -> Iterator[Any]:
    """A stream of the bytes at an address, from Python (web) or pyarrow (object stores)."""
    import pyarrow as pa

    try:
        if address.lower().startswith(("http://", "https://")):
            import urllib.request

            with urllib.request.urlopen(address) as stream:
                yield stream
            return
        from pyarrow import fs

        store, place = fs.FileSystem.from_uri(address)
        with store.open_input_stream(place) as stream:
            yield stream
    except (pa.ArrowException, OSError) as error:
        detail = printable(" ".join(str(error).split()))
        if hasattr(error, "close"):  # an answer of a server that is an error holds its body
            error.close()
        raise OSError(f"{address!r} cannot be read: {detail}") from error
