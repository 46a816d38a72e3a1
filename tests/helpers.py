"""What many tests need: where the files are, what needs the compiler, how near is near."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import pytest

#: The repository.
ROOT = Path(__file__).parent.parent

#: For tests of compiled code, or of so much work that it is too slow without.
compiled = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="NUMBA_DISABLE_JIT: nothing is compiled"
)


def close(
    expected: Any, rel: float = 1e-12, absolute: float = 1e-14, *, nan_ok: bool = False
) -> Any:
    """What is equal to the expected value but for rounding."""
    return pytest.approx(expected, rel=rel, abs=absolute, nan_ok=nan_ok)


def quiet(call: Callable[[], Any]) -> Any:
    """Result of a call, whatever it warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()
