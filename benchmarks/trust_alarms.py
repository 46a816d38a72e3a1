"""
For ``python benchmarks trust``: false alarms, the p-values of a ranking of shuffled targets.

To shuffle the target and to shuffle the column is the same but for the order of the rows, which
changes no count. So a column is shuffled as often as is asked for, the copies are the columns of
one table, and one ranking has all of their p-values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from trust_answers import quietly
from trust_tables import Case, kind_of, load

import fastinfo

SEED = 15
LEVEL = 0.05
PART = 500
#: Rows of a real table that take part.
ROWS = 1000


def words(prefix: str, codes: Any) -> np.ndarray:
    """Strings for numbers."""
    return np.array([f"{prefix}{code}" for code in codes], object)


def zero_inflated(rng: np.random.Generator, n: int) -> np.ndarray:
    """Seven in ten are 0, the rest log-normal."""
    return np.where(rng.random(n) < 0.7, 0.0, rng.lognormal(3, 2, n))


def gaps(rng: np.random.Generator, n: int, values: np.ndarray) -> np.ndarray:
    """Keep three in a hundred."""
    kept = np.zeros(n, bool)
    kept[rng.permutation(n)[: round(0.03 * n)]] = True
    return np.where(kept, values, np.array(None if values.dtype == object else np.nan))


#: Kinds of columns: rows, and how to make one.
COLUMNS = {
    "row names": (1000, lambda r, n: words("row ", range(n))),
    "identifiers, integers": (1000, lambda r, n: r.permutation(10 * n)[:n]),
    "half-unique strings": (1000, lambda r, n: words("name ", r.integers(0, n // 2, n))),
    "strings that occur twice": (1000, lambda r, n: words("pair ", np.arange(n) // 2)),
    "50 levels in 350 rows": (350, lambda r, n: words("day ", r.integers(0, 50, n))),
    "Zipf levels": (1000, lambda r, n: words("word ", r.zipf(1.5, n) % 10_000)),
    "log-normal numbers": (1000, lambda r, n: r.lognormal(0, 2, n)),
    "zero-inflated numbers": (1000, zero_inflated),
    "rare flag": (1000, lambda r, n: (np.arange(n) % 100 == 0).astype(int)),
    "very rare flag": (1000, lambda r, n: (np.arange(n) % 333 == 1).astype(int)),
    "numbers, 97 % missing": (1000, lambda r, n: gaps(r, n, r.lognormal(0, 1, n))),
    "labels, 97 % missing": (1000, lambda r, n: gaps(r, n, words("c", r.integers(0, 8, n)))),
}

#: Kinds of targets.
TARGETS = {
    "numeric": lambda r, n: r.normal(size=n),
    "log-normal": lambda r, n: r.lognormal(3, 2, n),
    "binary": lambda r, n: words("", r.integers(0, 2, n)),
    "rare class": lambda r, n: words("", (np.arange(n) % 33 == 0).astype(int)),
    "100 levels": lambda r, n: words("", r.integers(0, 100, n)),
}


def shuffled(column: Any, y: Any, times: int, seed: int) -> dict[str, float]:
    """Share of p < 0.05 over shuffles of a column, and how many values the information takes."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    alarms, values = 0, set()
    for start in range(0, times, PART):
        copies = {
            f"c{i}": column.take(rng.permutation(len(column)))
            for i in range(start, min(start + PART, times))
        }
        copies = {name: getattr(copy, "array", copy) for name, copy in copies.items()}
        for row in quietly(fastinfo.rank_features, pd.DataFrame(copies), y):
            alarms += bool(row.pvalue < LEVEL)
            values.add(round(row.mi, 9))
    return {"share": alarms / times, "values": len(values), "times": times}


def made(times: int) -> list[dict[str, Any]]:
    """Every kind of column against every kind of target."""
    return [of_kinds(column, target, times) for column in COLUMNS for target in TARGETS]


def of_kinds(column: str, target: str, times: int) -> dict[str, Any]:
    """One kind of column against one kind of target."""
    n, make = COLUMNS[column]
    rng = np.random.default_rng([SEED, list(COLUMNS).index(column), list(TARGETS).index(target)])
    x, y = make(rng, n), TARGETS[target](rng, n)
    return {"column": column, "target": target, "rows": n} | shuffled(x, y, times, SEED)


def of_table(case: Case, times: int, again: int) -> list[dict[str, Any]]:
    """
    Every column of a real table against its target, shuffled.

    A column with more than 7 % of alarms is measured again, with more shuffles and another seed: of
    several hundred columns some have so many by chance.
    """
    table = load(case, ROWS)
    kinds = {name: kind_of(table[name]) for name in table.columns}
    table = table[table[case.target].notna()].reset_index(drop=True)
    y = table[case.target]
    found = []
    for place, name in enumerate(table.columns):
        if name == case.target or table[name].nunique() < 2:
            continue
        record = shuffled(table[name], y, times, SEED + place)
        if record["share"] > 0.07:
            record = shuffled(table[name], y, again, 1000 + place)
        found.append({"table": case.name, "column": name, "kind": kinds[name]} | record)
    return found
