"""Results as a command shows them: on a terminal, as plain text, as JSON, as columns of a file."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.named_rows import NamedRows
from fastinfo._columns.ranked import Ranking
from fastinfo._columns.shortened_names import cells_of
from fastinfo._core.messages import printable, shown_name
from fastinfo.cli.terminal import Heading, print_rows

if TYPE_CHECKING:
    from fastinfo._core.checks import Array
    from fastinfo.describing.description import Description
    from fastinfo.drifting.table_drift import TableDrift
    from fastinfo.selection.selecting import Selection

_MOST_PAIRS = 20  # where a matrix has no room

#: What columns are put in order by: the smallest first, NaN last.
_ORDERS: dict[str, Callable[[Any], Any]] = {
    "above-chance": lambda row: -row.above_chance,
    "share": lambda row: -row.share,
    "mi": lambda row: -row.mi,
    "pvalue": lambda row: row.pvalue,
    "name": lambda row: row.name,
}


def in_order(ranking: Ranking, order: str) -> Ranking:
    """Return the ranking in the order that is asked for; "rank" is its own."""
    if order == "rank":
        return ranking
    key = _ORDERS[order]

    def place(row: Any) -> tuple[bool, Any]:
        value = key(row)
        unknown = isinstance(value, float) and math.isnan(value)
        return unknown, 0.0 if unknown else value

    return Ranking(
        sorted(ranking, key=place),
        target=ranking.target,
        base=ranking.base,
        alpha=ranking.alpha,
        n_rows=ranking.n_rows,
    )


def of_rows(rows: NamedRows[Any]) -> dict[str, list[Any]]:
    """Return rows as columns of a file."""
    return rows.to_dict()


def _objects(rows: NamedRows[Any]) -> list[dict[str, Any]]:
    """Rows as JSON has them, with None for what is not finite."""
    return [{field: _json_value(v) for field, v in row._asdict().items()} for row in rows]


def ranking_json(ranking: Ranking) -> str:
    """Return a ranking as a JSON object, with null for what is not finite."""
    whole = {
        "target": ranking.target,
        "unit": unit_name(ranking.base),
        "n_rows": int(ranking.n_rows),
        "rows": _objects(ranking),
    }
    return json.dumps(whole, indent=2, allow_nan=False)


def show_ranking(ranking: Ranking, *, as_json: bool = False) -> None:
    """Print a ranking: to a terminal those columns that are significant are marked."""
    if as_json or not sys.stdout.isatty():
        print(ranking_json(ranking) if as_json else ranking.to_text())
        return
    headings = [
        Heading("column", left=True, cut=True),
        Heading("above chance"),
        Heading("share", goes=1),
        Heading("p-value", goes=4),
        Heading("adj. p", goes=3),
        Heading("n", goes=5),
        Heading("missing", goes=6),
        Heading("", left=True),
    ]
    notes = any(row.note for row in ranking)
    if notes:
        headings.append(Heading("note", left=True, goes=2, folded=True))
    rows = []
    for row in ranking:
        cells = (
            shown_name(row.name),
            f"{row.above_chance:z.4f}",
            f"{row.share:z.4f}",
            _pvalue(row.pvalue),
            _pvalue(row.adjusted_pvalue),
            f"{row.n:,}",
            f"{row.n_missing:,}",
            "*" if row.adjusted_pvalue <= ranking.alpha else "",
        )
        rows.append([*cells, *([printable(row.note)] if notes else [])])
    print_rows(
        headings,
        rows,
        title=f"Information about {_target(ranking.target)}",
        caption=f"{ranking.n_rows:,} rows; information in {unit_name(ranking.base)}; "
        f"* adjusted p-value of at most {ranking.alpha:g}",
        faint={i for i, row in enumerate(ranking) if not row.adjusted_pvalue <= ranking.alpha},
    )


def description_json(description: Description) -> str:
    """Return a description as a JSON object, with null for what is not finite or not there."""
    rows = [
        {k: v if v is None or isinstance(v, str | int | float) else str(v) for k, v in row.items()}
        for row in _objects(description)
    ]
    whole = {"n_rows": int(description.n_rows), "columns": rows}
    return json.dumps(whole, indent=2, allow_nan=False)


def show_description(description: Description, *, as_json: bool = False) -> None:
    """Print a description; on a terminal, alerts stand below the table."""
    from fastinfo.describing.description import shown_levels, shown_value

    if as_json or not sys.stdout.isatty():
        print(description_json(description) if as_json else description.to_text())
        return
    headings = [
        Heading("column", left=True, cut=True),
        Heading("taken as", left=True, goes=1),
        Heading("values", goes=2),
        Heading("missing", goes=3),
        Heading("range or label", left=True, goes=4),
    ]
    rows = []
    for row in description:
        shown = shown_value(row.common)
        if row.least is not None and not row.kind.endswith("labels"):
            shown = f"{shown_value(row.least)} to {shown_value(row.most)}"
        levels = shown_levels(row, ",")
        rows.append([shown_name(row.name), row.kind, levels, f"{row.n_missing:,}", shown])
    print_rows(headings, rows, title=f"{len(description):,} columns, {description.n_rows:,} rows")
    alerts = [[shown_name(name), printable(said)] for name, said in description.alerts().items()]
    if alerts:
        print_rows([headings[0], Heading("alerts", left=True, folded=True)], alerts)


def drift_json(drift: TableDrift) -> str:
    """Return how two tables differ as a JSON object, with null for what is not finite."""
    whole = {
        "unit": unit_name(drift.base),
        "n_reference": int(drift.n_reference),
        "n_current": int(drift.n_current),
        "rows": _objects(drift),
    }
    return json.dumps(whole, indent=2, allow_nan=False)


def show_drift(drift: TableDrift, *, as_json: bool = False) -> None:
    """Print how two tables differ: to a terminal those columns that are significant are marked."""
    if as_json or not sys.stdout.isatty():
        print(drift_json(drift) if as_json else drift.to_text())
        return
    headings = [
        Heading("column", left=True, cut=True),
        Heading("PSI"),
        Heading("JS", goes=2),
        Heading("p-value", goes=4),
        Heading("adj. p", goes=3),
        Heading("missing", goes=5),
        Heading("", left=True),
    ]
    notes = any(row.note for row in drift)
    if notes:
        headings.append(Heading("note", left=True, goes=1, folded=True))
    rows = []
    for row in drift:
        cells = (
            shown_name(row.name),
            f"{row.psi:z.4f}",
            f"{row.js:z.4f}",
            _pvalue(row.pvalue),
            _pvalue(row.adjusted_pvalue),
            f"{row.n_missing_reference:,} → {row.n_missing_current:,}",
            "*" if row.adjusted_pvalue <= drift.alpha else "",
        )
        rows.append([*cells, *([printable(row.note)] if notes else [])])
    print_rows(
        headings,
        rows,
        title="Drift",
        caption=f"{drift.n_reference:,} and {drift.n_current:,} rows; JS in "
        f"{unit_name(drift.base)}; * adjusted p-value of at most {drift.alpha:g}",
        faint={i for i, row in enumerate(drift) if not row.adjusted_pvalue <= drift.alpha},
    )


def selection_json(selection: Selection) -> str:
    """Return a selection as a JSON object, with null for what is not finite."""
    whole = {
        "target": selection.target,
        "method": selection.method,
        "unit": unit_name(selection.base),
        "n_significant": selection.n_significant,
        "rows": _objects(selection),
    }
    return json.dumps(whole, indent=2, allow_nan=False)


def show_selection(selection: Selection, *, as_json: bool = False) -> None:
    """Print a selection."""
    if as_json or not sys.stdout.isatty():
        print(selection_json(selection) if as_json else selection.to_text())
        return
    headings = [
        Heading("column", left=True, cut=True),
        Heading("position", goes=2),
        Heading("score"),
        Heading("above chance", goes=1),
    ]
    print_rows(
        headings,
        [
            [shown_name(row.name), f"{row.position}", f"{row.score:z.4f}", f"{row.mi:z.4f}"]
            for row in selection
        ],
        title=f"Columns for {_target(selection.target)}, by {selection.method}",
        caption=f"information in {unit_name(selection.base)}; the first "
        f"{selection.n_significant} add something by the test",
        faint=range(selection.n_significant, len(selection)),
    )


@dataclass(frozen=True)
class Matrix:
    """A matrix of mutual information, and what its columns are called."""

    values: Array
    names: list[str]
    unit: str
    measure: str  #: the unit, and whether it is above chance

    def json(self) -> str:
        """Return it as a JSON object, with null for what is not finite."""
        rows = [[_json_value(value) for value in row] for row in self.values.tolist()]
        whole = {"unit": self.unit, "columns": self.names, "matrix": rows}
        return json.dumps(whole, allow_nan=False)

    def text(self) -> str:
        """Return it as plain text: a line of names, a line a column."""
        shown = [shown_name(name) for name in self.names]
        widths = [max(len(name), 8) for name in shown]
        first = max(map(len, shown))
        head = [" " * first, *(n.rjust(w) for n, w in zip(shown, widths, strict=True))]
        lines = ["  ".join(head)]
        for name, row in zip(shown, self.values.tolist(), strict=True):
            cells = [f"{value:z.6f}".rjust(w) for value, w in zip(row, widths, strict=True)]
            lines.append("  ".join([name.ljust(first), *cells]))
        return "\n".join(lines)

    def columns(self) -> list[tuple[str, list[Any]]]:
        """Return it as columns of a file: the names, then a column for each."""
        rows = zip(self.names, self.values.T.tolist(), strict=True)
        return [("name", self.names), *rows]

    def pairs(self, most: int) -> list[tuple[str, str, float]]:
        """Return the pairs of two columns with the largest values."""
        values = self.values.tolist()
        known = [
            (values[i][j], i, j)
            for j in range(len(self.names))
            for i in range(j)
            if not math.isnan(values[i][j])
        ]
        known.sort(key=lambda pair: (-pair[0], pair[1:]))
        return [(self.names[i], self.names[j], value) for value, i, j in known[:most]]

    def pair_columns(self, most: int) -> dict[str, list[Any]]:
        """Return the strongest pairs as columns of a file."""
        x, y, values = zip(*self.pairs(most), strict=True) if self.pairs(most) else ((), (), ())
        return {"x": list(x), "y": list(y), "information": list(values)}

    def pairs_json(self, most: int) -> str:
        """Return the strongest pairs as a JSON object."""
        pairs = [{"x": x, "y": y, "information": value} for x, y, value in self.pairs(most)]
        return json.dumps({"unit": self.unit, "pairs": pairs}, indent=2, allow_nan=False)

    def show(self, most: int | None, *, as_json: bool = False) -> None:
        """Print it, or its strongest pairs: those, too, where a terminal has no room for it."""
        if as_json:
            print(self.json() if most is None else self.pairs_json(most))
            return
        caption = f"information in {self.measure}"
        if most is None:
            text = self.text()
            room = shutil.get_terminal_size().columns
            if not sys.stdout.isatty() or cells_of(text.split("\n", 1)[0]) <= room:
                print(text)
                return
            most = _MOST_PAIRS
            n = len(self.names) * (len(self.names) - 1) // 2
            caption += (
                f"; the strongest {min(most, n)} of {n} pairs, since the matrix of "
                f"{len(self.names)} columns has no room here: a pipe or --output has it"
            )
        headings = [
            Heading("column", left=True, cut=True),
            Heading("and", left=True, cut=True),
            Heading("information"),
        ]
        rows = [[shown_name(x), shown_name(y), f"{value:z.4f}"] for x, y, value in self.pairs(most)]
        print_rows(headings, rows, title="Strongest pairs", caption=caption)


def _target(name: str | None) -> str:
    return "the target" if name is None else shown_name(name)


def _pvalue(value: float) -> str:
    """Return a p-value for people: one too small for a float is not 0."""
    return "<1e-300" if value < 1e-300 else f"{value:.3g}"


def _json_value(value: Any) -> Any:
    """Return a value that JSON has, None for a number that is not finite."""
    if not isinstance(value, float):
        return value
    return float(value) if math.isfinite(value) else None
