"""Compile ahead of time: what the first calls of functions would compile, and keep it on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from queue import SimpleQueue

import numba

from fastinfo._core.compiled_code import cache_directory
from fastinfo._core.progress import reporting
from fastinfo._core.threads import get_num_threads, run_in_order

# A process that compiles: it reads names, and answers each with a line when it is done.
_SERVE = "from fastinfo.warming.compiling import serve; serve()"


def warmup(*names: str, progress: bool | Callable[[int, int], None] = False) -> str | None:
    """
    Compile functions ahead of time, so that no later call in any process has to.

    The signatures of the common types are compiled: float64 and float32 numbers, int64 labels,
    few rows and many. Several functions are compiled in as many processes as there are threads to
    use; then this process loads what they compiled.

    Parameters
    ----------
    *names : str
        Public functions, as ``"mutual_information"``; ``"JointCounts"``; ``"capi"`` for the C
        functions. None are all: some minutes of one CPU where nothing is in the cache yet.
    progress : bool or callable, optional
        Show a bar (needs rich), or call ``progress(done, total)`` after functions are compiled.

    Returns
    -------
    str or None
        Where compiled kernels are kept: in ``NUMBA_CACHE_DIR`` if it is set, else in the package's
        ``__pycache__``, else in the user's cache. None where no directory can be written, and each
        process compiles for itself, or where the variable ``NUMBA_DISABLE_JIT`` is set, and nothing
        is compiled.

    Raises
    ------
    TypeError
        If a name is no string.
    ValueError
        If there is nothing to compile under a name.

    Examples
    --------
    >>> import fastinfo
    >>> directory = fastinfo.warmup("histogram")
    """
    from fastinfo.warming.first_calls import FIRST_CALLS, call_first

    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"names must be strings, got {type(name).__name__}: {name!r}")
        if name not in FIRST_CALLS:
            known = ", ".join(sorted(FIRST_CALLS))
            raise ValueError(f"names must be among {known}, got {name!r}")
    if numba.config.DISABLE_JIT:
        return None
    directory = cache_directory()
    wanted = list(dict.fromkeys(names or FIRST_CALLS))
    with reporting(progress, "functions") as report:
        done = (lambda count: report(count, len(wanted))) if report else None
        if directory is None or len(wanted) == 1 or get_num_threads() == 1 or not sys.executable:
            for count, name in enumerate(wanted, 1):
                call_first(name)
                if done is not None:
                    done(count)
            return directory
        _compile_in_processes(wanted, done)
        for name in wanted:  # from the cache; what a process could not do, it says here
            call_first(name)
    return directory


def _compile_in_processes(names: list[str], done: Callable[[int], None] | None) -> None:
    """Have the functions compiled by as many processes as there are threads to use."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "FASTINFO_NUM_THREADS": "1",
    }
    idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
    processes = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", _SERVE],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(min(get_num_threads(), len(names)))
    ]

    def compile_by_one(name: str) -> None:
        process = idle.get()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(name + "\n")
            process.stdin.flush()
            process.stdout.readline()
        except OSError:  # it is gone: this process compiles what is left
            pass
        finally:
            idle.put(process)

    try:
        for process in processes:
            idle.put(process)
        run_in_order(compile_by_one, names, done=done)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def serve() -> None:
    """Compile the functions whose names come in, one a line."""
    from fastinfo.warming.first_calls import call_first

    for line in sys.stdin:
        call_first(line.strip())
        print("done", flush=True)
