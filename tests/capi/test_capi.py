"""C functions: by ctypes, from compiled C, from Cython, from SciPy; and what the header says."""

from __future__ import annotations

import ctypes
import doctest
import importlib.util
import math
import os
import re
import runpy
import shutil
from pathlib import Path

import numba
import numpy as np
import pytest
from helpers import ROOT, printed
from numba import types

import fastinfo
from fastinfo import capi

if numba.config.DISABLE_JIT:
    pytest.skip("needs the compiler", allow_module_level=True)

HEADER = Path(capi.get_include(), "fastinfo.h")
EXAMPLES = ROOT / "examples"
HAS_COMPILER = shutil.which(os.environ.get("CC", "cc")) is not None
KINDS = {"f32": np.float32, "f64": np.float64, "i64": np.int64, "u32": np.uint32}


def pointer(a):
    return a.ctypes.data_as(ctypes.POINTER(np.ctypeslib.as_ctypes_type(a.dtype)))


def call(name, *arguments):
    function = getattr(capi, name).ctypes
    return function(*(pointer(a) if isinstance(a, np.ndarray) else a for a in arguments))


def both(name):
    return pytest.mark.parametrize("name", [f"{name}_f32", f"{name}_f64"])


def kind_of(name):
    return KINDS[name[-3:]]


# What they compute


@both("logsumexp")
@pytest.mark.parametrize("n", [0, 1, 10, 3000])
def test_logsumexp(name, n, rng):
    a = (rng.normal(size=n) * 9).astype(kind_of(name))
    expected = fastinfo.logsumexp(a)
    np.testing.assert_allclose(call(name, a, n), expected, rtol=1e-6 if "32" in name else 1e-14)
    assert math.isnan(call(name, a, -1))


@pytest.mark.slow
@both("cross_entropy")
@pytest.mark.parametrize("n", [1, 10, 3000])
def test_cross_entropy(name, n, rng):
    p, q = rng.random((2, n)).astype(kind_of(name))
    expected = fastinfo.cross_entropy(p, q)
    np.testing.assert_allclose(call(name, p, q, n), expected, rtol=1e-6 if "32" in name else 1e-14)
    assert math.isnan(call(name, p, q, 0))
    assert call(name, p, np.zeros_like(q), n) != 0  # nothing to normalise
    if n > 1:
        q[0] = 0
        assert call(name, p, q, n) == math.inf


@pytest.mark.slow
@both("softmax_cross_entropy")
@pytest.mark.parametrize("classes", [1, 3, 20, 21, 256, 257, 2000])
def test_softmax_cross_entropy(name, classes, rng):
    logits = (rng.normal(size=(30, classes)) * 3).astype(kind_of(name))
    targets = rng.integers(0, classes, 30)
    work = np.empty((4, 30))
    found = call(name, logits, targets, 30, classes, work)
    expected = fastinfo.softmax_cross_entropy(logits, targets, reduction="none")
    rtol = 1e-5 if "32" in name else 1e-13
    np.testing.assert_allclose(found, expected.sum(dtype=float), rtol=rtol)
    np.testing.assert_allclose(work[3], expected, rtol=rtol)
    targets[7] = classes
    assert math.isnan(call(name, logits, targets, 30, classes, work))
    targets[7] = -1
    assert math.isnan(call(name, logits, targets, 30, classes, work))
    assert math.isnan(call(name, logits, targets, 30, 0, work))
    assert math.isnan(call(name, logits, targets, -1, classes, work))
    assert call(name, logits, targets, 0, classes, work) == 0.0


@pytest.mark.slow
@both("histogram2d")
@pytest.mark.parametrize("bins", [(1, 1), (8, 8), (3, 17), (200, 300)])
def test_histogram2d(name, bins, rng):
    x, y = rng.normal(size=(2, 5000)).astype(kind_of(name))
    x[::7], y[::5] = 0.5, np.nan
    x[3], y[4] = np.inf, -9.0
    bounds = (-2.0, 2.0), (-1.5, 3.0)
    nx, ny = bins
    table, work = np.full((nx + 1, ny + 1), 5, np.uint32), np.empty(nx + ny + 2)
    n_out = call(name, x, y, x.size, *bounds[0], nx, *bounds[1], ny, table, work)
    expected, *edges = np.histogram2d(x, y, bins, bounds)
    np.testing.assert_array_equal(table[:nx, :ny], expected + 5)
    assert n_out == x.size - expected.sum()
    np.testing.assert_array_equal(work, np.concatenate(edges))


@pytest.mark.parametrize(
    "change",
    [
        {"n": -1},
        {"nx": 0},
        {"ny": -3},
        {"nx": 2**62},
        {"nx": 2**16, "ny": 2**16},
        {"x_high": -1.0},
        {"x_high": math.nan},
        {"y_low": -math.inf},
        {"y_low": -1e308, "y_high": 1e308},
        {"x_low": 1.0, "x_high": float(np.nextafter(1.0, 2.0))},
    ],
)
def test_histogram2d_refuses(change, rng):
    x, y = rng.normal(size=(2, 10))
    table, work = np.zeros((5, 5), np.uint32), np.empty(10)
    given = {"n": 10, "x_low": -1.0, "x_high": 1.0, "nx": 4, "y_low": -1.0, "y_high": 1.0, "ny": 4}
    assert call("histogram2d_f64", x, y, *given.values(), table, work) >= 0
    counted = table.copy()
    assert call("histogram2d_f64", x, y, *(given | change).values(), table, work) == -1
    np.testing.assert_array_equal(table, counted)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["f64", "i64", "u32"])
def test_mutual_information(suffix, rng):
    name = f"mutual_information_{suffix}"
    table = rng.integers(0, 50, (7, 9)).astype(KINDS[suffix])
    work = np.empty(7 * 9 + 7 + 9)
    expected = fastinfo.JointCounts.from_table(table).mutual_information()
    np.testing.assert_allclose(call(name, table, 7, 9, 9, work), expected, rtol=1e-14)
    expected = fastinfo.JointCounts.from_table(table[:6, :5]).mutual_information()
    np.testing.assert_allclose(call(name, table, 6, 5, 9, work), expected, rtol=1e-14)
    assert call(name, np.zeros_like(table), 7, 9, 9, work) == 0.0
    for nx, ny, stride in ((0, 9, 9), (7, 0, 9), (7, 9, 8)):
        assert math.isnan(call(name, table, nx, ny, stride, work))


def test_arrays_are_read_only_to_them(rng):
    x, y = rng.random((2, 100))
    copies = x.copy(), y.copy()
    call("cross_entropy_f64", x, y, 100)
    call("logsumexp_f64", x, 100)
    call(
        "histogram2d_f64",
        x,
        y,
        100,
        0.0,
        1.0,
        4,
        0.0,
        1.0,
        4,
        np.zeros(25, np.uint32),
        np.empty(10),
    )
    np.testing.assert_array_equal((x, y), copies)


# The header and the module


def prototypes():
    """Result, name and arguments of each typedef in the header."""
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    found = re.findall(r"typedef (\w+) fastinfo_(\w+)\((.*?)\);", text, flags=re.DOTALL)
    return {name: (result, " ".join(given.split()).split(", ")) for result, name, given in found}


C_TYPES = {
    types.float64: "double",
    types.float32: "float",
    types.int64: "int64_t",
    types.uint32: "uint32_t",
}


def test_the_header_has_the_signatures():
    assert sorted(prototypes()) == list(capi.NAMES)
    for name, (result, arguments) in prototypes().items():
        signature = capi.FUNCTIONS[name][1]
        assert result == C_TYPES[signature.return_type]
        assert len(arguments) == len(signature.args)
        for text, kind in zip(arguments, signature.args, strict=True):
            is_pointer = isinstance(kind, types.CPointer)
            assert ("*" in text) == is_pointer
            assert C_TYPES[kind.dtype if is_pointer else kind] in text.split()


def test_the_struct_is_that_of_the_header():
    struct = HEADER.read_text().partition("typedef struct {")[2].partition("}")[0]
    assert re.findall(r"fastinfo_(\w+) \*\1;", struct) == list(capi.NAMES)
    size = ctypes.c_int64.from_address(capi.address()).value
    assert size == 8 + 8 * len(capi.NAMES)
    addresses = (ctypes.c_void_p * len(capi.NAMES)).from_address(capi.address() + 8)
    assert list(addresses) == [getattr(capi, name).address for name in capi.NAMES]


def test_the_module():
    assert set(capi.NAMES) <= set(dir(capi))
    assert capi.logsumexp_f64 is capi.logsumexp_f64
    with pytest.raises(AttributeError, match="no attribute 'logsumexp_f16'"):
        _ = capi.logsumexp_f16
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    assert get(capi.C_API, b"fastinfo.capi.C_API") == capi.address()


def test_the_examples():
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, attempted = doctest.testmod(capi, optionflags=flags)
    assert attempted >= 6
    assert failed == 0


@pytest.mark.slow
def test_without_the_compiler():
    script = "from fastinfo import capi\ntry: capi.address()\nexcept RuntimeError as e: print(e)"
    (line,) = printed("-c", script, NUMBA_DISABLE_JIT="1")
    assert "NUMBA_DISABLE_JIT turns numba's compiler off" in line


# From C, Cython and SciPy


@pytest.mark.slow
@pytest.mark.skipif(not HAS_COMPILER, reason="no C compiler")
def test_the_example_in_c():
    pytest.importorskip("cffi")
    pytest.importorskip("setuptools")
    found, expected = runpy.run_path(str(EXAMPLES / "c_caller.py"))["main"]()
    np.testing.assert_allclose(found, expected, rtol=1e-13)


CYTHON = '''
# cython: language_level=3
from libc.stdint cimport int64_t

cdef extern from "Python.h":
    pass

cdef extern from "fastinfo.h":
    ctypedef struct fastinfo_api:
        double (*logsumexp_f64)(const double *a, int64_t n) noexcept nogil
    const fastinfo_api *fastinfo_import() except NULL

cdef const fastinfo_api *api = fastinfo_import()

def row_sums(double[:, ::1] a, double[::1] out):
    """Logarithm of the sum of exponentials of each row, without the GIL."""
    cdef Py_ssize_t i
    with nogil:
        for i in range(a.shape[0]):
            out[i] = api.logsumexp_f64(&a[i, 0], a.shape[1])
'''


@pytest.mark.slow
@pytest.mark.skipif(not HAS_COMPILER, reason="no C compiler")
def test_cython(tmp_path, rng):
    pytest.importorskip("setuptools")
    build = pytest.importorskip("Cython.Build")
    setuptools = importlib.import_module("setuptools")
    (tmp_path / "row_sums_of_c.pyx").write_text(CYTHON)
    extension = setuptools.Extension(
        "row_sums_of_c", [str(tmp_path / "row_sums_of_c.pyx")], include_dirs=[capi.get_include()]
    )
    extensions = build.cythonize([extension], quiet=True, build_dir=str(tmp_path))
    distribution = setuptools.Distribution({"ext_modules": extensions})
    command = distribution.get_command_obj("build_ext")
    command.build_lib = command.build_temp = str(tmp_path)
    distribution.run_command("build_ext")
    path = next(
        p
        for p in tmp_path.iterdir()
        if p.name.startswith("row_sums_of_c.") and p.suffix in {".so", ".pyd"}
    )
    spec = importlib.util.spec_from_file_location("row_sums_of_c", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    a, out = rng.normal(size=(5, 40)), np.empty(5)
    module.row_sums(a, out)
    np.testing.assert_allclose(out, fastinfo.logsumexp(a, axis=1), rtol=1e-14)


def test_low_level_callable(rng):
    """Of SciPy's signatures none is ours: a ``cfunc`` of one line turns the arguments."""
    scipy = pytest.importorskip("scipy")
    ndimage = pytest.importorskip("scipy.ndimage")
    from fastinfo.kernels.log_domain.row_sums import logsumexp

    arguments = (
        types.CPointer(types.float64),
        types.intp,
        types.CPointer(types.float64),
        types.voidptr,
    )

    @numba.cfunc(types.intc(*arguments))
    def smooth_maximum(buffer, size, result, data):
        result[0] = logsumexp(numba.carray(buffer, size))
        return 1

    image = rng.normal(size=(12, 15))
    function = scipy.LowLevelCallable(smooth_maximum.ctypes)
    found = ndimage.generic_filter(image, function, size=3)
    expected = ndimage.generic_filter(image, lambda window: np.log(np.exp(window).sum()), size=3)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
