"""``fastinfo bench``: compare estimators of mutual information where the truth is known."""

from typing import Annotated

import typer

from fastinfo.cli import options


def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help="Run a few cases, in less than a minute.")
    ] = False,
    estimator: Annotated[
        list[str] | None,
        typer.Option(
            "--estimator",
            help="Also compare this function, written as module:function. The option can be "
            "repeated.",
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file",
            help="Write each record to this file, and skip records that it already contains.",
        ),
    ] = None,
    repetitions: Annotated[
        int | None, typer.Option(min=1, help="Number of repetitions per case.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the samples.")] = 0,
    plot: Annotated[
        str | None, typer.Option(help="Write error.png, time.png and pareto.png to this directory.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the records as JSON.")] = False,
    threads: options.Threads = None,
    debug: options.Debug = False,
) -> None:
    """Compare estimators where the mutual information is known."""
    from fastinfo import benchmark
    from fastinfo.benchmark.plots import check_plots
    from fastinfo.benchmark.records import read_records
    from fastinfo.cli.running import computing

    if file is not None:
        read_records(file, "--file")
    if plot is not None:
        check_plots(plot, "--plot")
    for path in estimator or ():
        benchmark.load(path)
    settings = benchmark.quick_options() if quick else {}
    if repetitions is not None:
        settings["repetitions"] = repetitions
    with computing(threads):
        results = benchmark.run(seed=seed, path=file, progress=True, **settings)
    try:
        if plot is not None:
            results.plot(plot)
    finally:  # a picture that can't be written takes no result away
        print(results.to_json() if as_json else results.to_text())
