"""
What a ranking says of real columns: pairs that it misses, identifiers that it puts first, and
whether the order depends on what holds the target. For ``python benchmarks trust``.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from trust_tables import has_classes, is_label, kind_of

import fastinfo

if TYPE_CHECKING:
    import pandas as pd

#: A rank correlation or a Kruskal–Wallis test sees a pair where its p is below this.
SEEN = 1e-6
#: No column of these kinds tells about rows that are still to come.
USELESS = ("constant", "nearly unique labels", "row number", "identifier")
FIRST = 5


def quietly(function: Any, *arguments: Any, **named: Any) -> Any:
    """Call without warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **named)


def plain(row: Any) -> dict[str, Any]:
    """What a row of a ranking says, in types of JSON, without what this build has no word for."""
    found: dict[str, Any] = {}
    for name in (
        "name",
        "mi",
        "above_chance",
        "share",
        "pvalue",
        "adjusted_pvalue",
        "test",
        "levels",
        "n",
        "n_missing",
        "note",
    ):
        value = getattr(row, name, None)
        if value is None or value != value:
            continue
        found[name] = (
            value if isinstance(value, str) else getattr(value, "item", lambda v=value: v)()
        )
    return found


def rank_test(x: np.ndarray, y: pd.Series) -> float:
    """p of Spearman's correlation, or of Kruskal and Wallis's test where the target is classes."""
    from scipy import stats

    if not has_classes(y):
        return float(quietly(stats.spearmanr, x, y.to_numpy(float)).pvalue)
    groups = [x[(y == level).to_numpy()] for level in y.unique()]
    groups = [group for group in groups if len(group)]
    if len(groups) < 2 or (x == x[0]).all():
        return 1.0
    return float(quietly(stats.kruskal, *groups).pvalue)


def missed(table: pd.DataFrame, target: str, ranking: Any) -> dict[str, Any]:
    """Numeric columns that clearly depend on the target, and those of them that are not found."""
    rows = {row.name: row for row in ranking}
    clear, lost = 0, []
    for name in table.columns:
        if name == target or is_label(table[name]) or table[name].dtype.kind not in "iuf":
            continue
        whole = table[name].notna() & table[target].notna()
        x = table.loc[whole, name].to_numpy(float)
        if len(x) < 10:
            continue
        pvalue = rank_test(x, table.loc[whole, target])
        if not pvalue < SEEN:
            continue
        clear += 1
        row = rows.get(name)
        if row is None or not row.adjusted_pvalue <= 0.05:
            found = plain(row) if row is not None else {"name": name}
            lost.append(found | {"rank_test": pvalue})
    return {"clear": clear, "missed": lost}


def useless(table: pd.DataFrame, names: list[str], notes: dict[str, str]) -> list[dict[str, str]]:
    """Identifiers, names and constants among the first columns, each with its note."""
    found = []
    for place, name in enumerate(names[:FIRST], 1):
        kind = kind_of(table[name])
        if kind in USELESS:
            found.append({"name": name, "place": place, "kind": kind, "note": notes.get(name, "")})
    return found


def containers(table: pd.DataFrame, target: str) -> dict[str, Any]:
    """Whether the order is that with a Series where the target or the table is something else."""
    import polars as pl
    import pyarrow as pa

    y, X = table[target], table.drop(columns=target)
    whole = y.notna()
    y, X = y[whole].reset_index(drop=True), X[whole].reset_index(drop=True)
    values = [None if value != value else value for value in y.tolist()]
    forms = {
        "NumPy": lambda: (X, y.to_numpy()),
        "list": lambda: (X, values),
        "Polars": lambda: (X, pl.Series(target, values)),
        "Arrow": lambda: (X, pa.array(values)),
        "X of Polars": lambda: (pl.from_pandas(X), y),
        "X of Arrow": lambda: (pa.Table.from_pandas(X, preserve_index=False), y),
    }
    right = [row.name for row in quietly(fastinfo.rank_features, X, y)]
    found: dict[str, Any] = {}
    for form, make in forms.items():
        try:
            order = [row.name for row in quietly(fastinfo.rank_features, *make())]
        except Exception as error:  # one that can't be taken is a result, too
            found[form] = f"{type(error).__name__}: {error}"
        else:
            found[form] = "same" if order == right else f"other: {order[:FIRST]}"
    return found


def measure(table: pd.DataFrame, target: str, selected: list[str]) -> dict[str, Any]:
    """All of the above, and the first rows of the ranking."""
    ranking = quietly(fastinfo.rank_features, table, target)
    rows = list(ranking)
    notes = {row.name: getattr(row, "note", "") or "" for row in rows}
    return {
        "first": [plain(row) for row in rows[:FIRST]],
        "target": kind_of(table[target]),
        "pairs": missed(table, target, rows),
        "useless": useless(table, [row.name for row in rows], notes),
        "useless_selected": useless(table, selected, notes),
        "containers": containers(table, target),
    }


def demonstration() -> dict[str, Any]:
    """The ranking that README begins with: all flights, by their delay at arrival."""
    from fastinfo.cli.demo import TARGET, flights

    ranking = quietly(fastinfo.rank_features, flights(), TARGET)
    return {"target": TARGET, "rows": [plain(row) for row in ranking]}
