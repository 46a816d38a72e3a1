"""A ranking on the terminal and as JSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from fastinfo._columns.information_units import unit_name
from fastinfo._core.messages import printable, shown_name

if TYPE_CHECKING:
    from fastinfo._columns.ranked import Ranking
    from fastinfo._core.checks import Array


def as_json(ranking: Ranking, top: int | None) -> str:
    """Return the `top` columns of a ranking as a JSON object, with null for what is not finite."""
    rows = [
        {
            field: _finite(value) if isinstance(value, float) else value
            for field, value in row._asdict().items()
        }
        for row in list(ranking)[:top]
    ]
    whole = {
        "target": ranking.target,
        "unit": unit_name(ranking.base),
        "n_rows": int(ranking.n_rows),
        "rows": rows,
    }
    return json.dumps(whole, indent=2, allow_nan=False)


def matrix_json(matrix: Array, names: list[str], unit: str) -> str:
    """Return a matrix of mutual information as a JSON object, with null for what is not finite."""
    rows = [[_finite(value) for value in row] for row in matrix.tolist()]
    return json.dumps({"unit": unit, "columns": names, "matrix": rows}, allow_nan=False)


def matrix_text(matrix: Array, names: list[str]) -> str:
    """Return a matrix of mutual information as plain text: a line of names, a line a column."""
    shown = [shown_name(name) for name in names]
    widths = [max(len(name), 8) for name in shown]
    first = max(map(len, shown))
    lines = ["  ".join([" " * first, *(n.rjust(w) for n, w in zip(shown, widths, strict=True))])]
    for name, row in zip(shown, matrix.tolist(), strict=True):
        cells = [f"{value:z.6f}".rjust(w) for value, w in zip(row, widths, strict=True)]
        lines.append("  ".join([name.ljust(first), *cells]))
    return "\n".join(lines)


def print_table(ranking: Ranking, top: int | None) -> None:
    """Print the `top` columns of a ranking to a terminal, those that are significant marked."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(f"Information about {_target(ranking)}"),
        caption=f"{ranking.n_rows:,} rows; information in {unit_name(ranking.base)}; "
        f"* adjusted p-value of at most {ranking.alpha:g}",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    table.add_column("column", overflow="fold")
    for heading in ("above chance", "share", "p-value", "adj. p", "n", "missing"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    notes = any(row.note for row in list(ranking)[:top])
    if notes:
        table.add_column("note", overflow="fold")
    for row in list(ranking)[:top]:
        sure = row.adjusted_pvalue <= ranking.alpha
        cells = (
            shown_name(row.name),
            f"{row.above_chance:z.4f}",
            f"{row.share:z.4f}",
            _pvalue(row.pvalue),
            _pvalue(row.adjusted_pvalue),
            f"{row.n:,}",
            f"{row.n_missing:,}",
            "*" if sure else "",
            *([printable(row.note)] if notes else []),
        )
        table.add_row(*map(Text, cells), style=None if sure else "dim")
    Console().print(table)


def _target(ranking: Ranking) -> str:
    return "the target" if ranking.target is None else shown_name(ranking.target)


def _pvalue(value: float) -> str:
    """Return a p-value for people: one too small for a float is not 0."""
    return "<1e-300" if value < 1e-300 else f"{value:.3g}"


def _finite(value: float) -> float | None:
    """Return a number that JSON has, or None."""
    return float(value) if math.isfinite(value) else None
