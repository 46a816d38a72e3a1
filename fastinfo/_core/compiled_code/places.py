"""The directory of compiled code: one for each state of the sources of kernels."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import tempfile
from pathlib import Path

import numba
from numba.misc.appdirs import AppDirs

from fastinfo._core.compiled_code.sources import sources_of_kernels

_NAME = __name__.partition(".")[0]
_KEPT = 4  # versions whose code stays: a new one takes the place of the one not used for longest


def cache_directory() -> str | None:
    """Where compiled code of kernels is kept; None where no directory can be written."""
    return _directory(numba.config.CACHE_DIR)


@functools.cache
def _directory(provided: str) -> str | None:
    """The first directory that can be written, in the order of numba's own cache."""
    sources = sources_of_kernels()
    if sources is None:
        return None
    beside = Path(__file__).parents[2] / "__pycache__"
    of_user = AppDirs(appname="numba", appauthor=False).user_cache_dir
    for place in filter(None, (provided, beside, of_user)):
        with contextlib.suppress(OSError):
            return _prepared(os.path.abspath(place), f"{_NAME}-{sources}")
    return None


def _prepared(place: str, name: str) -> str:
    """A directory that is there and can be written."""
    path = os.path.join(place, name)
    is_new = not os.path.isdir(path)
    os.makedirs(path, exist_ok=True)
    tempfile.TemporaryFile(dir=path).close()
    with contextlib.suppress(OSError):
        os.utime(path)  # used now
        if is_new:
            _remove_old(place)
    return path


def _remove_old(place: str) -> None:
    """Remove the code of versions that are no longer used."""
    with os.scandir(place) as entries:
        ours = [
            (entry.stat().st_mtime, entry.path)
            for entry in entries
            if re.fullmatch(rf"{_NAME}-[0-9a-f]{{16}}", entry.name)
            and entry.is_dir(follow_symlinks=False)
        ]
    for _, path in sorted(ours)[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)
