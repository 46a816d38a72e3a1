"""Count all pairs of columns: which columns together, by which method, which rows at a time.

Bit planes count a pair of levels by AND and population count; their cost is the product of the
numbers of levels. If the processor has no population count for vectors, half bytes do the same by
shuffles of bytes. Packed groups count many pairs of columns with one increment, and cost less if
more columns fit into a group. A model of the time per row chooses the method for each pair of
panels (columns with similar numbers of levels). ``benchmarks/pair_costs.py`` compares the model
with measured times.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.numbers_in_rows import NumbersInRows
from fastinfo._columns.pairs.panels import Panel, panels_of
from fastinfo._columns.pairs.weighted_pairs import weigh
from fastinfo._columns.sparse.pairs import count_sparse
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import code_dtype
from fastinfo._core.threads import get_num_threads, run_in_order, spans
from fastinfo.kernels.counting import bit_planes, half_bytes, packing
from fastinfo.kernels.elementary.shuffles import LANES
from fastinfo.kernels.information.pair_tables import mirror

_GROUP_SIZES = (1, 16, 64, 256, 1024)  # the most numbers in a group; 1 means single columns
_FEW = 1 << 14  # rows times pairs that are counted as fast one by one
_SCRATCH = 1 << 26  # bytes for the numbers of groups, in all threads
_LINE = 64  # the bytes of a plane are a multiple of this
_CALL = 1e8  # ns of one kernel call, which can't be interrupted
_FEWEST_ROWS = 1 << 16
_MOST_ROWS = 1 << 19

# Times per row in ns, measured on one core of an AVX-512 processor. Only their ratios matter.
_FILL = 0.014  # to fill a plane
_SHARE = 0.0009  # to count two planes, with a population count for vectors
_SHARE_WITHOUT = 0.003  # without it, by tables of 16 numbers (adding carries takes 0.8 of it)
_SHARE_HALF_BYTES = 0.0017  # to count two levels by shuffles of half bytes
_TURN = 0.02  # to turn the half bytes of a level
_JOIN = 0.025  # to add a column to a group
_INCREMENT = (
    (1 << 13, 0.35),
    (1 << 15, 0.42),
    (1 << 17, 0.55),
    (1 << 18, 1.0),
    (1 << 20, 2.0),
)  # by the number of cells of a table
_WIDE = 0.2  # in addition, if the numbers of a group take two bytes
_SUM = 0.25  # per cell of a table, for each column of the first group
_DIGIT = 1.0  # per number of the second group, for each of its columns and each level of the first


class Plan(NamedTuple):
    """How a pair of panels is counted."""

    cost: float  #: ns per row
    x_groups: Array | None  #: where groups begin and end; None for level by level
    y_groups: Array | None
    half_bytes: bool = False  #: whether levels are counted by half bytes, not by bit planes
    one_by_one: bool = False  #: whether to use an increment for each pair of columns


@functools.cache
def _processor() -> tuple[str, frozenset[str]]:
    """The kind and the features of the processor that numba compiles for."""
    from numba.core.registry import cpu_target

    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    return triple.partition("-")[0], frozenset(features.split(","))


def _counts_bits_of_vectors() -> bool:
    kind, features = _processor()
    return kind in ("aarch64", "arm64") or "+avx512vpopcntdq" in features


def _groups(widths: Array, size: int) -> Array:
    """Divide columns into groups of at most `size` numbers: where each begins, and the end."""
    bounds, product = [0], 1
    for k, width in enumerate(widths.tolist()):
        if k > bounds[-1] and product * width > size:
            bounds.append(k)
            product = 1
        product *= width
    return read_only(np.array([*bounds, widths.size], np.int64))


def _cost_of_planes(nx: int, ny: int, same: bool) -> float:
    share = _SHARE if _counts_bits_of_vectors() else _SHARE_WITHOUT
    if same:
        return _FILL * nx + share * nx * nx / 2.0
    return _FILL * (nx + ny) + share * nx * ny


def _cost_of_half_bytes(nx: int, ny: int, same: bool) -> float:
    if "+avx2" not in _processor()[1] or _counts_bits_of_vectors():
        return np.inf
    ends = range(LANES, ny + LANES, LANES)
    pairs = LANES * sum(min(nx, end) if same else nx for end in ends)
    fill = _FILL * (nx if same else nx + ny) + _TURN * len(ends) * LANES
    return fill + _SHARE_HALF_BYTES * pairs


def _numbers(widths: Array, groups: Array) -> Array:
    return np.multiply.reduceat(widths, groups[:-1])


def _first_groups(x_groups: Array, y_groups: Array, same: bool) -> Array:
    """The first group of the other side that each group is counted against."""
    if not same:
        return np.zeros(x_groups.size - 1, np.int64)
    return np.searchsorted(y_groups, x_groups[:-1], side="right") - 1


def _cost_of_packed(
    widths: tuple[Array, Array], groups: tuple[Array, Array], same: bool, n_rows: int
) -> float:
    x_numbers, y_numbers = map(_numbers, widths, groups)
    x_columns, y_columns = map(np.diff, groups)
    cells = np.multiply.outer(x_numbers, y_numbers)
    levels = np.add.reduceat(widths[0], groups[0][:-1])
    limits, times = (np.array(part) for part in zip(*_INCREMENT, strict=True))
    cost = times[np.minimum(np.searchsorted(limits, cells), times.size - 1)]
    if max(x_numbers.max(), y_numbers.max()) > 256:
        cost = cost + _WIDE
    marginals = _SUM * cells * x_columns[:, None]
    marginals = marginals + _DIGIT * np.multiply.outer(levels, y_numbers * y_columns)
    cost = cost + marginals / max(n_rows, 1)
    counted = np.arange(groups[1].size - 1) >= _first_groups(*groups, same)[:, None]
    return float(cost[counted].sum()) + _JOIN * (widths[0].size + widths[1].size)


def choose(x: Panel, y: Panel, same: bool) -> Plan:
    """The plan with the lowest cost by the model; the plain plan if there is little work."""
    pairs = x.columns.size * y.columns.size
    if pairs * x.matrix.n_rows <= (2 * _FEW if same else _FEW):
        x_groups, y_groups = (read_only(np.arange(p.columns.size + 1)) for p in (x, y))
        return Plan(_INCREMENT[0][1] * pairs, x_groups, y_groups, one_by_one=True)
    planes = int(x.stored.sum()) + 1, int(y.stored.sum()) + 1
    n_rows = min(x.matrix.n_rows, _MOST_ROWS)
    return _cheapest(x.widths.tobytes(), y.widths.tobytes(), planes, same, n_rows)


@functools.lru_cache(1024)
def _cheapest(x: bytes, y: bytes, planes: tuple[int, int], same: bool, n_rows: int) -> Plan:
    widths = np.frombuffer(x, np.int64), np.frombuffer(y, np.int64)
    best = min(
        Plan(_cost_of_planes(*planes, same), None, None),
        Plan(_cost_of_half_bytes(*planes, same), None, None, half_bytes=True),
        key=lambda plan: plan.cost,
    )
    known = set()
    for x_size, y_size in itertools.product(_GROUP_SIZES, repeat=2):
        groups = _groups(widths[0], x_size), _groups(widths[1], y_size)
        shape = groups[0].size, groups[1].size
        if shape in known:  # a larger size that gives the same groups
            continue
        known.add(shape)
        cost = _cost_of_packed(widths, groups, same, n_rows)
        if cost < best.cost:
            best = Plan(cost, *groups)
    return best


def _padded(n: int, by: int) -> int:
    return -(-n // by) * by


def _by_levels(
    nx: int, ny: int, same: bool, size: int, plan: Plan
) -> tuple[Array, Callable[..., None]]:
    """Counts of pairs of levels, with nothing in them yet, and a function that adds rows."""
    if plan.half_bytes:
        counts = np.zeros((_padded(nx, 2), _padded(ny, LANES)), np.int64)

        def add(x: Array, x_planes: Array, y: Array, y_planes: Array, a: int, b: int) -> None:
            half_bytes.count_by_half_bytes(x, x_planes, y, y_planes, same, a, b, counts)

        return counts, add
    counts = np.zeros((_padded(nx, 4), _padded(ny, 4)), np.int64)
    first = np.zeros((_padded(nx, 4), size), np.uint8)
    second = first if same else np.zeros((_padded(ny, 4), size), np.uint8)
    scratch = (first, first.view(np.uint64), second, second.view(np.uint64))

    def add_planes(x: Array, x_planes: Array, y: Array, y_planes: Array, a: int, b: int) -> None:
        bit_planes.count_by_planes(x, x_planes, y, y_planes, same, a, b, *scratch, counts)

    return counts, add_planes


def _count_levels(x: Panel, y: Panel, same: bool, plan: Plan, span: tuple[int, int]) -> Array:
    if x.alone and same:
        return _count_rows(x, plan, span)
    nx, ny = int(x.stored.sum()) + 1, int(y.stored.sum()) + 1
    n = span[1] - span[0]
    blocks = -(-n // (8 * bit_planes.BYTES))  # with about the same number of rows
    size = -(-n // (8 * _LINE * max(blocks, 1))) * _LINE
    counts, add = _by_levels(nx, ny, same, size, plan)
    block = half_bytes.ROWS if plan.half_bytes else 8 * size
    step = max(int(_CALL / plan.cost) // block, 1) * block
    for start in range(*span, step):
        stop = min(start + step, span[1])
        add(x.matrix.codes, x.planes, y.matrix.codes, y.planes, start, stop)
    return np.ascontiguousarray(counts[:nx, :ny])


def _count_rows(x: Panel, plan: Plan, span: tuple[int, int]) -> Array:
    """Count all columns against each other, forgetting the codes of each block of rows."""
    numbers = x.matrix.stored
    assert isinstance(numbers, NumbersInRows)
    nx = int(x.stored.sum()) + 1
    size = min(-(-(span[1] - span[0]) // (8 * _LINE)) * _LINE, bit_planes.BYTES)
    counts, add = _by_levels(nx, nx, True, size, plan)
    codes = np.empty((numbers.shape[0], 8 * size + _LINE), np.uint8)  # not all on the same lines
    known = read_only(codes)  # in the cache
    for first in range(*span, 8 * size):
        last = min(first + 8 * size, span[1])
        numbers.turn(first, last, codes)
        add(known, x.planes, known, x.planes, 0, last - first)
    return np.ascontiguousarray(counts[:nx, :nx])


def _join(
    panel: Panel, groups: Array, span: tuple[int, int], dtype: np.dtype[np.unsignedinteger]
) -> Array:
    numbers = np.empty((groups.size - 1, span[1] - span[0]), dtype)
    for out, first, last in zip(numbers, groups[:-1], groups[1:], strict=True):
        columns, widths = panel.rows[first:last], panel.widths[first:last]
        packing.join_columns(panel.matrix.codes, columns, widths, *span, out)
    return read_only(numbers)


def _count_packed(x: Panel, y: Panel, same: bool, plan: Plan, span: tuple[int, int]) -> Array:
    x_groups, y_groups = plan.x_groups, plan.y_groups
    assert x_groups is not None
    assert y_groups is not None
    counts = np.zeros((int(x.levels.sum()), int(y.levels.sum())), np.int64)
    nx, ny = _numbers(x.widths, x_groups).max(), _numbers(y.widths, y_groups).max()
    dtype = code_dtype(int(max(nx, ny)) - 1)
    cells = np.empty(int(nx) * int(ny), np.uint32)
    starts = _first_groups(x_groups, y_groups, same).tolist()
    sums = np.empty((int(x.widths.max()), int(ny)), np.int64)
    n_groups = x_groups.size + y_groups.size
    rows = _SCRATCH // (get_num_threads() * n_groups * dtype.itemsize)
    rows = min(max(rows, _FEWEST_ROWS), _MOST_ROWS)
    for start in range(*span, rows):
        part = start, min(start + rows, span[1])
        x_numbers = _join(x, x_groups, part, dtype)
        again = same and np.array_equal(x_groups, y_groups)
        y_numbers = x_numbers if again else _join(y, y_groups, part, dtype)
        for g, (first, last) in enumerate(itertools.pairwise(x_groups.tolist())):
            packing.count_packed(
                x_numbers[g],
                x.digits[first:last],
                y_numbers,
                y.digits,
                y_groups,
                starts[g],
                cells,
                sums,
                counts,
            )
    return counts


def _count_one_by_one(x: Panel, y: Panel, same: bool, plan: Plan, span: tuple[int, int]) -> Array:
    counts = np.zeros((int(x.levels.sum()), int(y.levels.sum())), np.int64)
    x_codes, y_codes = x.matrix.codes, y.matrix.codes
    packing.count_each_pair(
        x_codes, x.rows, x.digits, y_codes, y.rows, y.digits, same, *span, counts
    )
    return counts


def _count(
    x: Panel, y: Panel, same: bool, plan: Plan, row_spans: Sequence[tuple[int, int]]
) -> Array:
    count = _count_levels if plan.x_groups is None else _count_packed
    count = _count_one_by_one if plan.one_by_one else count
    if not (count is _count_levels and same and x.alone):
        _turn(x.matrix, y.matrix)
    parts = run_in_order(lambda span: count(x, y, same, plan, span), row_spans)
    total = parts[0]
    for part in parts[1:]:
        total += part
    if same:
        mirror(total, x.layout(plan.x_groups is None))
    return read_only(total)


def _turn(*matrices: CodeMatrix) -> None:
    """Make the codes with all threads, before several of them need the codes at once."""
    for matrix in matrices:
        assert matrix.codes.dtype == np.uint8


def count_all(
    x: CodeMatrix,
    y: CodeMatrix | None,
    use: Callable[[Panel, Panel, bool, bool, Array], None],
    done: Callable[[int], None] | None = None,
) -> None:
    """
    Count all pairs of narrow columns of `x` and `y`, or of `x` alone if there is no `y`.

    Each matrix of counts is passed to ``use(x_panel, y_panel, same, by_planes, counts)`` in some
    thread. If the rows of `x` have weights, the counts are sums of weights. ``done(pairs)`` is
    called with the number of pairs done.
    """
    x_panels = panels_of(x)
    if y is None:
        tasks = [(p, q, i == j) for i, p in enumerate(x_panels) for j, q in enumerate(x_panels)]
        tasks = [t for k, t in enumerate(tasks) if k // len(x_panels) <= k % len(x_panels)]
    else:
        tasks = [(p, q, False) for p in x_panels for q in panels_of(y)]
    is_sparse = x.sparse is not None or (y is not None and y.sparse is not None)
    if len(tasks) > 1 and not is_sparse:
        _turn(x, x if y is None else y)
    sizes = [
        p.columns.size * (p.columns.size + 1) // 2 if same else p.columns.size * q.columns.size
        for p, q, same in tasks
    ]
    ends = np.cumsum(sizes).tolist()
    n = x.n_rows
    threads = get_num_threads()

    def work(task: tuple[Panel, Panel, bool], row_spans: Sequence[tuple[int, int]]) -> None:
        if x.weights is not None:
            use(*task, False, weigh(*task, x.weights))
            return
        if is_sparse:
            sides = ((own.matrix, own.columns, own.layout(False)) for own in task[:2])
            use(*task, False, count_sparse(*sides))
            return
        plan = choose(*task)
        use(*task, plan.x_groups is None, _count(*task, plan, row_spans))

    if is_sparse or len(tasks) >= 4 * threads or n < _FEWEST_ROWS:
        report = None if done is None else lambda k: done(ends[k - 1])
        run_in_order(lambda task: work(task, [(0, n)]), tasks, done=report)
        return
    rows = max(-(-n // threads), _FEWEST_ROWS)
    for k, task in enumerate(tasks):
        work(task, spans(n, rows))
        if done is not None:
            done(ends[k])
