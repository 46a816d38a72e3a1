"""Files that are written: those that were begun here, and nothing else that lies there.

Where a file may be written there is no file, an empty one, or one that fastinfo wrote; never a
link, a pipe or a device. What takes the place of another file is whole before it does.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

Path = str | os.PathLike[str]


def check_place(path: Path, what: str) -> None:
    """Raise where no file can be written, whatever lies there: `what` is the argument's name."""
    name = os.fspath(path)
    refuse_special(name, what)
    if os.path.exists(name) and not os.access(name, os.W_OK):
        raise PermissionError(f"{what} {name!r} can't be written: permission denied")
    folder = os.path.dirname(name) or "."
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"{what} {name!r} can't be written: no such folder: {folder!r}")
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".fastinfo-"):
            pass
    except OSError as error:
        raise OSError(
            f"{what} {name!r} can't be written into the folder {folder!r}: {error.strerror}"
        ) from error


def refuse_special(path: Path | bytes, what: str) -> None:
    """Raise where something lies that is no plain file: a link, a pipe, a device, a folder."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:  # there is nothing, or opening it says what is wrong
        return
    if not stat.S_ISREG(mode):
        kind = "directory" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "device"
        kind = "pipe" if stat.S_ISFIFO(mode) else kind
        raise ValueError(f"{what} must be a plain file, got {os.fspath(path)!r}, a {kind}")


def not_ours(path: Path, what: str, kind: str, reason: str = "") -> ValueError:
    """The error where another file lies than one of this `kind` that fastinfo wrote."""
    return ValueError(
        f"{what} must be a new file or {kind}, got {os.fspath(path)!r}, which is something "
        f"else{reason}: give another name, or remove it"
    )


@contextmanager
def replacing(path: Path) -> Iterator[str]:
    """
    Give the name of an empty file to write, which then takes the place of the one at `path`.

    That stays as it was if the block raises, and for whoever has it open or by another name.
    """
    new = os.path.join(os.path.dirname(os.fspath(path)), f".fastinfo-{secrets.token_hex(8)}")
    try:
        with open(new, "xb"):
            pass
        yield new
        with suppress(FileNotFoundError):
            shutil.copymode(path, new)
        os.replace(new, path)
    except OSError as error:
        raise OSError(f"{os.fspath(path)!r} can't be written: {error.strerror or error}") from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(new)
