"""Records of a benchmark: tidy rows, and the file of them that resumes."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from typing import Any

from fastinfo._core.own_files import check_place, not_ours, refuse_special

Record = dict[str, Any]  #: one estimator on one distribution with one number of samples

_BEGIN = b'{"distribution": '  # of each line
_STEP = 1 << 16  # bytes to look back for the end of the last line


def grouped(records: Iterable[Record], *keys: str) -> dict[tuple[Any, ...], list[Record]]:
    """Records without an error, by some of their entries, in the order in which these occur."""
    found: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        if record["error"] is None:
            found.setdefault(tuple(record[key] for key in keys), []).append(record)
    return found


def comparable(records: Iterable[Record]) -> list[Record]:
    """Those without an error whose distribution all estimators with records of their n have."""
    found = []
    for of_n in grouped(records, "n").values():
        done = [{r["distribution"] for r in own} for own in grouped(of_n, "estimator").values()]
        common = set.intersection(*done)
        found += [record for record in of_n if record["distribution"] in common]
    return found


def finite(record: Record) -> Record:
    """The record with None for each number that is not finite, which JSON has not."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in record.items()
    }


def read_records(path: str | os.PathLike[str], what: str = "path") -> list[Record]:
    """
    Records of a file that was begun earlier; a record that is cut off ends it.

    ``ValueError`` for any other file, and for what is no file: nothing else is ever written to.
    ``OSError`` where none can be made. Errors call the path by the name `what`.
    """
    refuse_special(path, what)
    try:
        with open(path, "rb") as file:
            *lines, rest = file.read().split(b"\n")
    except FileNotFoundError:
        check_place(path, what)
        return []
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise _no_records(path, what, f"line {number}") from error
        if not isinstance(record, dict) or "estimator" not in record:
            raise _no_records(path, what, f"line {number}")
        records.append(record)
    if not _is_begun(rest):
        raise _no_records(path, what, f"line {len(lines) + 1}")
    return records


def _no_records(path: str | os.PathLike[str], what: str, where: str) -> ValueError:
    return not_ours(path, what, "a file of benchmark records", f" ({where})")


def _is_begun(line: bytes) -> bool:
    """Whether a line without an end may be a record that was being written."""
    return line.startswith(_BEGIN) or _BEGIN.startswith(line)


def append_record(path: str | os.PathLike[str], record: Record) -> None:
    """Write one record at the end of a file of records, over one that was cut off."""
    line = json.dumps(finite(record), allow_nan=False).encode() + b"\n"
    refuse_special(path, "path")
    with open(path, "a+b") as file:
        start = file.seek(0, os.SEEK_END)
        tail = b""
        while start and b"\n" not in tail:
            step = min(start, _STEP)
            start = file.seek(start - step)
            tail = file.read(step) + tail
        rest = tail[tail.rfind(b"\n") + 1 :]
        if rest:
            if not _is_begun(rest):
                raise _no_records(path, "path", "its last line")
            file.truncate(file.seek(0, os.SEEK_END) - len(rest))
        file.seek(0, os.SEEK_END)
        file.write(line)
