"""The estimators that the benchmark compares: of fastinfo, of other packages, and of users."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fastinfo._version import __version__
from fastinfo.information.continuous import mutual_info_classif, mutual_info_regression
from fastinfo.information.mutual import mutual_information

_KINDS = ("numbers", "mixed", "labels")


@dataclass(frozen=True)
class Estimator:
    """
    An estimator of mutual information for the benchmark.

    Attributes
    ----------
    name : str
        The name in records.
    function : callable
        ``function(x, y)`` returns the estimate in nats for two arrays of samples.
    kinds : tuple of {"numbers", "mixed", "labels"}
        Kinds of distributions that it accepts: two continuous variables, a continuous variable and
        labels, or two variables of labels.
    package : str
        The package whose version is recorded.

    Examples
    --------
    >>> from fastinfo.benchmark import estimators
    >>> round(estimators()["histogram mi"].function([0.0, 1.0] * 50, [1, 0] * 50), 4)
    0.6931
    """

    name: str
    function: Callable[[Any, Any], float] = field(repr=False)
    kinds: tuple[str, ...] = _KINDS
    package: str = "fastinfo"

    @property
    def version(self) -> str:
        """The version of the package; "unknown" if it has none."""
        if self.package == "fastinfo":
            return __version__
        try:
            return importlib.metadata.version(self.package)
        except (importlib.metadata.PackageNotFoundError, ValueError):
            return "unknown"


def make_estimator(
    function: Callable[[Any, Any], float], name: str | None, kinds: Any
) -> Estimator:
    """Return a user's function as an estimator."""
    if not callable(function):
        raise TypeError(f"function must be callable with x and y, got {function!r:.60}")
    if name is None:
        name = getattr(function, "__name__", type(function).__name__)
    if not isinstance(name, str) or not name:
        raise TypeError(f"name must be a string, got {name!r:.60}")
    words = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    unknown = [word for word in words if word not in _KINDS]
    if unknown or not words:
        raise ValueError(f"kinds must be some of {', '.join(map(repr, _KINDS))}, got {kinds!r:.60}")
    package = (getattr(function, "__module__", "") or "").partition(".")[0]
    return Estimator(name, function, words, package)


def load_estimator(path: str) -> Estimator:
    """Import ``module:function``; modules in the working directory are found too."""
    module_name, _, function_name = path.partition(":")
    if not module_name or not function_name:
        raise ValueError(f"an estimator must be given as module:function, got {path!r}")
    here = os.getcwd()
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(module_name)
        for part in function_name.split("."):
            found = getattr(found, part)
    except AttributeError as error:
        raise ValueError(f"an estimator must exist: {error} (from {path!r})") from error
    finally:
        if added:
            sys.path.remove(here)
    return make_estimator(found, path, _KINDS)


def known_estimators() -> dict[str, Estimator]:
    """Return the estimators of fastinfo and of other installed packages, by name."""
    found: list[Estimator] = []

    def add(name: str, kinds: tuple[str, ...] = _KINDS, **options: Any) -> None:
        found.append(Estimator(name, functools.partial(mutual_information, **options), kinds))

    binned = ("numbers", "mixed")
    add("histogram mi")
    for rule in ("fd", "sturges", 16):
        add(f"histogram {rule}", binned, bins=rule)
    add("histogram mi, uniform", binned, strategy="uniform")
    for correction in ("miller-madow", "grassberger", "shrinkage", "chao-shen"):
        add(f"histogram mi, {correction}", correction=correction)
    for k in (1, 3, 10):
        add(f"ksg k={k}", binned, estimator="ksg", n_neighbors=k)
    add("ksg2 k=3", ("numbers",), estimator="ksg2", n_neighbors=3)
    add("mixed k=3", binned, estimator="mixed", n_neighbors=3)
    add("gaussian", ("numbers",), estimator="gaussian")
    add("gaussian-copula", ("numbers",), estimator="gaussian-copula")
    found.append(Estimator("sklearn's way k=3", _our_sklearn, binned))
    found += [estimator for name, estimator in _PEERS if importlib.util.find_spec(name)]
    return {estimator.name: estimator for estimator in found}


def _is_labels(y: Any) -> bool:
    return np.asarray(y).dtype.kind != "f"


def _our_sklearn(x: Any, y: Any) -> float:
    function = mutual_info_classif if _is_labels(y) else mutual_info_regression
    return float(function(np.asarray(x)[:, None], y, random_state=0)[0])


def _sklearn(x: Any, y: Any) -> float:
    from sklearn import feature_selection as module

    function = module.mutual_info_classif if _is_labels(y) else module.mutual_info_regression
    return float(function(np.asarray(x)[:, None], y, random_state=0)[0])


def _ennemi(x: Any, y: Any) -> float:
    import ennemi

    found = ennemi.estimate_mi(y, x, k=3, discrete_y=_is_labels(y), max_threads=1)
    return float(np.asarray(found).ravel()[0])


def _infomeasure(x: Any, y: Any) -> float:
    import infomeasure

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(infomeasure.mutual_information(x, y, approach="ksg", k=3))


def _npeet(x: Any, y: Any) -> float:
    from npeet import entropy_estimators

    return float(
        entropy_estimators.mi(np.asarray(x)[:, None], np.asarray(y)[:, None], k=3, base=np.e)
    )


_PEERS = [
    ("sklearn", Estimator("scikit-learn k=3", _sklearn, ("numbers", "mixed"), "scikit-learn")),
    ("ennemi", Estimator("ennemi k=3", _ennemi, ("numbers", "mixed"), "ennemi")),
    ("infomeasure", Estimator("infomeasure k=3", _infomeasure, ("numbers",), "infomeasure")),
    ("npeet", Estimator("NPEET k=3", _npeet, ("numbers",), "npeet")),
]
