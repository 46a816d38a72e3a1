"""Counts of pairs as an HTML table for notebooks."""

from __future__ import annotations

import html
from typing import Any

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.messages import shown_name
from fastinfo._counts.table import Table

_CELLS = 12  # rows and columns that are shown
_LONGEST = 40  # letters of a level


def as_html(about: str, table: Table, x: tuple[Any, Any], y: tuple[Any, Any]) -> str:
    """Return counts as an HTML table: the first bins, or the most frequent labels."""
    rows, columns = (
        _shown(sizes, levels) for sizes, (_, levels) in ((table.x_counts, x), (table.y_counts, y))
    )
    cells = _part(table, rows, columns)
    more = len(columns) < table.shape[1]
    head = "".join(f"<th>{_name(j, *y)}</th>" for j in columns) + "<th>…</th>" * more
    body = "".join(
        f"<tr><th>{_name(i, *x)}</th>"
        + "".join(f"<td>{value:.10g}</td>" for value in line)
        + "<td>…</td>" * more
        + "</tr>"
        for i, line in zip(rows, cells, strict=True)
    )
    if len(rows) < table.shape[0]:
        body += "<tr><th>…</th>" + "<td>…</td>" * (len(columns) + more) + "</tr>"
    return (
        f"<table><caption>{html.escape(about)}</caption>"
        f"<thead><tr><th>x \\ y</th>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _shown(sizes: Array, levels: Array | None) -> list[int]:
    if len(sizes) <= _CELLS or levels is None:
        return list(range(min(len(sizes), _CELLS)))
    most: list[int] = np.sort(np.argsort(-sizes, kind="stable")[:_CELLS]).tolist()
    return most


def _part(table: Table, rows: list[int], columns: list[int]) -> list[list[float]]:
    """Return the counts of the given rows and columns."""
    i, j, values = table.cells()
    inside = np.isin(i, rows) & np.isin(j, columns)
    out = np.zeros((len(rows), len(columns)))
    out[np.searchsorted(rows, i[inside]), np.searchsorted(columns, j[inside])] = values[inside]
    found: list[list[float]] = out.tolist()
    return found


def _name(i: int, edges: Array | None, levels: Array | None) -> str:
    """Return the text of a level, or of the two edges of a bin."""
    if edges is not None:
        low, high = edges[i], edges[i + 1]
        dates = edges.dtype.kind in "mM"
        text = f"{low} to {high}" if dates else f"{low:.4g} to {high:.4g}"
    else:
        text = str(i if levels is None else levels[i])
    text = shown_name(text)
    return html.escape(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
