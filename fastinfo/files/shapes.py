"""Texts that are numbers or dates for people: their patterns, and their conversion in DuckDB."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastinfo.files.formats.in_duckdb import quoted

_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|RUB|BRL|CAD|AUD|NZD|HKD|SGD|SEK|NOK|DKK|PLN|CZK|HUF|TRY|ZAR|"
    "MXN|KRW|ILS|THB|AED|SAR|US\\$|CA\\$|A\\$|NZ\\$|HK\\$|R\\$|kr\\.?|zł|Kč|Ft|Rs\\.?"
)
CURRENCY = rf"\p{{Sc}}|{_CODES}"
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_SPACE = "\u00a0\u202f\u2009"
_DIGITS = "(?:0|[1-9][0-9]*)"

#: Marks of missing values that can't mean anything else in a column of labels.
SIGNS = frozenset(
    ("?", "??", "-", "--", "---", ".", "..", "...", "*", "**", "n/a", "N/A", "#N/A", "#VALUE!",
     "#DIV/0!", "\\N", "<NA>", "\N{EN DASH}", "\N{EM DASH}")
)  # fmt: skip

#: Words that mean that there is no value, in lower case.
MARKS = frozenset(sign.lower() for sign in SIGNS) | frozenset(
    ("na", "n.a.", "n.a", "nan", "none", "null", "(null)", "nil", "missing", "unknown",
     "not available", "no data", "not applicable", "#na", "#num!", "#ref!", "#null!")
)  # fmt: skip


#: Digits that are a label, because a number would lose its leading zero.
LEADING_ZERO = re.compile("[-+]?0[0-9]+")


@dataclass(frozen=True)
class Shape:
    """A pattern of the cells of a column, and what they mean."""

    kind: str  #: "numbers" or "dates"
    label: str  #: description for users
    value: str  #: SQL that converts a text x to a double or a timestamp, or to null
    text: str = ""  #: SQL that converts a number to digits that can be cast
    has_time: bool = False


def _number(label: str, mark: str, groups: str) -> Shape:
    """Return the pattern of numbers with a decimal mark; digits may be grouped."""
    whole = f"[1-9][0-9]{{0,2}}(?:[{groups}][0-9]{{3}})+|{_DIGITS}"
    mantissa = f"(?:{whole})(?:[{mark}][0-9]*)?|[{mark}][0-9]+"
    pattern = (
        rf"(?:{CURRENCY})?\s?\(?[-+]?\s?(?:{CURRENCY})?\s?[-+]?({mantissa})([eE][-+]?[0-9]+)?"
        rf"\s?(?:{CURRENCY}|%|‰)?-?\)?\s?(?:{CURRENCY}|%)?"
    )
    clean = f"translate(trim(x), {quoted(_SPACE + '−')}, '   -')"
    fits = f"regexp_full_match({clean}, {quoted(pattern)})"
    extract = f"regexp_extract({clean}, {quoted(pattern)}, [ 'm', 'e' ])"
    digits = f"regexp_replace(({extract}).m, {quoted('[' + groups + ']')}, '', 'g')"
    if mark == ",":
        digits = f"replace({digits}, ',', '.')"
    negative = f"regexp_matches({clean}, {quoted(r'^[^0-9]*[-(]|-$')})"
    text = (
        f"case when {fits} then (case when {negative} then '-' else '' end) || {digits} || "
        f"({extract}).e when regexp_full_match(lower({clean}), '[-+]?inf(inity)?') then {clean} end"
    )
    return Shape("numbers", label, f"try_cast({text} as double)", text)


POINT = _number("numbers", ".", f", '{_APOSTROPHE}")
COMMA = _number("numbers with a decimal comma", ",", f". '{_APOSTROPHE}")

_DAYS = (
    "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%y",
    "%m/%d/%y", "%d/%m/%y", "%d-%m-%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%d. %B %Y",
    "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%a, %d %b %Y", "%Y %b %d", "%d%b%Y",
    "%d%b%y",
)  # fmt: skip
_MONTHS = ("%Y-%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%Y/%m", "%m.%Y")
_TIMES = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p")
_OTHERS = (
    "%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S %z", "%a, %d %b %Y %H:%M:%S GMT",
    "%d/%b/%Y:%H:%M:%S %z", "%Y%m%dT%H%M%S",
)  # fmt: skip
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
_ZONE = r"\s?(?:Z|UTC|[-+][0-9]{2}(?::?[0-9]{2})?)"
_ISO = f"{_DAY}(?:[T ]{_TIME})?(?:{_ZONE})?"


def _dates() -> list[Shape]:
    """Return the patterns of all date formats, the usual ones first."""
    iso = f"regexp_full_match(trim(x), {quoted(_ISO)})"
    value = f"case when {iso} then try_cast(trim(x) as timestamptz)::timestamp end"
    found = [Shape("dates", "dates as 2024-12-31", value, has_time=True)]
    formats = [(day, False) for day in (*_DAYS, *_MONTHS)]
    formats += [
        (f"{day}{sep}{time}", True) for day in _DAYS for sep in (" ", ", ") for time in _TIMES
    ]
    formats += [(whole, True) for whole in _OTHERS]
    for form, has_time in formats:
        value = f"try_strptime(trim(x), {quoted(form)})"
        if "%z" in form:
            value = f"({value})::timestamp"
        if "%Y" in form:  # strptime reads 24 as the year 24
            value = f"case when regexp_matches(x, '[0-9]{{4}}') then {value} end"
        else:
            value = f"case when regexp_matches(x, '[^0-9][0-9]{{2}}([^0-9]|$)') then {value} end"
        found.append(Shape("dates", f"dates as {example(form)}", value, has_time=has_time))
    return found


def example(form: str) -> str:
    """Return the last day of 2024 in a date format."""
    import datetime as dt

    day = dt.datetime(2024, 12, 31, 13, 5, 9, tzinfo=dt.UTC)
    names = {"%b": "Dec", "%B": "December", "%a": "Tue", "%p": "PM"}  # independent of the locale
    for letter, name in names.items():
        form = form.replace(letter, name)
    return day.strftime(form)


DATES = _dates()
ISO = DATES[0]


def either(first: Shape, second: Shape) -> Shape:
    """Return the pattern of a column with dates in two formats."""
    label = f"{first.label} and {second.label.removeprefix('dates as ')}"
    value = f"coalesce({first.value}, ({second.value})::timestamp)"
    return Shape("dates", label, value, has_time=first.has_time or second.has_time)


_UNIT_SEEN = f"(?:{_CODES})"
_NUMBER_SEEN = re.compile(
    rf"\(?[-+\N{{MINUS SIGN}}]?\W{{0,4}}{_UNIT_SEEN}?\s?[-+\N{{MINUS SIGN}}]?"
    rf"\d[\d., '{_APOSTROPHE}{_SPACE}]*(?:[eE][-+]?\d+)?\W{{0,2}}{_UNIT_SEEN}?\W?"
    r"|[-+]?inf(?:inity)?",
    re.IGNORECASE,
)
_WORD_SEEN = "[A-Z][a-z]{2,8}"
_ZONE_SEEN = r"(?: ?(?:[AP]M|Z|GMT|UTC|[-+]\d\d:?\d\d))*"
_DATE_SEEN = re.compile(
    rf"(?:{_WORD_SEEN},? ?)?(?:\d{{1,4}}|{_WORD_SEEN})(?:[-/. ] ?|\. )?(?:\d{{1,2}}|{_WORD_SEEN})"
    rf"(?:[-/. ]|, )?\d{{0,4}}(?:[T: ,]+[\d:. ]+{_ZONE_SEEN}(?: \d{{4}})?)?"
)


def may_fit(cells: list[str]) -> bool:
    """Check quickly whether texts may be numbers or dates, apart from marks of missing values."""
    seen = [cell.strip() for cell in cells if cell.strip().lower() not in MARKS]
    fits = sum(_looks(cell) for cell in seen)
    return bool(seen) and fits >= 0.5 * len(seen)


def _looks(cell: str) -> bool:
    if len(cell) > 40 or not any(letter.isdigit() for letter in cell):
        return cell.lower().strip("+-") in ("inf", "infinity")
    return bool(_NUMBER_SEEN.fullmatch(cell) or _DATE_SEEN.fullmatch(cell))
