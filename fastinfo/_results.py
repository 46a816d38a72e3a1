"""Records of a benchmark: tidy rows, as a table, as JSON, as text, and in the file that resumes."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["Record", "Results", "append_record", "read_records"]

Record = dict[str, Any]  #: one estimator on one distribution with one number of samples


class Results:
    """
    What :func:`fastinfo.benchmark.run` found: one record for each estimator, distribution and n.

    Parameters
    ----------
    records : sequence of dict
        The records.

    Attributes
    ----------
    records : list of dict
        Each has ``distribution``, ``truth`` (nats), ``estimator``, ``n``, ``repetitions``,
        ``mean``, ``bias``, ``std``, ``rmse``, ``time`` (the median of a call, in seconds),
        ``threads``, ``seed``, ``package``, ``version``, ``fastinfo``, ``numpy``, ``numba``,
        ``python``, ``cpu``, and ``error``: None, or what the estimator raised.

    Examples
    --------
    >>> from fastinfo.benchmark import run
    >>> results = run(["table 2x2"], ["histogram mi"], sizes=[100], repetitions=3)
    >>> results.records[0]["n"], results.records[0]["distribution"]
    (100, 'table 2x2')
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = list(records)

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __repr__(self) -> str:
        return f"Results({len(self)} records)\n{self.to_text()}"

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame, one row for each record."""
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_pandas needs pandas: pip install pandas") from error
        return pd.DataFrame(self.records)

    def to_json(self) -> str:
        """Return the records as JSON: what is not a finite number is null."""
        return json.dumps([_finite(record) for record in self.records], indent=2, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Results:
        """Return what :meth:`to_json` wrote."""
        return cls(json.loads(text))

    def to_text(self) -> str:
        """Return a table of the errors: for each estimator and n over all distributions."""
        rows = [("estimator", "n", "distributions", "bias", "std", "RMSE", "ms a call")]
        for (estimator, n), records in self._by("estimator", "n").items():
            cells = [f"{_middle(records, key):.4f}" for key in ("bias", "std", "rmse")]
            milliseconds = f"{1e3 * _middle(records, 'time'):.3g}"
            rows.append((estimator, f"{n:,}", str(len(records)), *cells, milliseconds))
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = []
        for row in rows:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)]
            lines.append("  ".join(cells))
        failed = [record for record in self.records if record["error"] is not None]
        lines += [f"{r['estimator']} on {r['distribution']}: {r['error']}" for r in failed[:10]]
        return "\n".join(["mean of |bias|, of the deviation and of RMSE, in nats", *lines])

    def plot(self, directory: str | os.PathLike[str]) -> list[str]:
        """Draw error and time against n, and error against time; return the files' paths."""
        from fastinfo._benchmark_plots import write_plots

        return write_plots(self, directory)

    def _by(self, *keys: str) -> dict[tuple[Any, ...], list[Record]]:
        """Records without an error, by some of their entries, in the order in which these occur."""
        found: dict[tuple[Any, ...], list[Record]] = {}
        for record in self.records:
            if record["error"] is None:
                found.setdefault(tuple(record[key] for key in keys), []).append(record)
        return found


def _middle(records: list[Record], key: str) -> float:
    values = [abs(r[key]) for r in records if r[key] is not None]
    return sum(values) / len(values) if values else math.nan


def _finite(record: Record) -> Record:
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
    line = json.dumps(_finite(record), allow_nan=False) + "\n"
    with open(path, "a+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        text = file.read()
        if size and not text.endswith(b"\n"):
            file.truncate(text.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(line.encode())
