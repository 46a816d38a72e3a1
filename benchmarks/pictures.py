"""Pictures of what was measured: ratios, times against sizes, memory's roof, threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def draw_ratios(records: list[dict[str, Any]], path: Path) -> None:
    """Bars of how many times faster, on a logarithmic scale."""
    shown = sorted(records, key=lambda record: record["ratio"])
    figure, axes = plt.subplots(figsize=(10, 1 + 0.24 * len(shown)), layout="constrained")
    labels = [f"{r['case']} — {r['peer'].replace('`', '')}" for r in shown]
    axes.barh(range(len(shown)), [r["ratio"] for r in shown], color="#4477aa", left=0.0)
    axes.set_yticks(range(len(shown)), labels, fontsize=7)
    axes.set_xscale("log")
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xlabel("times faster than the peer, one thread each")
    _save(figure, path)


def draw_sizes(records: list[dict[str, Any]], path: Path) -> None:
    """Time for a sample against the number of samples."""
    works = list(dict.fromkeys(record["work"] for record in records))
    figure, all_axes = plt.subplots(
        1, len(works), figsize=(3.2 * len(works), 3.4), sharey=True, layout="constrained"
    )
    for axes, work in zip(all_axes, works, strict=True):
        for who, style in (("fastinfo", "o-"), ("peer", "s--")):
            found = [r for r in records if r["work"] == work and r["who"] == who]
            n = [r["n"] for r in found]
            axes.loglog(n, [1e9 * r["seconds"] / r["n"] for r in found], style, label=who)
        axes.set_title(work, fontsize=9)
        axes.set_xlabel("samples")
        axes.grid(alpha=0.3)
    all_axes[0].set_ylabel("ns a sample")
    all_axes[0].legend()
    _save(figure, path)


def draw_roof(records: list[dict[str, Any]], read: float, path: Path) -> None:
    """Bytes a second of each kind of work, below what memory gives one thread."""
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    axes.barh(
        [r["work"] for r in records], [r["bytes_a_second"] / 1e9 for r in records], color="#66ccee"
    )
    axes.axvline(read / 1e9, color="black", linestyle="--")
    axes.set_xlabel("GB/s read, one thread; dashed: reading alone")
    _save(figure, path)


def draw_threads(records: list[dict[str, Any]], path: Path) -> None:
    """Speed-up by threads; what they gain at work that is nobody's is dashed."""
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for work in dict.fromkeys(record["work"] for record in records):
        found = [r for r in records if r["work"] == work]
        threads = [r["threads"] for r in found]
        style = "s--" if work.startswith("control") else "o-"
        axes.plot(threads, [found[0]["seconds"] / r["seconds"] for r in found], style, label=work)
    axes.plot([1, max(threads)], [1, max(threads)], color="grey", linewidth=0.8)
    axes.set_xlabel("threads")
    axes.set_ylabel("times faster than one")
    axes.set_xticks(threads)
    axes.legend(fontsize=8)
    _save(figure, path)
