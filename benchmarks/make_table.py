"""
Measure every case: ratios that two programs on one machine can agree on, as records and tables.

Ours and each peer take turns in one process, with one thread each; a ratio is the median over the
turns of peer's time by ours. Times are those of the CPU. The results are checked against each other
first. ``python benchmarks`` runs this and the rest, ``python benchmarks/make_table.py [-k TEXT]``
this alone.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from clocks import seconds

for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "FASTINFO_NUM_THREADS",
):
    os.environ[_name] = "1"  # before NumPy is imported

#: Slow peers do so many turns at least; but a first call above the limit is enough of a peer's.
LEAST = 3
#: Peers that failed, or had another answer; their rows are left out.
WRONG: list[str] = []


def compare(
    ours: Callable[[], Any], peer: Callable[[], Any], first: float, turns: int, limit: float
) -> tuple[float, float, float, int]:
    """
    Median time of ours, of the peer's, median ratio, and turns, for `limit` seconds or so.

    A peer whose first call took longer than that is not called again.
    """
    pairs: list[tuple[float, float]] = []
    spent = 0.0
    while len(pairs) < turns and (len(pairs) < LEAST or spent < limit):
        pairs.append((seconds(ours), first if first > limit else seconds(peer)))
        spent += sum(pairs[-1])
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(b / a for a, b in pairs),
        len(pairs),
    )


def _tell(case: str, why: str) -> None:
    print(f"left out: {case}: {why}", flush=True)


def measure(pattern: str, turns: int, limit: float) -> list[dict[str, Any]]:
    """Records, one for each case and peer; peers that are not installed are left out, and said."""
    import limits
    from suites import CASES

    records: list[dict[str, Any]] = []
    for case in CASES:
        if pattern not in case.name:
            continue
        try:
            work = case.make()
        except ModuleNotFoundError as error:
            _tell(case.name, str(error))
            continue
        ours = work.ours()  # a first call outside the timing
        for name, peer in work.installed(partial(_tell, case.name)).items():
            theirs: list[Any] = []
            try:
                first = seconds(lambda peer=peer, theirs=theirs: theirs.append(peer()))
                if name not in work.differing:
                    work.check(ours, theirs[0])
            except Exception as error:  # a row less, and not the hour of the other rows
                why = f"{name}: {type(error).__name__}: {error}"[:300]
                WRONG.append(f"{case.name}: {why}")
                _tell(case.name, why)
                continue
            mine, other, ratio, done = compare(work.ours, peer, first, turns, limit)
            whole, some = work.parts
            record = {
                "case": case.name,
                "peer": name,
                "ours_ns": mine / work.per / whole * 1e9,
                "peer_ns": other / work.per / some * 1e9,
                "ratio": ratio * whole / some,
                "turns": done,
            }
            if limit_ns := limits.of_piece(work.moved, work.increments):
                record["of_limit"] = limit_ns / record["ours_ns"]
            records.append(record)
            print(f"{case.name} against {name}: {record['ratio']:.1f}", flush=True)
    return records


def main() -> None:
    """Measure, print the table, and keep the records on request."""
    import cpu_switches
    from speed_pages import HEAD, line

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", default="", metavar="TEXT", help="only cases with this in the name")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--limit", type=float, default=20.0, help="seconds for a case and peer")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the records in a file")
    options = parser.parse_args()
    records: Sequence[dict[str, Any]] = measure(options.k, options.turns, options.limit)
    cpu_switches.check()
    if options.json:
        options.json.write_text(json.dumps(records), "utf-8")
    else:
        print(*HEAD, *map(line, records), sep="\n")


if __name__ == "__main__":
    main()
