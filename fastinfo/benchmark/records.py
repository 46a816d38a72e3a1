"""Records of a benchmark, and the file of records from which a run can continue."""

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
    """Group records without an error by some of their entries, in the order of occurrence."""
    found: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        if record["error"] is None:
            found.setdefault(tuple(record[key] for key in keys), []).append(record)
    return found


def comparable(records: Iterable[Record]) -> list[Record]:
    """Records without an error, of distributions for which all estimators of that n have one."""
    found = []
    for of_n in grouped(records, "n").values():
        done = [{r["distribution"] for r in own} for own in grouped(of_n, "estimator").values()]
        common = set.intersection(*done)
        found += [record for record in of_n if record["distribution"] in common]
    return found


def finite(record: Record) -> Record:
    """Return the record with None for numbers that are not finite, which JSON cannot hold."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in record.items()
    }


def read_records(path: str | os.PathLike[str], what: str = "path") -> list[Record]:
    """
    Read the records of a file that an earlier run wrote; an incomplete last record is ignored.

    ``ValueError`` is raised for any other file, and if `path` is not a file. ``OSError`` is raised
    if the file cannot be created. Errors name the path as `what`.
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
    """Whether an incomplete line may be the beginning of a record."""
    return line.startswith(_BEGIN) or _BEGIN.startswith(line)


def append_record(path: str | os.PathLike[str], record: Record) -> None:
    """Append a record to a file of records; an incomplete last record is replaced."""
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
