"""
False alarms of the p-values on shuffled targets: ``python benchmarks/false_alarms.py``.

Each kind of column is counted against 2,000 shuffles of each kind of target. Prints the share of
p-values below 0.05 and 0.01, the smallest, how many values the information took, by which test, and
microseconds: of the first table with these margins, and of one after it. A line that is not between
3 % (where the information takes more than 100 values) and 7 % is marked, and makes the exit status
1. Beside it stands the share of the plain G-test.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

import fastinfo
from fastinfo._counts.table import Table
from fastinfo._measures import independence
from fastinfo._measures.information import information_of
from fastinfo.rules import mi_bins

Codes = npt.NDArray[np.int64]

MOST, LEAST, VALUES = 0.07, 0.03, 100


def bins(x: npt.NDArray[np.float64], n_bins: int) -> Codes:
    """Bins of equal counts."""
    edges = np.unique(np.quantile(x, np.arange(1, n_bins) / n_bins))
    return np.searchsorted(edges, x, side="right")


def with_zeros(x: npt.NDArray[np.float64], n_bins: int) -> Codes:
    """The same of numbers that are often 0, which has a bin of its own."""
    codes = np.zeros(x.size, np.int64)
    codes[x > 0.0] = 1 + bins(x[x > 0.0], n_bins)
    return codes


def columns(n: int, rng: np.random.Generator) -> Iterator[tuple[str, Codes, Codes]]:
    """Names of the kinds of columns, their codes, and the rows where they have a value."""
    rows = np.arange(n)
    n_bins = mi_bins(n)
    normal = rng.normal(size=n)
    yield "identifier", rows, rows
    yield "names, few twice", np.maximum(rows - n // 100, 0), rows
    yield "each level twice", rows // 2, rows
    yield "n/2 levels", rng.integers(0, n // 2, n), rows
    yield "50 levels", rng.integers(0, 50, n), rows
    yield "Zipf levels", np.minimum(rng.zipf(1.3, n), 10**6), rows
    yield "log-normal", bins(np.exp(2.0 * normal), n_bins), rows
    zeros = np.where(rng.random(n) < 0.6, 0.0, np.exp(normal))
    yield "zero-inflated", with_zeros(zeros, n_bins), rows
    yield "one rare level", np.where(rows < 3, 3, rows % 3), rows
    for ones in (5, 20):
        yield f"flag, {ones} ones", (rows < ones).astype(np.int64), rows
    if n >= 1000:
        some = rng.permutation(n)[: 3 * n // 100]
        yield "97 % missing", bins(normal[some], mi_bins(some.size)), some
        yield "97 % missing, labels", rng.integers(0, 8, some.size), some


def targets(n: int, rng: np.random.Generator) -> Iterator[tuple[str, Codes]]:
    """Names of the kinds of targets, and their codes."""
    normal = rng.normal(size=n)
    yield "numeric", bins(normal, mi_bins(n))
    yield "binary", (normal > 0.0).astype(np.int64)
    yield "rare class", (np.arange(n) < max(n // 50, 2)).astype(np.int64)
    yield "100 levels", rng.integers(0, 100, n)


def table_of(x: Codes, y: Codes) -> Table:
    """Counts of pairs of labels."""
    return fastinfo.JointCounts.from_labels(x, y)._table


def measure(
    x: Codes, y: Codes, rows: Codes, shuffles: int, rng: np.random.Generator
) -> tuple[list[float], int, float, str, float, float]:
    """p-values, values of the information, false alarms of G, the test, and two times."""
    pvalues, values, plain, times = [], set(), 0, []
    for _ in range(shuffles):
        table = table_of(x, rng.permutation(y)[rows])
        information = information_of(table)
        begin = time.perf_counter()
        pvalue, test = independence.test_independence(table, information)
        times.append(time.perf_counter() - begin)
        pvalues.append(pvalue)
        values.add(round(float(table.n) * information, 6))
        margins = [independence._margin(c) for c in (table.x_counts, table.y_counts)]
        plain += independence._g_test(2.0 * float(table.n) * information, *margins) < 0.05
    return pvalues, len(values), plain / shuffles, test, times[0], float(np.median(times))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shuffles", type=int, default=2000)
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 350, 1000, 5000])
    options = parser.parse_args()
    print(
        f"{'n':>5} {'column':20} {'target':11} {'< 0.05':>6} {'< 0.01':>6} {'least':>8} "
        f"{'values':>6} {'plain G':>7} {'test':11} {'first us':>8} {'next us':>7}"
    )
    wrong = lines = 0
    for n in options.rows:
        rng = np.random.default_rng(n)
        for name, x, rows in columns(n, rng):
            for target, y in targets(n, rng):
                pvalues, values, plain, test, first, after = measure(
                    x, y, rows, options.shuffles, rng
                )
                alarms, sure = (float(np.mean(np.array(pvalues) < a)) for a in (0.05, 0.01))
                bad = alarms > MOST or (values > VALUES and alarms < LEAST)
                wrong += bad
                lines += 1
                print(
                    f"{n:5d} {name:20} {target:11} {alarms:6.3f} {sure:6.3f} {min(pvalues):8.2g} "
                    f"{values:6d} {plain:7.3f} {test:11} {1e6 * first:8.0f} {1e6 * after:7.0f}"
                    + ("  <-" if bad else ""),
                    flush=True,
                )
    print(f"{wrong} of {lines} lines are not between {LEAST:.0%} and {MOST:.0%}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
