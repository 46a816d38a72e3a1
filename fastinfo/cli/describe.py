"""The command ``fastinfo describe``: what each column of a table holds."""

from __future__ import annotations

import json
import math
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

import fastinfo
from fastinfo._core.messages import printable, shown_name
from fastinfo.cli.commands import app
from fastinfo.files.kinds import SUFFIXES

if TYPE_CHECKING:
    from fastinfo.describing.description import Description

Debug = Annotated[bool, typer.Option("--debug", help="Show where an error arose.")]

FILES_HELP = f"A table: {SUFFIXES}. Several files, or a pattern, are one table."
_OTHERS = 50  # columns of a terminal that all but the name and the range take
_SHORTEST = 14  # of those for the range


@app.command()
def describe(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help=FILES_HELP)],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads to use.")] = None,
    debug: Debug = False,
) -> None:
    """Show what each column of a table holds, what it is taken for, and what is odd about it."""
    with nullcontext() if threads is None else fastinfo.num_threads(threads):
        found = fastinfo.describe(open_table(files), progress=True)
    if as_json:
        print(description_json(found))
    elif sys.stdout.isatty():
        _print_table(found)
    else:
        print(found.to_text())


def open_table(files: list[str]) -> Any:
    """One file of moderate size as a table; else a table to read part by part."""
    from fastinfo._tables.table_readers import opened
    from fastinfo.streaming.opening import open_files

    return opened(files[0]) if len(files) == 1 else open_files(*files)


def description_json(description: Description) -> str:
    """Return a description as a JSON object, with null for what is not finite or not there."""
    rows = [{k: _plain(v) for k, v in row._asdict().items()} for row in description]
    whole = {"n_rows": int(description.n_rows), "columns": rows}
    return json.dumps(whole, indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    """A value that JSON has, or as text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)


def _print_table(description: Description) -> None:
    """Print a description to a terminal, as wide as that is, and the alerts below."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from fastinfo.describing.description import shown_levels, shown_value

    console = Console()
    width = console.width
    table = Table(
        title=Text(f"{len(description):,} columns, {description.n_rows:,} rows"),
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    longest = max(width // 3, 12)
    first = min(max((len(shown_name(name)) for name in description.names), default=6), longest)
    room = width - first - _OTHERS
    headings = ["column", "taken as", "values", "missing"]
    if room >= _SHORTEST:
        headings.append("range or label")
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="right" if i in (2, 3) else "left", no_wrap=i != 1)
    for row in description:
        shown = shown_value(row.common)
        if row.least is not None and not row.kind.endswith("labels"):
            shown = f"{shown_value(row.least)} to {shown_value(row.most)}"
        cells = (
            cut_in_the_middle(shown_name(row.name), longest),
            row.kind,
            shown_levels(row, ","),
            f"{row.n_missing:,}",
            shown if len(shown) <= room else f"{shown[: room - 1]}…",
        )
        table.add_row(*map(Text, cells[: len(headings)]), style="yellow" if row.alerts else None)
    console.print(table)
    for name, alerts in description.alerts().items():
        line = f"{cut_in_the_middle(shown_name(name), longest)}: {printable(alerts)}"
        console.print(Text(line, style="yellow"))


def cut_in_the_middle(text: str, longest: int) -> str:
    """A text of at most so many characters, its begin and its end."""
    if len(text) <= longest:
        return text
    end = (longest - 1) // 2
    return f"{text[: longest - 1 - end]}…{text[len(text) - end :]}"
