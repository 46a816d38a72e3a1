"""Every numba option of the project: kernels are declared with :func:`kernel` and nothing else."""

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
    """Raise in any interpreter but the first of the process: compiled code waits for ever there."""
    try:
        interpreters = importlib.import_module(
            "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
        )
    except ImportError:  # no others can be made
        return
    if interpreters.get_current() != interpreters.get_main():
        raise ImportError(
            "fastinfo can't be used in a subinterpreter: numba's compiled code does not run "
            "there. Use threads or processes"
        )


_refuse_subinterpreter()

#: Fused multiply-add and the sign of zero: safe wherever a NaN or an infinity can come in.
DEFAULT_FASTMATH = frozenset({"contract", "nsz"})

#: With sums in any order besides, which makes a reduction a SIMD loop.
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
    Compile a function as a serial kernel that releases the GIL; it is callable from ``@njit`` too.

    Parameters
    ----------
    function : callable, optional
        The function, where the decorator stands bare.
    fastmath : iterable of str, optional
        LLVM's relaxations. Never ``nnan`` or ``ninf`` where an input can hold one: a NaN must come
        out as a NaN.
    inline : bool, optional
        Inline at each call, so that a loop over the function can become SIMD code.
    """

    def decorate(f: F) -> F:
        if numba.config.DISABLE_JIT:  # compiled code gives no warnings either
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
    A dispatcher each of whose ways of being called compiles what that way needs.

    Compiled callers link its code. numba puts two wrappers around each function besides, one for
    Python and one for C, which are a fifth of the time it compiles: Python calls the first alone,
    and who takes the function as a value (``numba.types.FunctionType``) both.
    """

    def variety(name: str, **more: Any) -> Any:
        made = numba.njit(**options, **more)(function)
        if not options["forceinline"]:  # inlined ones are cached in their callers
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
    Compile a function of numbers and pointers as one that C can call, with this signature.

    It should raise nothing: C does not see it.
    """
    options = {"error_model": "numpy", "fastmath": set(DEFAULT_FASTMATH)}
    compiled: Any = CFunc(function, normalize_signature(signature), locals={}, options=options)
    compiled._cache = CodeFiles(function)
    compiled.compile()
    return compiled


def by_dtype(float32: Callable[..., Any], float64: Callable[..., Any]) -> Any:
    """
    Join two kernels: one for a first argument of float32, one for everything else, as float64.

    The result is for use inside a kernel: the choice is made when that kernel is compiled.
    """

    def choose(x, *more):  # type: ignore[no-untyped-def]
        if getattr(x, "dtype", None) == np.float32:
            return float32(x, *more)
        return float64(x if isinstance(x, np.ndarray) else np.float64(x), *more)

    if numba.config.DISABLE_JIT:
        return choose

    # The compiler is handed one of the two, with no function of its own in between.
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
    vars(choose)["joined"] = joined  # numba's type refers to it weakly
    return choose
