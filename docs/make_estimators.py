"""
Measure estimators side by side: ``python docs/make_estimators.py``.

Writes the tables of docs/explanation/estimators.md and the picture beside it from the run that is
stored in docs/estimators.jsonl; what that has not, it measures first. Delete it to measure anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import fastinfo
from fastinfo import benchmark
from fastinfo.benchmark.records import read_records
from fastinfo.benchmark.results import Results

HERE = Path(__file__).resolve().parent
STORED = HERE / "estimators.jsonl"
REPETITIONS = 10  # the text of the page says so too
SIZES = [100, 1000, 10_000, 100_000, 1_000_000]
DISTRIBUTIONS = [
    "normal r=0.0",
    "normal r=0.6",
    "normal r=0.9",
    "wiggly normal r=0.75",
    "bimodal r=0.75",
    "exp of normal r=0.75",
    "Student-t dof=2",
    "additive noise 0.1",
    "mixture of 4 squares",
]
ESTIMATORS = [
    "histogram mi",
    "histogram mi, miller-madow",
    "histogram mi, uniform",
    "ksg k=1",
    "ksg k=3",
    "ksg k=10",
    "gaussian",
    "gaussian-copula",
]
PEERS = ["scikit-learn k=3", "ennemi k=3"]


def stored_run() -> Results:
    """The stored run, with what it lacks measured now: one thread."""
    known = benchmark.estimators()
    compared = [name for name in [*ESTIMATORS, *PEERS] if name in known]
    if STORED.exists():
        return Results(read_records(STORED))
    with fastinfo.num_threads(1):
        return benchmark.run(
            DISTRIBUTIONS,
            compared,
            sizes=SIZES,
            repetitions=REPETITIONS,
            time_limit=0.2,
            path=STORED,
            progress=True,
        )


def table(heads: list[str], rows: Iterable[list[str]]) -> str:
    """A table in Markdown: the first column is words, the rest numbers."""
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def mean(results: Results, key: str, estimator: str, n: int) -> float | None:
    """Mean of an entry of the records over all distributions."""
    found = [r[key] for r in results if r["estimator"] == estimator and r["n"] == n]
    return sum(found) / len(found) if len(found) == len(DISTRIBUTIONS) else None


def cell(value: float | None, scale: float, form: str) -> str:
    """A number of a table; nothing where there is none."""
    return "" if value is None else format(value * scale, form)


def tables(results: Results) -> dict[str, str]:
    """Each table of the page by the name of its place."""
    names = list(dict.fromkeys(r["estimator"] for r in results))
    heads = ["estimator", *(f"{n:,}" for n in SIZES)]
    errors = {(r["distribution"], r["estimator"]): r["rmse"] for r in results if r["n"] == 10_000}
    first = results.records[0]
    facts = f"One thread; {first['cpu']}, Python {first['python']}, NumPy {first['numpy']}, numba "
    versions = {r["package"]: r["version"] for r in results if r["package"] != "fastinfo"}
    others = "".join(f", {package} {version}" for package, version in versions.items())
    return {
        "errors": table(
            heads,
            ([e, *(cell(mean(results, "rmse", e, n), 1e3, ".1f") for n in SIZES)] for e in names),
        ),
        "times": table(
            heads,
            ([e, *(cell(mean(results, "time", e, n), 1e3, ".3g") for n in SIZES)] for e in names),
        )
        + f"\n\n{facts}{first['numba']}{others}.",
        "distributions": table(
            ["distribution", *names],
            (
                [d, *(cell(errors.get((d, e)), 1e3, ".1f") for e in names)]
                for d in dict.fromkeys(r["distribution"] for r in results)
            ),
        ),
    }


def draw(results: Results, path: Path) -> None:
    """Two panels: error against samples, and against time."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.5, 4.2), dpi=80, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for i, name in enumerate(dict.fromkeys(r["estimator"] for r in results)):
        points = [
            (n, mean(results, "rmse", name, n), mean(results, "time", name, n)) for n in SIZES
        ]
        kept = [p for p in points if p[1] is not None]
        style = {"marker": "osv^D<>Pp*"[i % 10], "ms": 4, "lw": 1.3}
        left.plot([p[0] for p in kept], [p[1] for p in kept], label=name, **style)
        right.plot([p[2] for p in kept], [p[1] for p in kept], **style)
    for axes, label in ((left, "samples"), (right, "time of a call, s")):
        axes.set(xscale="log", yscale="log", xlabel=label)
        axes.grid(alpha=0.3)
    left.set_ylabel("RMSE, nats: mean over the distributions")
    figure.legend(loc="outside right upper", fontsize=8, frameon=False)
    figure.savefig(path, metadata={"Software": None})


def main() -> None:
    """Write both files."""
    results = stored_run()
    page = HERE / "explanation" / "estimators.md"
    text = page.read_text("utf-8")
    for name, lines in tables(results).items():
        start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
        before, _, rest = text.partition(start)
        text = f"{before}{start}\n\n{lines}\n\n{end}{rest.partition(end)[2]}"
    page.write_text(text, "utf-8")
    draw(results, HERE / "explanation" / "estimators.png")


if __name__ == "__main__":
    main()
