"""What many tests need: where the files are, what needs the compiler, how near is near."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mpmath
import numba
import numpy as np
import pytest
from llvmlite.binding import llvm_version_info

#: The repository.
ROOT = Path(__file__).parent.parent

#: For tests of compiled code, or of so much work that it is too slow without.
compiled = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="NUMBA_DISABLE_JIT: nothing is compiled"
)

#: What keeps loops scalar, with one running sum in place of several lanes and more rounding: bounds
#: checks, and the LLVM of numba 0.61, which makes no SIMD loop of softmax.
SCALAR_LOOPS = bool(numba.config.BOUNDSCHECK) or llvm_version_info[0] < 20


def char_array(values: Any) -> Any:
    """An array of NumPy's chararray, which NumPy 2.5 deprecates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return np.char.array(values)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


def close(
    expected: Any, rel: float = 1e-12, absolute: float = 1e-14, *, nan_ok: bool = False
) -> Any:
    """What is equal to the expected value but for rounding."""
    return pytest.approx(expected, rel=rel, abs=absolute, nan_ok=nan_ok)


def quiet(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What a function returns, whatever it warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **options)


def numpy_histogram(a: Any, bins: Any = 10, range: Any = None, **options: Any) -> Any:
    """Histogram of NumPy since 2.2, which refuses bins of no width."""
    if np.ndim(bins) == 0:
        edges = np.histogram_bin_edges(a, bins, range)
        if np.isfinite(edges[-1] - edges[0]) and not np.all(edges[:-1] < edges[1:]):
            raise ValueError(
                f"Too many bins for data range. Cannot create {edges.size - 1} finite-sized bins."
            )
    return np.histogram(a, bins, range, **options)


@contextmanager
def few_as_many() -> Iterator[None]:
    """Few samples are coded and counted in the way of many, with the same result."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fastinfo._codes.coder._MOST_TO_HALVE", 0)
        yield


class StopError(Exception):
    """What ends a call half way."""


# Arrays


def objects(values: Sequence[Any]) -> np.ndarray:
    """An array of these very objects."""
    found = np.empty(len(values), object)
    found[:] = values
    return found


def fixed(a: Any, dtype: Any = None) -> np.ndarray:
    """An array as the library hands it to a kernel: contiguous and read-only."""
    found = np.array(a, dtype, order="C")
    found.flags.writeable = False
    return found


def with_gaps(X: Any, rng: np.random.Generator, share: float = 0.1) -> np.ndarray:
    """Floats of which a share is missing."""
    found = np.array(X, float)
    found[rng.random(found.shape) < share] = np.nan
    return found


# Exact numbers


def relative_error(value: Any, exact: Any) -> float:
    return float(abs(mpmath.mpf(float(value)) - exact) / abs(exact))


@mpmath.workdps(50)
def chebyshev_interpolant(f: Callable[[Any], Any], degree: int) -> Any:
    """Coefficients, highest power first, of the polynomial through f at Chebyshev's nodes."""
    nodes = [
        mpmath.cos(mpmath.pi * (2 * k + 1) / (2 * degree + 2)) for k in reversed(range(degree + 1))
    ]
    powers = mpmath.matrix([[node**j for j in range(degree, -1, -1)] for node in nodes])
    return mpmath.lu_solve(powers, mpmath.matrix([f(node) for node in nodes]))


def assert_table(table, exact):
    np.testing.assert_allclose(table, [float(c) for c in exact], rtol=1e-15)


# Rankings


def plain(ranking: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Rows as plain values, NaN made comparable."""
    return [tuple("nan" if v != v else v for v in row) for row in ranking]


def same_rankings(a: Any, b: Any) -> None:
    """Two rankings are the same to the bit."""
    assert (a.n_rows, a.target) == (b.n_rows, b.target)
    assert plain(a) == plain(b)


# Processes


def environment(**changes: str | None) -> dict[str, str]:
    """Variables of a process in which this fastinfo is found; None takes one away."""
    path = os.pathsep.join(filter(None, sys.path))
    variables = os.environ | {"PYTHONPATH": path} | changes
    return {name: value for name, value in variables.items() if value is not None}


def run_python(
    *arguments: Any, timeout: float = 120, **changes: str | None
) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with changes of the variables."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def printed(*arguments: Any, timeout: float = 120, **changes: str | None) -> list[str]:
    """Run Python, which must end well; the lines that it printed."""
    done = run_python(*arguments, timeout=timeout, **changes)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout.splitlines()
