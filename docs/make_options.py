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

An option means the same wherever it stands. A function that does not take it does not have it:
nothing is ignored without a word, and options that don't go together raise an error that names
both.

- `bins`, `strategy`, `range`, `discrete`: how numbers are cut, and what is a label, as in
  `mutual_information`. Functions of tables take a mapping, `discrete={"zip": True}`, by the
  columns' names.
- `sample_weight`: weights of the rows. Corrections and tests take as many samples as the weights
  are worth. Estimators without counts have no weights, and refuse them.
- `correction`: the estimator of the entropies from counts, as in `entropy_from_counts`; "bias" with
  the Gaussian estimators.
- `normalized`: divided by a mean of the entropies, or by the joint entropy: of counts, and with
  "ksg".
- `estimator`: "histogram" counts in bins; the others look at neighbours or at correlations.
  [Which options go with which](../explanation/estimators.md#which-options-go-with-which).
- `n_permutations`: how many permutations a p-value is from. "auto" takes the way that holds, 0 is
  the G-test.
- `given`: what is known already.
- `nan_policy`: whether a missing sample makes the result NaN, is left out, or raises.
  `missing="category"` makes it a level of its own.

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
