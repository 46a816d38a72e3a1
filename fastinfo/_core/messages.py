"""Texts for users: names as they are shown, missing packages, warnings at the user's line."""

from __future__ import annotations

import contextlib
import contextvars
import sys
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from types import FrameType

_MOST_NAMED = 10
_kept_back: contextvars.ContextVar[bool] = contextvars.ContextVar("fastinfo_warn", default=False)
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # in Persian, and in emoji


def printable(text: str) -> str:
    """Return a text on one line, escaped where it would drive a terminal or turn text round."""
    return text if text.isprintable() else "".join(map(_as_shown, text))


def shown_name(name: str) -> str:
    """Return the name of a column, label or file, quoted and escaped as users see it."""
    return printable(name) or "(no name)"


def _as_shown(letter: str) -> str:
    plain = letter.isprintable() or letter in _JOINERS or unicodedata.category(letter) == "Zs"
    return letter if plain else letter.encode("unicode_escape").decode()


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """
    Warn at the line outside the package from which it was called.

    Names have to be passed through `shown_name`. Apart from these, only line ends are kept.
    """
    if _kept_back.get():
        return
    message = "\n".join(map(printable, message.split("\n")))
    level = 2
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_ours(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


@contextlib.contextmanager
def no_warnings() -> Iterator[None]:
    """
    Keep back what :func:`warn` would say in a block, in this context and that of its helpers.

    ``warnings.catch_warnings`` sets the filters of the whole process: of threads that are in such
    blocks together, the last one to leave restores the filters that another one had set, for good.
    """
    before = _kept_back.set(True)
    try:
        yield
    finally:
        _kept_back.reset(before)


def listed(names: Sequence[object]) -> str:
    """The first ten names, as users see them, and how many more there are."""
    more = len(names) - _MOST_NAMED
    said = ", ".join(shown_name(str(name)) for name in names[:_MOST_NAMED])
    return f"{said} and {more} more" if more > 0 else said


def missing_packages(work: str, *packages: str, extra: str) -> ImportError:
    """
    Make the error that says which packages are missing, and how to install them.

    `work` is the beginning of the sentence, with its verb: "pictures need". The packages are named
    as pip knows them, so that the first command always works, wherever fastinfo was installed from.
    Then come the commands that install the whole extra.
    """
    return ImportError(
        f"{work} {' and '.join(packages)}: pip install {' '.join(packages)} (all of the extra: "
        f'pip install -e ".[{extra}]" in a clone, pip install "fastinfo[{extra}]" from an index)'
    )


def _is_ours(module: str) -> bool:
    return module == "fastinfo" or module.startswith("fastinfo.")
