"""Files that are written: those that were begun here, and nothing else that lies there."""

from __future__ import annotations

import os
import stat


def refuse_special(path: str | os.PathLike[str] | bytes, what: str) -> None:
    """Raise where something lies that is no plain file: a link, a pipe, a device, a folder."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:  # there is nothing, or opening it says what is wrong
        return
    if not stat.S_ISREG(mode):
        kind = "directory" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "device"
        kind = "pipe" if stat.S_ISFIFO(mode) else kind
        raise ValueError(f"{what} must be a plain file, got {os.fspath(path)!r}, a {kind}")
