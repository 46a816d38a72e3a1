"""``fastinfo drift``: which columns have a different distribution in one table than in another."""

import enum
from typing import Annotated

import typer

import fastinfo
from fastinfo.cli import options


class MissingAs(enum.StrEnum):
    """What missing values are."""

    category = "category"
    omit = "omit"


def drift(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="REFERENCE", help="The reference table, or a pattern of file names."
        ),
    ],
    current: Annotated[
        str,
        typer.Argument(metavar="CURRENT", help="The current table, or a pattern of file names."),
    ],
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    labels: options.Labels = None,
    numbers: options.Numbers = None,
    bins: Annotated[
        str,
        typer.Option(
            help='Number of bins per column of numbers, or a rule for it: "mi", "rice", "sqrt" or '
            '"sturges", applied to the rows of the reference.'
        ),
    ] = "10",
    strategy: options.BinStrategy = None,
    base: options.Base = "e",
    permutations: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Number of permutations for p-values; 0 for the G-test. By default, a valid test "
            "is chosen for each column.",
        ),
    ] = None,
    alpha: options.Alpha = 0.05,
    seed: options.Seed = None,
    missing: Annotated[
        MissingAs, typer.Option(help="Missing values: treat them as a category, or omit them.")
    ] = MissingAs.category,
    top: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of columns to show.")
    ] = None,
    as_json: options.Json = False,
    output: options.Output = None,
    quiet: options.Quiet = False,
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
    """Show which columns are distributed differently in two tables."""
    reading = options.of_reading(
        sep, decimal, encoding, null_values, keep_quoted, header, format, sheet, table
    )
    asked = options.of_binning(bins, base, options.Missing.omit, strategy) | {
        "n_permutations": "auto" if permutations is None else permutations,
        "alpha": options.inner_fraction(alpha, "--alpha"),
        "seed": seed,
        "missing": None if missing is MissingAs.omit else "category",
    }
    from fastinfo.cli import results
    from fastinfo.cli.output import Written
    from fastinfo.cli.running import computing, deliver
    from fastinfo.cli.tables import choose

    written = Written(output, None, quiet, [reference, current])
    first = choose(
        [reference],
        columns=columns,
        exclude=exclude,
        labels=labels,
        numbers=numbers,
        reading=reading,
    )
    second = choose([current], reading=reading)
    wanted = None
    if columns is not None:
        wanted = first.names
    elif exclude is not None:
        there = set(second.names)
        wanted = [name for name in first.names if name in there]
    with computing(threads):
        found = fastinfo.drift(
            first.table,
            second.table,
            columns=wanted,
            discrete=first.discrete,
            progress=True,
            **asked,
        )
    shown = found[:top]
    deliver(
        lambda: results.show_drift(shown, as_json=as_json),
        written,
        results.drift_json(shown),
        results.of_rows(shown),
    )
