"""Public functions inside ``@njit``: where numba finds how to compile them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import numba
from numba import types
from numba.core.errors import TypingError
from numba.core.typing.templates import make_overload_template
from numba.extending import register_jitable

from fastinfo._core.compiled_code.linked import LINKED

F = TypeVar("F", bound=Callable[..., Any])

#: Options of functions that are compiled for compiled callers only.
OVERLOADS = {"nopython": True, **LINKED}

_TYPED: dict[Callable[..., Any], Callable[..., Any]] = {}


def in_njit(module: str, *, prefer_literal: bool = False) -> Callable[[F], F]:
    """
    Make a public function callable in ``@njit``; a module declares how it is compiled.

    That module is imported when a compiled function first calls the public one. numba finds the
    type of the function in its attribute ``_numba_type_``. An entry point, as extensions usually
    have, would cost every process that uses numba 0.1 s, with or without fastinfo.

    Parameters
    ----------
    module : str
        The module in which :func:`typed_as` declares the types of the function.
    prefer_literal : bool, optional
        Whether constant arguments are passed as literal types, such as a string that is an option.
    """

    def decorate(public: F) -> F:
        def typed(*args: Any, **options: Any) -> Any:
            import_module(module)
            function = _TYPED[public]
            signature = inspect.signature(function)
            try:
                signature.bind(*args, **options)
            except TypeError as error:
                raise TypingError(
                    f"fastinfo.{public.__name__} in nopython mode {error}. Its arguments there are "
                    f"{', '.join(signature.parameters)}: leave others out, or call it from Python, "
                    f"before the compiled function or inside numba.objmode"
                ) from error
            return function(*args, **options)

        if not numba.config.DISABLE_JIT:
            template = make_overload_template(
                public,
                typed,
                OVERLOADS,
                strict=False,
                inline="never",
                prefer_literal=prefer_literal,
            )
            public._numba_type_ = types.Function(template)  # type: ignore[attr-defined]
        return public

    return decorate


def typed_as(public: Callable[..., Any]) -> Callable[[F], F]:
    """Declare how a public function is compiled, given the types of its arguments."""

    def decorate(typed: F) -> F:
        _TYPED[public] = typed
        return typed

    return decorate


def jitable(function: F) -> F:
    """Make a Python function callable from code that is compiled for compiled callers."""
    decorated: F = register_jitable(**OVERLOADS)(function)
    return decorated
