"""The command ``fastinfo describe``: what each column of a table holds."""

from __future__ import annotations

import json
import math
import sys
from contextlib import nullcontext
from typing import Annotated, Any

import typer

import fastinfo
from fastinfo._core.messages import printable, shown_name
from fastinfo._tables.table_readers import opened
from fastinfo.cli.commands import Debug, app
from fastinfo.describing.description import Description, shown_levels, shown_value
from fastinfo.files.many_files import SUFFIXES
from fastinfo.streaming.opening import open_files

_FILES_HELP = f"A table: {', '.join(SUFFIXES)}. Several files, or a pattern, are one table."


@app.command()
def describe(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help=_FILES_HELP)],
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
    """Print a description to a terminal, as wide as that is."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(f"{len(description):,} columns, {description.n_rows:,} rows"),
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    table.add_column("column", overflow="fold", min_width=8, ratio=None)
    table.add_column("taken as", overflow="fold", min_width=8)
    for heading in ("values", "missing"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("range, or most frequent", overflow="ellipsis", no_wrap=True)
    alerts = any(row.alerts for row in description)
    if alerts:
        table.add_column("alerts", overflow="fold", style="yellow", min_width=12)
    for row in description:
        shown = shown_value(row.common)
        if row.least is not None and not row.kind.endswith("labels"):
            shown = f"{shown_value(row.least)} to {shown_value(row.most)}"
        cells = (
            shown_name(row.name),
            row.kind,
            shown_levels(row, ","),
            f"{row.n_missing:,}",
            shown,
            *([printable(row.alerts)] if alerts else []),
        )
        table.add_row(*map(Text, cells))
    Console().print(table)
