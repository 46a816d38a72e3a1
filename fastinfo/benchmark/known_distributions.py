"""Pairs of variables with known mutual information: its value, and how to draw samples."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array
from fastinfo.kernels.elementary.special import digamma

Draw = Callable[[np.random.Generator, int], tuple[Any, Any]]


@dataclass(frozen=True)
class Distribution:
    """
    A pair of random variables with known mutual information.

    Attributes
    ----------
    name : str
        The name in records.
    truth : float
        The mutual information in nats.
    draw : callable
        ``draw(rng, n)`` returns two arrays: n samples of each variable.
    kind : {"numbers", "mixed", "labels"}
        "numbers" if both variables are continuous, "labels" if both are labels, and "mixed" if only
        the second variable is labels.
    source : str
        Source of the true value.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinfo.benchmark import distributions
    >>> normal = distributions()["normal r=0.6"]
    >>> round(normal.truth, 4)
    0.2231
    >>> x, y = normal.draw(np.random.default_rng(0), 100)
    >>> x.shape
    (100,)
    """

    name: str
    truth: float
    draw: Draw = field(repr=False)
    kind: str = "numbers"
    source: str = ""


_CZYZ = "Czyż et al. 2023, https://doi.org/10.48550/arXiv.2306.11078"
_KRASKOV = "Kraskov et al. 2004, https://doi.org/10.1103/PhysRevE.69.066138"
_GAO = "Gao et al. 2017, https://doi.org/10.48550/arXiv.1709.06212"
_COVER = "Cover & Thomas 2006, https://doi.org/10.1002/047174882X"


def _normal_information(r: float) -> float:
    return -0.5 * math.log1p(-r * r) + 0.0


def _normal(r: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x, e = rng.normal(size=(2, n))
        return x, r * x + math.sqrt(1.0 - r * r) * e

    return draw


def _after(
    draw: Draw, of_x: Callable[[Array], Array], of_y: Callable[[Array], Array] | None = None
) -> Draw:
    """Draw samples and transform both variables monotonically, which keeps the information."""
    of_y = of_x if of_y is None else of_y

    def transformed(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x, y = draw(rng, n)
        return of_x(x), of_y(y)

    return transformed


def _normal_cdf(x: Array) -> Array:
    return 0.5 * _erfc(-x / math.sqrt(2.0))


def _erfc(x: Array) -> Array:
    return np.asarray(np.frompyfunc(math.erfc, 1, 1)(x), np.float64)


def _half_cube(x: Array) -> Array:
    out: Array = x * np.sqrt(np.abs(x))
    return out


def _wiggly_x(x: Array) -> Array:
    out: Array = x + 0.4 * np.sin(x) + 0.2 * np.sin(1.7 * x + 1.0) + 0.03 * np.sin(3.3 * x - 2.5)
    return out


def _wiggly_y(y: Array) -> Array:
    waves = -0.4 * np.sin(0.4 * y) + 0.17 * np.sin(1.3 * y + 3.5) + 0.02 * np.sin(4.3 * y - 2.5)
    out: Array = y + waves
    return out


def _two_humps(weight: float, low: float, high: float) -> Callable[[Array], Array]:
    """Transform a normal variable into a mixture of normals at `low` (with `weight`) and `high`."""
    grid = np.linspace(min(low, high) - 9.0, max(low, high) + 9.0, 20_001)
    levels = weight * _normal_cdf(grid - low) + (1.0 - weight) * _normal_cdf(grid - high)

    def transform(x: Array) -> Array:
        out: Array = np.interp(_normal_cdf(x), levels, grid)
        return out

    return transform


def _student_information(dof: float, r: float = 0.0) -> float:
    """Information of a normal pair, plus a term that is independent of r (Arellano-Valle 2013)."""

    def f(v: float) -> float:
        return math.lgamma(v / 2) - v / 2 * float(digamma(v / 2))

    return _normal_information(r) + f(dof) + f(dof + 2) - 2 * f(dof + 1)


def _student(dof: float, r: float = 0.0) -> Draw:
    normal = _normal(r)

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x, y = normal(rng, n)
        scale = np.sqrt(dof / rng.chisquare(dof, n))
        return x * scale, y * scale

    return draw


def _additive_information(epsilon: float) -> float:
    return 1 / (4 * epsilon) if epsilon > 0.5 else epsilon - math.log(2 * epsilon)


def _additive(epsilon: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x = rng.random(n)
        return x, x + rng.uniform(-epsilon, epsilon, n)

    return draw


def _blocks(weights: tuple[float, ...]) -> Draw:
    """Draw from uniform squares along the diagonal; either variable determines the square."""

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        block = rng.choice(len(weights), n, p=weights)
        return block + rng.random(n), block + rng.random(n)

    return draw


def _uniform_after_label(m: int) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        label = rng.integers(0, m, n)
        return label + 2.0 * rng.random(n), label

    return draw


def _table_information(table: npt.ArrayLike) -> float:
    p = np.asarray(table, float)
    outer = p.sum(axis=1, keepdims=True) * p.sum(axis=0)
    return float(np.sum(p[p > 0] * np.log(p[p > 0] / outer[p > 0])))


def _table(table: npt.ArrayLike) -> Draw:
    p = np.asarray(table, float)

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x, y = np.divmod(rng.choice(p.size, n, p=p.ravel()), p.shape[1])
        return x, y

    return draw


def _entropy(weights: tuple[float, ...]) -> float:
    return -sum(w * math.log(w) for w in weights)


def known_distributions() -> dict[str, Distribution]:
    """Every distribution, by name."""
    found: list[Distribution] = []

    def add(name: str, truth: float, draw: Draw, source: str, kind: str = "numbers") -> None:
        found.append(Distribution(name, truth, draw, kind, source))

    for r in (0.0, 0.3, 0.6, 0.9, 0.99):
        add(f"normal r={r}", _normal_information(r), _normal(r), _KRASKOV)
    r, normal = 0.75, _normal(0.75)
    truth = _normal_information(r)
    add("normal r=0.75", truth, normal, _CZYZ)
    add("half-cube of normal r=0.75", truth, _after(normal, _half_cube), _CZYZ)
    add("cdf of normal r=0.75", truth, _after(normal, _normal_cdf), _CZYZ)
    add("wiggly normal r=0.75", truth, _after(normal, _wiggly_x, _wiggly_y), _CZYZ)
    humps = _two_humps(0.3, 0.0, 5.0), _two_humps(0.5, -1.0, 3.0)
    add("bimodal r=0.75", truth, _after(normal, *humps), _CZYZ)
    add("exp of normal r=0.75", truth, _after(normal, np.exp), _COVER)
    for dof in (1, 2, 5):
        add(f"Student-t dof={dof}", _student_information(dof), _student(dof), _CZYZ)
    add("asinh of Student-t dof=1", _student_information(1), _after(_student(1), np.arcsinh), _CZYZ)
    add("Student-t dof=3 r=0.6", _student_information(3, 0.6), _student(3, 0.6), _CZYZ)
    for epsilon in (0.1, 0.75):
        information = _additive_information(epsilon)
        add(f"additive noise {epsilon}", information, _additive(epsilon), _CZYZ)
    even, uneven = (0.25,) * 4, (0.7, 0.2, 0.1)
    add("mixture of 4 squares", _entropy(even), _blocks(even), _COVER)
    add("mixture of 3 uneven squares", _entropy(uneven), _blocks(uneven), _COVER)
    independent = _after(_normal(0.0), _normal_cdf, np.exp)
    add("independent, uniform and lognormal", 0.0, independent, _COVER)
    for m in (2, 5):
        information = math.log(m) - (m - 1) * math.log(2) / m
        add(f"uniform after {m} labels", information, _uniform_after_label(m), _GAO, "mixed")
    tables = {
        "table 2x2": [[0.4, 0.1], [0.1, 0.4]],
        "table 2x2, independent": [[0.12, 0.28], [0.18, 0.42]],
        "table 4x4": (np.eye(4) * 0.6 + np.full((4, 4), 0.1)) / 4,
    }
    for name, table in tables.items():
        add(name, _table_information(table), _table(table), _COVER, "labels")
    return {distribution.name: distribution for distribution in found}
