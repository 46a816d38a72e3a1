"""What wraps the subcommands, so that each failure is one clear line."""

import errno
import gc
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from fastinfo._core.messages import missing_packages
from fastinfo.cli.stderr import say

_OK, _BUG, _BAD_INPUT, _INTERRUPTED, _READER_GONE = 0, 1, 2, 130, 141  # as shells have them
_COMPLETION = "_FASTINFO_COMPLETE"  # what shells set when they ask for completions


def main() -> None:
    """Run the command with the arguments of this process, and exit."""
    gc.disable()  # while all is imported: fastinfo.cli.running enables it
    # Of tables in parts Arrow's own pool keeps more than it needs.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    _take_free_places()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        say("error: standard output is closed: there is nowhere to write to")
        sys.exit(_BAD_INPUT)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A name that the terminal's encoding lacks is shown escaped, and ends nothing.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command with the words after ``fastinfo``, and return the exit code.

    0; 2 for bad input, a package that is missing, or output that can't be written, after one line
    on stderr; 130 after Ctrl-C; 141 where the reader of a pipe went away; 1 for what should not
    happen.
    """
    debug = "--debug" in arguments
    try:
        with _warnings_as_lines():
            code = _invoke(list(arguments))
            sys.stdout.flush()
            return code
    except KeyboardInterrupt:
        say("interrupted")
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe went away (`fastinfo … | head`): no reason to say anything.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    except Exception as error:
        if debug:
            for line in traceback.format_exc().rstrip().split("\n"):
                say(line)
        say(f"error: {_one_line(error)}")
        if isinstance(error, ImportError | MemoryError | OSError | TypeError | ValueError):
            return _BAD_INPUT
        if hasattr(error, "format_message"):
            return _BAD_INPUT
        if not debug:
            say("this should not happen: --debug shows where it did")
        return _BUG


def _take_free_places() -> None:
    """Let no file that is opened later stand where a closed stdin, stdout or stderr stood."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if stream is None:
            os.open(os.devnull, os.O_RDWR)


def _invoke(arguments: list[str]) -> int:
    """Run a subcommand, and let its exceptions out."""
    try:
        import typer
    except ImportError as error:
        work = "the command fastinfo needs"
        raise missing_packages(work, "typer", "rich", extra="cli") from error
    from fastinfo.cli import commands, words

    words.given[:] = arguments
    try:
        code = commands.app(args=arguments, prog_name="fastinfo", standalone_mode=False)
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except SystemExit as error:
        if not error.code or _COMPLETION in os.environ:  # a script of completion was printed
            return int(error.code or _OK)
        raise BrokenPipeError from error  # what typer makes of a pipe that nobody reads
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else _OK


def _one_line(error: Exception) -> str:
    """Return what an exception says, on one line."""
    if isinstance(error, MemoryError):
        return f"not enough memory: {error}".rstrip(": ")
    if isinstance(error, OSError) and error.errno and error.filename is None:
        if error.errno == errno.ENOENT:
            return "the working directory is gone: change to another one"
        return f"reading or writing failed: {error.strerror}"
    format_message = getattr(error, "format_message", None)
    text = str(format_message() if format_message else error) or type(error).__name__
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Show warnings for users as single lines on stderr."""

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        say("warning: " + " ".join(str(message).split()))

    with warnings.catch_warnings():
        for category in (UserWarning, RuntimeWarning):
            warnings.simplefilter("always", category)
        before = warnings.showwarning
        warnings.showwarning = show
        try:
            yield
        finally:
            warnings.showwarning = before
