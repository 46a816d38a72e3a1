"""``fastinfo report``: an HTML report on a table and a target column."""

import os
import shlex
from typing import Annotated

import typer

from fastinfo.cli import options, words


def report(
    files: options.Files,
    target: options.Target = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="PAGE", help="The HTML file to write.")
    ] = "report.html",
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    labels: options.Labels = None,
    numbers: options.Numbers = None,
    top: Annotated[
        int, typer.Option(min=1, help="Number of columns to show with confidence intervals.")
    ] = 30,
    bins: options.Bins = "mi",
    alpha: options.Alpha = 0.05,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap samples.")] = 0,
    title: Annotated[str | None, typer.Option(help="Title of the report.")] = None,
    sep: options.Sep = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    null_values: options.NullValues = None,
    keep_quoted: options.KeepQuoted = False,
    header: options.Header = None,
    format: options.Format = None,
    sheet: options.Sheet = None,
    table: options.TableName = None,
    threads: options.Threads = None,
    debug: options.Debug = False,
) -> None:
    """Write an HTML report on columns informative about a target."""
    target_name = options.one_target(target)
    reading = options.of_reading(
        sep, decimal, encoding, null_values, keep_quoted, header, format, sheet, table
    )
    asked = options.of_binning(bins, "e", options.Missing.omit)
    options.inner_fraction(alpha, "--alpha")
    from fastinfo.warming.beside import compile_beside

    compile_beside(threads)  # before other imports, which take a while
    from fastinfo._core.messages import printable
    from fastinfo.cli.running import computing
    from fastinfo.cli.tables import choose
    from fastinfo.report.writing import check_report, write_report

    check_report(output, "--output")
    chosen = choose(
        files,
        target=target_name,
        needs_target=True,
        columns=columns,
        exclude=exclude,
        labels=labels,
        numbers=numbers,
        bins=asked["bins"],
        reading=reading,
    )
    with computing(threads):
        write_report(
            chosen.table,
            chosen.target,
            output,
            top=top,
            discrete=chosen.discrete,
            bins=asked["bins"],
            alpha=alpha,
            seed=seed,
            title=title,
            command=printable(shlex.join(["fastinfo", *words.given])),
            label=", ".join(map(os.path.basename, files)),
            progress=True,
        )
    print(f"wrote {printable(output)}")
