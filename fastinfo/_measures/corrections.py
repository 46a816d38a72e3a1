"""Entropy of counts with a correction: which corrections there are, and what each needs."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, NoReturn

import numpy as np

from fastinfo._core.checks import Array, as_float, is_real, read_only, shown
from fastinfo._counts.table import Table
from fastinfo.kernels.information import corrections as corrected
from fastinfo.kernels.information import pair_tables as pairs
from fastinfo.kernels.information import plug_in as kernels
from fastinfo.kernels.information.nsb import entropy_nsb


class Estimator(NamedTuple):
    """A way to estimate an entropy from counts."""

    kernel: Any  #: the kernel for a vector of counts
    pairs: Any  #: kernel for the tables of many pairs of columns; None: one by one
    takes_cells: bool = False  #: whether the kernel needs the number of cells
    needs_whole: bool = False  #: whether counts must be whole
    joint: Any = None  #: kernel for a table, if the correction changes the joint table


def _distinct(counts: Array) -> tuple[Array, Array]:
    """The distinct counts above 0, sorted, and how many cells have each."""
    values, cells = np.unique(counts[counts > 0.0], return_counts=True)
    return read_only(values), read_only(cells.astype(np.float64))


def nsb_of_counts(counts: Array, n_cells: float) -> tuple[float, float]:
    """Posterior mean and standard deviation of the entropy in nats, with the NSB prior."""
    mean, deviation = entropy_nsb(*_distinct(counts), float(n_cells))
    return float(mean), float(deviation)


def _entropy_nsb(counts: Array, n_cells: float) -> float:
    return nsb_of_counts(counts, n_cells)[0]


#: The estimator for a number, which is a pseudo-count.
DIRICHLET = Estimator(
    corrected.entropy_dirichlet,
    pairs.dirichlet_entropies,
    takes_cells=True,
    joint=corrected.joint_dirichlet,
)


#: The other estimators by name.
ESTIMATORS: dict[str | None, Estimator] = {
    None: Estimator(kernels.entropy_from_counts, pairs.entropies),
    "miller-madow": Estimator(corrected.entropy_miller_madow, pairs.miller_madow_entropies),
    "jackknife": Estimator(
        corrected.entropy_jackknife, pairs.jackknife_entropies, needs_whole=True
    ),
    "grassberger": Estimator(
        corrected.entropy_grassberger, pairs.grassberger_entropies, needs_whole=True
    ),
    "chao-shen": Estimator(
        corrected.entropy_chao_shen, pairs.chao_shen_entropies, needs_whole=True
    ),
    "shrinkage": Estimator(
        corrected.entropy_shrinkage,
        pairs.shrinkage_entropies,
        takes_cells=True,
        joint=corrected.joint_shrinkage,
    ),
    "zhang": Estimator(corrected.entropy_zhang, pairs.zhang_entropies, needs_whole=True),
    "nsb": Estimator(_entropy_nsb, None, takes_cells=True),
}


CORRECTIONS = (*ESTIMATORS, "chance")


def check_correction(correction: Any, of_information: bool = False) -> str | float | None:
    """
    Return a known correction: a name, a pseudo-count as a float, or None.

    "chance" is only for the mutual information of two variables.
    """
    if correction is None or isinstance(correction, str):
        if correction == "chance" and not of_information:
            raise ValueError(
                "correction must not be 'chance' here: it is only for the mutual information of "
                "two variables, from which it subtracts the expectation; got 'chance'"
            )
        if correction not in CORRECTIONS:
            listed = ", ".join(repr(k) for k in CORRECTIONS)
            raise ValueError(
                f"correction must be one of {listed}, or a pseudo-count, got {shown(correction)}"
            )
        return correction
    if not is_real(correction):
        raise TypeError(
            f"correction must be a name, a pseudo-count per cell, or None, got {shown(correction)}"
        )
    value = as_float(correction)
    if not 0.0 <= value < math.inf:
        raise ValueError(
            f"correction must be a pseudo-count that is finite and not negative, "
            f"got {shown(correction)}"
        )
    return value


def estimator_of(correction: str | float | None) -> tuple[Estimator, tuple[float, ...]]:
    """The estimator of a correction, and its pseudo-count if it has one."""
    if correction is None or isinstance(correction, str):
        return ESTIMATORS[correction], ()
    return DIRICHLET, (float(correction),)


def is_of_table(correction: str | float | None) -> bool:
    """Whether a correction changes the probabilities of the joint table, and so its margins."""
    return correction != "chance" and estimator_of(correction)[0].joint is not None


def estimate(table: Table, vector: Array, n_cells: int, correction: Any) -> float:
    """Entropy in nats of a vector of counts of `n_cells` cells of a table."""
    estimator, pseudo = estimator_of(correction)
    if estimator.needs_whole and not table.has_whole:
        refuse_weights(correction)
    if estimator.takes_cells:
        return float(estimator.kernel(vector, *pseudo, float(n_cells)))
    return float(estimator.kernel(vector))


def refuse_weights(correction: Any) -> NoReturn:
    """Raise an error if a correction needs whole counts."""
    raise ValueError(
        f"correction={shown(correction)} must have whole counts of samples, got weights: use "
        f"None, 'miller-madow', 'shrinkage', 'nsb' or a pseudo-count with weights"
    )


def ready(table: Table, correction: Any) -> Table:
    """The counts for an estimate; a correction gets those of effective samples."""
    return table.scaled if correction is None else table.effective


def entropy_of_counts(
    counts: Array,
    n_cells: int | None = None,
    correction: str | float | None = None,
    unit: float = 1.0,
) -> float:
    """
    Entropy of a vector of counts, in nats.

    `n_cells` is the number of cells, if `counts` leaves out empty ones. `unit` is the weight of one
    effective sample.
    """
    correction = check_correction(correction)
    table = ready(Table.of(counts.reshape(1, -1), unit), correction)
    return estimate(table, table.counts, counts.size if n_cells is None else n_cells, correction)


def shrunk_entropy(
    counts: Array, n_cells: int, whole: Array, whole_cells: int, unit: float
) -> float:
    """Entropy in nats of sums of cells, after shrinking the whole table to equal cells."""
    vectors = (Table.of(a.reshape(1, -1), unit).effective.counts for a in (counts, whole))
    part, cells = vectors
    if not cells.size or not cells.any():
        return 0.0
    intensity = corrected.shrinkage_intensity(cells, float(whole_cells))
    return float(corrected.entropy_shrunk(part, intensity, float(n_cells)))
