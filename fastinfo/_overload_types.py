"""What the overloads ask of types, and how they refuse: one message, at compile time."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, TypeVar

from numba import types
from numba.core.errors import TypingError
from numba.extending import overload, register_jitable

__all__ = [
    "absent",
    "divided",
    "literal",
    "narrow",
    "number_or_none",
    "overload_public",
    "refuse",
    "vector",
]

F = TypeVar("F", bound=Callable[..., Any])


def refuse(function: str, name: str, advice: str) -> None:
    raise TypingError(f"fastinfo.{function} in nopython mode: {name} {advice}")


class _Signature(inspect.Signature):
    """Signature of an overload that says of an argument it lacks what to do instead."""

    function = ""

    def bind(self, *args: Any, **options: Any) -> inspect.BoundArguments:
        try:
            return super().bind(*args, **options)
        except TypeError as error:
            raise TypeError(
                f"fastinfo.{self.function} in nopython mode {error}. Its arguments there are "
                f"{', '.join(self.parameters)}: leave others out, or call it from Python, before "
                f"the compiled function or inside numba.objmode"
            ) from None


def overload_public(public: Callable[..., Any], **options: Any) -> Callable[[F], F]:
    """Overload a public function for compiled code, where it has fewer options."""

    def decorate(typed: F) -> F:
        signature = _Signature(list(inspect.signature(typed).parameters.values()))
        signature.function = public.__name__
        typed.__signature__ = signature  # type: ignore[attr-defined]
        overload(public, **options)(typed)
        return typed

    return decorate


def vector(function: str, name: str, a: Any) -> None:
    """Refuse what is no vector of real numbers."""
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
    """Whether Python's answer is float32."""
    return all(a.dtype in (types.float32, types.float16) for a in arrays)


@register_jitable
def divided(value, base):
    """A number of nats in units of the base."""
    if not (base > 0.0) or base == 1.0 or base == math.inf:
        raise ValueError("base must be a positive number other than 1")
    return value / math.log(base)


def literal(function: str, name: str, a: Any, known: tuple[str, ...]) -> str:
    """The value of a string that is known when the function is compiled."""
    word = a if isinstance(a, str) else getattr(a, "literal_value", getattr(a, "value", None))
    if word not in known:
        listed = ", ".join(map(repr, known))
        refuse(function, name, f"must be one of {listed}, written out, got {a}")
    return str(word)
