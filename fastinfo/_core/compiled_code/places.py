"""The directories of compiled code: one for each state of the kernels' sources."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import numba
from numba.misc.appdirs import AppDirs

from fastinfo._core.compiled_code.sources import sources_of_kernels

_NAME = __name__.partition(".")[0]
_KEPT = 4  # versions whose code is kept; a new one replaces the one that was used least recently


class Places(NamedTuple):
    """Where compiled code is searched for, in order, and where new code is stored, if possible."""

    read: tuple[str, ...]
    written: str | None


def cache_directory() -> str | None:
    """Where compiled code is stored, or None if no directory is writable."""
    return _places(numba.config.CACHE_DIR).written


def read_only_directories() -> tuple[str, ...]:
    """Further directories with compiled code, which were filled ahead of time."""
    return _places(numba.config.CACHE_DIR).read


@functools.cache
def _places(provided: str) -> Places:
    """
    The first writable directory, and the directories before it that contain code.

    The order is that of numba's own cache: the directory in ``NUMBA_CACHE_DIR``, that of the
    package, that of the user. So users without write access find the code that was compiled with
    the installation, or into a shared directory.
    """
    sources = sources_of_kernels()
    if sources is None:
        return Places((), None)
    beside = Path(__file__).parents[2] / "__pycache__"
    of_user = AppDirs(appname="numba", appauthor=False).user_cache_dir
    read: list[str] = []
    for place in filter(None, (provided, beside, of_user)):
        path = os.path.join(os.path.abspath(place), directory_name(sources))
        try:
            _prepare(path)
        except OSError:
            if os.path.isdir(path):
                read.append(path)
        else:
            return Places(tuple(read), path)
    return Places(tuple(read), None)


def directory_name(sources: str) -> str:
    """The name of the directory for code of these sources."""
    return f"{_NAME}-{sources}"


def directories_in(place: str) -> list[str]:
    """The directories of compiled code, of any sources, in a directory."""
    with os.scandir(place) as entries:
        return [
            entry.path
            for entry in entries
            if re.fullmatch(directory_name("[0-9a-f]{16}"), entry.name)
            and entry.is_dir(follow_symlinks=False)
        ]


def _prepare(path: str) -> None:
    """Create a directory if needed, and raise an error if it is not writable."""
    is_new = not os.path.isdir(path)
    os.makedirs(path, exist_ok=True)
    tempfile.TemporaryFile(dir=path).close()
    with contextlib.suppress(OSError):
        os.utime(path)  # mark it as used now
        if is_new:
            old = sorted(directories_in(os.path.dirname(path)), key=os.path.getmtime)
            for unused in old[:-_KEPT]:
                shutil.rmtree(unused, ignore_errors=True)
