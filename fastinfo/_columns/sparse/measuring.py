"""Count and measure complete sparse columns against a target, all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._column_readers.sparse_columns import SparseColumn, SparseColumns
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.coding import code_sparse_features
from fastinfo._columns.notes import counts_rows, notes_of
from fastinfo._columns.ranked import Measured, RankedFeature, RankOptions
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._counts.dense_or_sparse import is_dense
from fastinfo._measures.gamma_tails import chi2_sf
from fastinfo._measures.information import MOST_SPREAD
from fastinfo._measures.many.tested_tables import Packed, TestedTables, measure_tables
from fastinfo._tables.features import Features
from fastinfo.kernels.information.many import tables as kernels

_CELLS = 1 << 24  # cells of the tables that are measured together
_FEWEST = 64  # for fewer columns, compiling the kernels takes longer than it saves


def complete_columns(matrix: CodeMatrix, target: CodeMatrix) -> Array:
    """
    Places of complete sparse columns whose table with the target keeps all its cells.

    The result is empty for few columns, which are measured one by one.
    """
    goal = target.column(0)
    if matrix.sparse is None or target.absent or goal.n_levels >= np.iinfo(np.uint32).max:
        return np.zeros(0, np.int64)
    most = next(k for k in (254, 64, 8, 1, 0) if not k or is_dense(k * goal.n_levels, 0))
    kept = (matrix.places >= 0) & ~matrix.incomplete & (matrix.n_levels <= most)
    found = np.flatnonzero(kept)
    return found if found.size >= _FEWEST else found[:0]


def count_tables(matrix: CodeMatrix, columns: Array, goal: Coded) -> Packed:
    """Count the tables of some complete columns against a target."""
    codes = matrix.sparse
    assert codes is not None
    levels = matrix.n_levels[columns]
    layout = read_only(np.stack([np.cumsum(levels) - levels, levels], axis=1))
    out = np.empty((int(levels.sum()), goal.n_levels), np.int64)
    codes.count_beside(read_only(matrix.places[columns]), layout, goal, out, 0)
    return Packed(out.reshape(-1), levels, goal.n_levels)


def test_columns(matrix: CodeMatrix, target: CodeMatrix) -> dict[int, float]:
    """p-values of the columns that are measured together."""
    columns, goal = complete_columns(matrix, target), target.column(0)
    margin = np.bincount(goal.codes, minlength=goal.n_levels + 1)[: goal.n_levels]
    found: dict[int, float] = {}
    for part in _parts(matrix, columns, goal.n_levels):
        tested = measure_tables(count_tables(matrix, part, goal), margin, test=True)
        assert tested.pvalues is not None
        found |= dict(zip(part.tolist(), tested.pvalues.tolist(), strict=True))
    return found


def measure_columns(
    matrix: CodeMatrix,
    target: CodeMatrix,
    columns: Sequence[SparseColumn],
    asked: RankOptions,
) -> dict[int, Measured]:
    """Measure columns together, as each would be measured separately; by place."""
    tested = isinstance(asked.n_permutations, str)
    if asked.correction is not None or (not tested and asked.n_permutations):
        return {}
    n_missing, goal = int(target.n_missing[0]), target.column(0)
    margin = np.bincount(goal.codes, minlength=goal.n_levels + 1)
    if margin[-1] != n_missing or (asked.nan_policy == "propagate" and n_missing):
        return {}
    found: dict[int, Measured] = {}
    for part in _parts(matrix, complete_columns(matrix, target), goal.n_levels):
        packed = count_tables(matrix, part, goal)
        tables = measure_tables(packed, margin[:-1], test=tested)
        classes = packed.columns, int(np.count_nonzero(margin[:-1]))
        found |= _measured(matrix, part, columns, tables, *classes, n_missing)
    return found


def _parts(matrix: CodeMatrix, columns: Array, width: int) -> list[Array]:
    """Groups of columns whose tables are measured together."""
    cells = np.cumsum(matrix.n_levels[columns]) * width
    return [own for own in np.split(columns, _steps(cells)) if own.size]


def _steps(cells: Array) -> Array:
    return np.flatnonzero(np.diff(cells // _CELLS)) + 1


def _measured(
    matrix: CodeMatrix,
    places: Array,
    columns: Sequence[SparseColumn],
    tables: TestedTables,
    width: int,
    occurring: int,
    n_missing: int,
) -> dict[int, Measured]:
    """Rows of a ranking in nats, as :func:`fastinfo._columns.ranked.measure_counts` makes them."""
    found = tables.found
    n = int(found[0, kernels.N])
    plain, hx, hy = (found[:, k] for k in (kernels.INFORMATION, kernels.H_ROWS, kernels.H_COLUMNS))
    levels = found[:, kernels.LEVELS].astype(np.int64)
    above, room = plain - tables.expected, hy - tables.expected
    mean = (hx + hy) / 2.0
    with np.errstate(all="ignore"):
        share = np.where(room > 1e-9 * hy, above / room, 0.0)
        normalized = np.minimum(np.where(mean <= 0.0, 0.0, plain / mean), 1.0)
    by_chance = np.maximum(levels - 1, 0) * (occurring - 1) / (2.0 * n)
    errors = np.sqrt(np.maximum(found[:, kernels.SPREAD], by_chance) / n)
    unknown = matrix.n_levels[places] * width > MOST_SPREAD
    errors[unknown | (2 * np.maximum(levels, occurring) > n)] = np.nan
    if tables.pvalues is None:
        dof = (levels - 1) * (occurring - 1)
        statistics = 2.0 * n * plain
        pvalues = [
            chi2_sf(s, float(d)) if d > 0 else 1.0
            for s, d in zip(statistics.tolist(), dof.tolist(), strict=True)
        ]
        tests: Sequence[str] = ["g"] * len(pvalues)
    else:
        pvalues, tests = tables.pvalues.tolist(), tables.tests
    codes = matrix.sparse
    assert codes is not None
    stored = np.diff(codes.starts)[matrix.places[places]]
    full = set(places[stored >= matrix.n_rows - 1].tolist())  # in other columns some rows are equal
    out: dict[int, Measured] = {}
    nan = float("nan")
    numbers = (above, share, plain, normalized, levels, errors, tables.starts, tables.distinct)
    labels, names = matrix.labels[places].tolist(), matrix.names
    ends = zip(*(a.tolist() for a in numbers), strict=True)
    for i, is_label, p, test, own in zip(
        places.tolist(), labels, pvalues, tests, ends, strict=True
    ):
        more, part, mi, by_mean, size, error, start, distinct = own
        notes = notes_of(
            size, n, n, part, labels=is_label, row_number=i in full and counts_rows(columns[i])
        )
        row = RankedFeature(names[i], more, part, mi, by_mean, p, nan, test, size, n, n_missing, "")
        key = None
        if size > 1:
            at = slice(start, start + distinct)
            often = tables.times[at].astype(np.int64)
            sizes = np.repeat(tables.sizes[at], often).tobytes()
            key = (n, n_missing, size, round(more, 9), sizes)
        out[i] = Measured(row, notes, key, error, 1.0)
    return out


class SparsePart(NamedTuple):
    """The sparse columns among some columns: coded, and measured if that is done together."""

    matrix: CodeMatrix | None = None
    places: Mapping[int, int] = MappingProxyType(
        {}
    )  #: of each sparse column in the matrix, by its own
    measured: Mapping[int, Measured] = MappingProxyType({})  #: by the place among all columns


def measure_sparse(
    part: Features, binning: Binning, target: CodeMatrix, asked: RankOptions
) -> SparsePart:
    """Code the sparse columns among some, and measure those that can be measured together."""
    if part.array is not None:
        return SparsePart()
    kept: Sequence[int] = range(len(part.names))
    if not isinstance(part.columns, SparseColumns):
        kept = [i for i, own in enumerate(part.columns) if isinstance(own, SparseColumn)]
    if not kept:
        return SparsePart()
    chosen = part if len(kept) == len(part.names) else part.chosen(kept)
    matrix = code_sparse_features(chosen, binning, as_array=False)
    found = measure_columns(matrix, target, chosen.columns, asked)
    places = {i: k for k, i in enumerate(kept)}
    return SparsePart(matrix, places, {kept[k]: own for k, own in found.items()})
