"""``fastinfo warmup`` and ``fastinfo info``: what is compiled ahead, and what is installed."""

import time
from typing import Annotated

import typer

import fastinfo
from fastinfo._core.messages import printable
from fastinfo.cli import options
from fastinfo.warming.tasks import TASKS


def info(debug: options.Debug = False) -> None:
    """Show the versions of fastinfo and of what it works with, for a bug report."""
    fastinfo.show_versions()


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
    debug: options.Debug = False,
) -> None:
    """Compile ahead of time, so that no later call has to: for images of containers, say."""
    import numba

    from fastinfo.cli.running import computing

    start = time.monotonic()
    with computing(threads, tell=False):  # it shows a bar
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
