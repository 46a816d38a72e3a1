"""Results of a benchmark: its records as a table, as JSON, as text and as plots."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fastinfo._core.messages import printable
from fastinfo.benchmark.records import Record, comparable, finite, grouped


class Results:
    """
    Results of :func:`fastinfo.benchmark.run`: a record for each estimator, distribution and n.

    Attributes
    ----------
    records : sequence of dict
        Each record has the keys ``distribution``, ``truth`` (nats), ``estimator``, ``n``,
        ``repetitions``, ``mean``, ``bias``, ``std``, ``rmse``, ``time`` (median time per call, in
        seconds), ``threads``, ``seed``, ``package``, ``version``, ``fastinfo``, ``numpy``,
        ``numba``, ``python``, ``cpu``, and ``error`` (None, or the error of the estimator).

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
        """Return a pandas DataFrame with one row for each record."""
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_pandas needs pandas: pip install pandas") from error
        return pd.DataFrame(self.records)

    def to_json(self) -> str:
        """Return the records as JSON. Numbers that are not finite become null."""
        return json.dumps([finite(record) for record in self.records], indent=2, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Results:
        """Read the records from the result of :meth:`to_json`."""
        return cls(json.loads(text))

    def to_text(self) -> str:
        """
        Return a table of mean errors for each estimator and n.

        For each n, means are over the distributions for which all estimators have a record.
        Omitted distributions and failed estimators are listed below the table.
        """
        rows = [("estimator", "n", "distributions", "bias", "std", "RMSE", "ms a call")]
        means = comparable(self.records)
        for (n, estimator), records in grouped(means, "n", "estimator").items():
            bias, std, rmse = (f"{_middle(records, k):.4f}" for k in ("bias", "std", "rmse"))
            milliseconds = f"{1e3 * _middle(records, 'time'):.3g}"
            size = str(len(records))
            rows.append((printable(estimator), f"{n:,}", size, bias, std, rmse, milliseconds))
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ["mean of |bias|, of the deviation and of RMSE, in nats"]
        for row in rows:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)]
            lines.append("  ".join(cells))
        return "\n".join([*lines, *self._left_out(), *self._failures()])

    def _left_out(self) -> list[str]:
        """Lines that list distributions without results of some estimators, which no mean has."""
        lacking: dict[tuple[str, ...], dict[str, None]] = {}
        for of_n in grouped(self.records, "n").values():
            by_estimator = grouped(of_n, "estimator").items()
            done = {e: {r["distribution"] for r in own} for (e,), own in by_estimator}
            for name in dict.fromkeys(r["distribution"] for r in of_n):
                without = tuple(e for e, own in done.items() if name not in own)
                if without:
                    lacking.setdefault(without, {})[name] = None
        return [
            f"not in the means (no results of {_listed(estimators)}): {_listed(names)}"
            for estimators, names in lacking.items()
        ]

    def _failures(self) -> list[str]:
        """Return a line for each estimator that failed."""
        lines = []
        failed: dict[str, list[Record]] = {}
        for record in self.records:
            if record["error"] is not None:
                failed.setdefault(record["estimator"], []).append(record)
        for estimator, records in failed.items():
            n = sum(record["estimator"] == estimator for record in self.records)
            first = records[0]
            error = " ".join(str(first["error"]).split())
            lines.append(
                f"{printable(estimator)} failed in {len(records)} of {n} cases, first on "
                f"{printable(first['distribution'])}, n={first['n']}: {printable(error)}"
            )
        return lines

    def plot(self, directory: str | os.PathLike[str]) -> list[str]:
        """Write plots of error and time against n, and of error against time; return paths."""
        from fastinfo.benchmark.plots import write_plots

        return write_plots(self, directory)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(printable, names))


def _middle(records: list[Record], key: str) -> float:
    values = [abs(r[key]) for r in records if r[key] is not None]
    return sum(values) / len(values) if values else math.nan
