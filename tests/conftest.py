"""Fixtures and settings of all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator

import numpy as np
import pytest
from hypothesis import settings

import fastinfo
from fastinfo._core.compiled_code import compile_uncollected

# So that failures show values.
pytest.register_assert_rewrite("calls", "fuzzing", "helpers", "hostile", "options")

os.environ.setdefault("MPLBACKEND", "Agg")  # pictures need no screen

gc.disable()  # while tests are collected, and during compilations: it took an eighth of the time
compile_uncollected()

# No deadline: the first example of a test may compile a kernel.
settings.register_profile("default", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for all tests: without it, a run of the suite leaves out the slow ones."""
    parser.addoption("--everything", action="store_true", help="also run the tests marked slow")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests of a file in one process; leave out slow ones unless they are asked for."""
    option = config.option
    if getattr(option, "dist", None) == "load":  # what "-n auto" means, where xdist is there
        option.dist = "loadfile"  # what the tests of a file compile is compiled once
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if whole and not (option.everything or option.markexpr or option.keyword):
        option.markexpr = "not slow"


def pytest_collection_finish() -> None:
    """Collect garbage from now on, but hardly look through all that the tests are made of."""
    gc.set_threshold(50_000, 10, 10)
    gc.enable()


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
