"""Each case of ``suites.py``, for pytest-benchmark: ``python -m pytest benchmarks -k entropy``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import Case, Work
from suites import CASES


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def work(request: pytest.FixtureRequest) -> Work:
    case: Case = request.param
    try:
        return case.make()
    except ModuleNotFoundError as error:
        pytest.skip(str(error))


def test_ours(work: Work, benchmark: Any) -> None:
    expected = {}
    for name, peer in work.installed(print).items():
        if name not in work.differing:
            expected[name] = peer()
    result = benchmark(work.ours)
    for value in expected.values():
        work.check(result, value)


def test_peers(work: Work, benchmark: Any) -> None:
    peers = work.installed(print)
    if not peers:
        pytest.skip("no peer is installed")
    name = next(iter(peers))
    result = benchmark.pedantic(peers[name], rounds=3, warmup_rounds=1)
    if name not in work.differing:
        work.check(work.ours(), result)
    elif isinstance(result, tuple):
        # a sample on an edge may be in the neighbouring bin, but none is lost
        assert np.sum(result[0]) == np.sum(work.ours()[0])
