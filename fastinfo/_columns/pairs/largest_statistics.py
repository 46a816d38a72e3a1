"""The largest statistic over all pairs of columns, when columns are permuted independently.

The statistic makes tables of all sizes comparable. ``2 n I`` is approximately chi-squared, with the
degrees of freedom of the rows and columns that occur, and is transformed to a standard normal
number (Wilson & Hilferty 1931, https://doi.org/10.1073/pnas.17.12.684).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.pairs.all_pairs import count_all
from fastinfo._columns.pairs.panels import Panel
from fastinfo._columns.pairs.strongest import least_of
from fastinfo._columns.pairs.tiles import Tile
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._core.threads import run_in_order, spans
from fastinfo._counts.table import Table
from fastinfo._measures.information import information_of
from fastinfo.kernels.information.resampling import shuffle_codes

_COLUMNS = 32  # columns that are permuted at a time


def statistics_of(information: Any, n: Any, dof: Any) -> Array:
    """Plug-in information in nats as an approximately standard normal number; -inf if constant."""
    varies = np.greater(dof, 0.0)
    freedom = np.where(varies, dof, 1.0)
    small = 2.0 / (9.0 * freedom)
    with np.errstate(invalid="ignore"):
        found = (np.cbrt(2.0 * n * information / freedom) - (1.0 - small)) / np.sqrt(small)
    return np.where(varies & ~np.isnan(found), found, -np.inf)


def statistic_of_table(table: Table) -> float:
    """The statistic of one pair."""
    rows, columns = table.occurring
    dof = (rows - 1.0) * (columns - 1.0)
    return float(statistics_of(information_of(table), float(table.n), dof))


def largest_of_permuted(matrix: CodeMatrix, key: Array, number: int) -> float:
    """The largest statistic of all pairs, after permutation `number` of each column."""
    permuted = _permuted(matrix, key, number)
    found: deque[float] = deque([-math.inf])

    def use(x: Panel, y: Panel, same: bool, by_planes: bool, counts: Array) -> None:
        tile = Tile(x, y, same, by_planes, counts)
        scratch = tile.scratch()
        information, margins = tile.plug_in(scratch)
        _, n, dof = least_of(tile, margins, scratch)
        statistics = statistics_of(information, n, dof)
        if same:
            statistics[np.tril_indices(len(statistics))] = -np.inf
        found.append(float(statistics.max()))

    count_all(permuted, None, use)
    for i in permuted.wide:
        column = permuted.column(i)
        others = [j for j in range(matrix.n_columns) if j > i or not (j == i or j in matrix.wide)]

        def measure(j: int, column: Coded = column) -> float:
            table = Table.count(column, permuted.column(j))
            return statistic_of_table(table) if table.n else -math.inf

        found.extend(run_in_order(measure, others))
    return max(found)


def _permuted(matrix: CodeMatrix, key: Array, number: int) -> CodeMatrix:
    """The columns, each in a random order of its own."""
    codes = matrix.codes.copy()
    streams = number * matrix.n_columns + np.arange(matrix.n_columns)

    def shuffle(span: tuple[int, int]) -> None:
        for i in range(*span):
            if matrix.places[i] >= 0:
                shuffle_codes(key, int(streams[i]), codes[matrix.places[i]])

    run_in_order(shuffle, spans(matrix.n_columns, _COLUMNS))
    wide = {}
    for i, column in matrix.wide.items():
        own = column.codes.copy()
        shuffle_codes(key, int(streams[i]), own)
        wide[i] = Coded(read_only(own), column.n_levels)
    return replace(matrix, stored=read_only(codes), wide=wide, absent={})
