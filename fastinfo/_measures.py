"""Counts to information, in units of the caller's base: what every measure of samples ends in."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from fastinfo._cells import Cells
from fastinfo._chance import expected_of_margins
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
    "expected_information",
    "information_of",
    "measure_pair",
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

CORRECTIONS = (*_KERNELS, "nsb", "chance")

_NOUGHT = 1e-9  # of an average of entropies, what may be left of it above chance by rounding


def check_correction(correction: Any, of_information: bool = False) -> str | float | None:
    """
    Return a correction that is known: a name, a pseudo-count as a float, or None.

    "chance" is one of the mutual information of two variables alone.
    """
    if correction is None or isinstance(correction, str):
        if correction == "chance" and not of_information:
            raise ValueError(
                "correction must not be 'chance' here: that is the mutual information of two "
                "variables less its expectation, and no estimate of an entropy; got 'chance'"
            )
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
    entropies of both variables less that of the pair, whatever its sign. With "chance": what is
    above :func:`expected_information`, exactly 0 where no other information is possible.
    """
    divisor = base_divisor(base)
    if correction == "chance":
        return (information_of(cells) - expected_information(cells)) / divisor
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


def expected_information(cells: Cells) -> float:
    """
    Mutual information that chance alone would give with the margins of these cells, in nats.

    Of whole counts: the exact expectation over all tables with the same margins. Where all of
    those have one and the same information (a constant, or a variable without two equal samples)
    it is that information, to the bit. Of weights: ``(r - 1) (c - 1) / (2 n)`` of the rows and
    columns that occur and of effective samples, at most the smaller entropy.
    """
    rows, columns = cells.occurring
    if min(rows, columns) <= 1:
        return information_of(cells)
    found = cells.effective
    if _is_fixed(found):
        return information_of(cells)
    if found.whole:
        return expected_of_margins(found.x_counts, found.y_counts, float(found.n))
    bound = min(entropy_of(cells, "x"), entropy_of(cells, "y"))
    return min((rows - 1.0) * (columns - 1.0) / (2.0 * found.n), bound)


def _is_fixed(cells: Cells) -> bool:
    """Whether no two samples are alike in one of the variables; of effective samples."""
    n = float(cells.n)
    if cells.whole:
        return min(float(cells.x_counts.max()), float(cells.y_counts.max())) == 1.0
    # The sum of squared weights of cells is that of samples: there is one in each.
    if abs(float(np.square(cells.counts).sum()) - n) > _NOUGHT * n:
        return False
    return max(cells.occurring) == np.count_nonzero(cells.counts)


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
    expected: Any = 0.0,
) -> Any:
    """
    Mutual information by an average of the entropies, of numbers or arrays.

    0 where that is not positive, at most 1 without a correction; NaN stays NaN. Information above
    chance, of which `expected` is the chance, is divided by what the average has above it.
    """
    if average == "arithmetic":
        scale = (hx + hy) / 2.0
    elif average == "geometric":
        scale = np.sqrt(np.maximum(hx, 0.0) * np.maximum(hy, 0.0))
    elif average == "joint":
        scale = hxy
    else:
        scale = np.minimum(hx, hy) if average == "min" else np.maximum(hx, hy)
    if correction == "chance":
        scale = np.where(scale - expected <= _NOUGHT * scale, 0.0, scale - expected)
    with np.errstate(all="ignore"):
        share = np.where(scale <= 0.0, 0.0, np.divide(information, scale))
    return share if correction not in (None, "chance") else np.minimum(share, 1.0)


def normalize(
    information: float, cells: Cells, average: str, correction: str | float | None = None
) -> float:
    """Mutual information in nats by an average of the entropies, as :func:`share_of`."""
    choice(average, "average", AVERAGES)
    by_chance = correction == "chance"
    h = entropies(cells, None if by_chance else correction)
    expected = expected_information(cells) if by_chance else 0.0
    return float(share_of(information, *h, average, correction, expected))


def measure_pair(
    cells: Cells, alone: bool, correction: str | float | None, normalized: str | None
) -> float:
    """
    Information of a pair in nats, or the entropy of one column that is `alone`.

    As a share of an average if `normalized`: 1 for a column alone, 0 if it is constant.
    """
    if alone:
        hx = entropy_of(cells, "x", None, None if correction == "chance" else correction)
        return hx if normalized is None else float(hx > 0.0)
    information = information_of(cells, None, correction)
    if normalized is None:
        return information
    return normalize(information, cells, normalized, correction)
