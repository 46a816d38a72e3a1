"""What compiled code was made for, noted beside it, so that users can learn why it is not used.

Code that can't be used has another file name and is not found. The notes here decide nothing.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numba
from numba.core.registry import cpu_target

from fastinfo._core.compiled_code.places import directories_in, directory_name
from fastinfo._core.compiled_code.sources import sources_of_kernels
from fastinfo._core.own_files import replacing
from fastinfo._version import __version__

_LARGEST = 100_000  # bytes of a note


def _this() -> dict[str, str]:
    """What this process compiles for, in words that users know."""
    triple, cpu, features = cpu_target.target_context.codegen().magic_tuple()
    return {
        "fastinfo": __version__,
        "numba": numba.__version__,
        "Python": sys.implementation.cache_tag or sys.version,
        "system": triple,
        "CPU": cpu,
        "CPU features": features,
        "bounds checks": "on" if numba.config.BOUNDSCHECK else "off",
    }


@functools.cache
def note_in(directory: str) -> None:
    """Note in a directory of compiled code what this process compiles for, if possible."""
    content = json.dumps(_this(), indent=1).encode()
    path = Path(directory, f"made-for-{hashlib.sha256(content).hexdigest()[:8]}.json")
    with contextlib.suppress(OSError):
        if not path.exists():
            with replacing(path) as new:
                Path(new).write_bytes(content)


def why_unusable(place: str) -> str | None:
    """
    Why this process can use none of the compiled code in a directory; None if it can.

    Parameters
    ----------
    place : str
        A directory as in ``NUMBA_CACHE_DIR``.
    """
    try:
        found = directories_in(place)
    except OSError as error:
        return f"it can't be read: {error.strerror}"
    if not found:
        return "there is no compiled code of fastinfo in it"
    own = [
        path
        for path in found
        if os.path.basename(path) == directory_name(str(sources_of_kernels()))
    ]
    this = _this()
    notes = [note for path in own or found for note in _notes(path)]
    if own and (this in notes or not notes):
        return None
    differences = [
        [
            (name, str(note.get(name)), value)
            for name, value in this.items()
            if note.get(name) != value
        ]
        for note in notes
    ]
    nearest = min(differences, key=len, default=[])
    if not nearest:
        return "it was made from other sources of fastinfo"
    if any(name == "CPU" for name, _, _ in nearest):  # then the features differ as well
        nearest = [difference for difference in nearest if difference[0] != "CPU features"]
    return "it was made for " + "; ".join(map(_difference, nearest))


def _difference(difference: tuple[str, str, str]) -> str:
    name, other, own = difference
    if name == "CPU features":  # there are hundreds of them
        return f"other {name} than this one's"
    return f"{name} {other}, this is {own}"


def _notes(directory: str) -> list[dict[str, Any]]:
    """The notes in a directory."""
    notes = []
    for path in sorted(Path(directory).glob("made-for-*.json")):
        with contextlib.suppress(OSError, ValueError, RecursionError):
            with open(path, "rb") as file:
                note = json.loads(file.read(_LARGEST))
            if isinstance(note, dict):
                notes.append(note)
    return notes
