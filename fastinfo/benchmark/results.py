"""Results of a benchmark: its records as a table, as JSON, as text, as pictures."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

from fastinfo._core.messages import printable
from fastinfo.benchmark.records import Record, finite, grouped


class Results:
    """
    What :func:`fastinfo.benchmark.run` found: one record for each estimator, distribution and n.

    Attributes
    ----------
    records : sequence of dict
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
        self.records = [dict(record) for record in records]

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
        return json.dumps([finite(record) for record in self.records], indent=2, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Results:
        """Return what :meth:`to_json` wrote."""
        return cls(json.loads(text))

    def to_text(self) -> str:
        """Return a table of the errors: for each estimator and n over all distributions."""
        rows = [("estimator", "n", "distributions", "bias", "std", "RMSE", "ms a call")]
        for (estimator, n), records in grouped(self.records, "estimator", "n").items():
            bias, std, rmse = (f"{_middle(records, key):.4f}" for key in ("bias", "std", "rmse"))
            milliseconds = f"{1e3 * _middle(records, 'time'):.3g}"
            name, size = printable(estimator), str(len(records))
            rows.append((name, f"{n:,}", size, bias, std, rmse, milliseconds))
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = []
        for row in rows:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)]
            lines.append("  ".join(cells))
        failed = [record for record in self.records if record["error"] is not None]
        lines += [
            printable(f"{r['estimator']} on {r['distribution']}: {r['error']}") for r in failed[:10]
        ]
        return "\n".join(["mean of |bias|, of the deviation and of RMSE, in nats", *lines])

    def plot(self, directory: str | os.PathLike[str]) -> list[str]:
        """Draw error and time against n, and error against time; return the files' paths."""
        from fastinfo.benchmark.plots import write_plots

        return write_plots(self, directory)


def _middle(records: list[Record], key: str) -> float:
    values = [abs(r[key]) for r in records if r[key] is not None]
    return sum(values) / len(values) if values else math.nan
