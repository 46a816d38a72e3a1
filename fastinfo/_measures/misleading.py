"""Warn about estimates of information that are mostly due to chance, found by shuffling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastinfo._codes.column import UNIQUE_FROM
from fastinfo._core.checks import Array
from fastinfo._core.messages import listed, warn
from fastinfo._counts.table import Table
from fastinfo._measures.information import expected_information
from fastinfo._measures.joint_entropies import Joint

LITTLE = 0.1  # information in nats that is too small to mislead
_HALF = 0.5  # from this fraction of an estimate on, there is a warning about chance

_Correction = str | float | None


def chance_in_table(table: Table, found: float) -> float | None:
    """
    Share of a plug-in estimate that is due to chance, by the exact expectation.

    None if it does not matter: little information, fewer cells than pairs, or less than a half.
    """
    if found < LITTLE or table.n_cells <= table.n_pairs:
        return None
    return _share(found, expected_information(table))


def tell_chance_in_table(table: Table, found: float, bins: Any) -> None:
    """
    Warn if a plug-in estimate of x and y is mostly due to chance, from 100 pairs on.

    There is no warning if the user chose the bins, or for labels that are almost all different,
    which were reported when they were read.
    """
    if table.n_cells <= UNIQUE_FROM:
        return
    if not isinstance(bins, str) or bins != "mi":
        return
    share = chance_in_table(table, found)
    if share is not None and _has_a_say(table):
        levels, n = " x ".join(map(str, table.occurring)), round(float(table.effective.n))
        warn(
            f"x and y have {levels} values in {n} rows: {_percent(share)}. Use fewer "
            f'levels, or correction="chance", which subtracts this part'
        )


def _has_a_say(table: Table) -> bool:
    """Whether a warning makes sense: enough pairs, and no side reported as an identifier."""
    n = round(float(table.effective.n))
    return n >= UNIQUE_FROM and 2 * max(table.occurring) <= n


def tell_chance_of_interval(table: Table, estimate: float) -> None:
    """Warn if the estimate that an interval belongs to is mostly due to chance."""
    if estimate < LITTLE or not _has_a_say(table):
        return
    share = _share(estimate, expected_information(table))
    if share is not None:
        warn(
            f"{_percent(share)}: an interval around such an estimate does not cover the true "
            f"information of the variables. Use fewer bins or levels, or "
            f'correction="chance", which subtracts this part'
        )


def tell_chance_in_pairs(
    information: Array, n_rows: int, x: Sequence[tuple[str, int]], y: Sequence[tuple[str, int]] = ()
) -> None:
    """
    Warn about columns whose plug-in information with others is mostly due to chance.

    `information` is in nats, for columns with names and numbers of levels. Pairs with more
    combinations than rows are examined, except those of nearly unique columns, which have a note.
    """
    levels, others = (np.array([k for _, k in side], np.float64) for side in (x, y or x))
    if n_rows < UNIQUE_FROM or levels.max(initial=0.0) * others.max(initial=0.0) <= n_rows:
        return
    cells = np.multiply.outer(levels, others)
    by_chance = np.multiply.outer(levels - 1.0, others - 1.0) / (2.0 * n_rows)
    most = np.log(np.minimum.outer(np.maximum(levels, 1.0), np.maximum(others, 1.0)))
    odd = (cells > n_rows) & (information >= LITTLE)
    odd &= 2.0 * np.minimum(by_chance, most) >= information
    odd[2.0 * levels > n_rows] = False
    odd[:, 2.0 * others > n_rows] = False
    if not y:
        np.fill_diagonal(odd, False)
    if odd.any():
        places = np.argwhere(odd).tolist()
        pairs = [max(x[i], (y or x)[j], key=lambda column: column[1]) for i, j in places]
        names = list(dict.fromkeys(name for name, _ in pairs))
        warn(
            f"columns of many values for {n_rows} rows: {listed(names)}. Much or all of their "
            f"information with other columns is what chance alone gives: "
            f'correction="chance" subtracts this part'
        )


def information_given(joint: Joint, correction: _Correction, names: str) -> float:
    """
    Information of the first two variables given the others, in nats; may warn about chance.

    The information by chance is the same estimate after shuffling the first variable among the rows
    that have equal values of the others.
    """
    given = tuple(range(2, joint.n_variables))
    found = joint.information((0,), (1,), given, correction)
    if _may_mislead(joint, found):
        shuffled = joint.shuffled((0,), given)
        _tell(joint, found, shuffled.information((0,), (1,), given, correction), correction, names)
    return found


def tell_chance_given(joint: Joint, names: str) -> None:
    """Warn if the plug-in information given the others is mostly due to chance."""
    if joint.n:
        information_given(joint, None, names)


def total_correlation_of(joint: Joint, correction: _Correction, names: str) -> float:
    """Total correlation in nats; warn if shuffled columns have as much."""
    found = joint.total_correlation(correction)
    if _may_mislead(joint, found):
        shuffled = joint.shuffled(tuple(range(1, joint.n_variables)), ())
        _tell(joint, found, shuffled.total_correlation(correction), correction, names)
    return found


def _may_mislead(joint: Joint, found: float) -> bool:
    # By chance, the mean is about half the number of cells, divided by the number of rows.
    return joint.n_rows >= UNIQUE_FROM and found >= LITTLE <= joint.n_cells / (2 * joint.n_rows)


def _tell(joint: Joint, found: float, chance: float, correction: _Correction, names: str) -> None:
    share = _share(found, chance)
    if share is None:
        return
    levels = " x ".join(map(str, joint.occurring()))
    cure = ', or correction="nsb", which removes most of it' if correction is None else ""
    warn(
        f"{names} have {levels} values in {joint.n_rows} rows: {_percent(share)}. Use fewer "
        f"bins or levels{cure}"
    )


def _share(found: float, chance: float) -> float | None:
    return min(chance / found, 1.0) if chance >= max(LITTLE, _HALF * found) else None


def _percent(share: float) -> str:
    return f"about {100 * share:.0f} % of the estimate is what chance alone gives"
