"""Plots of a benchmark with matplotlib: error and time against n, and error against time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fastinfo._core.messages import missing_packages
from fastinfo.benchmark.records import Record, comparable, grouped
from fastinfo.plot import check_picture, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKS = "osv^D<>Pp*Xh"


def _figure() -> tuple[Figure, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise missing_packages("pictures need", "matplotlib", extra="plot") from error
    figure = Figure(figsize=(8.0, 5.0), layout="constrained")
    return figure, figure.subplots()


def _curves(results: Iterable[Record]) -> dict[str, list[tuple[int, float, float]]]:
    """n, mean RMSE and mean time of each estimator, over the distributions that all have."""
    found: dict[str, list[tuple[int, float, float]]] = {}
    results = list(results)
    common = comparable(results) or results
    for (estimator, n), records in grouped(common, "estimator", "n").items():
        errors = [r["rmse"] for r in records if r["rmse"] is not None]
        if errors:
            times = [r["time"] for r in records]
            point = n, sum(errors) / len(errors), sum(times) / len(times)
            found.setdefault(estimator, []).append(point)
    if not found:
        raise ValueError("the results have no records to draw")
    return {name: sorted(points) for name, points in found.items()}


def _draw(results: Iterable[Record], x: int, y: int, labels: tuple[str, str]) -> Figure:
    figure, axes = _figure()
    for i, (name, points) in enumerate(_curves(results).items()):
        xs, ys = [p[x] for p in points], [max(p[y], 1e-9) for p in points]
        style = "-" if i < 10 else "--"
        axes.plot(xs, ys, style, marker=_MARKS[i % len(_MARKS)], ms=4, lw=1.2, label=name)
    axes.set(xscale="log", yscale="log", xlabel=labels[0], ylabel=labels[1])
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", fontsize=7, frameon=False)
    return figure


def plot_error(results: Iterable[Record]) -> Figure:
    """Draw the RMSE (nats) against the number of samples, with one line for each estimator."""
    return _draw(results, 0, 1, ("samples", "RMSE, nats (mean over distributions)"))


def plot_time(results: Iterable[Record]) -> Figure:
    """Draw the time per call against the number of samples, with one line for each estimator."""
    return _draw(results, 0, 2, ("samples", "time of a call, s"))


def plot_pareto(results: Iterable[Record]) -> Figure:
    """Draw the RMSE (nats) against the time per call: the best estimators are at the lower left."""
    labels = "time of a call, s", "RMSE, nats (mean over distributions)"
    return _draw(results, 2, 1, labels)


#: What draws each picture, by the name of its file.
_PICTURES = {"error": plot_error, "time": plot_time, "pareto": plot_pareto}


def check_plots(directory: str | os.PathLike[str], what: str = "directory") -> None:
    """
    Create the directory, and raise an error if the plots can't be written into it.

    Errors name the directory as `what`.
    """
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"{what} must be a directory that exists or can be created, got "
            f"{os.fspath(directory)!r}: {error.strerror}"
        ) from error
    for name in _PICTURES:
        check_picture(os.path.join(os.fspath(directory), f"{name}.png"), what)


def write_plots(results: Iterable[Record], directory: str | os.PathLike[str]) -> list[str]:
    """Write the three plots into a directory, which is created if needed; return their paths."""
    figures = {name: draw(results) for name, draw in _PICTURES.items()}
    check_plots(directory)
    paths = []
    for name, figure in figures.items():
        path = os.path.join(os.fspath(directory), f"{name}.png")
        save(figure, path)
        paths.append(path)
    return paths
