"""
Measure the bias of every estimator: ``python docs/make_bias.py``.

Writes the table of docs/explanation/bias.md and the picture beside it: the mean mutual information
of independent samples, of which the true value is 0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import fastinfo

HERE = Path(__file__).resolve().parent
REPETITIONS = 200  # the text of the page says so too
SEED = 20021210
UNIT_SQUARE = [[0.0, 1.0], [0.0, 1.0]]
CORRECTIONS: list[str | float | None] = [
    None,
    "miller-madow",
    "jackknife",
    "grassberger",
    "chao-shen",
    "shrinkage",
    "nsb",
    "zhang",
    0.5,
    "chance",
]
SIZES = [100, 300, 1000, 3000, 10_000, 100_000]
BINS = [4, 8, 16, 32]

START, END = "<!-- table:start -->", "<!-- table:end -->"


def name_of(correction: str | float | None) -> str:
    """The heading of a column."""
    return "plug-in" if correction is None else str(correction)


def expectation(bins: int, n: int) -> float:
    """Mean plug-in information of independent variables, where all cells are seen often."""
    return (bins - 1) ** 2 / (2 * n)


def mean_information(bins: int, n: int, repetitions: int = REPETITIONS) -> list[float]:
    """Mean of each estimate, in nats."""
    rng = np.random.default_rng([SEED, bins, n])
    sums = np.zeros(len(CORRECTIONS))
    for _ in range(repetitions):
        counts = fastinfo.JointCounts.from_samples(
            *rng.random((2, n)), bins=bins, range=UNIT_SQUARE
        )
        sums += [counts.mutual_information(correction=c) for c in CORRECTIONS]
    return (sums / repetitions).tolist()


def row(bins: int, n: int) -> str:
    """One line of the table."""
    values = [expectation(bins, n), *mean_information(bins, n)]
    cells = [f"{n:,}", f"{bins} x {bins}", *(f"{1000 * v:.2f}" for v in values)]
    return "| " + " | ".join(cells).replace("-0.00", "0.00") + " |"


def table() -> str:
    """The whole table in Markdown."""
    heads = ["n", "bins", "(r-1)(c-1)/2n", *map(name_of, CORRECTIONS)]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---:|" * len(heads)]
    return "\n".join([*lines, *(row(bins, n) for n in SIZES for bins in BINS)])


def draw(path: Path) -> None:
    """Two panels: against bins, and against the number of samples."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), dpi=80, layout="constrained")
    bins, sizes = [2, 4, 6, 8, 12, 16, 24, 32], [50, 100, 200, 400, 800, 1600, 3200, 6400]
    panels = [
        (left, bins, [(b, 1000) for b in bins], "bins per variable (n = 1,000)"),
        (right, sizes, [(8, n) for n in sizes], "samples (8 x 8 bins)"),
    ]
    for axes, xs, settings, label in panels:
        curves = np.array([mean_information(*s) for s in settings]).T
        for curve, correction in zip(curves, CORRECTIONS, strict=True):
            axes.plot(xs, curve, "-", lw=1.4, label=name_of(correction))
        axes.plot(xs, [expectation(*s) for s in settings], "k:", label="(r-1)(c-1)/2n")
        axes.axhline(0.0, color="0.6", lw=0.8, zorder=0)
        axes.set(xlabel=label, xscale="log", ylabel="mean MI, nats", ylim=(-0.1, 0.35))
        axes.set_xticks(xs, map(str, xs))
        axes.minorticks_off()
    right.legend(fontsize=7, ncol=2, frameon=False)
    figure.savefig(path, metadata={"Software": None})


def main() -> None:
    """Write both files."""
    page = HERE / "explanation" / "bias.md"
    before, _, rest = page.read_text("utf-8").partition(START)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{START}\n\n{table()}\n\n{END}{after}", "utf-8")
    draw(HERE / "explanation" / "bias.png")


if __name__ == "__main__":
    main()
