"""The command ``fastinfo report``: a page about one table and one target."""

from __future__ import annotations

import os
import shlex
from contextlib import nullcontext
from typing import Annotated, Any

import typer

import fastinfo
from fastinfo._core.messages import printable, shown_name
from fastinfo.cli.commands import app
from fastinfo.cli.describe import FILES_HELP, Debug, open_table


@app.command()
def report(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help=FILES_HELP)],
    target: Annotated[
        str | None, typer.Option("--target", "-t", help="The column to explain.")
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="The page to write.")
    ] = "report.html",
    top: Annotated[
        int, typer.Option(min=1, help="How many columns to show with their intervals.")
    ] = 30,
    bins: Annotated[str, typer.Option(help='Bins a column: a number, or "mi".')] = "mi",
    alpha: Annotated[
        float, typer.Option(help="Adjusted p-value up to which a column is significant.")
    ] = 0.05,
    seed: Annotated[int, typer.Option(min=0, help="Where bootstrap samples come from.")] = 0,
    title: Annotated[str | None, typer.Option(help="What stands at the top of the page.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads to use.")] = None,
    debug: Debug = False,
) -> None:
    """Write a page about which columns of a table are informative about one, to send to others."""
    from fastinfo.report.writing import check_report, write_report

    check_report(output, "--output")
    number: Any = int(bins) if bins.isdecimal() else bins
    table = open_table(files)
    if target is None:
        shown = ", ".join(map(shown_name, [*table.names, *table.nested][:20]))
        raise ValueError(f"name the column to explain with --target; the columns are: {shown}")
    words = ["fastinfo", "report", *files, "--target", target, "-o", output]
    defaults = {"--top": (top, 30), "--bins": (bins, "mi"), "--alpha": (alpha, 0.05)}
    defaults |= {"--seed": (seed, 0), "--title": (title, None)}
    for option, (value, default) in defaults.items():
        words += [option, str(value)] if value != default else []
    with nullcontext() if threads is None else fastinfo.num_threads(threads):
        write_report(
            table,
            target,
            output,
            top=top,
            bins=number,
            alpha=alpha,
            seed=seed,
            title=title,
            command=printable(shlex.join(words)),
            label=", ".join(map(os.path.basename, files)),
            progress=True,
        )
    print(f"wrote {printable(output)}")
