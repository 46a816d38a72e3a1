"""``fastinfo describe``: a summary of each column of a table."""

import warnings

import fastinfo
from fastinfo.cli import options


def describe(
    files: options.Files,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    labels: options.Labels = None,
    numbers: options.Numbers = None,
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
    """Summarise each column: its values, its type and any problems."""
    reading = options.of_reading(
        sep, decimal, encoding, null_values, keep_quoted, header, format, sheet, table
    )
    from fastinfo.cli import results
    from fastinfo.cli.output import Written
    from fastinfo.cli.running import computing, deliver
    from fastinfo.cli.tables import choose

    written = Written(output, None, quiet, files)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* taken as ")  # it is among the alerts
        chosen = choose(
            files,
            columns=columns,
            exclude=exclude,
            labels=labels,
            numbers=numbers,
            reading=reading,
        )
        with computing(threads):
            found = fastinfo.describe(chosen.table, discrete=chosen.discrete, progress=True)
    deliver(
        lambda: results.show_description(found, as_json=as_json),
        written,
        results.description_json(found),
        results.of_rows(found),
    )
