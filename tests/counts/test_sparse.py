"""Counts of occupied cells and joined codes, against dense tables and dictionaries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from fastinfo import num_threads
from fastinfo._codes.hashing import code_keys, code_rows, distinct_keys, relabel
from fastinfo._core.checks import read_only
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo._counts.sparse import count_occupied, count_occupied_weighted, join_codes
from fastinfo.kernels.encoding import hashing as kernels
from fastinfo.kernels.encoding import sorting


def coded(codes, n_levels):
    return Coded(np.asarray(codes, code_dtype(n_levels)), n_levels)


def dense(x, y, weights=None):
    """The whole table, one pair at a time."""
    table = np.zeros((x.n_levels, y.n_levels), np.int64 if weights is None else np.float64)
    for i, (p, q) in enumerate(zip(x.codes.tolist(), y.codes.tolist(), strict=True)):
        if p < x.n_levels and q < y.n_levels:
            table[p, q] += 1 if weights is None else weights[i]
    return table


def assert_counts(x, y):
    rows, columns, counts = count_occupied(x, y)
    assert rows.dtype == columns.dtype == np.uint32
    assert counts.dtype == np.int64
    table = dense(x, y)
    expected = np.nonzero(table)
    np.testing.assert_array_equal(rows, expected[0])
    np.testing.assert_array_equal(columns, expected[1])
    np.testing.assert_array_equal(counts, table[expected])


def pairs(rng, n, nx, ny):
    """Random codes, missing ones among them."""
    return coded(rng.integers(0, nx + 1, n), nx), coded(rng.integers(0, ny + 1, n), ny)


@pytest.mark.parametrize("nx", [1, 3, 255, 300])
@pytest.mark.parametrize("ny", [1, 7, 256])
def test_counts_of_occupied_cells(nx, ny, rng):
    for n in (1, 2, 50, 3000):
        assert_counts(*pairs(rng, n, nx, ny))


def test_no_pair_at_all():
    for codes in ([], [2, 2]):
        x, y = coded(codes, 2), coded(codes, 2)
        for found in (count_occupied(x, y), count_occupied_weighted(x, y, np.ones(len(codes)))):
            assert [a.size for a in found] == [0, 0, 0]
        assert join_codes(x, y).codes.tolist() == [4] * len(codes)
    x = coded([0, 0], 0)
    assert count_occupied(x, x)[0].size == 0
    assert join_codes(x, x).n_levels == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=40))
def test_any_pairs(found):
    x, y = (coded([pair[i] for pair in found], n) for i, n in enumerate((5, 4)))
    assert_counts(x, y)


@pytest.mark.slow
def test_levels_multiply_past_memory(rng):
    """10**5 x 10**5 levels, and more than 2**32 cells: keys must not wrap."""
    n, levels = 2 * CHUNK + 11, 10**5
    x = coded(rng.integers(0, levels + 1, n), levels)
    y = coded(rng.integers(0, levels + 1, n), levels)
    x.codes[:3], y.codes[:3] = levels - 1, [levels - 1, 0, levels - 1]
    complete = (x.codes < levels) & (y.codes < levels)
    keys = x.codes[complete].astype(object) * levels + y.codes[complete].astype(object)
    expected = np.array(sorted(set(keys.tolist())))
    results = []
    for threads in (1, 3):
        with num_threads(threads):
            results.append(count_occupied(x, y))
    rows, columns, counts = results[0]
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(rows.astype(np.int64) * levels + columns, expected)
    assert counts.sum() == complete.sum()
    assert counts[-1] == 2

    weights = rng.random(n)
    rows_w, columns_w, sums = count_occupied_weighted(x, y, weights)
    np.testing.assert_array_equal(rows_w, rows)
    np.testing.assert_array_equal(columns_w, columns)
    assert sums.sum() == pytest.approx(weights[complete].sum())

    joined = join_codes(x, y)
    assert joined.n_levels == rows.size
    np.testing.assert_array_equal(joined.invalid, ~complete)
    np.testing.assert_array_equal(rows[joined.codes[complete]], x.codes[complete])
    np.testing.assert_array_equal(columns[joined.codes[complete]], y.codes[complete])


def test_the_largest_numbers_of_levels():
    most = 2**32 - 1
    x = coded([most - 1, 0, most, most - 1], most)
    rows, columns, counts = count_occupied(x, x)
    assert rows.tolist() == columns.tolist() == [0, most - 1]
    assert counts.tolist() == [1, 2]
    assert join_codes(x, x).codes.tolist() == [1, 0, 2, 1]


def test_weights_add_up_in_the_order_of_the_samples(rng):
    x, y = pairs(rng, 2000, 5, 3)
    weights = 10.0 ** rng.integers(-12, 12, 2000)
    rows, columns, sums = count_occupied_weighted(x, y, weights)
    table = dense(x, y, weights)
    assert sums.tolist() == table[rows, columns].tolist()
    assert sums.size == 15
    assert count_occupied_weighted(x, y, np.zeros(2000))[2].tolist() == [0.0] * 15


def test_joined_codes_of_few_levels(rng):
    x, y = pairs(rng, 500, 4, 3)
    joined = join_codes(x, y)
    assert joined.n_levels == 12
    assert joined.codes.dtype == np.uint8
    missing = x.invalid | y.invalid
    np.testing.assert_array_equal(joined.invalid, missing)
    expected = x.codes.astype(int) * 3 + y.codes
    np.testing.assert_array_equal(joined.codes[~missing], expected[~missing])


def test_joined_codes_of_many_levels_are_the_occupied_ones(rng):
    x, y = pairs(rng, 500, 1000, 1000)
    joined = join_codes(x, y)
    complete = ~(x.invalid | y.invalid)
    keys = x.codes.astype(int)[complete] * 1000 + y.codes[complete]
    levels, expected = np.unique(keys, return_inverse=True)
    assert joined.n_levels == levels.size
    np.testing.assert_array_equal(joined.codes[complete], expected)
    assert joined.codes.dtype == code_dtype(levels.size)


def test_three_variables_count_as_one_table(rng):
    x, y = pairs(rng, 3000, 500, 400)
    z = coded(rng.integers(0, 4, 3000), 3)
    rows, columns, counts = count_occupied(join_codes(x, y), z)
    complete = ~(x.invalid | y.invalid | z.invalid)
    triples = list(zip(x.codes[complete], y.codes[complete], z.codes[complete], strict=True))
    assert rows.size == columns.size == len(set(triples))
    assert counts.sum() == len(triples)
    assert sorted(counts.tolist()) == sorted(triples.count(t) for t in set(triples))


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="x and y must have the same length, got 2 and 3"):
        count_occupied(coded([0, 0], 1), coded([0, 0, 0], 1))


def test_codes_stay_as_they_are(rng):
    x, y = pairs(rng, 100, 1000, 1000)
    before = x.codes.copy(), y.codes.copy()
    x.codes.flags.writeable = y.codes.flags.writeable = False
    count_occupied(x, y)
    count_occupied_weighted(x, y, read_only(np.ones(100)))
    join_codes(x, y)
    np.testing.assert_array_equal(x.codes, before[0])
    np.testing.assert_array_equal(y.codes, before[1])


# Hash tables


def hostile_keys(rng, n):
    """Keys that agree in their high, low or middle bits, or differ by a multiple of a power."""
    i = rng.integers(0, 3000, n).astype(np.uint64)
    return [
        i,
        i << np.uint64(52),
        i << np.uint64(32),
        i * np.uint64(2**44 + 2**20),
        ~i,
        rng.integers(0, 2**64, n, np.uint64),
        (i.astype(np.float64) / 7).view(np.uint64),
        np.full(n, 2**64 - 1, np.uint64),
        np.zeros(n, np.uint64),
    ]


def test_codes_of_keys_are_those_of_first_appearance(rng):
    for keys in hostile_keys(rng, 20_000):
        frozen = read_only(keys)
        distinct, codes = code_keys(keys.size, lambda i, j, a=frozen: a[i:j])
        assert distinct.tolist() == list(dict.fromkeys(keys.tolist()))
        np.testing.assert_array_equal(distinct[codes], keys)


def test_tables_grow_across_chunks(rng):
    n = CHUNK + 70_000
    keys = read_only(rng.permutation(n).astype(np.uint64) * np.uint64(2**40 + 1))
    distinct, codes = code_keys(n, lambda i, j: keys[i:j])
    np.testing.assert_array_equal(distinct, keys)
    np.testing.assert_array_equal(codes, np.arange(n))
    assert code_keys(n, lambda i, j: keys[i:j], most=1000) is None
    levels, places = distinct_keys(n, lambda i, j: keys[i:j])  # sorts: nearly all are different
    np.testing.assert_array_equal(levels, np.sort(keys))
    np.testing.assert_array_equal(levels[places], keys)


@pytest.mark.parametrize("width", [1, 2, 3, 8])
def test_codes_of_rows(width, rng):
    rows = rng.integers(0, 5, (6000, width)).astype(np.uint32) << np.uint32(29)
    words = read_only(rows.reshape(-1))
    store, codes = code_rows(6000, width, lambda i, j: words[i * width : j * width])
    np.testing.assert_array_equal(store[codes], rows)
    assert store.tolist() == [list(r) for r in dict.fromkeys(map(tuple, rows.tolist()))]


def test_relabel(rng):
    codes = rng.integers(0, 300, CHUNK + 5).astype(np.uint32)
    lookup = rng.permutation(300).astype(np.uint16)
    for threads in (1, 3):
        with num_threads(threads):
            np.testing.assert_array_equal(relabel(codes, lookup), lookup[codes])


# Kernels in a user's own function


@njit
def count_keys(keys, limit):
    slot_keys, slot_codes = np.empty(4, np.uint64), np.full(4, kernels.EMPTY)
    codes = np.zeros(keys.size, np.uint32)
    n, done = kernels.codes_of_keys(keys, slot_keys, slot_codes, 0, 2, codes)
    new_keys, new_codes = np.empty(64, np.uint64), np.full(64, kernels.EMPTY)
    kernels.move_keys(slot_keys, slot_codes, new_keys, new_codes)
    n, more = kernels.codes_of_keys(keys[done:], new_keys, new_codes, n, limit, codes[done:])
    lookup = np.arange(64).astype(np.uint8)
    small = np.empty(keys.size, np.uint8)
    kernels.relabel(codes, lookup, small)
    return n, done, more, small


@pytest.mark.slow
def test_keys_in_compiled_code():
    keys = np.array([7, 7, 2**63, 5, 7, 5, 1], np.uint64)
    n, done, more, codes = count_keys(keys, 32)
    assert (n, done, more) == (4, 3, 4)
    assert codes.tolist() == [0, 0, 1, 2, 0, 2, 3]
    assert count_keys(keys, 3)[:3] == (3, 3, 3)


@njit
def count_rows(words, width):
    n_rows = words.size // width
    codes = np.empty(n_rows, np.uint32)
    slots, store = np.full(2, kernels.EMPTY), np.empty(width, np.uint32)
    n, done = kernels.codes_of_rows(words, width, store, slots, 0, 1, codes)
    slots, new_store = np.full(64, kernels.EMPTY), np.empty(32 * width, np.uint32)
    for k in range(width):
        new_store[k] = store[k]
    kernels.move_rows(new_store, width, n, slots)
    return kernels.codes_of_rows(
        words[done * width :], width, new_store, slots, n, 32, codes[done:]
    ), codes


@pytest.mark.slow
def test_rows_in_compiled_code():
    words = np.array([1, 2, 3, 1, 2, 3, 3, 2, 1, 1, 2, 3, 0, 0, 0], np.uint32)
    (n, done), codes = count_rows(words, 3)
    assert (n, done) == (3, 3)
    assert codes.tolist() == [0, 0, 1, 0, 2]


@njit
def count_sorted(keys, width):
    rows, columns = np.empty(keys.size, np.uint32), np.empty(keys.size, np.uint32)
    counts = np.empty(keys.size, np.int64)
    n = sorting.count_runs(keys, width, rows, columns, counts)
    return rows[:n], columns[:n], counts[:n]


def test_runs_in_compiled_code():
    keys = np.array([0, 0, 9, 10, 10, 10, 35], np.uint64)
    found = count_sorted(keys, np.uint64(10))
    assert [a.tolist() for a in found] == [[0, 0, 1, 3], [0, 9, 0, 5], [2, 1, 3, 1]]
    assert count_sorted(keys[:0], np.uint64(10))[0].size == 0


@njit
def sort_keys(keys, bits):
    places = np.arange(keys.size).astype(np.uint32)
    new_keys, new_places = np.empty_like(keys), np.empty_like(places)
    for shift in range(0, 64, 2 * bits):
        sorting.sort_by_digit(keys, places, shift, bits, new_keys, new_places)
        sorting.sort_by_digit(new_keys, new_places, shift + bits, bits, keys, places)
    codes = np.empty_like(places)
    n = sorting.number_runs(keys, places, new_keys, codes)
    return keys, places, new_keys[:n], codes


@pytest.mark.parametrize("bits", [4, 8])
def test_sorting_in_compiled_code(bits, rng):
    keys = rng.integers(0, 2**64, 300, np.uint64)[rng.integers(0, 300, 900)]
    keys[:5] = 2**64 - 1, 0, 2**63, 0, 1
    order = np.argsort(keys, kind="stable")
    distinct, inverse = np.unique(keys, return_inverse=True)
    found = sort_keys(keys.copy(), bits)
    for a, expected in zip(found, (keys[order], order, distinct, inverse), strict=True):
        np.testing.assert_array_equal(a, expected)


@pytest.mark.parametrize("most", [0, 1, 255, 256, 2**40 - 1, 2**64 - 1])
def test_many_distinct_keys_are_sorted(most, rng, monkeypatch):
    monkeypatch.setattr("fastinfo._codes.hashing._FEW", -1)
    keys = rng.integers(0, most, 5000, np.uint64, endpoint=True)
    keys[7] = most
    frozen = read_only(keys)
    levels, places = distinct_keys(keys.size, lambda i, j: frozen[i:j])
    expected, inverse = np.unique(keys, return_inverse=True)
    np.testing.assert_array_equal(levels, expected)
    np.testing.assert_array_equal(places, inverse)
    assert places.dtype == code_dtype(expected.size)


@njit
def bits_of(x):
    out = np.empty(x.size, np.uint64)
    kernels.float_keys(x, out)
    return out


def test_float_keys():
    x = np.array([0.0, -0.0, np.nan, -np.nan, 1.5, np.inf, 5e-324])
    keys = bits_of(x).tolist()
    assert keys[:4] == [0, 0, 2**64 - 1, 2**64 - 1]
    assert keys[4:] == x[4:].view(np.uint64).tolist()


@njit
def sort_in_a_users_function(keys):
    return sorting.sort_keys(keys)


@pytest.mark.parametrize("n", [0, 1, 2, 24, 25, 300, 5000])
@pytest.mark.parametrize("most", [0, 3, 2**11, 2**40, 2**64 - 1])
def test_keys_in_order_with_their_places(n, most, rng):
    keys = rng.integers(0, most, n, dtype=np.uint64, endpoint=True)
    before = keys.copy()
    ordered, places = sort_in_a_users_function(keys)
    expected = np.argsort(keys, kind="stable")
    assert places.tolist() == expected.tolist()
    assert ordered.tolist() == keys[expected].tolist()
    assert keys.tolist() == before.tolist()
