"""Write the page of the options, ``docs/reference/options.md``: ``python docs/make_options.py``."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastinfo

PAGE = Path(__file__).parent / "reference" / "options.md"
HEAD = """# Which function takes which option

An option has the same meaning in every function. No option is silently ignored: a function that
cannot use an option does not have it, and options that do not go together raise an error that names
both.

- `bins`, `strategy`, `range` and `discrete` say how numbers are binned and which variables are
  labels. `mutual_information` documents them in full. Functions of tables also accept a mapping
  from column names, such as `discrete={"zip": True}`.
- `sample_weight`: weights of the rows. Corrections and tests use the effective number of samples of
  the weights. Estimators that do not count refuse weights.
- `correction`: the estimator of entropies from counts, as in `entropy_from_counts`. The Gaussian
  estimators accept "bias".
- `normalized`: divide by a mean of the entropies, or by the joint entropy. It works with counts,
  and with the estimator "ksg".
- `estimator`: "histogram" counts in bins. The others use nearest neighbours or correlations.
  [Which options go with which](../explanation/estimators.md#which-options-go-with-which).
- `n_permutations`: the number of permutations for a p-value. "auto" chooses a valid test, and 0 is
  the G-test.
- `given`: variables to condition on.
- `nan_policy`: whether a missing sample makes the result NaN, is omitted, or raises an error.
  `missing="category"` makes missing values a level of their own.

"""
OPTIONS = (
    "discrete",
    "sample_weight",
    "correction",
    "normalized",
    "estimator",
    "n_permutations",
    "given",
    "nan_policy",
    "missing",
)
#: What counts samples, or looks at them without counting, has one of these.
OF_SAMPLES = {"bins", "discrete", "estimator"}


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions of samples, and constructors of counts, with their names."""
    for name in fastinfo.__all__:
        value = getattr(fastinfo, name)
        if callable(value) and not inspect.isclass(value):
            yield name, value
    yield "JointCounts.from_samples", fastinfo.JointCounts.from_samples
    for module in ("streaming", "dask"):
        package = importlib.import_module(f"fastinfo.{module}")
        for name in package.__all__:
            yield f"{module}.{name}", getattr(package, name)


def page() -> str:
    """The page."""
    lines = [
        "| function | " + " | ".join(f"`{option}`" for option in OPTIONS) + " |",
        "|---" * (len(OPTIONS) + 1) + "|",
    ]
    for name, value in functions():
        taken = set(inspect.signature(value).parameters)
        if taken & OF_SAMPLES and taken & set(OPTIONS):
            marks = ["yes" if option in taken else "" for option in OPTIONS]
            lines.append(f"| `{name}` | " + " | ".join(marks) + " |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
