"""``fastinfo select``: a few columns that together are informative about a target column."""

import enum
from typing import Annotated

import typer

import fastinfo
from fastinfo.cli import options


class Method(enum.StrEnum):
    """Criteria of selection."""

    mrmr = "mrmr"
    mrmr_quotient = "mrmr-quotient"
    mim = "mim"
    jmi = "jmi"
    jmim = "jmim"
    cmim = "cmim"
    disr = "disr"


def select(
    files: options.Files,
    target: options.Target = None,
    k: Annotated[int, typer.Option("-k", min=1, help="Number of columns to select.")] = 10,
    method: Annotated[Method, typer.Option(help="Selection criterion.")] = Method.mrmr,
    given: options.Given = None,
    weights: options.Weights = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    labels: options.Labels = None,
    numbers: options.Numbers = None,
    bins: options.Bins = "mi",
    strategy: options.BinStrategy = None,
    base: options.Base = "e",
    missing: options.MissingValues = options.Missing.omit,
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
    """Select informative columns with little redundancy."""
    target_name = options.one_target(target)
    reading = options.of_reading(
        sep, decimal, encoding, null_values, keep_quoted, header, format, sheet, table
    )
    asked = options.of_binning(bins, base, missing, strategy)
    from fastinfo.cli import results
    from fastinfo.cli.output import Written
    from fastinfo.cli.running import computing, deliver
    from fastinfo.cli.tables import choose

    written = Written(output, None, quiet, files)
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
        given=given,
        weights=weights,
    )
    apart = 1 + len(chosen.given or ()) + (weights is not None)
    with computing(threads):
        found = fastinfo.select_features(
            chosen.table,
            chosen.target,
            min(k, max(len(chosen.names) - apart, 1)),
            method=method.value,
            discrete=chosen.discrete,
            given=chosen.given,
            sample_weight=weights,
            progress=True,
            **asked,
        )
    deliver(
        lambda: results.show_selection(found, as_json=as_json),
        written,
        results.selection_json(found),
        results.of_rows(found),
    )
