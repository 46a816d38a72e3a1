"""
A C program that calls fastinfo: mutual information in each window of two series.

The C code is compiled by cffi with the header ``fastinfo.h``. It gets the functions as one struct
of pointers, and runs without the GIL. ``pip install cffi``, and a C compiler, is all that it needs.
"""

from __future__ import annotations

import importlib.util
import tempfile
from typing import Any

import cffi
import numpy as np

import fastinfo
from fastinfo import capi

DECLARATION = """
    void windows(uintptr_t fastinfo, const double *x, const double *y, int64_t n, int64_t width,
                 double low, double high, int64_t bins, double *out);
"""

SOURCE = """
    #include <stdlib.h>
    #include <string.h>
    #include "fastinfo.h"

    static void windows(uintptr_t fastinfo, const double *x, const double *y, int64_t n,
                        int64_t width, double low, double high, int64_t bins, double *out)
    {
        const fastinfo_api *api = (const fastinfo_api *)fastinfo;
        size_t cells = (size_t)((bins + 1) * (bins + 1));
        uint32_t *table = malloc(cells * sizeof *table);
        double *work = malloc(cells * 2 * sizeof *work);
        for (int64_t i = 0; i < n; i++) {
            const double *a = x + i * width, *b = y + i * width;
            memset(table, 0, cells * sizeof *table);
            api->histogram2d_f64(a, b, width, low, high, bins, low, high, bins, table, work);
            out[i] = api->mutual_information_u32(table, bins, bins, bins + 1, work);
        }
        free(table);
        free(work);
    }
"""


def build(directory: str) -> Any:
    """Compile the C code in a directory, and load it."""
    ffi = cffi.FFI()
    ffi.cdef(DECLARATION)
    ffi.set_source(
        "_fastinfo_windows", SOURCE, include_dirs=[capi.get_include()], extra_compile_args=["-O2"]
    )
    path = ffi.compile(tmpdir=directory)
    spec = importlib.util.spec_from_file_location("_fastinfo_windows", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def windows(module: Any, x: np.ndarray, y: np.ndarray, width: int, bins: int) -> np.ndarray:
    """Mutual information in each window, between -5 and 5, by the C program."""
    ffi, out = module.ffi, np.empty(x.size // width)
    arrays = [ffi.from_buffer("double[]", a, require_writable=a is out) for a in (x, y, out)]
    module.lib.windows(capi.address(), *arrays[:2], out.size, width, -5.0, 5.0, bins, arrays[2])
    return out


def main() -> tuple[np.ndarray, np.ndarray]:
    """Windows by C, and by Python."""
    rng = np.random.default_rng(7)
    x, y = np.clip(rng.normal(size=(2, 20_000)), -5, 5)
    y = np.clip(0.8 * x + 0.6 * y, -5, 5)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        found = windows(build(directory), x, y, 200, 8)
    edges = np.linspace(-5, 5, 9)
    expected = [
        fastinfo.mutual_information(x[i : i + 200], y[i : i + 200], bins=edges)
        for i in range(0, x.size, 200)
    ]
    return found, np.array(expected)


if __name__ == "__main__":
    by_c, by_python = main()
    print(f"{by_c.size} windows, the first {by_c[0]:.6f} nats, as from Python {by_python[0]:.6f}")
