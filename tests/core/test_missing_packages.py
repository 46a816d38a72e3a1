"""The error for an optional package that is not installed."""

import importlib.metadata
import re
from pathlib import Path

import pytest
from helpers import ROOT

from fastinfo._core.messages import missing_packages

SOURCES = [path.read_text("utf-8") for path in Path(ROOT, "fastinfo").rglob("*.py")]
USES = [
    (re.findall(r'"([\w\-\[\],]+)"', match[1]), match[2])
    for text in SOURCES
    for match in re.finditer(
        r'missing_packages\(\s*(?:f?"[^"]*"|\w+)((?:,\s*"[^"]+")+),\s*extra="(\w+)"', text
    )
]


def packages_of(extra):
    """The names of the packages that an extra brings, those of the extras within it included."""
    found = set()
    for line in importlib.metadata.requires("fastinfo") or ():
        name, _, condition = line.partition(";")
        if f'extra == "{extra}"' not in condition.replace("'", '"'):
            continue
        package = re.match(r"[\w\-]+", name)[0]
        if package == "fastinfo":
            for inner in re.search(r"\[(.*)\]", name)[1].split(","):
                found |= packages_of(inner)
        found.add(package)
    return found


def test_the_message():
    error = missing_packages("pictures need", "matplotlib", "scipy", extra="plot")
    assert isinstance(error, ImportError)
    assert str(error) == (
        "pictures need matplotlib and scipy: pip install matplotlib scipy (all of the extra: "
        'pip install -e ".[plot]" in a clone, pip install "fastinfo[plot]" from an index)'
    )


def test_the_uses_were_found():
    assert len(USES) >= 15


@pytest.mark.parametrize(("packages", "extra"), USES)
def test_the_extra_brings_what_is_named(packages, extra):
    assert {package.partition("[")[0] for package in packages} <= packages_of(extra)
