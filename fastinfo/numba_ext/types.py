"""Checks of types in overloads, with errors of a single message at compile time."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba import types
from numba.core.errors import TypingError

from fastinfo._core.in_njit import jitable


def refuse(function: str, name: str, advice: str) -> None:
    raise TypingError(f"fastinfo.{function} in nopython mode: {name} {advice}")


def vector(function: str, name: str, a: Any) -> None:
    """Raise an error if `a` is not a vector of real numbers."""
    real = isinstance(a, types.Array) and isinstance(
        a.dtype, types.Float | types.Integer | types.Boolean
    )
    if not real or a.ndim != 1:
        refuse(function, name, f"must be a one-dimensional array of real numbers, got {a}")


def absent(a: Any) -> bool:
    return a is None or (
        isinstance(a, types.NoneType | types.Omitted) and (getattr(a, "value", None) is None)
    )


def number_or_none(function: str, name: str, a: Any) -> None:
    if not (absent(a) or isinstance(a, types.Number | int | float | types.Omitted)):
        refuse(function, name, f"must be a number or None, got {a}")


def narrow(*arrays: Any) -> bool:
    """Whether the result in Python would be float32."""
    return all(a.dtype in (types.float32, types.float16) for a in arrays)


@jitable
def divided(value, base):
    """Convert nats to the unit of the base."""
    if not (base > 0.0) or base == 1.0 or base == math.inf:
        raise ValueError("base must be a positive number other than 1")
    return value / math.log(base)


def in_base(base: Any) -> Any:
    """Return a compiled function that converts nats to the unit of a base, which may be None."""
    return _nats if absent(base) else divided


@jitable
def _nats(value, base):
    return value


def constant(a: Any) -> Any:
    """Return the value of an argument if it is known at compile time, else its type."""
    return getattr(a, "literal_value", getattr(a, "value", a))


def literal(function: str, name: str, a: Any, known: tuple[str, ...]) -> str:
    """Return the value of a string, which must be known at compile time."""
    return str(literal_or_none(function, name, a, known, ""))


def literal_or_none(
    function: str, name: str, a: Any, known: tuple[str, ...], more: str = "or None"
) -> str | None:
    """Return a string known at compile time, or None; `more` names other options in errors."""
    word = constant(a)
    if word not in known:
        listed = " ".join(filter(None, [", ".join(map(repr, known)), more]))
        refuse(function, name, f"must be one of {listed}, as a literal, got {a}")
    return None if word is None else str(word)


def left_out(function: str, **given: Any) -> None:
    """Raise an error for given arguments that are only supported in Python."""
    for name, a in given.items():
        if not absent(a):
            refuse(
                function,
                name,
                "must be left out: call it from Python, before the compiled function or inside "
                f"numba.objmode, got {a}",
            )


class Plan(NamedTuple):
    """How to code variables, as far as it is known at compile time."""

    labels: tuple[bool, ...]  #: which of them are labels
    kinds: tuple[str, ...]  #: of the bins of each: "mi", "number" or "edges"
    by_counts: bool  #: whether bins have equal counts


def _each(function: str, name: str, a: Any, n: int) -> list[Any]:
    """Return the setting of each of `n` variables."""
    if not isinstance(a, types.BaseTuple):
        return [a] * n
    if len(a) != n:
        refuse(function, name, f"must be one for all or a tuple of {n}, got {a}")
    return list(a)


def bins_kind(
    function: str, bins: Any, listed: str = "'mi', an integer, edges, or a tuple of those"
) -> str:
    """Return the kind of the bins of a variable: "mi", "number" or "edges"."""
    value = constant(bins)
    if isinstance(value, str) and value == "mi" and "mi" in listed:
        return "mi"
    if isinstance(value, int | types.Integer) and not isinstance(value, bool):
        return "number"
    real = types.Float | types.Integer | types.Boolean
    if isinstance(bins, types.Array) and bins.ndim == 1 and isinstance(bins.dtype, real):
        return "edges"
    refuse(function, "bins", f"must be {listed}, got {bins}")
    raise AssertionError


def _is_label(function: str, discrete: Any, a: Any) -> bool:
    value = constant(discrete)
    if isinstance(value, bool):
        return value
    if not (isinstance(value, str) and value == "auto"):
        advice = "must be 'auto', True, False or a tuple of those, as a literal"
        refuse(function, "discrete", f"{advice}, got {discrete}")
    return not isinstance(a.dtype, types.Float)


def plan_of(
    function: str, samples: dict[str, Any], bins: Any, strategy: Any, discrete: Any
) -> Plan:
    """Read the options of functions of samples; raise an error for those that can't be compiled."""
    for name, a in samples.items():
        vector(function, name, a)
    n = len(samples)
    word = literal(function, "strategy", strategy, ("quantile", "uniform"))
    said = _each(function, "discrete", discrete, n)
    labels = [_is_label(function, d, a) for d, a in zip(said, samples.values(), strict=True)]
    kinds = [bins_kind(function, setting) for setting in _each(function, "bins", bins, n)]
    return Plan(tuple(labels), tuple(kinds), word == "quantile")
