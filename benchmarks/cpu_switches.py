"""
The same comparison as on a machine without AVX-512: variables of a process that is kept from it.

numba compiles for x86-64-v3, the kind of x86 CPUs with AVX2. NumPy, OpenBLAS (in NumPy and SciPy)
and torch (ATen, MKL, oneDNN) choose their code when they start, so theirs is switched off as well.
The other peers' programs have no such switch, and choose by nothing that we know of.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

#: As docs/explanation/compiling.md advises for CPUs of many kinds.
_V3 = {
    "NUMBA_CPU_NAME": "x86-64-v3",
    "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+movbe,+popcnt",
    "OPENBLAS_CORETYPE": "Haswell",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
}
ABOUT = (
    "“Without AVX-512” is the same comparison in a process where numba compiles for x86-64-v3, "
    "and where NumPy, OpenBLAS and torch (ATen, MKL, oneDNN) are kept from AVX-512 by their "
    "switches; the other peers have no such switch."
)


def has_avx512() -> bool:
    """Whether numba compiles for it here, so that a second column tells something."""
    from llvmlite.binding import get_host_cpu_features

    return "NUMBA_CPU_NAME" not in os.environ and bool(get_host_cpu_features().get("avx512f"))


def without_avx512() -> dict[str, str]:
    """Environment of a process that uses no AVX-512."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    wide = _wide(__cpu_dispatch__, __cpu_features__)
    return _V3 | {"NPY_DISABLE_CPU_FEATURES": " ".join(wide)}


def _wide(dispatched: list[str], found: dict[str, bool]) -> list[str]:
    """Kinds of code with AVX-512 that NumPy has and would choose."""
    return [a for a in dispatched if a.startswith(("AVX512", "X86_V4")) and found.get(a)]


def check() -> None:
    """Raise if this process was to use no AVX-512 and does."""
    if os.environ.get("NUMBA_CPU_NAME") != _V3["NUMBA_CPU_NAME"]:
        return
    import numba
    import numpy as np
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    used = _wide(__cpu_dispatch__, __cpu_features__)
    total = numba.njit("f8(f8[::1])", fastmath=True)(_sum)
    assert total(np.ones(3)) == 3.0
    if "zmm" in next(iter(total.inspect_asm().values())):
        used.append("numba")
    if (torch := sys.modules.get("torch")) and "512" in torch.backends.cpu.get_cpu_capability():
        used.append("torch")
    if used:
        raise RuntimeError(f"AVX-512 is still used: {', '.join(used)}")


def _sum(x):  # type: ignore[no-untyped-def]
    s = 0.0
    for v in x:
        s += v
    return s


def measure(pattern: str, turns: int, limit: float) -> list[dict[str, Any]]:
    """Records of ``make_table.measure``, of a process without AVX-512."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.json"
        words = ["-k", pattern, "--turns", str(turns), "--limit", str(limit), "--json", str(path)]
        program = [sys.executable, str(HERE / "make_table.py"), *words]
        subprocess.run(program, env=os.environ | without_avx512(), check=True)
        found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return found
