"""Labels given other labels, and series given their past; see ``cases.py``.

Peers that test take columns that they have coded before, as a search for causes does once; ours
codes them in each call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Case, Work

import fastinfo

N, LEVELS, STRATA = 10**6, 16, 64
STEPS, STATES = 10**6, 4


def _close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-10)


def _labels() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(10)
    x, y = rng.integers(0, LEVELS, (2, N))
    z = rng.integers(0, STRATA, N)
    return x, (y + (x + z) // 20) % LEVELS, z


def _entropy(*parts: tuple[np.ndarray, int]) -> float:
    """Of columns of codes with so many levels."""
    code: Any = 0
    for column, levels in parts:
        code = code * levels + column
    counts = np.bincount(code)
    p = counts[counts > 0] / code.size
    return float(-(p * np.log(p)).sum())


def _conditional() -> Work:
    x, y, z = _labels()
    a, b, c = (x, LEVELS), (y, LEVELS), (z, STRATA)

    def of_pyitlib() -> Callable[[], Any]:
        from pyitlib.discrete_random_variable import information_mutual_conditional

        return lambda: information_mutual_conditional(x, y, z, base=np.e)

    def by_numpy() -> float:
        return _entropy(a, c) + _entropy(b, c) - _entropy(a, b, c) - _entropy(c)

    return Work(
        ours=lambda: fastinfo.conditional_mutual_information(x, y, z, discrete=True),
        peers={"NumPy `bincount` of codes": by_numpy},
        others={"pyitlib": of_pyitlib},
        check=_close,
        per=N,
        moved=24,
        increments=1,
    )


def _test() -> Work:
    x, y, z = _labels()

    def of_causal_learn() -> Callable[[], Any]:
        from causallearn.utils.cit import CIT

        test = CIT(np.column_stack([x, y, z]), "gsq")

        def call() -> Any:
            test.pvalue_cache.clear()
            return test(0, 1, [2])

        return call

    def of_pgmpy() -> Callable[[], Any]:
        import pandas as pd
        from pgmpy.ci_tests import GSq

        test = GSq(pd.DataFrame({"x": x, "y": y, "z": z}), use_cache=False)
        return lambda: test.run_test("x", "y", ["z"])[1]

    return Work(
        ours=lambda: fastinfo.conditional_independence_test(
            x, y, z, discrete=True, n_permutations=0
        ),
        peers={},
        others={
            "causal-learn `gsq`, coded before": of_causal_learn,
            "pgmpy `GSq`, coded before": of_pgmpy,
        },
        check=lambda a, b: _close(a.pvalue, b),
        per=N,
        moved=24,
        increments=1,
    )


def _transfer() -> Work:
    rng = np.random.default_rng(11)
    source = rng.integers(0, STATES, STEPS)
    target = np.where(rng.random(STEPS) < 0.5, np.roll(source, 1), rng.integers(0, STATES, STEPS))
    before, now, past = ((a, STATES) for a in (source[:-1], target[1:], target[:-1]))

    def of_pyinform() -> Callable[[], Any]:
        from pyinform import transfer_entropy

        return lambda: transfer_entropy(source, target, k=1) * np.log(2.0)

    def of_infomeasure() -> Callable[[], Any]:
        from infomeasure import transfer_entropy

        return lambda: transfer_entropy(source, target, approach="discrete")

    def by_numpy() -> float:
        known = _entropy(past, before) - _entropy(past)
        return known + _entropy(now, past) - _entropy(now, past, before)

    return Work(
        ours=lambda: fastinfo.transfer_entropy(source, target),
        peers={"NumPy `bincount` of codes": by_numpy},
        others={"pyinform": of_pyinform, "infomeasure": of_infomeasure},
        check=_close,
        per=STEPS,
        moved=16,
        increments=1,
    )


CASES = [
    Case("conditional_mutual_information, 10⁶ int64 labels, 16×16 in 64 strata", _conditional),
    Case("conditional_independence_test 16×16 in 64 strata, 10⁶ rows: G-test", _test),
    Case("transfer_entropy, 10⁶ steps of 4 labels", _transfer),
]
