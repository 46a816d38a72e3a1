"""The directories of compiled code: one for each state of the sources of kernels."""

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
_KEPT = 4  # versions whose code stays: a new one takes the place of the one not used for longest


class Places(NamedTuple):
    """Where compiled code is looked for, in order, and where new code is kept, if it can be."""

    read: tuple[str, ...]
    written: str | None


def cache_directory() -> str | None:
    """Where compiled code of kernels is kept; None where no directory can be written."""
    return _places(numba.config.CACHE_DIR).written


def read_only_directories() -> tuple[str, ...]:
    """Where compiled code is found besides: directories that were filled ahead of time."""
    return _places(numba.config.CACHE_DIR).read


@functools.cache
def _places(provided: str) -> Places:
    """
    The first directory that can be written, and those before it that can't, but hold code.

    The order is that of numba's own cache: the directory in ``NUMBA_CACHE_DIR``, that of the
    package, that of the user. So what was compiled with the installation, or into a shared
    directory, is found by users who can't write there.
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
    """See to it that a directory is there, and raise if it can't be written."""
    is_new = not os.path.isdir(path)
    os.makedirs(path, exist_ok=True)
    tempfile.TemporaryFile(dir=path).close()
    with contextlib.suppress(OSError):
        os.utime(path)  # used now
        if is_new:
            old = sorted(directories_in(os.path.dirname(path)), key=os.path.getmtime)
            for unused in old[:-_KEPT]:
                shutil.rmtree(unused, ignore_errors=True)
