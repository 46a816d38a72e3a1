"""Counts to information, in units of the caller's base: what every measure of samples ends in."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from fastinfo._cells import Cells
from fastinfo._validate import Array, as_float, base_divisor, choice, read_only
from fastinfo.kernels import corrections as corrected
from fastinfo.kernels import information as kernels
from fastinfo.kernels.nsb import entropy_nsb

__all__ = [
    "AVERAGES",
    "CORRECTIONS",
    "check_correction",
    "entropies",
    "entropy_of",
    "entropy_of_counts",
    "information_of",
    "normalize",
    "nsb_of_counts",
    "share_of",
]

AVERAGES = ("arithmetic", "geometric", "min", "max", "joint")

#: Estimators of an entropy by name: the kernel; whether it takes the number of cells; whether it
#: needs whole counts.
_KERNELS: dict[str | None, tuple[Any, bool, bool]] = {
    None: (kernels.entropy_from_counts, False, False),
    "miller-madow": (corrected.entropy_miller_madow, False, False),
    "jackknife": (corrected.entropy_jackknife, False, True),
    "grassberger": (corrected.entropy_grassberger, False, True),
    "chao-shen": (corrected.entropy_chao_shen, False, True),
    "shrinkage": (corrected.entropy_shrinkage, True, False),
    "zhang": (corrected.entropy_zhang, False, True),
}

CORRECTIONS = (*_KERNELS, "nsb")


def check_correction(correction: Any) -> str | float | None:
    """Return a correction that is known: a name, a pseudo-count as a float, or None."""
    if correction is None or isinstance(correction, str):
        if correction not in CORRECTIONS:
            listed = ", ".join(repr(k) for k in CORRECTIONS)
            raise ValueError(
                f"correction must be one of {listed}, or a pseudo-count, got {correction!r}"
            )
        return correction
    if isinstance(correction, (bool, np.bool_)) or not isinstance(correction, numbers.Real):
        raise TypeError(
            f"correction must be a name, a pseudo-count per cell, or None, got {correction!r}"
        )
    value = as_float(correction)
    if not 0.0 <= value < math.inf:
        raise ValueError(
            f"correction must be a pseudo-count that is finite and not negative, got {correction!r}"
        )
    return value


def _distinct(counts: Array) -> tuple[Array, Array]:
    """The counts above 0, each once, and how many cells have them; sorted."""
    values, cells = np.unique(counts[counts > 0.0], return_counts=True)
    return read_only(values), read_only(cells.astype(np.float64))


def nsb_of_counts(counts: Array, n_cells: int) -> tuple[float, float]:
    """Posterior mean and standard deviation of the entropy in nats, with the NSB prior."""
    mean, deviation = entropy_nsb(*_distinct(counts), float(n_cells))
    return float(mean), float(deviation)


def _estimate(cells: Cells, vector: Array, n_cells: int, correction: Any) -> float:
    """Entropy in nats of a vector of counts that belongs to these cells."""
    if correction == "nsb":
        return nsb_of_counts(vector, n_cells)[0]
    if isinstance(correction, float):
        return float(corrected.entropy_dirichlet(vector, correction, float(n_cells)))
    kernel, takes_cells, needs_whole = _KERNELS[correction]
    if needs_whole and not cells.whole:
        raise ValueError(
            f"correction={correction!r} must have whole counts of samples, got fractional weights: "
            f"None, 'miller-madow', 'shrinkage', 'nsb' and a pseudo-count take those"
        )
    return float(kernel(vector, float(n_cells)) if takes_cells else kernel(vector))


def entropy_of_counts(
    counts: Array, n_cells: int | None = None, correction: str | float | None = None
) -> float:
    """
    Entropy of a vector of counts, in nats.

    `n_cells` is the number of cells where empty ones are left out in `counts`.
    """
    correction = check_correction(correction)
    cells = Cells.from_table(counts.reshape(1, -1))
    if correction is None:
        cells = cells.scaled
    return _estimate(cells, cells.counts, counts.size if n_cells is None else n_cells, correction)


def entropy_of(
    cells: Cells, side: str, base: float | None = None, correction: str | float | None = None
) -> float:
    """Entropy of "x", of "y", or "joint"."""
    correction, divisor = check_correction(correction), base_divisor(base)
    if correction is None:
        cells = cells.scaled
    if side == "joint":
        vector, n_cells = cells.counts, cells.n_cells
    elif side == "x":
        vector, n_cells = cells.x_counts, cells.shape[0]
    else:
        vector, n_cells = cells.y_counts, cells.shape[1]
    return _estimate(cells, vector, n_cells, correction) / divisor


def entropies(cells: Cells, correction: str | float | None = None) -> tuple[float, float, float]:
    """H(X), H(Y) and H(X, Y), in nats."""
    hx, hy, hxy = (entropy_of(cells, side, None, correction) for side in ("x", "y", "joint"))
    return hx, hy, hxy


def information_of(
    cells: Cells, base: float | None = None, correction: str | float | None = None
) -> float:
    """
    Mutual information.

    Plug-in: never negative, exactly 0 for independent counts. Corrected: the sum of the corrected
    entropies of both variables less that of the pair, whatever its sign.
    """
    divisor = base_divisor(base)
    if correction is not None:
        hx, hy, hxy = entropies(cells, correction)
        return (hx + hy - hxy) / divisor
    if cells.exact is not None:
        return _exact_information(cells) / divisor
    cells = cells.scaled
    margins = cells.x_counts, cells.y_counts
    if cells.rows is None:
        table = read_only(cells.counts.reshape(cells.shape))
        return float(kernels.mutual_information(table, *margins) / divisor)
    places = cells.rows, cells.columns
    return float(kernels.mutual_information_of_pairs(*places, cells.counts, *margins) / divisor)


def _exact_information(cells: Cells) -> float:
    """Plug-in mutual information of integers that float64 does not hold, in integers."""
    assert cells.exact is not None
    occupied = np.flatnonzero(cells.exact)
    if cells.rows is None or cells.columns is None:
        rows, columns = (a.tolist() for a in np.divmod(occupied, max(cells.shape[1], 1)))
    else:
        rows, columns = cells.rows[occupied].tolist(), cells.columns[occupied].tolist()
    counts = cells.exact[occupied].tolist()
    x_counts, y_counts, n = dict.fromkeys(rows, 0), dict.fromkeys(columns, 0), sum(counts)
    for i, j, c in zip(rows, columns, counts, strict=True):
        x_counts[i] += c
        y_counts[j] += c
    terms = []
    for i, j, c in zip(rows, columns, counts, strict=True):
        independent = x_counts[i] * y_counts[j]
        excess = (c * n - independent) / independent
        log = math.log1p(excess) if abs(excess) < 0.5 else math.log(c * n / independent)
        terms.append(c / n * log)
    return max(math.fsum(terms), 0.0)


def share_of(
    information: Any,
    hx: Any,
    hy: Any,
    hxy: Any,
    average: str,
    correction: str | float | None = None,
) -> Any:
    """
    Mutual information by an average of the entropies, of numbers or arrays.

    0 where that is not positive, at most 1 without a correction; NaN stays NaN.
    """
    if average == "arithmetic":
        scale = (hx + hy) / 2.0
    elif average == "geometric":
        scale = np.sqrt(np.maximum(hx, 0.0) * np.maximum(hy, 0.0))
    elif average == "joint":
        scale = hxy
    else:
        scale = np.minimum(hx, hy) if average == "min" else np.maximum(hx, hy)
    with np.errstate(all="ignore"):
        share = np.where(scale <= 0.0, 0.0, np.divide(information, scale))
    return share if correction is not None else np.minimum(share, 1.0)


def normalize(
    information: float, cells: Cells, average: str, correction: str | float | None = None
) -> float:
    """Mutual information in nats by an average of the entropies, as :func:`share_of`."""
    choice(average, "average", AVERAGES)
    return float(share_of(information, *entropies(cells, correction), average, correction))
