"""Digests of the source files that kernels are compiled from.

A kernel is compiled into its callers, so the code of one function comes from many files. The
digests are of the contents, which takes 1.5 ms per process (modification times alone: 0.5 ms).
Copies, containers and archives change or keep modification times in different ways, and code that
was compiled on one machine has to be found on another.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import time
from pathlib import Path

_PACKAGE = Path(__file__).parents[2]
_BEGAN = time.time()  # a time before any kernel was read


@functools.cache
def sources_of_kernels() -> str | None:
    """Digest of all sources of kernels, which import only `kernels` and `_core`."""
    return _digest(_PACKAGE / "kernels", _PACKAGE / "_core")


@functools.cache
def sources_of_package() -> str | None:
    """Digest of the whole package, for kernels in other folders, which may import anything."""
    return _digest(_PACKAGE)


def _digest(*folders: Path) -> str | None:
    """Digest of files; None if one can't be read, or is newer than the code in memory."""
    files = _python_files(*folders) or _archive()
    found = hashlib.sha256()
    try:
        for path in files:
            with open(path, "rb", buffering=0) as file:
                if _BEGAN < os.fstat(file.fileno()).st_mtime <= time.time():
                    return None
                content = file.read()
            name = path.partition(str(_PACKAGE))[2].replace(os.sep, "/")
            found.update(f"{name} {len(content)} ".encode() + content)
    except OSError:
        return None
    return found.hexdigest()[:16] if files else None


def _python_files(*folders: Path) -> list[str]:
    found = []
    for top in folders:
        for folder, inner, names in os.walk(top):
            inner[:] = [name for name in inner if name != "__pycache__"]
            found += [os.path.join(folder, name) for name in names if name.endswith(".py")]
    return sorted(found)


def _archive() -> list[str]:
    """The file that contains the package: a zip file, or a packed program."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [str(path) for path in _PACKAGE.parents if path.is_file()][:1]
