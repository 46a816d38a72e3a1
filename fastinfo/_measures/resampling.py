"""Replicates of counts, each with its own stream: the same for any number of threads."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, integer, read_only, shown
from fastinfo._core.limits import check_memory
from fastinfo._core.threads import run_in_order, spans
from fastinfo._counts.table import Table
from fastinfo._measures.information import information_of
from fastinfo.kernels.information import resampling as kernels
from fastinfo.kernels.information.plug_in import margins_of_pairs, mutual_information_of_pairs
from fastinfo.kernels.random.lockstep import LANES
from fastinfo.kernels.random.variates import MODERATE

MOST_REPLICATES = 10**9  #: the most permutations or resamples; more would take too long
_CELL = 100.0  # ns to draw a cell
_CELL_IN_STEP = 10.0  # with many replicates at a time
_MANY_CELLS = 4096  # from so many cells on, the longer compilation pays
_SAMPLE = 12.0  # ns to shuffle a sample
_CALL = 2e7  # ns of one kernel call
_SUM, _RESAMPLE = 24, 48  # bytes per replicate
_BYTES = 1 << 23  # bytes of bootstrap counts at a time
_ROUNDING = 1e-13  # relative difference of equal sums


def check_permutations(n_permutations: Any) -> int | str:
    """Return the number of permutations, 0 for the G-test, or "auto"."""
    if isinstance(n_permutations, str):
        if n_permutations != "auto":
            raise ValueError(
                f"n_permutations must be 'auto' or an integer of at least 0, "
                f"got {shown(n_permutations)}"
            )
        return n_permutations
    return integer(n_permutations, "n_permutations", least=0, most=MOST_REPLICATES)


def _entropy(seed: Any) -> int | list[int] | None:
    """A seed as integers; NumPy recurses forever into a list that contains itself."""
    if isinstance(seed, (bool, np.bool_)):
        raise TypeError
    if isinstance(seed, (list, tuple)) or (type(seed) is np.ndarray and seed.ndim == 1):
        return [operator.index(part) for part in seed]
    return None if seed is None else operator.index(seed)


def seed_key(seed: Any) -> Array:
    """Key of the streams, from an integer, a SeedSequence or a Generator; random for None."""
    if isinstance(seed, np.random.Generator):
        return read_only(seed.integers(0, 2**64, 2, np.uint64))
    if not isinstance(seed, np.random.SeedSequence):
        try:
            seed = np.random.SeedSequence(_entropy(seed))
        except (TypeError, ValueError) as error:
            raise type(error)(
                f"seed must be None, an integer that is not negative, a SeedSequence or a "
                f"Generator, got {shown(seed)}"
            ) from None
    return read_only(seed.generate_state(2, np.uint64))


def large_or_none(n: float) -> bool | None:
    """True if kernels need other formulas for so many samples, else None."""
    return True if n >= MODERATE else None


def _margins(table: Table) -> tuple[Array, Array]:
    """Counts of the rows and columns that occur, as int64."""
    x_counts, y_counts = table.x_counts, table.y_counts
    return (
        read_only(x_counts[x_counts > 0.0].astype(np.int64)),
        read_only(y_counts[y_counts > 0.0].astype(np.int64)),
    )


def _sums(table: Table, n_replicates: int, key: Array, first: int) -> Array:
    """Number of samples times the information, for tables with this table's margins."""
    check_memory(_SUM * n_replicates, f"n_permutations={n_replicates}", "use fewer")
    margins = _margins(table)
    n_cells, n = margins[0].size * margins[1].size, int(table.n)
    out = np.empty(n_replicates)
    in_step = n_cells >= _MANY_CELLS and n < MODERATE and min(m.size for m in margins) > 1
    cell = _CELL_IN_STEP if in_step else _CELL
    drawn = n_cells * cell <= n * _SAMPLE or n >= 2**32
    step = max(int(_CALL / (n_cells * cell if drawn else n * _SAMPLE)), 1)
    if drawn and in_step:
        if margins[0].size < margins[1].size:
            margins = margins[1], margins[0]
        step = max(step // LANES, 1) * LANES

    def draw(span: tuple[int, int]) -> None:
        here = out[slice(*span)]
        if not drawn:
            kernels.shuffled_sums(*margins, key, first + span[0], here)
        elif in_step:
            kernels.table_sums_in_step(*margins, key, first + span[0], here)
        else:
            kernels.table_sums(*margins, key, first + span[0], large_or_none(n), here)

    run_in_order(draw, spans(n_replicates, step))
    return out


def permuted_information(
    table: Table, n_permutations: int, key: Array, first: int = 0
) -> tuple[Array, int]:
    """
    Mutual information in nats of permuted samples, and how many reach the observed value.

    Replicates have the streams from number `first` on.
    """
    sums = _sums(table, n_permutations, key, first)
    n = float(table.n)
    return sums / n, count_extreme(sums, n * information_of(table), n)


def count_extreme(sums: Array, observed: float, n: float) -> int:
    """How many sums are at least the observed one; rounding differences count as equal."""
    rounding = _ROUNDING * (observed + math.sqrt(n))
    return int(np.count_nonzero(sums >= observed - rounding))


def bootstrapped_information(
    table: Table, n_resamples: int, key: Array, correction: str | float | None
) -> Array:
    """Mutual information in nats of bootstrap samples."""
    check_memory(_RESAMPLE * n_resamples, f"n_resamples={n_resamples}", "use fewer")
    *places, values = table.cells()
    counts = read_only(values.astype(np.int64))
    rows, columns = (read_only(p.astype(np.uint32)) for p in places)
    step = max(min(_BYTES // (8 * counts.size), int(_CALL / (counts.size * _CELL))), 1)

    def measure(span: tuple[int, int]) -> list[float]:
        drawn = np.empty((span[1] - span[0], counts.size))
        kernels.draw_cells(counts, key, span[0], large_or_none(table.n), drawn)
        if correction is not None:
            return [
                information_of(
                    Table(c, table.shape, (rows, columns), weighted=False), None, correction
                )
                for c in drawn
            ]
        x_counts, y_counts = np.empty(table.shape[0]), np.empty(table.shape[1])
        found = []
        for c in drawn:
            margins_of_pairs(rows, columns, read_only(c), x_counts, y_counts)
            found.append(
                mutual_information_of_pairs(
                    rows, columns, read_only(c), read_only(x_counts), read_only(y_counts)
                )
            )
        return found

    parts = run_in_order(measure, spans(n_resamples, step))
    return np.array([value for part in parts for value in part])
