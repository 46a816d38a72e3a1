"""Tables that threads fill: each sample once, whoever takes it, and none after a failure."""

import threading

import numpy as np
import pytest

from fastinfo import num_threads
from fastinfo._core import filled_tables
from fastinfo._core.coded_variable import CHUNK


def adder(n, taken):
    """Counts samples by their number modulo 5, and keeps the runs."""

    def add(start, stop, table):
        taken.append((start, stop))
        table[:5] += np.bincount(np.arange(start, stop) % 5, minlength=5).astype(np.uint32)

    return add


@pytest.mark.parametrize("n", [0, 1, CHUNK // 2, CHUNK // 2 + 1, CHUNK, 3 * CHUNK + 7])
def test_each_sample_is_counted_once(n, threads):
    taken = []
    counts = filled_tables.fill((5,), n, adder(n, taken))
    assert counts.dtype == np.int64
    assert counts.tolist() == np.bincount(np.arange(n) % 5, minlength=5).tolist()
    assert sum(stop - start for start, stop in taken) == n
    assert all(stop - start <= CHUNK for start, stop in taken)


def test_a_table_takes_no_more_samples_than_its_cells_hold(threads, monkeypatch):
    monkeypatch.setattr(filled_tables, "_MOST_PER_TABLE", 2 * CHUNK)
    n = 9 * CHUNK + 1
    tables = filled_tables.fill_parts((6,), n, adder(n, []))
    assert all(table.dtype == np.uint32 for table in tables)
    assert max(int(table.sum()) for table in tables) <= 2 * CHUNK
    assert len(tables) >= 5
    total = filled_tables.sum_of(tables, (6,))
    assert total.tolist() == [*np.bincount(np.arange(n) % 5).tolist(), 0]


def test_the_others_stop_after_a_failure():
    calls = []
    failed = threading.Event()

    def add(start, stop, table):
        calls.append(start)
        if len(calls) == 1:
            failed.set()
            raise ZeroDivisionError
        failed.wait(10)

    with num_threads(2), pytest.raises(ZeroDivisionError):
        filled_tables.fill_parts((3,), 500 * CHUNK, add)
    assert len(calls) < 250


def test_a_thread_that_is_held_up_does_less():
    free = threading.Event()
    by = {}

    def add(start, stop, table):
        own = by.setdefault(threading.get_ident(), [])
        own.append(start)
        if len(by) == 2 and len(own) == 1:
            free.wait(10)  # until the other one has come to the end
        if sum(map(len, by.values())) == 20:
            free.set()

    with num_threads(2):
        filled_tables.fill_parts((3,), 20 * CHUNK, add)
    assert sum(map(len, by.values())) == 20
    assert len(by) == 1 or min(map(len, by.values())) == 1
