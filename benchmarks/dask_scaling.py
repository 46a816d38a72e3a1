"""
Mutual information of 10⁸ pairs on Dask workers: ``python benchmarks/dask_scaling.py [--rows N]``.

Each number of workers gets a cluster of its own on this machine, one thread each; they take turns.
Prints times, what two workers gain, and the bytes that travelled between workers beside the
model's: a table of counts for each partition but those that stay where they are, and for each node
of the tree above them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import dask.array as da
import numpy as np
from distributed import Client, LocalCluster

import fastinfo
from fastinfo import dask as fastinfo_dask

BINS = 64


def data(rows: int, partition: int) -> tuple[Any, Any]:
    """Two variables, made by the workers."""
    rng = da.random.default_rng(0)
    x, z = (rng.normal(size=rows, chunks=partition) for _ in range(2))
    return x, 0.6 * x + 0.8 * z


def travelled(client: Client) -> int:
    """Bytes that workers have sent to each other so far."""
    sent = client.run(lambda dask_worker: dask_worker.transfer_outgoing_bytes_total)
    return int(sum(sent.values()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=float, default=1e8)
    parser.add_argument("--partition", type=float, default=2e6)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    rows, partition = int(options.rows), int(options.partition)
    times: dict[int, list[float]] = {1: [], 2: []}
    values = set()
    for turn in range(options.turns):
        for workers in times:
            with (
                LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None
                ) as cluster,
                Client(cluster) as client,
            ):
                warm = fastinfo_dask.mutual_information(*data(10**5, 10**4), bins=BINS)
                client.compute([warm] * 8, sync=True)
                before = travelled(client)
                lazy = fastinfo_dask.mutual_information(*data(rows, partition), bins=BINS)
                start = time.perf_counter()
                values.add(float(lazy.compute()))
                times[workers].append(time.perf_counter() - start)
                sent = travelled(client) - before
            print(
                f"turn {turn + 1}, {workers} workers: {times[workers][-1]:.2f} s, "
                f"{sent / 1e6:.2f} MB between workers",
                flush=True,
            )
    assert len(values) == 1, values
    gain = statistics.median(a / b for a, b in zip(times[1], times[2], strict=True))
    n_partitions = -(-rows // partition)
    table = 8 * BINS * BINS
    nodes = n_partitions * 8 / 7
    print(f"2 workers: {gain:.2f} times 1 worker, {rows:.3g} rows, the same value to the bit")
    print(f"model: {table * nodes / 1e6:.2f} MB at most, half of it between 2 workers")
    print(f"fastinfo {fastinfo.__version__}, NumPy {np.__version__}")


if __name__ == "__main__":
    main()
