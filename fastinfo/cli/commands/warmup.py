"""``fastinfo warmup`` and ``fastinfo info``: compile ahead of time, and show versions."""

import time
from typing import Annotated

import typer

import fastinfo
from fastinfo._core.messages import printable
from fastinfo.cli import options
from fastinfo.warming.tasks import TASKS


def info(debug: options.Debug = False) -> None:
    """Show versions of fastinfo and its dependencies, for bug reports."""
    fastinfo.show_versions()


def warmup(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMES]...",
            help=f"Tasks ({', '.join(TASKS)}), or functions such as mutual_information. By "
            "default, everything.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Compile into this directory. Other processes use it if NUMBA_CACHE_DIR names it.",
        ),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Number of processes to use.")] = None,
    debug: options.Debug = False,
) -> None:
    """Compile functions ahead of time, for example in a container."""
    import numba

    from fastinfo.cli.running import computing

    start = time.monotonic()
    with computing(threads, tell=False):  # it shows a bar
        directory = fastinfo.warmup(*(names or ()), to=to, progress=True)
    if directory is None:
        raise OSError(
            "nothing was kept: no cache directory is writable, set NUMBA_CACHE_DIR to one that is"
            if not numba.config.DISABLE_JIT
            else "nothing was compiled: the environment variable NUMBA_DISABLE_JIT is set"
        )
    print(f"compiled in {time.monotonic() - start:.0f} s; kept in {printable(str(directory))}")
    if to is not None:
        print("used where NUMBA_CACHE_DIR names it, which need not be writable there")
