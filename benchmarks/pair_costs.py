"""
The cost model of pairs of columns against measured times: ``python benchmarks/pair_costs.py``.

For panels of columns of so many levels, the time for a row and pair that
:mod:`fastinfo._columns.pairs.all_pairs` expects of the method that it takes, and the one that is
measured; and the same of the other method, so that a wrong choice shows.
"""

from __future__ import annotations

import functools
import os
import statistics
import time
from collections.abc import Callable

os.environ["FASTINFO_NUM_THREADS"] = "1"

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._columns.coding import code_features
from fastinfo._columns.pairs import all_pairs as pairs
from fastinfo._tables.table_readers import read_features

ROWS = 200_000
LEVELS = (2, 3, 4, 6, 8, 10, 12, 16, 20, 28, 32, 64, 128)


def seconds(function: Callable[[], object]) -> float:
    """Median time of a call."""
    function()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def plans(panel: pairs.Panel) -> dict[str, pairs.Plan]:
    """The best plan of each method, by the model."""
    n_planes = int(panel.stored.sum()) + 1
    planes = pairs.Plan(pairs._cost_of_planes(n_planes, n_planes, True), None, None)
    widths = panel.widths, panel.widths
    packed = []
    for x_size in pairs._GROUP_SIZES:
        for y_size in pairs._GROUP_SIZES:
            groups = pairs._groups(panel.widths, x_size), pairs._groups(panel.widths, y_size)
            cost = pairs._cost_of_packed(widths, groups, True, ROWS)
            packed.append(pairs.Plan(cost, *groups))
    return {"planes": planes, "packed": min(packed, key=lambda plan: plan.cost)}


def main() -> None:
    """Print a line for each number of levels."""
    rng = np.random.default_rng(0)
    print("| levels | columns | planes: model, measured | packed: model, measured | taken |")
    print("|---:|---:|---:|---:|---|")
    for levels in LEVELS:
        f = max(min(40, 1024 // levels), 4)
        X = np.asfortranarray(rng.integers(0, levels, (ROWS, f)).astype(np.uint8))
        binning = Binning(strategy="uniform")
        panel = pairs.panels_of(code_features(read_features(X), binning))[0]
        f = panel.columns.size
        per = f * (f + 1) / 2
        cells = []
        for plan in plans(panel).values():
            took = seconds(functools.partial(pairs._count, panel, panel, True, plan, [(0, ROWS)]))
            cells.append(f"{plan.cost / per:.4f}, {took / ROWS / per * 1e9:.4f}")
        taken = "planes" if pairs.choose(panel, panel, True).x_groups is None else "packed"
        print(f"| {levels} | {f} | {cells[0]} | {cells[1]} | {taken} |", flush=True)


if __name__ == "__main__":
    main()
