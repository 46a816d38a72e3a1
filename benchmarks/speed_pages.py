"""The tables of README.md and docs/benchmarks.md, and the line below them, from records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README, PAGE = ROOT / "README.md", ROOT / "docs" / "benchmarks.md"
START, END = "<!-- benchmarks:start -->", "<!-- benchmarks:end -->"
HEAD = [
    "| work | peer | fastinfo | peer | times faster | without AVX-512 | of the limit |",
    "|---|---|---:|---:|---:|---:|---:|",
]
#: What README shows, in this order: how names of cases begin, and of peers, mostly the fastest one.
#: Where fastinfo is the slower one, README shows it as well. The page in docs shows everything.
HEADLINES = (
    ("cross_entropy", ""),
    ("entropy", ""),
    ("logsumexp, 10⁷", ""),
    ("softmax 200000×50 float64, axis 1", ""),
    ("log_loss", ""),
    ("softmax_cross_entropy, 1,000,000×10", ""),
    ("softmax_cross_entropy of probabilities, 100,000×100", ""),
    ("histogram 64, 10⁷ float64", "fast-histogram"),
    ("histogram2d 64×64", "fast-histogram"),
    ("histogram2d 64×64", "NumPy"),
    ("mutual_information 64×64", ""),
    ("mutual_info_score 50×50", ""),
    ("adjusted_mutual_info_score", ""),
    ("conditional_mutual_information", "NumPy"),
    ("conditional_independence_test 16×16 in 64 strata, 10⁶ rows:", "pgmpy"),
    ("transfer_entropy,", "pyinform"),
    ("mutual_info_classif of one column", ""),
    ("mutual_information by KSG, 10⁵", "scikit-learn"),
    ("mutual_information_matrix of 40 columns, 500,000 rows, 2 levels", ""),
    ("mutual_information_matrix of 40 columns, 500,000 rows, 16 levels", ""),
    ("mutual_information_matrix of 400", ""),
    ("rank_features", ""),
    ("permutation_test 16×16", ""),
    ("images.normalized", ""),
    ("images.shift_map", ""),
    ("association", "NumPy on COO arrays, `bincount`"),
    ("first mutual_info_score", ""),
)
#: What is compared; the line below the table gives the versions of those that are installed.
PACKAGES = (
    *("numba", "numpy", "scipy", "scikit-learn", "fast-histogram", "boost-histogram", "torch"),
    *("ennemi", "pyitlib", "pgmpy", "causal-learn", "pyinform", "infomeasure"),
    *("mrmr-selection", "scikit-image", "simpleitk"),
)


def _time(ns: float) -> str:
    """A time in the unit that suits it, with three digits."""
    size, unit = next(
        (pair for pair in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")) if ns >= 0.9995 * pair[0]),
        (1.0, "ns"),
    )
    value = ns / size
    return f"{value:.0f} {unit}" if value >= 99.95 else f"{value:.3g} {unit}"


def _ratio(value: float | None) -> str:
    """A ratio, with the digits that tell something."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def line(record: dict[str, Any]) -> str:
    """One line of the table."""
    of_limit = f"{record['of_limit']:.0%}" if "of_limit" in record else ""
    cells = (
        record["case"],
        record["peer"],
        _time(record["ours_ns"]),
        _time(record["peer_ns"]),
        _ratio(record["ratio"]),
        _ratio(record.get("ratio_without_avx512")),
        of_limit,
    )
    return f"| {' | '.join(cells)} |"


def headlines(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records that README shows."""

    def place(record: dict[str, Any]) -> int | None:
        for i, (case, peer) in enumerate(HEADLINES):
            if record["case"].startswith(case) and record["peer"].startswith(peer):
                return i
        return len(HEADLINES) if record["ratio"] < 1.0 else None

    chosen = [(i, record) for record in records if (i := place(record)) is not None]
    return [record for _, record in sorted(chosen, key=lambda pair: pair[0])]


def machine() -> str:
    """What figures were measured with."""
    import importlib.metadata as metadata
    import platform

    from llvmlite.binding import get_host_cpu_name

    found = {str(d.name).lower().replace("_", "-") for d in metadata.distributions()}
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES if name in found)
    return (
        f"{get_host_cpu_name()} ({platform.system()} {platform.machine()}), "
        f"Python {platform.python_version()}, {versions}"
    )


def write(path: Path, records: Sequence[dict[str, Any]], about: str) -> None:
    """Put a table between the marks of a page."""
    before, _, rest = path.read_text("utf-8").partition(START)
    _, _, after = rest.partition(END)
    table = "\n".join([*HEAD, *map(line, records)])
    path.write_text(f"{before}{START}\n{table}\n\n{about}\n{END}{after}", "utf-8")


def write_pages(records: Sequence[dict[str, Any]], about: str) -> None:
    """Put the tables into README.md and docs."""
    write(PAGE, records, about)
    write(README, headlines(records), about)
