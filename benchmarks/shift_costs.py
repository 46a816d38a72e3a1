"""
The cost model of maps of shifts against measured times: ``python benchmarks/shift_costs.py``.

For images of several sizes and dimensions, levels and largest shifts, the seconds that
:mod:`fastinfo.images.at_shifts.by_shift` expects of both ways, and those that are measured, so that
a wrong choice shows.
"""

from __future__ import annotations

import os
import statistics
import time

os.environ["FASTINFO_NUM_THREADS"] = "1"

import numpy as np

from fastinfo.images.at_shifts import by_shift
from fastinfo.images.at_shifts.coded_images import CodedImage
from fastinfo.images.at_shifts.correlations import Correlations

#: Shape, levels, largest shifts.
CASES: list[tuple[tuple[int, ...], int, tuple[int, ...]]] = [
    ((512, 512), 16, (511, 511)),
    ((512, 512), 16, (40, 40)),
    ((512, 512), 16, (15, 15)),
    ((512, 512), 16, (4, 4)),
    ((512, 512), 4, (15, 15)),
    ((512, 512), 4, (4, 4)),
    ((512, 512), 64, (60, 60)),
    ((512, 512), 64, (15, 15)),
    ((128, 128), 16, (127, 127)),
    ((128, 128), 32, (127, 127)),
    ((128, 128), 16, (10, 10)),
    ((64, 64), 8, (63, 63)),
    ((64, 64), 16, (63, 63)),
    ((64, 64), 16, (8, 8)),
    ((32, 32), 16, (31, 31)),
    ((32, 32), 4, (31, 31)),
    ((64, 64, 64), 16, (8, 8, 8)),
    ((64, 64, 64), 16, (3, 3, 3)),
    ((64, 64, 64), 8, (3, 3, 3)),
    ((40, 40, 40), 16, (20, 20, 20)),
    ((20_000,), 16, (19_999,)),
    ((20_000,), 16, (500,)),
    ((200_000,), 16, (1000,)),
    ((200_000,), 16, (100,)),
]
_LONGEST = 12.0  # seconds that are measured


def seconds(images: tuple[CodedImage, CodedImage], radius: tuple[int, ...], way: str) -> float:
    """Median CPU time of a map in one way."""
    times = []
    while len(times) < 3 or (sum(times) < 0.3 and len(times) < 50):
        start = time.process_time()
        by_shift.information_by_shift(*images, radius, way)
        times.append(time.process_time() - start)
        if times[-1] > 1.0:
            break
    return statistics.median(times)


def main() -> None:
    """Print a line for each case."""
    rng = np.random.default_rng(0)
    print("| shape | levels | shifts up to | counts: model, measured | transforms | taken |")
    print("|---|---:|---|---:|---:|---|")
    for shape, levels, radius in CASES:
        images = tuple(
            CodedImage.of(rng.integers(0, levels, shape).astype(np.uint8), levels) for _ in "fm"
        )
        model = {
            "counts": by_shift.cost_of_counts(*images, radius),
            "transforms": by_shift.cost_of_transforms(Correlations.of(*images, radius)),
        }
        measured = {
            way: seconds(images, radius, way) if expected < _LONGEST else float("nan")
            for way, expected in model.items()
        }
        taken = min(model, key=model.__getitem__)
        wrong = measured[taken] > 1.2 * min(measured.values())
        cells = [f"{model[way]:.4f}, {measured[way]:.4f}" for way in model]
        name = " × ".join(map(str, shape))
        print(f"| {name} | {levels} | {radius[0]} | {' | '.join(cells)} | {taken}", end="")
        print(f"{' (wrong)' if wrong else ''} |", flush=True)


if __name__ == "__main__":
    main()
