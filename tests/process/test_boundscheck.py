"""The pass with NUMBA_BOUNDSCHECK=1 must check: an access out of range raises there.

The array under test is a view into a longer one, so that the unchecked access reads memory that is
there.
"""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np
import pytest
from helpers import printed

from fastinfo._core.jit import kernel

PROGRAM = """
import numpy as np
from fastinfo._core.jit import kernel

@kernel
def read(a, i):
    return a[i]

@kernel
def write(a, i):
    a[i] = 0.0

a = np.arange(8.0)[:4]
for access in read, write:
    for index in 5, np.uint32(5), np.uint64(5):
        try:
            access(a, index)
        except IndexError:
            print("IndexError")
        else:
            print("unchecked")
"""


@kernel
def read(a, i):
    return a[i]


def run_program(directory: Path, boundscheck: str) -> set[str]:
    """Run PROGRAM in a process of its own; what it printed."""
    program = directory / "program.py"
    program.write_text(PROGRAM)
    outcomes = printed(
        program,
        NUMBA_BOUNDSCHECK=boundscheck,
        NUMBA_CACHE_DIR=str(directory / "cache"),
        NUMBA_DISABLE_JIT=None,
    )
    assert len(outcomes) == 6
    return set(outcomes)


@pytest.mark.slow
def test_checked_and_unchecked_code_share_a_cache(tmp_path: Path) -> None:
    assert run_program(tmp_path, "0") == {"unchecked"}
    assert run_program(tmp_path, "1") == {"IndexError"}
    assert run_program(tmp_path, "0") == {"unchecked"}


@pytest.mark.skipif(not numba.config.BOUNDSCHECK, reason="this pass has no bounds checks")
def test_this_pass_has_bounds_checks() -> None:
    with pytest.raises(IndexError):
        read(np.arange(8.0)[:4], np.uint64(5))
