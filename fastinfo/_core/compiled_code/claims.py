"""Which process compiles what: of processes that start together, one compiles each function.

A claim is a lock on one byte of a file in the directory of compiled code; the byte's place follows
from the name of the code's file. The system ends the claims of a process that ends. Without such
locks (on Windows, and on some network drives), each process compiles for itself.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

try:
    import fcntl as _fcntl
except ImportError:
    _fcntl = None  # type: ignore[assignment]

fcntl: Any = _fcntl

_SECONDS = 10.0  # hardly a function takes so long, so its process is stopped, or waits for others
_PAUSE = 0.005

_files: dict[tuple[int, str], int] = {}  # descriptors by process and directory


def can_claim() -> bool:
    """Whether processes can wait for each other."""
    return fcntl is not None


def claim(directory: str, name: str) -> None:
    """
    Claim the compilation that writes a file; before, wait for a process that has claimed it.

    After ten seconds, or if nothing can be locked, it returns without a claim.
    """
    if fcntl is None:
        return
    stop = time.monotonic() + _SECONDS
    try:
        file = _file(directory)
        while True:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(name))
                return
            except (BlockingIOError, PermissionError):  # another process has it
                if time.monotonic() > stop:
                    return
                time.sleep(_PAUSE)
    except OSError:
        return


def release(directory: str, name: str) -> None:
    """End a claim, if there is one."""
    file = _files.get((os.getpid(), directory))
    if fcntl is not None and file is not None:
        try:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, _place(name))
        except OSError:
            return


def _file(directory: str) -> int:
    """The file of claims, opened once: a process that closes it loses all of its locks."""
    key = os.getpid(), directory
    if key not in _files:
        _files[key] = os.open(Path(directory, "claims"), os.O_RDWR | os.O_CREAT, 0o666)
    return _files[key]


def _place(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")
