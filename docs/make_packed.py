"""
Draw how one increment counts several pairs: ``python docs/make_packed.py``.

Writes docs/explanation/packed_groups.png: codes of two groups, the table over their numbers, and
the tables of pairs that are its marginals, as the kernels compute them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fastinfo.kernels.counting import packing
from fastinfo.kernels.counting import tables as counting

HERE = Path(__file__).resolve().parent
ROWS = 400
LEVELS = 3
COLUMNS = "abcd"


def columns() -> np.ndarray:
    """Codes of four columns, some of which depend on each other."""
    rng = np.random.default_rng(7)
    codes = rng.integers(0, LEVELS, (4, ROWS))
    codes[2] = np.where(rng.random(ROWS) < 0.7, codes[0], codes[2])
    codes[3] = np.where(rng.random(ROWS) < 0.4, LEVELS - 1 - codes[1], codes[3])
    return codes.astype(np.uint8)


def table_of_groups(codes: np.ndarray) -> np.ndarray:
    """Counts over the numbers of the groups (a, b) and (c, d)."""
    widths = np.full(4, LEVELS)
    numbers = np.empty((2, ROWS), np.uint8)
    for group, members in enumerate(([0, 1], [2, 3])):
        packing.join_columns(codes, np.array(members), widths[members], 0, ROWS, numbers[group])
    table = np.zeros((LEVELS**2, LEVELS**2), np.uint32)
    counting.count_pairs(numbers[0], numbers[1], table)
    return table


def pair_tables(table: np.ndarray) -> np.ndarray:
    """Tables of the four pairs, one beside and below the other, from the table of the groups."""
    described = np.array([[0, LEVELS, LEVELS], [LEVELS, LEVELS, LEVELS]])
    sums = np.empty((LEVELS, table.shape[1]), np.int64)
    out = np.zeros((2 * LEVELS, 2 * LEVELS), np.int64)
    packing.add_marginals(table, described, described, sums, out)
    return out


def main() -> None:
    """Check against counting pair by pair, and draw."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    codes = columns()
    table = table_of_groups(codes)
    pairs = pair_tables(table)
    for i in (0, 1):
        for j in (0, 1):
            expected = np.zeros((LEVELS, LEVELS), int)
            np.add.at(expected, (codes[i], codes[2 + j]), 1)
            part = pairs[i * LEVELS : (i + 1) * LEVELS, j * LEVELS : (j + 1) * LEVELS]
            np.testing.assert_array_equal(part, expected)

    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(12, 4.4), dpi=80, layout="constrained", width_ratios=[1.1, 1.6, 1.2]
    )
    left.axis("off")
    numbers = LEVELS * codes[0::2] + codes[1::2]
    rows = [[str(value) for value in (*codes[:, r], *numbers[:, r])] for r in range(8)]
    shown = left.table(rows, colLabels=[*COLUMNS, "3a + b", "3c + d"], loc="center")
    shown.scale(1.0, 1.5)
    left.set_title("1. the codes of a group are\nthe digits of one number")

    digits = [f"{k // LEVELS}{k % LEVELS}" for k in range(LEVELS**2)]
    middle.imshow(table, cmap="Blues", vmax=table.max() * 1.4)
    for (y, x), value in np.ndenumerate(table):
        middle.text(x, y, value, ha="center", va="center", fontsize=8)
    middle.set_xticks(range(LEVELS**2), digits)
    middle.set_yticks(range(LEVELS**2), digits)
    middle.set(
        xlabel="c d", ylabel="a b", title="2. one increment a row,\ninto a table over both numbers"
    )
    for k in (LEVELS - 0.5, 2 * LEVELS - 0.5):
        middle.axhline(k, color="0.4", lw=1)
        middle.axvline(k, color="0.4", lw=1)

    right.imshow(pairs, cmap="Greens", vmax=pairs.max() * 1.4)
    for (y, x), value in np.ndenumerate(pairs):
        right.text(x, y, value, ha="center", va="center", fontsize=9)
    labels = [str(k % LEVELS) for k in range(2 * LEVELS)]
    right.set_xticks(range(2 * LEVELS), labels)
    right.set_yticks(range(2 * LEVELS), labels)
    right.axhline(LEVELS - 0.5, color="0.2", lw=1.5)
    right.axvline(LEVELS - 0.5, color="0.2", lw=1.5)
    right.set(xlabel="c           |           d", ylabel="b           |           a")
    right.set_title("3. the tables of four pairs\nare its marginals")
    figure.savefig(HERE / "explanation" / "packed_groups.png", metadata={"Software": None})


if __name__ == "__main__":
    main()
