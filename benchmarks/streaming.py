"""
Files that are read part by part: ``python benchmarks/streaming.py [--gigabytes 1 3]``.

Ranks 20 columns of a Parquet file, in turns with reading them by pyarrow alone, batch by batch and
as one table; then, for files of 50 columns of each size, the peak memory of the two commands.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

import fastinfo
from fastinfo.streaming import open_files

ROW_GROUP = 1 << 20
#: Linux tells the peak of this program alone; getrusage would tell that of its parent, too.
COMMAND = (
    "import sys\n"
    "from fastinfo.cli import run\n"
    "code = run(sys.argv[1:])\n"
    "status = open('/proc/self/status').read()\n"
    "print(status.partition('VmHWM:')[2].split()[0], file=sys.stderr)\n"
    "sys.exit(code)\n"
)


def write(path: Path, rows: int, columns: int) -> None:
    """A file of numbers that depend on one another, with a target of three levels."""
    rng = np.random.default_rng(0)
    writer: Any = None
    for start in range(0, rows, ROW_GROUP):
        n = min(ROW_GROUP, rows - start)
        z = rng.normal(size=n)
        table = pa.table(
            {f"x{i}": z * (i / columns) + rng.normal(size=n) for i in range(columns)}
            | {"y": (z > 0).astype(np.int64) + (z > 1)}
        )
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=ROW_GROUP)
    writer.close()


def ratios(path: Path, turns: int) -> None:
    """Time of a ranking by that of reading alone."""

    def ours() -> None:
        fastinfo.rank_features(open_files(path), "y")

    def batches() -> None:
        with parquet.ParquetFile(path) as file:
            for _ in file.iter_batches():
                pass

    def whole() -> None:
        parquet.read_table(path)

    ours()
    times: dict[str, list[float]] = {}
    for _ in range(turns):
        for name, function in (("ours", ours), ("batches", batches), ("whole", whole)):
            start = time.perf_counter()
            function()
            times.setdefault(name, []).append(time.perf_counter() - start)
    for name in ("batches", "whole"):
        found = statistics.median(a / b for a, b in zip(times["ours"], times[name], strict=True))
        print(f"ranking 20 columns by reading them alone ({name}): {found:.2f}", flush=True)


def peaks(path: Path) -> None:
    """Peak memory of the commands."""
    for words in (["rank", str(path), "--target", "y", "--json"], ["matrix", str(path), "--json"]):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *words], capture_output=True, text=True, check=True
        )
        peak = int(done.stderr.split()[-1]) / 1024
        seconds = time.perf_counter() - start
        size = path.stat().st_size / 1e9
        print(f"{words[0]}, {size:.2f} GB: peak {peak:.0f} MB, {seconds:.1f} s", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, nargs="*", default=[1.0, 3.0])
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.parquet")
        write(path, 5_000_000, 20)
        ratios(path, options.turns)
        for gigabytes in options.gigabytes:
            write(path, int(gigabytes * 1e9 / (51 * 8)), 50)
            peaks(path)


if __name__ == "__main__":
    main()
