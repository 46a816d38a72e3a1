"""All of numba's options in the project: kernels are declared only by :func:`kernel`."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, overload

import numba
import numpy as np
from numba.core.ccallback import CFunc
from numba.core.sigutils import normalize_signature
from numba.core.typing.templates import infer_global

from fastinfo._core.compiled_code import CodeFiles
from fastinfo._core.compiled_code.linked import LINKED

F = TypeVar("F", bound=Callable[..., Any])


def _refuse_subinterpreter() -> None:
    """Raise an error in a subinterpreter, where compiled code would wait forever."""
    try:
        interpreters = importlib.import_module(
            "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
        )
    except ImportError:  # there are no subinterpreters
        return
    if interpreters.get_current() != interpreters.get_main():
        raise ImportError(
            "fastinfo can't be used in a subinterpreter: numba's compiled code does not run "
            "there. Use threads or processes"
        )


_refuse_subinterpreter()

#: Fused multiply-add, and ignoring the sign of zero: both are safe for NaN and infinities.
DEFAULT_FASTMATH = frozenset({"contract", "nsz"})

#: Also sums in any order, so that a reduction can become a SIMD loop.
REASSOCIATE = frozenset({"contract", "nsz", "reassoc"})


@overload
def kernel(function: F, /) -> F: ...
@overload
def kernel(*, fastmath: Iterable[str] = ..., inline: bool = ...) -> Callable[[F], F]: ...
def kernel(
    function: F | None = None,
    /,
    *,
    fastmath: Iterable[str] = DEFAULT_FASTMATH,
    inline: bool = False,
) -> F | Callable[[F], F]:
    """
    Compile a function as a serial kernel that releases the GIL and can be called from ``@njit``.

    Parameters
    ----------
    function : callable, optional
        The function, if the decorator is used without arguments.
    fastmath : iterable of str, optional
        LLVM's fast-math flags. Never ``nnan`` or ``ninf`` if an input may be NaN or infinite: a NaN
        in the input must give a NaN.
    inline : bool, optional
        Inline the function at each call, so that a loop over it can become SIMD code.
    """

    def decorate(f: F) -> F:
        if numba.config.DISABLE_JIT:  # like compiled code, give no warnings
            return np.errstate(all="ignore")(f)
        options = {
            "nogil": True,
            "error_model": "numpy",
            "fastmath": set(fastmath),
            "forceinline": inline,
        }
        return _dispatcher(f, options)  # type: ignore[no-any-return]

    return decorate if function is None else decorate(function)


def _dispatcher(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    """
    A dispatcher that compiles only what each kind of caller needs.

    Compiled callers link the code. numba also puts two wrappers around each function, one for
    Python and one for C, which take a fifth of the compile time. Here calls from Python compile
    only the first wrapper. Both are compiled if the function is used as a value
    (``numba.types.FunctionType``).
    """

    def variety(name: str, **more: Any) -> Any:
        made = numba.njit(**options, **more)(function)
        if not options["forceinline"]:  # inlined kernels are cached in their callers
            made._cache = CodeFiles(function, name)
        return made

    @functools.cache
    def of_compiled_callers() -> Any:
        return variety("linked", **LINKED)

    @functools.cache
    def as_value() -> Any:
        return variety("value")

    dispatcher = variety("", no_cfunc_wrapper=True)
    dispatcher.get_call_template = lambda *args: of_compiled_callers().get_call_template(*args)
    dispatcher.get_overload = lambda *args: of_compiled_callers().get_overload(*args)
    dispatcher.get_compile_result = lambda *args: as_value().get_compile_result(*args)
    return dispatcher


def c_function(function: Callable[..., Any], signature: Any) -> Any:
    """
    Compile a function of numbers and pointers to a C function with this signature.

    It should not raise errors, because C does not see them.
    """
    options = {"error_model": "numpy", "fastmath": set(DEFAULT_FASTMATH)}
    compiled: Any = CFunc(function, normalize_signature(signature), locals={}, options=options)
    compiled._cache = CodeFiles(function)
    compiled.compile()
    return compiled


def by_dtype(float32: Callable[..., Any], float64: Callable[..., Any]) -> Any:
    """
    Combine two kernels: one for a float32 first argument, one for all others, as float64.

    The result is for use inside a kernel. The choice is made when that kernel is compiled.
    """

    def choose(x, *more):  # type: ignore[no-untyped-def]
        if getattr(x, "dtype", None) == np.float32:
            return float32(x, *more)
        return float64(x if isinstance(x, np.ndarray) else np.float64(x), *more)

    if numba.config.DISABLE_JIT:
        return choose

    # The compiler gets one of the two kernels directly, without a function in between.
    def chosen(args: Any) -> tuple[Any, tuple[Any, ...]]:
        first = getattr(args[0], "dtype", args[0])
        if first == numba.float32:
            return float32, args
        scalar = not isinstance(args[0], numba.types.Array)
        return float64, (numba.float64, *args[1:]) if scalar else args

    def get_call_template(args: Any, kws: Any) -> Any:
        function, cast = chosen(args)
        template, signature, _, kws = function.get_call_template(cast, kws)
        return template, signature, args, kws

    def get_overload(args: Any) -> Any:
        return chosen(args)[0].get_overload(args)

    joined: Any = numba.njit(choose)
    joined.get_call_template = get_call_template
    joined.get_overload = get_overload
    infer_global(choose, numba.types.Dispatcher(joined))
    vars(choose)["joined"] = joined  # numba's type has only a weak reference
    return choose
