"""Alerts for labels whose text is a number or a date."""

from __future__ import annotations

import re

import numpy as np

from fastinfo._core.checks import Array

_LOOKED_AT = 1000  # different texts
_NEARLY_ALL = 0.9  # of the cells
_LONGEST = 40  # characters of a number

_DIGITS = r"(?:0|[1-9]\d*)"  # not 00123, which is a code
_PLAIN = rf"{_DIGITS}(?:\.\d*)?|\.\d+"
_GROUPED = r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"
_COMMA = rf"{_DIGITS},\d+|[1-9]\d{{0,2}}(?:[. ]\d{{3}})+,\d+"
_ANY = rf"(?:{_PLAIN}|{_GROUPED}|{_COMMA})"
_SIGN = r"[-+]?\s?"
_CURRENCY = r"(?:[$€£¥₹]|USD|EUR|GBP|CHF|JPY)"

#: What texts may be, and how each is written.
_FORMS = {
    "numbers": rf"{_SIGN}(?:{_PLAIN})(?:[eE][-+]?\d+)?",
    "numbers with thousands separators": _SIGN + _GROUPED,
    "numbers with a decimal comma": rf"{_SIGN}(?:{_COMMA})",
    "numbers with percent": rf"{_SIGN}{_ANY}\s?%",
    "numbers with currency": rf"{_SIGN}(?:{_CURRENCY}\s?{_SIGN}{_ANY}|{_ANY}\s?{_CURRENCY})",
    "dates": (
        r"\d{4}([-/.])\d{1,2}\1\d{1,2}(?:[T ]\d{1,2}:.*)?"
        r"|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d\d)(?: \d{1,2}:.*)?"
    ),
}
_PATTERNS = {what: re.compile(pattern) for what, pattern in _FORMS.items()}


def alert_of_texts(levels: Array, counts: Array) -> str | None:
    """
    Alert if labels are texts of numbers or dates; None for all other labels.

    `levels` are the different labels, and `counts` says how often each occurs. If there are many
    labels, only some of them are checked.
    """
    some = slice(None, None, max(len(levels) // _LOOKED_AT, 1))
    texts, times = levels[some].tolist(), counts[some].tolist()
    if not texts or not all(isinstance(text, str) for text in texts):
        return None
    cells = dict.fromkeys(_FORMS, 0)
    for text, n in zip(texts, times, strict=True):
        what = _form_of(text.strip())
        if what is not None:
            cells[what] += n
    fitting, all_cells = sum(cells.values()), int(np.sum(times))
    if fitting < _NEARLY_ALL * all_cells:
        return None
    what = max(cells, key=lambda form: cells[form])
    share = "" if fitting == all_cells else "nearly all of "
    return f"text {share}whose cells are {what}: taken as labels"


def _form_of(text: str) -> str | None:
    if len(text) > _LONGEST:
        return None
    return next((what for what, p in _PATTERNS.items() if p.fullmatch(text)), None)
