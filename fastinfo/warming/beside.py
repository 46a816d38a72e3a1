"""Compile in a second process what a command will need later, while it reads and codes a table."""

from __future__ import annotations

import atexit
import gc
import os
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

import numba
import numpy as np

from fastinfo._core.compiled_code import cache_directory, can_claim, read_only_directories
from fastinfo._core.threads import get_num_threads

_MEASURE = "from fastinfo.warming.beside import measure_tables; measure_tables()"
_LAST = "independence.moments"  # one of the kernels that measure tables

_ROWS = 300_000


def compile_beside(threads: int | None = None) -> None:
    """
    Start a process that compiles the kernels for tables of counts, unless they are compiled.

    The current process uses its code, and waits for functions that it is just compiling. Nothing is
    started with one thread, or if processes cannot wait for each other.
    """
    directory = cache_directory()
    if directory is None or numba.config.DISABLE_JIT or not sys.executable or not can_claim():
        return
    if (get_num_threads() if threads is None else threads) < 2:
        return
    if any(any(Path(d).glob(f"{_LAST}-*")) for d in (directory, *read_only_directories())):
        return
    process = start_process(_MEASURE, pipe=subprocess.DEVNULL)

    def end() -> None:
        process.kill()
        process.wait()

    atexit.register(end)


def start_process(
    code: str, variables: Mapping[str, str] | None = None, *, pipe: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start a process with one thread, which imports this copy of fastinfo and runs `code`."""
    environment = os.environ | (variables or {})
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    environment["FASTINFO_NUM_THREADS"] = "1"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        env=environment,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def measure_tables() -> None:
    """Count codes and measure tables like a ranking, so that the kernels for it are compiled."""
    gc.disable()  # this process lives for seconds
    from fastinfo._columns.ranked import RankOptions, measure_counts
    from fastinfo._core.checks import read_only
    from fastinfo._core.coded_variable import Coded
    from fastinfo._counts.table import Table
    from fastinfo.kernels.counting.tables import count_codes

    asked = RankOptions.of(None, None, "auto", None, 0.05, "omit")
    i = np.arange(_ROWS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for levels, dtype in ((40, np.uint8), (300, np.uint16)):
            x = Coded(read_only((i % 1009 % levels).astype(dtype)), levels)
            y = Coded(read_only((i % 1009 % 38).astype(dtype)), 38)
            table = Table.count(x, y)
            measure_counts("", table, 0, asked, None, n_rows=_ROWS, labels=True)
            if dtype == np.uint8:
                count_codes(x.codes, np.zeros(256, np.int64))
