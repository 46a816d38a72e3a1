"""How a command computes: with so many threads, and a line where it has to compile first."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import fastinfo
from fastinfo._core.compiled_code import compile_uncollected, say_when_compiling
from fastinfo.cli.output import Columns, Written
from fastinfo.cli.stderr import say

_told = False


@contextmanager
def computing(threads: int | None, *, tell: bool = True) -> Iterator[None]:
    """Compute with so many threads; tell of compilations, where stderr is a terminal."""
    global _told
    if not gc.isenabled():  # no collection looks through what was imported
        gc.freeze()
        gc.enable()
        compile_uncollected()
    if tell and not _told and sys.stderr is not None and sys.stderr.isatty():
        _told = True
        say_when_compiling(say)
    with nullcontext() if threads is None else fastinfo.num_threads(threads):
        yield


def deliver(
    show: Callable[[], None],
    written: Written,
    json: str,
    columns: Columns,
    picture: Callable[[], None] | None = None,
) -> None:
    """Write what goes into files, then show the result: no file that fails takes it away."""
    try:
        written.write(json, columns)
        if written.plot is not None and picture is not None:
            picture()
    except BaseException:
        show()  # even if it was to be quiet
        raise
    if not written.quiet:
        show()
