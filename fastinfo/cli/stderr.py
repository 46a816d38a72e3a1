"""Lines for people who wait: on stderr, beside the results on stdout."""

from __future__ import annotations

import sys
from contextlib import suppress

from fastinfo._core.messages import printable


def say(line: str) -> None:
    """Write a line to stderr; what comes from elsewhere must not drive the terminal."""
    with suppress(OSError):  # where nobody listens the exit code tells
        print(printable(line), file=sys.stderr, flush=True)
