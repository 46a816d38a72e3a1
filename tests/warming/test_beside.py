"""A second process compiles what a command needs later, and only if it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
import pytest
from helpers import compiled, printed

from fastinfo._core.compiled_code import can_claim
from fastinfo.warming import beside

needs_locks = pytest.mark.skipif(not can_claim(), reason="processes can't wait for each other")


class Process:
    """In place of a process: what is done to it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def kill(self) -> None:
        self.done.append("killed")

    def wait(self) -> None:
        self.done.append("waited for")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The programs that processes were started with, where nothing is compiled."""
    programs: list[str] = []

    def start(code: str, **options: Any) -> Process:
        programs.append(code)
        return Process()

    monkeypatch.setattr(beside, "start_process", start)
    monkeypatch.setattr(beside.atexit, "register", lambda function: None)
    monkeypatch.setattr(beside, "cache_directory", lambda: str(tmp_path))
    monkeypatch.setattr(beside, "read_only_directories", lambda: ())
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 0)
    return programs


@needs_locks
def test_it_starts_where_nothing_is_compiled(started):
    beside.compile_beside(2)
    assert started == [beside._MEASURE]


@needs_locks
def test_it_does_not_start_where_the_code_is_there(started, tmp_path, monkeypatch):
    (tmp_path / "plug_in.measures-0123.nbc").touch()
    beside.compile_beside(2)
    assert len(started) == 1
    (tmp_path / f"{beside._LAST}-0123.nbc").touch()
    beside.compile_beside(2)
    assert len(started) == 1
    monkeypatch.setattr(beside, "cache_directory", lambda: str(tmp_path / "another"))
    monkeypatch.setattr(beside, "read_only_directories", lambda: (str(tmp_path),))
    beside.compile_beside(2)
    assert len(started) == 1


def test_it_does_not_start_for_nothing(started, monkeypatch):
    beside.compile_beside(1)
    with monkeypatch.context() as patch:
        patch.setattr(beside, "can_claim", lambda: False)
        beside.compile_beside(2)
    with monkeypatch.context() as patch:
        patch.setattr(beside, "cache_directory", lambda: None)
        beside.compile_beside(2)
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    beside.compile_beside(2)
    assert started == []


@needs_locks
def test_it_ends_with_this_process(started, monkeypatch):
    at_exit: list[Any] = []
    process = Process()
    monkeypatch.setattr(beside, "start_process", lambda code, **options: process)
    monkeypatch.setattr(beside.atexit, "register", at_exit.append)
    beside.compile_beside(2)
    assert process.done == []
    (end,) = at_exit
    end()
    assert process.done == ["killed", "waited for"]


# Says which kernels that count and measure it had to compile.
RANK = """
import sys
import numpy as np
import fastinfo

rng = np.random.default_rng(0)
x, y = rng.normal(size=(2, 300_000))
i = np.arange(x.size)
table = {"x": (x * 1e4).astype(int), "label": (x > 0).astype(int), "of many": i % 300}
fastinfo.rank_features(table, x + 0.1 * y)
for name, module in list(sys.modules.items()):
    if name.startswith(("fastinfo.kernels.information", "fastinfo.kernels.counting")):
        for function in vars(module).values():
            if getattr(function, "stats", None) and function.stats.cache_misses:
                print(function.__name__)
"""


@pytest.mark.slow
@compiled
def test_a_ranking_needs_nothing_else_for_its_tables(tmp_path):
    assert printed("-P", "-c", beside._MEASURE, NUMBA_CACHE_DIR=str(tmp_path)) == []
    assert list(tmp_path.rglob(f"{beside._LAST}-*"))
    assert printed("-P", "-c", RANK, NUMBA_CACHE_DIR=str(tmp_path)) == []
