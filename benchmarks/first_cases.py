"""The first answer: a process from its start to its end, against scikit-learn's; see ``cases.py``.

``first_calls.py`` measures the other functions.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cases import Case, Work

ROOT = Path(__file__).resolve().parent.parent
_DATA = """
import numpy as np
rng = np.random.default_rng(0)
i, j = rng.integers(0, 5, (2, 1000))
X = rng.normal(size=(1000, 3)); y = X[:, 0] + rng.normal(size=1000)
"""
_SCORE = "mutual_info_score(i, j)"
_REGRESSION = "mutual_info_regression(X, y, random_state=0).sum()"
_MODULES = {_SCORE: "sklearn.metrics", _REGRESSION: "sklearn.feature_selection"}


def _answer(module: str, call: str, cache: str) -> float:
    """What a new process prints, with a directory for the code that numba compiles."""
    variables = os.environ | {"NUMBA_CACHE_DIR": cache, "PYTHONPATH": str(ROOT)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    name = call.partition("(")[0]
    program = f"{_DATA}\nfrom {module} import {name}\nprint({call})"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env=variables,
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(done.stdout)


def _process(call: str, cached: bool) -> Callable[[], Work]:
    def make() -> Work:

        kept = tempfile.TemporaryDirectory()

        def ours() -> float:
            if cached:
                return _answer("fastinfo", call, kept.name)
            with tempfile.TemporaryDirectory() as empty:
                return _answer("fastinfo", call, empty)

        def check(a: Any, b: Any) -> None:
            np.testing.assert_allclose(a, b, atol=1e-8)

        module = _MODULES[call]
        return Work(
            ours=ours,
            peers={"scikit-learn": functools.partial(_answer, module, call, kept.name)},
            check=check,
        )

    return make


CASES = [
    Case(f"first {call.partition('(')[0]}, a whole process, {text}", _process(call, cached))
    for call in (_SCORE, _REGRESSION)
    for text, cached in (("compiled before", True), ("nothing compiled", False))
]
