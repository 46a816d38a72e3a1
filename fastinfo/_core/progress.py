"""Progress of a long call: a function of the user's, or a bar on the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from fastinfo._core.messages import missing_packages

#: What the public functions take as `progress`.
Progress = bool | Callable[[int, int], None]

_SECONDS_BEFORE_A_BAR = 1.0


def reporting(
    progress: Progress, what: str = "columns"
) -> AbstractContextManager[Callable[[int, int], None] | None]:
    """
    Yield a function to call with the work done and the total, or None without progress.

    With True it shows a bar on stderr, if that is a terminal, after the first second. `what` is the
    unit of the work.
    """
    if progress is True:
        return _bar(what)
    return nullcontext(progress if callable(progress) else None)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a function that shows the work done and the total as a bar on stderr."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    try:
        from rich.console import Console
        from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn
    except ImportError as error:
        raise missing_packages("a progress bar needs", "rich", extra="cli") from error

    bar = Progress(
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(what, total=None)
    start = time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() - start > _SECONDS_BEFORE_A_BAR:
            bar.start()
        bar.update(task, completed=done, total=total or None)  # 0: the total is unknown

    try:
        yield show
    finally:
        bar.stop()
