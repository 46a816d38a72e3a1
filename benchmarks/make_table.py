"""
Measure every case: ratios that two programs on one machine can agree on, as records and tables.

Ours and each peer take turns in one process, with one thread each; a ratio is the median over the
turns of peer's time by ours. The results are checked against each other first.
``python benchmarks`` runs this and the rest, ``python benchmarks/make_table.py [-k TEXT]`` this
alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "FASTINFO_NUM_THREADS",
):
    os.environ[_name] = "1"  # before NumPy is imported

ROOT = Path(__file__).resolve().parent.parent
README, PAGE = ROOT / "README.md", ROOT / "docs" / "benchmarks.md"
START, END = "<!-- benchmarks:start -->", "<!-- benchmarks:end -->"
HEAD = [
    "| work | peer | fastinfo, ns each | peer, ns each | times faster | of the limit |",
    "|---|---|---:|---:|---:|---:|",
]

#: How the names of the cases begin that README shows; the page in docs shows all.
HEADLINES = (
    "cross_entropy",
    "entropy",
    "logsumexp, 10⁷",
    "softmax 200000×50 float64, axis 1",
    "softmax_cross_entropy, 1,000,000×10",
    "softmax_cross_entropy, 1,000×50,000",
    "log_loss",
    "histogram2d 64×64",
    "histogram 64, 10⁷ float64",
    "mutual_information 64×64",
    "images.",
    "mutual_info_score",
    "mutual_info_regression of one column, 10⁵",
    "mutual_info_classif",
    "adjusted_mutual_info_score",
    "mutual_information_matrix",
    "rank_features",
    "permutation_test",
)


def seconds(function: Callable[[], Any]) -> float:
    """Time of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(
    ours: Callable[[], Any], peer: Callable[[], Any], turns: int, limit: float
) -> tuple[float, float, float]:
    """Median time of ours, of the peer's, and median ratio, in turns, for `limit` seconds or so."""
    pairs: list[tuple[float, float]] = []
    start = time.perf_counter()
    while len(pairs) < turns and (not pairs or time.perf_counter() - start < limit):
        pairs.append((seconds(ours), seconds(peer)))
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(b / a for a, b in pairs),
    )


def measure(pattern: str, turns: int, limit: float) -> list[dict[str, Any]]:
    """Records, one for each case and peer."""
    import limits
    from suites import CASES

    records: list[dict[str, Any]] = []
    for case in CASES:
        if pattern not in case.name:
            continue
        work = case.make()
        ours = work.ours()
        for name, peer in work.peers.items():
            theirs = peer()  # a first call outside the timing, for both
            if name not in work.differing:
                work.check(ours, theirs)
            mine, other, ratio = compare(work.ours, peer, turns, limit)
            whole, some = work.parts
            record = {
                "case": case.name,
                "peer": name,
                "ours_ns": mine / work.per / whole * 1e9,
                "peer_ns": other / work.per / some * 1e9,
                "ratio": ratio * whole / some,
            }
            if limit_ns := limits.of_piece(work.moved, work.increments):
                record["of_limit"] = limit_ns / record["ours_ns"]
            records.append(record)
            print(line(record), flush=True)
    return records


def _ns(ns: float) -> str:
    """Nanoseconds, with the digits that tell something."""
    return f"{ns:.4f}" if ns < 0.1 else f"{ns:,.2f}"


def line(record: dict[str, Any]) -> str:
    """One line of the table."""
    of_limit = f"{record['of_limit']:.0%}" if "of_limit" in record else ""
    return (
        f"| {record['case']} | {record['peer']} | {_ns(record['ours_ns'])} | "
        f"{_ns(record['peer_ns'])} | {record['ratio']:.1f} | {of_limit} |"
    )


def machine() -> str:
    """What the figures were measured with."""
    import importlib.metadata as metadata
    import platform

    from llvmlite.binding import get_host_cpu_name

    packages = (
        "numba",
        "numpy",
        "scipy",
        "scikit-learn",
        "fast-histogram",
        "boost-histogram",
        "torch",
        "simpleitk",
        "scikit-image",
    )
    found = {distribution.name for distribution in metadata.distributions()}
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages if name in found)
    return (
        f"One thread each, in turns in one process; medians. {get_host_cpu_name()} "
        f"({platform.system()} {platform.machine()}), Python {platform.python_version()}, "
        f"{versions}. Made by `python benchmarks --write`."
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
    write(README, [r for r in records if r["case"].startswith(HEADLINES)], about)


def main() -> None:
    """Measure, print, and put the tables into README.md and docs on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", default="", metavar="TEXT", help="only cases with this in the name")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--limit", type=float, default=20.0, help="seconds for a case and peer")
    parser.add_argument("--write", action="store_true", help="write the tables into the pages")
    options = parser.parse_args()
    print(*HEAD, sep="\n")
    records = measure(options.k, options.turns, options.limit)
    if options.write:
        write_pages(records, machine())


if __name__ == "__main__":
    main()
