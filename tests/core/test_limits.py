"""What is too large for the memory is refused before any of it is taken, by its real peak."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import compiled, quiet

import fastinfo
from fastinfo import JointCounts
from fastinfo._core import limits
from fastinfo.streaming import PairCounts, pair_counts

RNG = np.random.default_rng(7)
N = 2000  # rows and columns of a table
X, Y = RNG.normal(size=(2, 50_000))
U, V = RNG.integers(0, N, (2, 50_000))
T = JointCounts.from_table(RNG.integers(0, 3, (N, N)))
FEW = RNG.integers(0, 2, (60, 300))


def peak(call: Callable[[], Any]) -> int:
    """Bytes that a call takes beside what there was, at its peak; it has run before."""
    call()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the memory that is free."""

    def of(size: float) -> None:
        monkeypatch.setattr(limits, "free_memory", lambda: int(size))
        monkeypatch.setattr(limits, "_SMALL", 0)

    return of


DENSE: dict[str, Callable[[], Any]] = {
    "histogram2d": lambda: fastinfo.histogram2d(X, Y, bins=N),
    "density": lambda: fastinfo.histogram2d(X, Y, bins=N, density=True),
    "weights": lambda: fastinfo.histogram2d(X, Y, bins=N, weights=X * X),
    "counts": lambda: JointCounts.from_samples(X, Y, bins=N, range=((-6, 6), (-6, 6))).table,
    "labels": lambda: fastinfo.contingency_table(U, V),
    "measured": lambda: JointCounts.from_table(T.table).mutual_information(),
}


@compiled
@pytest.mark.parametrize("name", DENSE)
def test_a_dense_table_takes_no_more_than_is_checked(name: str) -> None:
    assert peak(DENSE[name]) < 1.1 * limits.CELL * N * N + (2 << 20)


@pytest.mark.parametrize("name", [name for name in DENSE if name != "measured"])
def test_a_dense_table_is_refused_by_its_peak(name: str, free: Callable[[float], None]) -> None:
    free(limits.CELL * N * N)  # twice what the table itself takes, and nothing to spare
    with pytest.raises(ValueError, match=rf"a table of \d+ by \d+ cells would take {64}\d+ bytes"):
        DENSE[name]()
    free(limits.CELL * N * N / 0.89)
    DENSE[name]()


TOO_LARGE: dict[str, tuple[Callable[[], Any], float, str]] = {
    "pointwise": (T.pointwise_mutual_information, 24 * N * N, "cells would take"),
    "codes": (
        lambda: fastinfo.select_features(FEW, FEW[:, 0], 1),
        2 * FEW.size,
        "codes of 300 columns of 60 rows would take",
    ),
    "matrix": (
        lambda: fastinfo.mutual_information_matrix(FEW),
        8 * 300**2,
        "a matrix of 300 by 300 columns would take 720000 bytes of memory.*use fewer columns",
    ),
    "two tables": (
        lambda: fastinfo.mutual_information_matrix(FEW, FEW[:, :100]),
        8 * 300 * 100,
        "a matrix of 300 by 100 columns",
    ),
    "permutations": (
        lambda: fastinfo.permutation_test(FEW[:, 0], FEW[:, 1], n_permutations=10_000),
        24 * 10_000,
        "n_permutations=10000 would take",
    ),
    "resamples": (
        lambda: fastinfo.bootstrap_interval(FEW[:, 0], FEW[:, 1], n_resamples=10_000),
        48 * 10_000,
        "n_resamples=10000 would take",
    ),
    "columns together": (
        lambda: fastinfo.rank_features(
            FEW, FEW[:, 0], n_permutations=100, adjustment="max-statistic"
        ),
        72 * 300 * 100,
        "information of 300 columns with 100 permutations would take",
    ),
    "pairs": (
        lambda: PairCounts([f"c{i}" for i in range(300)]),
        600 * 300 * 301 / 2,
        r"tables of all pairs of 300 columns would take.*use fewer columns, or fewer bins \(bins=",
    ),
    "edges": (lambda: fastinfo.histogram(X, 10**5), 32 * 10**5, "fit into memory"),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_refused(name: str, free: Callable[[float], None]) -> None:
    call, size, message = TOO_LARGE[name]
    free(size)
    with pytest.raises(ValueError, match=message):
        quiet(call)
    free(20 * size)
    quiet(call)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("name", ["pointwise", "permutations", "resamples", "columns together"])
def test_what_is_checked_is_the_peak(name: str) -> None:
    call, size, _ = TOO_LARGE[name]
    assert peak(lambda: quiet(call)) < 1.2 * size + (2 << 20)


@pytest.mark.slow
def test_twenty_thousand_columns_are_refused_at_once() -> None:
    names = [f"c{i}" for i in range(200_000)]  # so many for machines with much memory
    begun = time.process_time()
    with pytest.raises(ValueError, match=r"all pairs of 200000 columns would take 1.*use fewer"):
        PairCounts(names)
    assert time.process_time() - begun < 10.0  # of CPU


@pytest.mark.parametrize("f", [20_000])
def test_pairs_of_many_columns_take_nothing_before_they_are_refused(
    f: int, free: Callable[[float], None]
) -> None:
    free(64 << 30)
    names = [f"c{i}" for i in range(f)]
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="all pairs of 20000 columns would take 126"):
            PairCounts(names)
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()
    X = np.zeros((1, 1), np.int8).repeat(f, axis=1)
    free(2 << 30)
    with pytest.raises(ValueError, match="a matrix of 20000 by 20000 columns would take 32000000"):
        fastinfo.mutual_information_matrix(X)


@pytest.mark.slow
@compiled
def test_tables_of_pairs_take_about_what_is_checked() -> None:
    X = RNG.integers(0, 4, (200, 200))

    def run() -> PairCounts:
        counts = PairCounts([f"c{i}" for i in range(200)]).update(X)
        counts.matrix()
        return counts

    size = pair_counts._bytes_of(run().columns)
    assert 0.7 * size < peak(run) < 1.25 * size


def test_pairs_that_are_counted_already_are_not_counted_again(
    free: Callable[[float], None],
) -> None:
    """Tables in memory are no longer free memory: what they grow by is what is checked."""
    X = RNG.integers(0, 3, (50, 100))
    counts = PairCounts([f"c{i}" for i in range(100)]).update(X)
    free(1000)
    counts.update(X).update(X[:7])
    with pytest.raises(ValueError, match="all pairs of 100 columns would take"):
        counts.update(X + np.arange(100) % 2)  # every other column has a new level
    assert counts.n_rows == 107


def test_small_things_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> int:
        raise AssertionError

    monkeypatch.setattr(limits, "free_memory", never)
    fastinfo.mutual_information(X, Y, bins=100)
    fastinfo.mutual_information_matrix(FEW)
    fastinfo.permutation_test(FEW[:, 0], FEW[:, 1], n_permutations=100)
