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
    return case.make()


def test_ours(work: Work, benchmark: Any) -> None:
    expected = {name: peer() for name, peer in work.peers.items() if name not in work.differing}
    result = benchmark(work.ours)
    for value in expected.values():
        work.check(result, value)


def test_peers(work: Work, benchmark: Any) -> None:
    name = next(iter(work.peers))
    result = benchmark.pedantic(work.peers[name], rounds=3, warmup_rounds=1)
    if name not in work.differing:
        work.check(work.ours(), result)
    else:  # a sample on an edge may be in the neighbouring bin, but none is lost
        assert np.sum(result[0]) == np.sum(work.ours()[0])
