"""The measures of association, and the checked options of a call."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastinfo._core.checks import as_float, base_divisor, choice, is_real, shown
from fastinfo.kernels.cooccurrence import cells


class Measure(NamedTuple):
    """A measure, and the options that apply to it."""

    code: int  #: of the kernels
    unseen: float  #: the value of a cell without a count; NaN where it has one of its own
    options: frozenset[str]  #: of `base`, `smoothing` and `shift`
    power: float = 0.0  #: by which power of the counts' unit it grows


MEASURES = {
    "pmi": Measure(cells.PMI, -math.inf, frozenset({"base", "smoothing", "shift"})),
    "ppmi": Measure(cells.PPMI, 0.0, frozenset({"base", "smoothing", "shift"})),
    "npmi": Measure(cells.NPMI, -1.0, frozenset({"base"})),
    "g2": Measure(cells.G2, math.nan, frozenset(), 1.0),
    "log-ratio": Measure(cells.LOG_RATIO, -math.inf, frozenset({"base"})),
    "t": Measure(cells.T, -math.inf, frozenset(), 0.5),
}


@dataclass(frozen=True)
class Asked:
    """The options of :func:`fastinfo.cooccurrence.association`, checked."""

    measure: Measure
    divisor: float
    smoothing: float
    shift: float
    least: float

    @classmethod
    def of(cls, measure: Any, base: Any, smoothing: Any, shift: Any, min_count: Any) -> Asked:
        """Check the options, each and together."""
        name = choice(measure, "measure", tuple(MEASURES))
        found = MEASURES[name]
        divisor = base_divisor(base)
        alpha = _number(smoothing, "smoothing", "from 0 to 1", most=1.0)
        moved = _number(shift, "shift", "of at least 0")
        least = not_negative(min_count, "min_count")
        given = {"base": base is not None, "smoothing": alpha != 0.0, "shift": moved != 0.0}
        values = {"base": base, "smoothing": smoothing, "shift": shift}
        for option, is_given in given.items():
            if is_given and option not in found.options:
                able = [repr(known) for known in MEASURES if option in MEASURES[known].options]
                raise ValueError(
                    f"{option} goes with measure={' or '.join(able)}, and has no meaning with "
                    f"measure={name!r}, got {option}={shown(values[option])}"
                )
        # A quotient of two logarithms is the same in every base.
        return cls(found, 1.0 if name == "npmi" else divisor, alpha, moved, least)


def not_negative(value: Any, name: str) -> float:
    """Return a count as a float; raise if it is negative or not a number."""
    return _number(value, name, "of at least 0")


def _number(value: Any, name: str, which: str, most: float = math.inf) -> float:
    if not is_real(value):
        raise TypeError(f"{name} must be a number {which}, got {shown(value)}")
    number = as_float(value)
    if not (0.0 <= number <= most and number < math.inf):
        raise ValueError(f"{name} must be a number {which}, got {shown(value)}")
    return number
