"""Compile ahead of time what the first calls of functions need, and keep it on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from queue import SimpleQueue

import numba

from fastinfo._core.compiled_code import cache_directory, compile_uncollected
from fastinfo._core.progress import reporting
from fastinfo._core.threads import get_num_threads, run_in_order
from fastinfo.warming.beside import start_process

# A process that compiles: it reads names, and answers each with a line when it is done.
_SERVE = "from fastinfo.warming.compiling import serve; serve()"


def warmup(
    *names: str,
    to: str | os.PathLike[str] | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> str | None:
    """
    Compile functions ahead of time, so that later calls in any process need not compile.

    Functions are compiled for the common types: float64 and float32 numbers and int64 labels, with
    few and many rows. There is one compiling process for each thread that may be used. Then this
    process loads the compiled code, unless `to` is given.

    Parameters
    ----------
    *names : str
        What to compile: tasks such as ``"rank"``, ``"losses"`` or ``"cli"`` (what
        ``fastinfo rank`` and ``fastinfo matrix`` need); public functions such as
        ``"mutual_information"``; ``"JointCounts"``; or ``"capi"`` for the C functions. Without
        names, everything is compiled, which takes one CPU a minute or two with an empty cache.
    to : str or path, optional
        A directory to compile into, instead of the cache of this process. Other processes use the
        code if their ``NUMBA_CACHE_DIR`` is this directory, which may be read-only. They may run on
        any machine with the same kind of CPU and the same versions. If the code cannot be used,
        :func:`show_versions` says why.
    progress : bool or callable, optional
        Show a progress bar (needs rich), or call ``progress(done, total)`` with the number of
        compiled functions and of all functions.

    Returns
    -------
    str or None
        `to` as an absolute path, if given. Otherwise the directory of the compiled code:
        ``NUMBA_CACHE_DIR`` if it is set, else the package's ``__pycache__``, else the user's cache.
        None if no directory is writable, so that each process compiles for itself, or if
        ``NUMBA_DISABLE_JIT`` is set, so that nothing is compiled.

    Raises
    ------
    TypeError
        If a name is not a string, or `to` is not a path.
    ValueError
        If a name is unknown.
    OSError
        If `to` cannot be written, or a process that compiles into it ends early.

    Examples
    --------
    >>> import fastinfo
    >>> directory = fastinfo.warmup("histogram")
    """
    from fastinfo.warming.first_calls import FIRST_CALLS, call_first
    from fastinfo.warming.tasks import TASKS

    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"names must be strings, got {type(name).__name__}: {name!r}")
        if name not in FIRST_CALLS and name not in TASKS:
            known = ", ".join([*TASKS, *sorted(set(FIRST_CALLS) - set(TASKS))])
            raise ValueError(f"names must be among {known}, got {name!r}")
    if not isinstance(to, str | os.PathLike | None):
        raise TypeError(f"to must be a path or None, got {type(to).__name__}: {to!r}")
    if numba.config.DISABLE_JIT:
        return None
    listed = [part for name in names for part in TASKS.get(name, (name,))]
    wanted = list(dict.fromkeys(listed or FIRST_CALLS))
    with reporting(progress, "functions") as report:
        done = (lambda count: report(count, len(wanted))) if report else None
        if to is not None:
            return _compile_into(os.path.abspath(to), wanted, done)
        directory = cache_directory()
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


def _compile_into(directory: str, names: list[str], done: Callable[[int], None] | None) -> str:
    """Compile functions in processes that use the directory as their cache; return its path."""
    if not sys.executable:
        raise OSError("to needs other Python processes, and this program can't start any")
    os.makedirs(directory, exist_ok=True)
    tempfile.TemporaryFile(dir=directory).close()  # raises where nothing can be written
    missed = _compile_in_processes(names, done, NUMBA_CACHE_DIR=directory)
    if missed:
        raise OSError(f"{', '.join(missed)} could not be compiled: the process for it ended")
    return directory


def _compile_in_processes(
    names: list[str], done: Callable[[int], None] | None, **variables: str
) -> list[str]:
    """
    Compile functions in processes, one for each thread that may be used.

    Returns the functions that were not compiled because their process ended.
    """
    missed = []
    idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
    processes = [
        start_process(_SERVE, variables) for _ in range(min(get_num_threads(), len(names)))
    ]

    def compile_by_one(name: str) -> None:
        process = idle.get()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(name + "\n")
            process.stdin.flush()
            if not process.stdout.readline():
                missed.append(name)
        except OSError:  # it is gone
            missed.append(name)
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
    return missed


def serve() -> None:
    """Compile the functions whose names arrive on standard input, one per line."""
    from fastinfo.warming.first_calls import call_first

    compile_uncollected()
    for line in sys.stdin:
        call_first(line.strip())
        print("done", flush=True)
