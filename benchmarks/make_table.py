"""
Measure every case and write the Markdown table: ``python benchmarks/make_table.py [--readme]``.

Ours and each peer take turns in one process, with one thread each; a ratio is the median over the
turns of peer's time by ours. The results are checked against each other first.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "FASTINFO_NUM_THREADS",
):
    os.environ[_name] = "1"  # before NumPy is imported

README = Path(__file__).resolve().parent.parent / "README.md"
START, END = "<!-- benchmarks:start -->", "<!-- benchmarks:end -->"


def seconds(function: Callable[[], Any]) -> float:
    """Time of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(
    ours: Callable[[], Any], peer: Callable[[], Any], turns: int
) -> tuple[float, float, float]:
    """Median time of ours, of the peer's, and median ratio, in turns."""
    pairs = [(seconds(ours), seconds(peer)) for _ in range(turns)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(b / a for a, b in pairs),
    )


def rows(pattern: str, turns: int) -> list[str]:
    """Lines of the table, one for each case and peer."""
    from cases import CASES

    lines = [
        "| work | peer | fastinfo, ns each | peer, ns each | times faster |",
        "|---|---|---:|---:|---:|",
    ]
    for case in CASES:
        if pattern not in case.name:
            continue
        work = case.make()
        ours = work.ours()
        for name, peer in work.peers.items():
            theirs = peer()  # a first call outside the timing, for both
            if name not in work.differing:
                work.check(ours, theirs)
            mine, other, ratio = compare(work.ours, peer, turns)
            lines.append(
                f"| {case.name} | {name} | {mine / work.per * 1e9:.2f} | "
                f"{other / work.per * 1e9:.2f} | {ratio:.1f} |"
            )
            print(lines[-1], flush=True)
    return lines


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
    )
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    return (
        f"One thread each, in turns in one process; medians. {get_host_cpu_name()} "
        f"({platform.system()} {platform.machine()}), Python {platform.python_version()}, "
        f"{versions}. Made by `python benchmarks/make_table.py --readme`."
    )


def main() -> None:
    """Measure, print, and put the table into README.md on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", default="", metavar="TEXT", help="only cases with this in the name")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    table = "\n".join(rows(options.k, options.turns))
    if options.readme:
        before, _, rest = README.read_text("utf-8").partition(START)
        _, _, after = rest.partition(END)
        README.write_text(f"{before}{START}\n{table}\n\n{machine()}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
