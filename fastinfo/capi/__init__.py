"""Main kernels as C functions, for C, C++, Cython, cffi, ctypes and SciPy's LowLevelCallable.

Each name in :data:`NAMES` is a ``numba.cfunc``, which is compiled at its first use and cached on
disk. Its ``address`` is an integer, and its ``ctypes`` is a :mod:`ctypes` function. The header
``fastinfo.h`` in the directory :func:`get_include` documents prototypes and contracts. The
functions do not need the GIL. The header says what they check. They cannot check whether pointers
are valid.
"""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path
from typing import Any

import numba
from numba.core.compiler_lock import global_compiler_lock

from fastinfo._core.jit import c_function
from fastinfo.capi.functions import FUNCTIONS

__all__ = ["NAMES", "address", "get_include"]

#: Names of the functions, in the order of the struct ``fastinfo_api``.
NAMES = tuple(sorted(FUNCTIONS))

_CAPSULE = b"fastinfo.capi.C_API"


def get_include() -> str:
    """
    Return the directory of the header ``fastinfo.h``.

    Returns
    -------
    str
        The path to pass to a C compiler after ``-I``.

    Examples
    --------
    >>> import os
    >>> from fastinfo import capi
    >>> os.listdir(capi.get_include())
    ['fastinfo.h']
    """
    return str(Path(__file__).parent / "include")


@functools.cache
def _compiled(name: str) -> Any:
    if numba.config.DISABLE_JIT:
        raise RuntimeError(
            f"fastinfo.capi.{name} must be compiled, but the environment variable "
            f"NUMBA_DISABLE_JIT turns numba's compiler off: unset it"
        )
    return c_function(*FUNCTIONS[name])


@functools.cache
def _struct() -> Any:
    """The struct ``fastinfo_api``, which exists as long as the process."""
    size = 8 + len(NAMES) * ctypes.sizeof(ctypes.c_void_p)
    fields = [("size", ctypes.c_int64), *((name, ctypes.c_void_p) for name in NAMES)]
    kind = type("fastinfo_api", (ctypes.Structure,), {"_fields_": fields})
    return kind(size, *(_get(name).address for name in NAMES))


def address() -> int:
    """
    Return the address of the struct ``fastinfo_api`` of ``fastinfo.h``, with all functions.

    Returns
    -------
    int
        The address, valid for the life of the process. Functions that are not in the cache are
        compiled first, which takes some seconds.

    Raises
    ------
    RuntimeError
        If the environment variable ``NUMBA_DISABLE_JIT`` turns numba's compiler off.

    Examples
    --------
    >>> import ctypes
    >>> from fastinfo import capi
    >>> ctypes.c_int64.from_address(capi.address()).value  # its first member is its size
    96
    """
    with global_compiler_lock:
        return ctypes.addressof(_struct())


def _capsule() -> Any:
    """The address as a capsule, for C extension modules."""
    new = ctypes.pythonapi.PyCapsule_New
    new.restype, new.argtypes = (
        ctypes.py_object,
        (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p),
    )
    return new(address(), _CAPSULE, None)


def _get(name: str) -> Any:
    with global_compiler_lock:  # of two threads, one compiles
        return _compiled(name)


def __getattr__(name: str) -> Any:
    if name in FUNCTIONS:
        return _get(name)
    if name == "C_API":
        return _capsule()
    raise AttributeError(f"module 'fastinfo.capi' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *NAMES, "C_API"])
