"""Fixtures and settings of all tests."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import numpy as np
import pytest
from hypothesis import settings

import fastinfo

# So that failures show values.
pytest.register_assert_rewrite("calls", "fuzzing", "helpers", "hostile", "options")

os.environ.setdefault("MPLBACKEND", "Agg")  # pictures need no screen

# No deadline: the first example of a test may compile a kernel.
settings.register_profile("default", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests of a file in one process: what they compile is compiled once."""
    if getattr(config.option, "dist", None) == "load":  # what "-n auto" means, where xdist is there
        config.option.dist = "loadfile"


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Look for examples in the package alone, and not through all names of each test module."""
    found = yield
    return [node for node in found if type(node) is pytest.Module]


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same in every run and for every test."""
    return np.random.default_rng(20130101)


@pytest.fixture(params=[1, 2, 7])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    """Run the test with 1, 2 and 7 threads; the value is their number."""
    with fastinfo.num_threads(request.param):
        yield request.param
