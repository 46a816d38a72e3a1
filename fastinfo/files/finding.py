"""Find the files that users mean: names, patterns, folders, and keys in the names of folders."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from typing import Any

from fastinfo.files.kinds import is_known
from fastinfo.files.unpacking import is_address

_KEY = re.compile(r"([^/=]+)=([^/]*)")


def find_files(patterns: Sequence[str]) -> list[str]:
    """Return the files that are given by names, patterns or folders."""
    if not patterns:
        raise ValueError("paths must name at least one file, got none")
    found: list[str] = []
    for pattern in patterns:
        if os.path.isdir(pattern):
            found += _in_folder(pattern)
        elif pattern == "-" or is_address(pattern) or not _is_pattern(pattern):
            found.append(pattern)
        else:
            fitting = sorted(glob.glob(pattern, recursive=True))
            if not fitting:
                raise ValueError(f"no file fits the pattern {pattern!r}")
            found += [name for path in fitting for name in _files_of(path)]
    return found


def _is_pattern(name: str) -> bool:
    return glob.has_magic(name) and not os.path.exists(name)


def _files_of(path: str) -> list[str]:
    return _in_folder(path) if os.path.isdir(path) else [path]


def _in_folder(folder: str) -> list[str]:
    """Tables in a folder and its subfolders, except hidden ones and those beginning with "_"."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] not in "._")
        found += [
            os.path.join(place, name)
            for name in sorted(names)
            if name[0] not in "._" and is_known(name)
        ]
    if not found:
        raise ValueError(f"the folder {folder!r} has no table in it")
    suffixes = {os.path.splitext(name)[1].lower() for name in found}
    if len(suffixes) > 1:
        shown = ", ".join(sorted(suffixes))
        raise ValueError(
            f"the folder {folder!r} has files of several kinds ({shown}): give a pattern, such as "
            f"{os.path.join(folder, '*' + sorted(suffixes)[0])!r}"
        )
    return found


def hive_keys(paths: Sequence[str]) -> dict[str, list[Any]]:
    """
    Return columns from folder names such as ``year=2024/month=1``, with a value for each file.

    The values are integers if all of them are, else text. Keys that not all files have are ignored.
    """
    import urllib.parse

    said = [
        {
            urllib.parse.unquote(key): urllib.parse.unquote(value)
            for part in os.path.dirname(path).replace(os.sep, "/").split("/")
            for key, value in _KEY.findall(part)
        }
        for path in paths
    ]
    found: dict[str, list[Any]] = {}
    for key in said[0]:
        if not all(key in one for one in said):
            continue
        values: list[Any] = [
            None if one[key] == "__HIVE_DEFAULT_PARTITION__" else one[key] for one in said
        ]
        if all(value is None or re.fullmatch(r"-?\d{1,15}", value) for value in values):
            values = [None if value is None else int(value) for value in values]
        found[key] = values
    return found
