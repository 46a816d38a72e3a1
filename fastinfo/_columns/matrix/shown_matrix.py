"""A matrix with named rows and columns as text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence

from fastinfo._columns.shortened_names import cells_of, shortened
from fastinfo._core.checks import Array
from fastinfo._core.messages import shown_name

_WIDTH = 80  # cells in a line
_FIRST, _NAME = 20, 12  # the longest names of rows and of columns, in cells
_ROWS, _ENDS = 16, (10, 4)  # of more rows, only the first and the last are shown
_CELLS = 20  # the most rows and columns in HTML


def as_text(values: Array, names: Sequence[str], names_y: Sequence[str], about: str) -> str:
    """Return the values as lines of at most 80 cells, abbreviated, with `about` below."""
    rows = _places(len(names), _ROWS, _ENDS)
    first = [shortened(shown_name(names[i]), _FIRST) if i >= 0 else "…" for i in rows]
    columns = [[*first]]
    columns[0].insert(0, "")
    room = _WIDTH - max(map(cells_of, columns[0]))
    for j, name in enumerate(names_y):
        column = [shortened(shown_name(name), _NAME)]
        column += [f"{values[i, j]:z.4f}" if i >= 0 else "…" for i in rows]
        room -= 2 + max(map(cells_of, column))
        if room < (3 if j + 1 < len(names_y) else 0):
            columns.append(["…"] * len(column))
            break
        columns.append(column)
    widths = [max(map(cells_of, column)) for column in columns]
    lines = []
    for line in zip(*columns, strict=True):
        cells = [line[0] + " " * (widths[0] - cells_of(line[0]))]
        cells += [
            " " * (width - cells_of(cell)) + cell
            for cell, width in zip(line[1:], widths[1:], strict=True)
        ]
        lines.append("  ".join(cells))
    return "\n".join([*lines, f"[{about}]"])


def as_html(values: Array, names: Sequence[str], names_y: Sequence[str], about: str) -> str:
    """Return the values as an HTML table, abbreviated, with `about` below."""
    rows, columns = (_places(len(side), _CELLS, (_CELLS - 1, 0)) for side in (names, names_y))
    head = "".join(f"<th>{_name(names_y, j)}</th>" for j in columns)
    body = "".join(
        f"<tr><th>{_name(names, i)}</th>"
        + "".join(f"<td>{_cell(values, i, j)}</td>" for j in columns)
        + "</tr>"
        for i in rows
    )
    return (
        f"<table><caption>{html.escape(about)}</caption>"
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cell(values: Array, i: int, j: int) -> str:
    return f"{values[i, j]:z.4f}" if min(i, j) >= 0 else "…"


def _name(names: Sequence[str], i: int) -> str:
    return html.escape(shown_name(names[i])) if i >= 0 else "…"


def _places(n: int, most: int, ends: tuple[int, int]) -> list[int]:
    """Places that are shown, with -1 where some are left out."""
    if n <= most:
        return list(range(n))
    return [*range(ends[0]), -1, *range(n - ends[1], n)]
