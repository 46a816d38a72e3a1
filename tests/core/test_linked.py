"""Kernels in compiled callers: linked as they were written, kept on disk, no copy of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from helpers import compiled, printed
from numba import types
from numba.core.runtime import _nrt_python, rtsys

import fastinfo
import fastinfo.kernels
from fastinfo._core.compiled_code.linked import LinkedLibrary, _uses_addresses
from fastinfo._core.in_njit import jitable
from fastinfo._core.jit import by_dtype, c_function, kernel

pytestmark = compiled


def twice(x):
    return x + x


def scaled(x, out):
    """An array that is made here, and one that is filled."""
    found = np.empty(x.size)
    for i in range(x.size):
        found[i] = 3.0 * x[i]
        out[i] = found[i]
    return found


def test_a_kernel_is_called_from_python_and_from_compiled_code():
    inner: Any = kernel(twice)
    outer: Any = kernel(lambda x: inner(x) + 1.0)
    assert outer(2.0) == 5.0
    assert inner.signatures == []  # its code in the caller is no function of its own
    assert inner(2.0) == 4.0
    assert outer(np.float32(2)) == 5.0
    assert inner.signatures == [(types.float64,)]


def test_what_is_linked_has_no_machine_code():
    inner: Any = kernel(twice)
    overload = inner.get_call_template((types.float64,), {})
    assert overload[0].cases[0].return_type == types.float64
    entry = inner.get_overload(overload[0].cases[0])
    (code,) = (found for found in _results(inner) if found.entry_point is entry)
    assert isinstance(code.library, LinkedLibrary)
    assert code.library.get_pointer_to_function(code.fndesc.llvm_func_name) == 0


def _results(dispatcher: Any) -> list[Any]:
    linked = dispatcher.get_overload.__closure__[0].cell_contents()
    return list(linked.overloads.values())


def test_arrays_that_cross_linked_code_are_freed():
    inner: Any = kernel(scaled)

    @numba.njit
    def many(x, n):
        total = 0.0
        out = np.empty(x.size)
        for _ in range(n):
            found = inner(x, out)
            total += found[0] + out[-1]
        return total, found

    x = np.array([1.0, 2.0])
    many(x, 1)
    _nrt_python.memsys_enable_stats()
    before = rtsys.get_allocation_stats()
    total, found = many(x, 100)
    assert (total, found.tolist()) == (900.0, [3.0, 6.0])
    del found
    after = rtsys.get_allocation_stats()
    assert after.alloc - before.alloc == after.free - before.free > 100


def test_errors_of_linked_code_are_raised():
    @jitable
    def refuse(x):
        if x < 0.0:
            raise ValueError("x must not be negative")
        return x

    @numba.njit
    def through(x):
        return refuse(x) + 1.0

    assert through(1.0) == 2.0
    with pytest.raises(ValueError, match="x must not be negative"):
        through(-1.0)


def test_kernels_in_parallel_loops():
    inner: Any = kernel(twice)

    @numba.njit(parallel=True)
    def sums(x):
        out = np.empty(x.size)
        for i in numba.prange(x.size):
            out[i] = inner(x[i])
        return out

    assert sums(np.arange(5.0)).tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]


@pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaExperimentalFeatureWarning")
def test_a_kernel_is_a_value_too():
    function = types.FunctionType(types.float64(types.float64))

    @numba.njit(types.float64(function, types.float64))
    def apply(f, x):
        return f(x)

    assert apply(kernel(twice), 4.0) == 8.0
    assert apply(fastinfo.kernels.log, 2.0) == fastinfo.kernels.log(2.0)


def test_c_functions_link_kernels():
    inner: Any = kernel(twice)
    address = c_function(lambda x: inner(x) + 1.0, types.float64(types.float64))
    assert address.ctypes(2.0) == 5.0


def test_of_two_kernels_the_dtype_chooses():
    narrow: Any = kernel(lambda x: x * np.float32(2))
    wide: Any = kernel(lambda x: x * 3.0)
    joined = by_dtype(narrow, wide)
    caller: Any = kernel(lambda x: joined(x))
    assert [caller(np.float32(1)), caller(1.0), caller(1)] == [2.0, 3.0, 3.0]


USE = """
import numba
import numpy as np
from numba.core import event
import fastinfo

@numba.njit
def information(x):
    return fastinfo.kernels.log(x[0]) + fastinfo.kernels.entropy_miller_madow(x)

with event.install_recorder("numba:compile") as recorder:
    print(information(np.array([4.0, 4.0])))
names = {e.data["dispatcher"].py_func.__module__ for _, e in recorder.buffer}
print(*sorted(name for name in names if name.startswith("fastinfo.kernels")))
"""


@pytest.mark.slow
def test_linked_kernels_are_kept_for_the_next_process(tmp_path: Path):
    first, compiled_names = printed("-P", "-c", USE, NUMBA_CACHE_DIR=str(tmp_path))
    kernel_module = "fastinfo.kernels.information.corrections"
    assert kernel_module in compiled_names
    again, *names = printed("-P", "-c", USE, NUMBA_CACHE_DIR=str(tmp_path))
    assert again == first
    assert float(first) == pytest.approx(np.log(4.0) + np.log(2.0) + 1 / 16)
    assert kernel_module not in " ".join(names).split()


def test_addresses_of_this_process_are_seen():
    load = "  %.17 = load ptr, ptr @numba.dynamic.globals.7fab, align 8\n"
    begin = "@numba.dynamic.globals.7fab = linkonce global ptr inttoptr (i64 1 to ptr)\n"
    begin += "\ndefine i32 @f() {\n"
    assert not _uses_addresses(begin + load + "  %.171 = add i64 %.17.1, 1\n}")
    assert not _uses_addresses(begin + load + "}\n\ndefine i32 @g() {\n  call void %.17()\n}")
    assert _uses_addresses(begin + load + "  call void %.17()\n}")
    assert _uses_addresses(begin + "  store ptr @numba.dynamic.globals.7fab, ptr %x\n}")


@pytest.mark.slow
def test_what_is_loaded_needs_none_of_numbas_implementations(tmp_path: Path):
    program = """
import sys
import fastinfo
print(fastinfo.cross_entropy([0.5, 0.5], [0.25, 0.75]))
names = ("numba.np.arraymath", "numba.np.arrayobj", "scipy.linalg")
print(*(name for name in names if name in sys.modules))
"""
    first, *_ = printed("-P", "-c", program, NUMBA_CACHE_DIR=str(tmp_path))
    again, *loaded = printed("-P", "-c", program, NUMBA_CACHE_DIR=str(tmp_path))
    assert again == first
    assert " ".join(loaded).split() == []


def test_where_loading_needs_them_they_are_there(monkeypatch):
    from fastinfo._core.compiled_code import files

    asked: list[str] = []

    class Context:
        def refresh(self) -> None:
            asked.append("refreshed")

    def rebuilt(context: Any, *content: Any) -> str:
        if not asked:
            raise KeyError("an implementation")
        return f"loaded {content}"

    monkeypatch.setattr(files, "rebuilt", rebuilt)
    monkeypatch.setattr(files.rtsys, "initialize", lambda context: None)
    content = files.dumps((1, 2))
    assert files._rebuilt(Context(), content) == "loaded (1, 2)"
    assert asked == ["refreshed"]


ONCE = """
import collections
import numba
import numpy as np
from numba.core import event
import fastinfo

@numba.njit
def both(x):
    return fastinfo.entropy(x) + fastinfo.entropy(x)

with event.install_recorder("numba:compile") as recorder:
    assert abs(both(np.array([0.5, 0.5])) - 2 * np.log(2)) < 1e-12
functions = [e.data["dispatcher"].py_func for _, e in recorder.buffer if e.is_start]
times = collections.Counter((f.__module__, f.__qualname__) for f in functions)
print(len(times) > 1, max(times.values()))
"""


@pytest.mark.slow
def test_a_public_function_is_compiled_once_for_its_types(tmp_path):
    assert printed("-P", "-c", ONCE, NUMBA_CACHE_DIR=str(tmp_path)) == ["True 1"]
