"""Tables with one target, measured together: as each is by itself; and draws that they share."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from helpers import close, compiled
from hypothesis import given, settings
from hypothesis import strategies as st

from fastinfo._counts.table import Table
from fastinfo._measures.gamma_tails import chi2_sf
from fastinfo._measures.independence import test_independence as single_test
from fastinfo._measures.information import expected_information, plug_in, standard_error
from fastinfo._measures.many.tested_tables import Packed, measure_tables
from fastinfo._measures.nulls.drawn_tables import scale_of_sums, shared_draws, small_rows
from fastinfo._measures.nulls.margins import of_sizes
from fastinfo._measures.nulls.sequences import Sequences
from fastinfo.kernels.information import independence
from fastinfo.kernels.information.many import draws, tables

pytestmark = compiled


def pvalue_alone(table: Table) -> tuple[float, str]:
    """p-value of one table, as a ranking asks for it."""
    return single_test(table, plug_in(table)[0], expected_information(table))


def packed_of(labels: list[np.ndarray], y: np.ndarray, classes: int) -> tuple[Packed, list[Table]]:
    """Tables of labels from 0 on beside those of a target, together and each by itself."""
    counts = []
    for x in labels:
        table = np.zeros((int(x.max()) + 1, classes), np.int64)
        np.add.at(table, (x, y), 1)
        counts.append(table)
    levels = np.array([len(table) for table in counts])
    flat = np.concatenate([table.reshape(-1) for table in counts])
    return Packed(flat, levels, classes), list(map(Table.of, counts))


@settings(max_examples=25)
@given(st.integers(2, 400), st.integers(2, 7), st.floats(0.01, 0.9), st.integers(0, 2**32 - 1))
def test_each_is_as_by_itself(n, classes, share, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    y[:2] = 0, 1
    labels = [
        np.where(rng.random(n) < share, rng.integers(0, levels, n), 0)
        for levels in (1, 2, 3, 5, 40)
    ]
    labels += [labels[2], np.arange(n), y]
    packed, single = packed_of(labels, y, classes)
    found = measure_tables(packed, np.bincount(y, minlength=classes), test=True)
    assert found.pvalues is not None
    for i, table in enumerate(single):
        assert found.found[i, tables.N] == n
        assert found.found[i, 1:5].tolist() == list(plug_in(table))
        assert found.expected[i] == expected_information(table)
        assert found.found[i, tables.LEVELS] == table.occurring[0]
        assert pvalue_alone(table) == (found.pvalues[i], found.tests[i])
        error = standard_error(table, float(found.found[i, tables.INFORMATION]))
        if error == error:
            assert np.sqrt(found.found[i, tables.SPREAD] / n) <= error


@pytest.mark.parametrize("classes", [2, 3, 20])
def test_rare_words(classes, rng):
    n = 5000
    y = rng.integers(0, classes, n)
    labels = []
    for k in rng.integers(1, 200, 120):
        x = np.zeros(n, int)
        x[rng.choice(n, k, replace=False)] = rng.integers(1, 4, k)
        x[np.flatnonzero(y == 1)[: k // 3]] = 1
        labels.append(np.unique(x, return_inverse=True)[1])
    packed, single = packed_of(labels, y, classes)
    found = measure_tables(packed, np.bincount(y, minlength=classes), test=True)
    assert found.pvalues is not None
    wanted = [pvalue_alone(table) for table in single]
    assert list(zip(found.pvalues.tolist(), found.tests, strict=True)) == wanted


def test_a_table_at_a_time(rng):
    y = rng.integers(0, 3, 500)
    packed, _ = packed_of([rng.integers(0, k, 500) for k in (2, 4, 3)], y, 3)
    bounds = packed.bounds
    assert [packed.table(i, bounds).shape for i in range(3)] == [(2, 3), (4, 3), (3, 3)]
    plain = measure_tables(packed, np.bincount(y), test=False)
    assert plain.pvalues is None
    assert plain.expected.shape == (3,)


# Draws that tables share


def sequences_of(columns: np.ndarray) -> tuple[Sequences, float]:
    sizes, times = np.unique(columns, return_counts=True)
    scale = scale_of_sums(float(columns.sum()))
    return Sequences(sizes.astype(float).tobytes(), times.astype(float).tobytes(), scale), scale


def test_sums_are_those_of_the_labels(rng):
    own, scale = sequences_of(np.array([9, 20, 20, 70]))
    rows = [
        np.array([3]),
        np.array([5, 2, 1]),
        np.array([1, 1]),
        np.array([2, 5, 1]),
        np.array([6]),
    ]
    sums = own.sums(rows, 100)
    labels = own._drawn(100, 8)
    assert np.array_equal(sums[1], sums[3])  # in whatever order
    for sizes, found in zip(rows, sums, strict=True):
        for d in (0, 17, 63, 64, 99):
            left = own.columns.copy()
            cells, place = [], 0
            for size in sorted(sizes.tolist(), reverse=True):
                row = np.bincount(labels[d, place : place + size], minlength=left.size)
                cells += row.tolist()
                left -= row
                place += size
            cells += left.tolist()
            counts = np.array(cells, float)
            assert found[d] == independence.fixed_sum(counts, scale)


def test_more_draws_begin_with_the_same():
    columns = np.array([4, 8, 16])
    few, _ = sequences_of(columns)
    many, _ = sequences_of(columns)
    first = few.sums([np.array([2])], 50)
    assert np.array_equal(many.sums([np.array([7]), np.array([2])], 300)[1, :50], first[0])
    assert np.array_equal(few.sums([np.array([2])], 300)[0, :50], first[0])


def test_labels_are_drawn_without_replacement():
    labels = np.empty((4000, 6), np.uint16)
    columns = np.array([2, 4, 6])
    draws.draw_labels(columns, np.array([1, 2], np.uint64), 0, labels)
    counts = np.stack([(labels == j).sum(axis=1) for j in range(3)], axis=1)
    assert (counts <= columns).all()
    assert counts.mean(axis=0) == pytest.approx([1, 2, 3], abs=0.06)
    # variance of a hypergeometric count: k p (1 - p) (n - k) / (n - 1)
    wanted = [6 * p * (1 - p) * 6 / 11 for p in (1 / 6, 1 / 3, 1 / 2)]
    assert counts.var(axis=0) == pytest.approx(wanted, rel=0.1)
    again = np.empty((3, 4), np.uint16)
    draws.draw_labels(columns, np.array([1, 2], np.uint64), 7, again)
    assert np.array_equal(again, labels[7:10, :4])


def test_the_law_is_that_of_placed_samples():
    columns, rows = np.array([200, 300, 500]), np.array([12, 4])
    own, scale = sequences_of(columns)
    shared = np.sort(own.sums([rows], 8000)[0])
    placed = np.empty(8000, np.int64)
    independence.placed_sums(rows, columns, True, scale, np.array([5, 6], np.uint64), placed)
    placed.sort()
    largest = max(
        abs(np.searchsorted(shared, at, side) - np.searchsorted(placed, at, side))
        for at in shared[::200]
        for side in ("left", "right")
    )
    assert largest / 8000 < 1.95 * np.sqrt(2 / 8000)  # Kolmogorov and Smirnov, at 0.1 %


def test_when_draws_are_shared():
    def margin(*sizes: float):
        found, times = np.unique(sizes, return_counts=True)
        return of_sizes((found.astype(float), times.astype(float)))  # type: ignore[arg-type]

    few, classes = margin(990, 7, 3), margin(500, 300, 200)
    rows, columns, n_draws = shared_draws(few, classes, 1000.0)
    assert (rows, columns) == (few, classes)
    assert n_draws >= 999
    assert small_rows(rows).tolist() == [3, 7]
    assert shared_draws(classes, few, 1000.0)[:2] == (few, classes)
    assert shared_draws(classes, classes, 1000.0) is None
    assert shared_draws(margin(10_000, 600), margin(5300, 5300), 10_600.0) is None


def test_too_few_false_alarms_and_not_too_many(rng):
    # p-values of shuffled words are spread as they should be, and all share their draws
    n, classes = 4000, 8
    y = rng.integers(0, classes, n)
    labels = []
    for k in rng.integers(20, 60, 600):
        x = np.zeros(n, int)
        x[rng.choice(n, k, replace=False)] = 1
        labels.append(x)
    packed, _ = packed_of(labels, y, classes)
    found = measure_tables(packed, np.bincount(y, minlength=classes), test=True)
    assert found.pvalues is not None
    assert 0.03 <= np.mean(found.pvalues < 0.05) <= 0.07
    assert found.pvalues.mean() == pytest.approx(0.5, abs=0.06)


@numba.njit
def reach_in_a_users_function(sums, places, least, out):
    draws.count_reached(sums, places, least, out)


@numba.njit
def terms_in_a_users_function(scale, out):
    draws.fixed_terms(scale, out)


def test_kernels_in_a_users_function():
    sums = np.arange(12).reshape(2, 6)
    out = np.empty(3, np.int64)
    reach_in_a_users_function(sums, np.array([0, 1, 1]), np.array([4.0, 7.0, 99.0]), out)
    assert out.tolist() == [2, 5, 0]
    terms = np.empty(4, np.int64)
    terms_in_a_users_function(1000.0, terms)
    assert terms.tolist() == [0, 0, round(2000 * np.log(2)), round(3000 * np.log(3))]


def test_informations():
    counts = np.array([[5, 1], [2, 8], [4, 4], [1, 1], [3, 0]])
    out = np.empty(2)
    tables.informations(counts, np.array([[0, 2], [2, 3]]), out)
    wanted = [plug_in(Table.of(part))[0] for part in (counts[:2], counts[2:])]
    assert out.tolist() == wanted
    assert chi2_sf(0.0, 1.0) == close(1.0)
