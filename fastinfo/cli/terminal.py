"""Tables on a terminal of any width: what is left out where there is no room, and what is cut."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from fastinfo._columns.shortened_names import shortened

if TYPE_CHECKING:
    from rich.console import Console

_GAP = 2  # cells between columns
_WIDE_ENOUGH = 20  # cells of a name that others make room for


class Heading(NamedTuple):
    """A column of a table on the terminal."""

    text: str
    left: bool = False  #: whether cells begin at the left
    goes: int = 0  #: where there is no room, the column with the largest number goes; 0 stays
    cut: bool = False  #: whether cells are names, which are cut in the middle
    folded: bool = False  #: whether cells are texts, which go on in the next line


def print_rows(
    headings: Sequence[Heading],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    caption: str = "",
    faint: Collection[int] = (),
    console: Console | None = None,
) -> None:
    """
    Print a table: on a terminal as wide as that, elsewhere as plain text with nothing cut.

    Parameters
    ----------
    headings : sequence of Heading
        The columns.
    rows : sequence of sequence of str
        A cell for each column, on one line: as ``shown_name`` and ``printable`` make them.
    title, caption : str, optional
        Lines above and below the table.
    faint : collection of int, optional
        Rows that matter less.
    console : rich.console.Console, optional
        Where to print, by default stdout.
    """
    if console is None:
        if not sys.stdout.isatty():
            print("\n".join(filter(None, [title, *_plain(headings, rows), caption])))
            return
        from rich.console import Console

        console = Console()
    widths = _natural_widths(headings, rows)
    kept, given = fitted(headings, widths, console.width)
    left_out = [h.text for i, h in enumerate(headings) if i not in kept]
    if left_out:
        caption = f"{caption}; no room for: {', '.join(left_out)}".removeprefix("; ")
    _print_table(headings, rows, kept, given, title, caption, faint, console)


def fitted(
    headings: Sequence[Heading], widths: Sequence[int], room: int
) -> tuple[list[int], dict[int, int]]:
    """
    Columns that fit into so many cells, and how wide each is.

    Names and texts are as wide as they ask for, or as wide as what the others leave: columns go
    until that is enough to read.
    """
    kept = list(range(len(headings)))

    def least(i: int) -> int:
        flexible = headings[i].cut or headings[i].folded
        return min(widths[i], max(_WIDE_ENOUGH, room // 4)) if flexible else widths[i]

    def taken() -> int:
        return sum(map(least, kept)) + _GAP * (len(kept) - 1)

    while taken() > room:
        free = [i for i in kept if headings[i].goes]
        if not free:
            break
        kept.remove(max(free, key=lambda i: headings[i].goes))
    given = {i: least(i) for i in kept}
    spare = room - taken()
    names = [i for i in kept if headings[i].cut]
    for flexible in (names, [i for i in kept if headings[i].folded]):
        while spare > 0 and any(given[i] < widths[i] for i in flexible):
            narrowest = min((i for i in flexible if given[i] < widths[i]), key=given.__getitem__)
            given[narrowest], spare = given[narrowest] + 1, spare - 1
    while spare < 0 and names and max(given[i] for i in names) > 1:
        widest = max(names, key=given.__getitem__)
        given[widest], spare = given[widest] - 1, spare + 1
    return kept, given


def _natural_widths(headings: Sequence[Heading], rows: Sequence[Sequence[str]]) -> list[int]:
    from rich.cells import cell_len

    cells = [[h.text for h in headings], *rows]
    return [max(map(cell_len, column)) for column in zip(*cells, strict=True)]


def _print_table(
    headings: Sequence[Heading],
    rows: Sequence[Sequence[str]],
    kept: Sequence[int],
    widths: dict[int, int],
    title: str,
    caption: str,
    faint: Collection[int],
    console: Console,
) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, show_edge=False)
    for i in kept:
        own = headings[i]
        table.add_column(
            Text(own.text),
            justify="left" if own.left else "right",
            width=widths[i],
            no_wrap=not own.folded,
            overflow="fold",
        )
    for k, row in enumerate(rows):
        cells = [shortened(row[i], widths[i]) if headings[i].cut else row[i] for i in kept]
        table.add_row(*map(Text, cells), style="dim" if k in faint else None)
    if title:
        console.print(Text(title, style="italic"))
    console.print(table)
    if caption:
        console.print(Text(caption, style="dim"))


def _plain(headings: Sequence[Heading], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of plain text."""
    lines = [[h.text for h in headings], *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    sides = [str.ljust if h.left else str.rjust for h in headings]
    return [
        "  ".join(side(cell, w) for side, cell, w in zip(sides, line, widths, strict=True)).rstrip()
        for line in lines
    ]
