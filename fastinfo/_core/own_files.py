"""Write files, and never overwrite a file that fastinfo did not write.

A file may be written where there is no file, an empty one, or one that fastinfo wrote. It is never
written to a link, a pipe or a device. A new file is complete before it replaces an old one.
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
    """Raise an error if no file can be written at a path; `what` names the argument."""
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
    """Raise an error if the path is not a regular file: a link, pipe, device or folder."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:  # there is no file, or opening it will say what is wrong
        return
    if not stat.S_ISREG(mode):
        kind = "directory" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "device"
        kind = "pipe" if stat.S_ISFIFO(mode) else kind
        raise ValueError(f"{what} must be a plain file, got {os.fspath(path)!r}, a {kind}")


def not_ours(path: Path, what: str, kind: str, reason: str = "") -> ValueError:
    """The error for a file that is not one of this `kind` written by fastinfo."""
    return ValueError(
        f"{what} must be a new file or {kind}, got {os.fspath(path)!r}, which is something "
        f"else{reason}: give another name, or remove it"
    )


@contextmanager
def replacing(path: Path) -> Iterator[str]:
    """
    Yield the name of an empty file to write, which then replaces the file at `path`.

    If the block raises an error, the old file stays as it was. It also stays for those who have it
    open, or have linked it under another name.
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
