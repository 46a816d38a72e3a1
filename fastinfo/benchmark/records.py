"""Records of a benchmark: tidy rows, and the file of them that resumes."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from typing import Any

Record = dict[str, Any]  #: one estimator on one distribution with one number of samples


def grouped(records: Iterable[Record], *keys: str) -> dict[tuple[Any, ...], list[Record]]:
    """Records without an error, by some of their entries, in the order in which these occur."""
    found: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        if record["error"] is None:
            found.setdefault(tuple(record[key] for key in keys), []).append(record)
    return found


def finite(record: Record) -> Record:
    """The record with None for each number that is not finite, which JSON has not."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in record.items()
    }


def read_records(path: str | os.PathLike[str]) -> list[Record]:
    """Records of a file that was begun earlier; a line that is cut off ends it."""
    records: list[Record] = []
    if not os.path.exists(path):
        return records
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):  # written while the process ended
                break
            try:
                record = json.loads(line)
            except ValueError as error:
                raise ValueError(
                    f"path must be a file of benchmark records, got {os.fspath(path)!r}, whose "
                    f"line {number} is none: {error}"
                ) from error
            if not isinstance(record, dict) or "estimator" not in record:
                raise ValueError(
                    f"path must be a file of benchmark records, got {os.fspath(path)!r}, whose "
                    f"line {number} is none"
                )
            records.append(record)
    return records


def append_record(path: str | os.PathLike[str], record: Record) -> None:
    """Write one record at the end of a file, over a line that was cut off."""
    line = json.dumps(finite(record), allow_nan=False) + "\n"
    with open(path, "a+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        text = file.read()
        if size and not text.endswith(b"\n"):
            file.truncate(text.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(line.encode())
