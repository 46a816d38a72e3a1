"""``fastinfo pair``: all measures of two columns."""

import enum
from typing import Annotated

import typer

from fastinfo.cli import options


class Estimator(enum.StrEnum):
    """Estimators of mutual information that need no bins."""

    ksg = "ksg"
    ksg2 = "ksg2"
    mixed = "mixed"
    gaussian = "gaussian"
    gaussian_copula = "gaussian-copula"


def pair(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE... X Y", help="A table of one or more files, and two of its columns."
        ),
    ],
    labels: options.Labels = None,
    numbers: options.Numbers = None,
    bins: options.Bins = "mi",
    strategy: options.BinStrategy = None,
    base: options.Base = "e",
    estimator: Annotated[
        Estimator | None,
        typer.Option(help="Also estimate the information without bins, with this estimator."),
    ] = None,
    confidence: Annotated[
        float, typer.Option(help="Confidence level of the bootstrap interval.")
    ] = 0.95,
    seed: options.Seed = 0,
    as_json: options.Json = False,
    output: options.Output = None,
    plot: options.Plot = None,
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
    """Show counts, measures, a test and an interval for two columns."""
    if len(words) < 3:
        raise ValueError(f"give a FILE and two of its columns, got {len(words)} words")
    *files, x, y = words
    if x == y:
        raise ValueError(f"give two different columns, got {x!r} twice")
    unit = options.base_of(base)
    number = options.bins_of(bins)
    reading = options.of_reading(
        sep, decimal, encoding, null_values, keep_quoted, header, format, sheet, table
    )
    options.inner_fraction(confidence, "--confidence")
    from fastinfo.cli import two_columns
    from fastinfo.cli.output import Written
    from fastinfo.cli.running import computing, deliver

    written = Written(output, plot, quiet, files)
    read = two_columns.read(files, x, y, labels=labels, numbers=numbers, reading=reading)
    with computing(threads):
        found = two_columns.measure(
            read,
            bins=number,
            strategy="quantile" if strategy is None else strategy.value,
            base=unit,
            estimator=None if estimator is None else estimator.value,
            confidence=confidence,
            seed=seed,
        )

    def picture() -> None:
        from fastinfo.plot import plot_joint, save

        save(plot_joint(found.counts, names=(x, y)), str(plot))

    deliver(
        lambda: print(found.json() if as_json else found.text()),
        written,
        found.json(),
        found.columns(),
        picture,
    )
