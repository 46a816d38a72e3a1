"""The tables of docs/explanation/real_tables.md, of what ``python benchmarks trust`` measured."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "real_tables.md"
START, END = "<!-- trust:start -->", "<!-- trust:end -->"
Results = dict[str, Any]


def code(name: str) -> str:
    """Name of a column in a cell of a table."""
    return "`" + re.sub(r"\s+", " ", str(name)).replace("|", "\\|").replace("`", "'") + "`"


def percent(share: float) -> str:
    """A share in percent."""
    return f"{100 * share:.1f} %"


def signed(value: float) -> str:
    """A difference, with a sign where it is not 0."""
    text = f"{value:+.3f}".replace("-", "−")
    return "0" if text in ("+0.000", "−0.000") else text


def table(head: list[str], rows: list[list[str]], left: int = 1) -> list[str]:
    """Lines of a table; all columns but the first ones hold numbers."""
    marks = ["---"] * left + ["---:"] * (len(head) - left)
    return ["| " + " | ".join(row) + " |" for row in (head, marks, *rows)]


def of(before: Results | None, name: str, way: str) -> str:
    """Score of the build before, where there is one."""
    found = (before or {}).get("tables", {}).get(name)
    return f"{found['scores']['ways'][way]['score']:.3f}" if found else ""


def summary(results: Results, before: Results | None) -> list[str]:
    """What everything comes down to, before and now."""
    now, then = results["figures"], (before or {}).get("figures")

    def best(way: str, figures: Results) -> str:
        if way not in figures:
            return ""
        f = figures[way]
        return f"{signed(f['median'])} / {signed(f['worst'])} ({f['where']})"

    def formulas(way: str, figures: Results) -> str:
        found = figures[f"{way}, formulas"]
        return ", ".join(f"{name} {signed(value)}" for name, value in found.items())

    def useless(which: str, figures: Results) -> str:
        f = figures[which]
        return (
            f"{f['tables']} tables; {f['without a note']} columns without a note, "
            f"{f['nearly unique labels']} with nearly unique labels"
        )

    def alarm(which: str, figures: Results) -> str:
        f = figures.get(which)
        return f"{percent(f['share'])} ({f['column']}, {f['target']})" if f else ""

    def same(figures: Results) -> str:
        return ", ".join(f"{form} {count}" for form, count in figures["containers"].items())

    n = len(results["tables"])
    rows: list[tuple[str, str, Any]] = [
        ("first five of the ranking, score minus that of neighbours: median / worst",
         "0 / −0.04", lambda f: best("ranking", f)),
        ("five of the selection, same comparison", "0 / −0.06", lambda f: best("selection", f)),
        ("five by equal widths, same comparison", "", lambda f: best("equal widths", f)),
        ("tables with a formula, ranking", "", lambda f: formulas("ranking", f)),
        ("tables with a formula, selection", "", lambda f: formulas("selection", f)),
        ("clear numeric pairs that are called insignificant", "at most 2 %",
         lambda f: f"{f['missed']} of {f['clear']}"),
        ("false alarms at 5 %, worst kind", "at most 7 %", lambda f: alarm("worst alarm", f)),
        ("false alarms at 5 %, fewest where the information takes more than 100 values",
         "at least 3 %", lambda f: alarm("least alarm", f)),
        ("columns of the tables with more than 7 % false alarms", "0",
         lambda f: f"{f['real columns above 7 %']} of {f['real columns']}"),
        ("identifiers, names, constants among the first five: ranking", "none without a note",
         lambda f: useless("useless", f)),
        ("identifiers, names, constants among the first five: selection", "none without a note",
         lambda f: useless("useless_selected", f)),
        ("tables with the same order as for a pandas Series", f"all {n}", same),
    ]  # fmt: skip
    head = ["", "aim", "before", "now"] if then else ["", "aim", "now"]
    lines = [[said, aim, *([show(then)] if then else []), show(now)] for said, aim, show in rows]
    return table(head, lines, left=len(head))


def scores(results: Results, before: Results | None) -> list[str]:
    """Scores of each table and way of choosing."""
    head = ["table, target", "rows × columns", "score", "all columns", "neighbours"]
    head += ["ranking", "selection", "equal widths"]
    if before:
        head += ["ranking before", "selection before"]
    rows = []
    for name, found in results["tables"].items():
        s = found["scores"]
        mark = "†" if found["formula"] else ""
        row = [
            f"{name}{mark}, {code(found['target'])}",
            f"{s['rows']:,} × {s['columns']}",
            "accuracy" if s["classes"] else "R²",
            f"{s['all']:.3f}",
        ]
        reference = s["ways"]["neighbours"]["score"]
        for way in ("neighbours", "ranking", "selection", "equal widths"):
            value = s["ways"][way]["score"]
            row.append(f"**{value:.3f}**" if value < reference - 0.04 else f"{value:.3f}")
        if before:
            row += [of(before, name, way) for way in ("ranking", "selection")]
        rows.append(row)
    return table(head, rows)


def columns(results: Results) -> list[str]:
    """The columns that were chosen."""
    rows = []
    for name, found in results["tables"].items():
        ways = found["scores"]["ways"]
        row = [name]
        for way in ("ranking", "selection", "neighbours"):
            said = ways[way].get("error") or ", ".join(map(code, ways[way]["columns"]))
            row.append(said)
        rows.append(row)
    return table(["table", "ranking", "selection", "neighbours"], rows, left=4)


def losses(results: Results) -> list[str]:
    """Where neighbours choose better, the worst first."""
    found = []
    for name, case in results["tables"].items():
        ways = case["scores"]["ways"]
        for way in ("ranking", "selection"):
            difference = ways[way]["score"] - ways["neighbours"]["score"]
            if difference < -0.01:
                other = [c for c in ways["neighbours"]["columns"] if c not in ways[way]["columns"]]
                said = (
                    f"also have {', '.join(map(code, other))}" if other else "have the same columns"
                )
                found.append(
                    (difference, f"- {name}, {way}: {signed(difference)}; neighbours {said}")
                )
    return [text for _, text in sorted(found)] or ["Nothing, at a difference of 0.01."]


def missed(results: Results) -> list[str]:
    """Pairs that are clear and called insignificant."""
    lines = [
        f"- {name}: {code(row['name'])}, p = {row['rank_test']:.0e} by ranks, adjusted p = "
        f"{row.get('adjusted_pvalue', float('nan')):.2g} by the ranking"
        for name, case in results["tables"].items()
        for row in case["answers"]["pairs"]["missed"]
    ]
    return lines or ["None."]


def alarms(results: Results, before: Results | None) -> list[str]:
    """Shares of false alarms, kinds of columns against kinds of targets."""
    made = results["made"]
    targets = list(dict.fromkeys(record["target"] for record in made))
    then = {(r["column"], r["target"]): r["share"] for r in (before or {}).get("made", ())}

    def cell(record: Results) -> str:
        text = percent(record["share"])
        if record["share"] > 0.07:
            text = f"**{text}**"
        old = then.get((record["column"], record["target"]))
        return text if old is None else f"{text} ({percent(old)})"

    rows = []
    for column in dict.fromkeys(record["column"] for record in made):
        cells = {r["target"]: cell(r) for r in made if r["column"] == column}
        rows.append([column, *(cells[target] for target in targets)])
    return table(["column", *targets], rows)


def real_alarms(results: Results, before: Results | None) -> list[str]:
    """The same of the columns of the tables, by kind."""

    def by_kind(some: Results | None) -> dict[str, list[Results]]:
        found: dict[str, list[Results]] = {}
        for record in (some or {}).get("real", ()):
            found.setdefault(record["kind"], []).append(record)
        return found

    now, then = by_kind(results), by_kind(before)
    head = ["kind", "columns", "mean", "worst", "above 7 %"]
    if before:
        head += ["mean before", "worst before", "above 7 % before"]

    def cells(records: list[Results], text: bool) -> list[str]:
        if not records:
            return ["", "", ""]
        worst = max(records, key=lambda record: record["share"])
        where = f" ({worst['table']}, {code(worst['column'])})" if text else ""
        return [
            percent(statistics.mean(record["share"] for record in records)),
            percent(worst["share"]) + where,
            str(sum(record["share"] > 0.07 for record in records)),
        ]

    rows = []
    for kind in sorted(now):
        row = [kind, str(len(now[kind])), *cells(now[kind], text=True)]
        rows.append(row + (cells(then.get(kind, []), text=False) if before else []))
    return table(head, rows)


def useless(results: Results) -> list[str]:
    """Columns of no use among the first five."""
    rows = []
    for name, case in results["tables"].items():
        for which, way in (("useless", "ranking"), ("useless_selected", "selection")):
            for column in case["answers"][which]:
                note = column["note"] or "–"
                rows.append(
                    [name, way, str(column["place"]), code(column["name"]), column["kind"], note]
                )
    if not rows:
        return ["None."]
    return table(["table", "", "place", "column", "what it is", "note"], rows, left=6)


def containers(results: Results) -> list[str]:
    """Tables whose order depends on what holds the values."""
    lines = [
        f"- {name}: {form}: {said}"
        for name, case in results["tables"].items()
        for form, said in case["answers"]["containers"].items()
        if said != "same"
    ]
    return lines or ["None."]


def demonstration(results: Results, before: Results | None) -> list[str]:
    """The order of README's demonstration."""
    found = results["demonstration"]["rows"]
    old = {
        r["name"]: i
        for i, r in enumerate((before or {}).get("demonstration", {}).get("rows", ()), 1)
    }
    head = ["", "column", "above chance", "share", "mi", "p", "note"] + (
        ["place before"] if old else []
    )

    def number(value: Any, digits: str) -> str:
        return "" if value is None else format(value, digits)

    rows = [
        [
            str(i),
            code(row["name"]),
            number(row.get("above_chance"), ".4f"),
            number(row.get("share"), ".3f"),
            number(row.get("mi"), ".4f"),
            number(row.get("pvalue"), ".2g"),
            row.get("note", ""),
            *([str(old.get(row["name"], ""))] if old else []),
        ]
        for i, row in enumerate(found, 1)
    ]
    return table(head, rows, left=2)


def page(results: Results, before: Results | None) -> str:
    """All of it as Markdown."""
    absent = [
        f"- {name} ({case['source']}): {case['absent']}" for name, case in results["absent"].items()
    ]
    formulas = ", ".join(
        f"{name}: {case['formula']}" for name, case in results["tables"].items() if case["formula"]
    )
    parts: list[tuple[str, list[str]]] = [
        ("Summary", summary(results, before)),
        ("Scores of five columns", [*scores(results, before), "", f"† {formulas}."]),
        ("Where neighbours choose better", losses(results)),
        ("The columns that were chosen", columns(results)),
        ("Clear pairs that are missed", missed(results)),
        ("False alarms, generated columns", alarms(results, before) if results["made"] else []),
        ("False alarms, columns of the tables", real_alarms(results, before)),
        ("Identifiers, names and constants among the first five", useless(results)),
        ("Where the order depends on the container", containers(results)),
        (
            "The flights of the demonstration",
            demonstration(results, before) if "demonstration" in results else [],
        ),
        ("Tables that were not available", absent or ["None."]),
    ]
    lines: list[str] = []
    for title, body in parts:
        if body:
            lines += [f"## {title}", "", *body, ""]
    return "\n".join([*lines, results["about"]])


def write(text: str) -> None:
    """Put it between the marks of the page."""
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", "utf-8")
