"""Pairs of levels counted by shuffles of half bytes, on processors with them and without."""

import itertools
import json

import numpy as np
import pytest
from helpers import compiled, fixed, run_python
from numba import njit
from reference import pairs

from fastinfo._columns.pairs import all_pairs
from fastinfo.kernels.counting import half_bytes
from fastinfo.kernels.elementary import shuffles

GROUPS = 60  # of one part


def aligned(a):
    """A copy that begins where a vector may."""
    memory = np.zeros(a.nbytes + 64, np.uint8)
    first = -memory.ctypes.data % 64
    memory[first : first + a.nbytes] = a.ravel()
    return memory[first : first + a.nbytes]


def tables_of_pairs():
    tables = aligned(np.zeros(16 * 256, np.uint8))
    half_bytes.fill_tables(tables)
    return tables


def test_a_table_has_the_bits_that_half_bytes_share():
    tables = tables_of_pairs().reshape(16, 16, 16)
    for second, first, other in itertools.product(range(16), repeat=3):
        counts = (first & other).bit_count(), (second & other).bit_count()
        assert divmod(int(tables[second, first, other]), 16) == counts[::-1]


@njit
def shared_in_a_users_function(x, x_at, y, y_at, tables, one, two):
    shuffles.shared_by_one(x, x_at, y, y_at, tables, one)
    shuffles.shared_by_two(x, x_at, y, y_at, tables, two)


@pytest.mark.parametrize("fill", [None, 0, 15], ids=["random", "none", "all rows"])
@pytest.mark.parametrize(
    "shared",
    [pytest.param(shared_in_a_users_function, marks=compiled), shared_in_a_users_function.py_func]
    if hasattr(shared_in_a_users_function, "py_func")
    else [shared_in_a_users_function],
)
def test_shared_bits_of_a_part(shared, fill, rng):
    strip, lanes = shuffles.STRIP, shuffles.LANES

    def half_bytes_of(*shape):
        return (rng.integers(0, 16, shape) if fill is None else np.full(shape, fill)).astype("u1")

    x, y = half_bytes_of(2, 2 * GROUPS), half_bytes_of(2 * GROUPS, strip)
    one, two = (aligned(np.full(2 * strip, 77, np.uint8)) for _ in range(2))
    places = np.uint64(GROUPS), np.uint64(GROUPS * strip)  # the second of two parts
    shared(x[0] + 16 * x[1], places[0], aligned(y), places[1], tables_of_pairs(), one, two)
    expected = [
        [sum(bits.bit_count() for bits in (level & column).tolist()) for column in y[GROUPS:].T]
        for level in x[:, GROUPS:]
    ]
    assert two.reshape(2, strip).tolist() == expected
    assert one.reshape(2, strip)[:, :lanes].tolist() == [row[:lanes] for row in expected]
    assert (one.reshape(2, strip)[:, lanes:] == 77).all()  # as they were


@njit
def count_in_a_users_function(x_codes, x_columns, y_codes, y_columns, same, start, stop, table):
    half_bytes.count_by_half_bytes(x_codes, x_columns, y_codes, y_columns, same, start, stop, table)


def table_of(nx, ny):
    return np.full((-(-nx // 2) * 2, -(-ny // shuffles.LANES) * shuffles.LANES), 5)


def side(levels, n, rng):
    """Codes of columns with so many counted levels and one more, the columns, and indicators."""
    codes = fixed([rng.integers(0, k + 1, n) for k in levels], np.uint8)
    order = rng.permutation(len(levels))
    columns = fixed([[i, levels[i]] for i in order], np.int64)
    return codes, columns


def indicators(codes, columns, start, stop):
    part = codes[:, start:stop].astype(int)
    rows = pairs.indicators([part[i] for i, _ in columns], [n for _, n in columns])
    return np.concatenate([rows, np.ones((1, stop - start), int)])


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 4100), (1, 1), (13, 14), (100, 340), (100, 341), (7, 1927), (7, 1928), (0, 3840)],
)
@pytest.mark.parametrize(
    ("x_levels", "y_levels"),
    [([1], [1]), ([3, 2, 6], [2, 0, 9, 4]), ([1] * 31, [1] * 32), ([30, 70], [95, 3])],
)
def test_counts_by_half_bytes(x_levels, y_levels, start, stop, rng):
    x, y = side(x_levels, 4100, rng), side(y_levels, 4100, rng)
    first, second = indicators(*x, start, stop), indicators(*y, start, stop)
    table = table_of(len(first), len(second))
    count_in_a_users_function(*x, *y, False, start, stop, table)
    found = table[: len(first), : len(second)] - 5
    np.testing.assert_array_equal(found, first @ second.T)


@pytest.mark.parametrize("n_levels", [1, 15, 16, 17, 31, 32, 33, 47, 48, 62, 63, 64, 65, 96, 130])
def test_counts_of_columns_with_themselves(n_levels, rng):
    x = side([1] * n_levels, 2000, rng)
    rows = indicators(*x, 3, 1999)
    table = table_of(len(rows), len(rows))
    count_in_a_users_function(*x, *x, True, 3, 1999, table)
    found = table[: len(rows), : len(rows)] - 5
    np.testing.assert_array_equal(np.triu(found), np.triu(rows @ rows.T))


# Other processors


@pytest.mark.parametrize(
    ("kind", "features", "by_half_bytes"),
    [
        ("x86_64", {"+avx2"}, True),
        ("x86_64", {"+avx2", "+avx512f", "+avx512bw"}, True),
        ("x86_64", {"+avx2", "+avx512vpopcntdq"}, False),
        ("x86_64", {"+sse4.2"}, False),
        ("aarch64", {""}, False),
        ("arm64", {"+neon"}, False),
    ],
)
def test_what_the_processor_can_do_decides(kind, features, by_half_bytes, monkeypatch):
    monkeypatch.setattr(all_pairs, "_processor", lambda: (kind, frozenset(features)))
    cost = all_pairs._cost_of_half_bytes(200, 200, True)
    assert (cost < all_pairs._cost_of_planes(200, 200, True)) is by_half_bytes


PROGRAM = """
import json
import numpy as np
from fastinfo import mutual_information_matrix
from fastinfo._columns.pairs import all_pairs
from fastinfo._columns.pairs.all_pairs import Plan

X = np.random.default_rng(18).integers(0, 2, (3001, 90))
plans, found = [], []
choose = all_pairs.choose
for forced in (None, False, True):
    def chosen(x, y, same):
        plan = choose(x, y, same)
        if forced is not None:
            plan = Plan(plan.cost, None, None, half_bytes=forced)
        plans.append((plan.x_groups is None, plan.half_bytes))
        return plan
    all_pairs.choose = chosen
    found.append(mutual_information_matrix(X).tolist())
print(json.dumps([plans, found]))
"""

AVX2 = {
    "NUMBA_CPU_NAME": "x86-64-v3",
    "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+movbe,+popcnt",
}
GENERIC = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}


def has_avx2():
    return "+avx2" in all_pairs._processor()[1]


@pytest.mark.slow
@compiled
@pytest.mark.skipif(not has_avx2(), reason="the processor has no AVX2")
@pytest.mark.parametrize("variables", [AVX2, GENERIC], ids=["AVX2", "generic"])
def test_both_ways_on_other_processors(variables, tmp_path):
    done = run_python("-P", "-c", PROGRAM, NUMBA_CACHE_DIR=str(tmp_path), **variables)
    assert done.returncode == 0, done.stderr
    plans, (chosen, *forced) = json.loads(done.stdout)
    assert plans == [[True, variables is AVX2], [True, False], [True, True]]
    assert forced == [chosen, chosen]
