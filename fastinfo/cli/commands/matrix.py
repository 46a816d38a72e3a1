"""``fastinfo matrix``: all pairs of columns, as a matrix or as a list of the strongest pairs."""

from typing import Annotated

import typer

import fastinfo
from fastinfo.cli import options


def matrix(
    files: options.Files,
    pairs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Show this many of the strongest pairs instead of the matrix. Pairs are also "
            "shown if the matrix does not fit on the terminal.",
        ),
    ] = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    labels: options.Labels = None,
    numbers: options.Numbers = None,
    bins: options.Bins = "mi",
    strategy: options.BinStrategy = None,
    base: options.Base = "e",
    correction: options.CorrectionOfPairs = "chance",
    normalized: options.NormalizedBy = None,
    missing: options.MissingValues = options.Missing.omit,
    as_json: options.Json = False,
    output: options.Output = None,
    plot: options.Plot = None,
    quiet: options.Quiet = False,
    checkpoint: options.Checkpoint = None,
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
    """Show the mutual information of all pairs of columns of a table."""
    reading = options.of_reading(
        sep, decimal, encoding, null_values, keep_quoted, header, format, sheet, table
    )
    asked = options.of_binning(bins, base, missing, strategy) | {
        "correction": options.correction_of(correction),
        "normalized": None if normalized is None else normalized.value,
    }
    from fastinfo._columns.information_units import unit_name
    from fastinfo.cli import results
    from fastinfo.cli.output import Written
    from fastinfo.cli.running import computing, deliver
    from fastinfo.cli.tables import choose

    written = Written(output, plot, quiet, files)
    chosen = choose(
        files,
        columns=columns,
        exclude=exclude,
        labels=labels,
        numbers=numbers,
        checkpoint=checkpoint,
        bins=asked["bins"],
        reading=reading,
    )
    with computing(threads):
        found = fastinfo.mutual_information_matrix(
            chosen.table,
            discrete=chosen.discrete,
            progress=True,
            checkpoint=checkpoint,
            **asked,
        )
    names = [str(name) for name in found.names]
    unit = "share" if normalized is not None else unit_name(asked["base"])
    above = " above chance" if asked["correction"] == "chance" else ""

    def picture() -> None:
        from fastinfo.plot import save

        save(found, str(plot), clustered=True)

    shown = results.Matrix(found, names, unit, unit + above)
    deliver(
        lambda: shown.show(pairs, as_json=as_json),
        written,
        shown.pairs_json(pairs) if pairs else shown.json(),
        shown.pair_columns(pairs) if pairs else shown.columns(),
        picture,
    )
