"""Alerts for numbers that may mark missing values, and for labels spelled in two ways."""

from __future__ import annotations

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.messages import printable

_MOST = 10_000  # different labels that are compared
_SHOWN = 3
_WHOLE = 2.0**53
_FEW = 10  # a scale that ends below may begin at -1
_OFTEN = 3  # times as often as the value beside it

#: The ends of integers of 16 and 32 bits, which stand for missing values, as do 99, 999 and so on.
_ENDS = (32767.0, 65535.0, 2147483647.0, 4294967295.0, 32768.0, 2147483648.0)


def alert_of_marks(levels: Array, counts: Array) -> str:
    """
    Alert if the smallest or the largest number may mark missing values, such as 999.

    Such a number occurs at least twice. It is 9, 99, 999 and so on, or the end of an integer type,
    and its distance to the other values is larger than their range. Or it is negative, such as -1,
    -9 or -99, and no other value is negative.
    """
    if levels.dtype.kind not in "iuf" or len(levels) < 3:
        return ""
    order = np.argsort(levels)
    values, times = levels[order].astype(np.float64), counts[order]
    if not (abs(values[0]) <= _WHOLE and abs(values[-1]) <= _WHOLE):
        return ""
    found = []
    if _is_mark(values[0], values[1:]) and times[0] >= 2:
        is_minus_one = values[0] == -1.0
        if not is_minus_one or (values[-1] >= _FEW and times[0] >= _OFTEN * times[1]):
            found.append((values[0], times[0]))
    if _is_mark(-values[-1], -values[-2::-1]) and values[-1] > 1.0 and times[-1] >= 2:
        found.append((values[-1], times[-1]))
    said = " and ".join(f"{value:.0f} ({n:,})" for value, n in found)
    return f"may mark missing values: {said}" if said else ""


def _is_mark(value: float, others: Array) -> bool:
    """Whether a value below all others may mark missing values."""
    size = str(int(abs(value))) if value == int(value) else ""
    if not size or (set(size) != {"9"} and abs(value) not in _ENDS and value != -1.0):
        return False
    if value < 0.0 <= others[0] and others[-1] > 0.0:
        return True
    return bool(others[0] - value > others[-1] - others[0])


def alert_of_spellings(levels: Array) -> str:
    """Alert if labels differ only in case or spaces, such as Yes and YES."""
    texts = levels.tolist()
    if len(texts) > _MOST or not all(isinstance(text, str) for text in texts):
        return ""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(" ".join(text.casefold().split()), []).append(text)
    alike = [group for group in groups.values() if len(group) > 1]
    if not alike:
        return ""
    shown = [" and ".join(repr(printable(text[:30])) for text in group) for group in alike[:_SHOWN]]
    more = f" and {len(alike) - _SHOWN} more" if len(alike) > _SHOWN else ""
    return f"labels that differ only in case or spaces: {', '.join(shown)}{more}"
