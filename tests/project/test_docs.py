"""The pages: those that scripts make are up to date, and every public name is in the reference."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from helpers import ROOT, compiled

import fastinfo

DOCS = ROOT / "docs"


@compiled
@pytest.mark.parametrize("script", ["make_command_line", "make_kernels", "make_options"])
def test_pages_of_scripts_are_up_to_date(script: str) -> None:
    pytest.importorskip("dask")
    pytest.importorskip("typer")
    spec = importlib.util.spec_from_file_location(script, DOCS / f"{script}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), f"run python docs/{script}.py"


def test_every_public_name_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "functions.rst").read_text("utf-8")
    listed = set(re.findall(r"^   ([\w.]+)$", text, flags=re.MULTILINE))
    assert set(fastinfo.__all__) - {"__version__"} <= listed


def test_every_page_is_in_a_table_of_contents() -> None:
    for index in DOCS.rglob("index.md"):
        listed = set(re.findall(r"^([\w/]+)$", index.read_text("utf-8"), flags=re.MULTILINE))
        for page in [*index.parent.glob("*.md"), *index.parent.glob("*.rst")]:
            assert page.stem == "index" or page.stem in listed, page


def test_the_page_of_the_architecture_lists_every_package_once() -> None:
    text = (DOCS / "explanation" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| `fastinfo\.(\w+)` \| (.*) \|$", text, flags=re.MULTILINE)
    package = Path(fastinfo.__file__).parent
    assert sorted(name for name, _ in rows) == sorted(
        p.parent.name for p in package.glob("*/__init__.py")
    )
    assert all(len(line) > 10 for _, line in rows)
    modules = {p.stem for p in package.glob("[a-z]*.py")}
    assert set(re.findall(r"`(\w+)`", text[text.index("Beside them") :])) == modules


def test_the_hooks_have_the_pins_of_the_lint_extra() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    pins = re.findall(r'"((?:mypy|ruff)==[^"]+)"', hooks)
    assert set(pins) == set(extra["optional-dependencies"]["lint"])


def test_the_workflow_has_the_oldest_versions_of_the_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    for dependency in project["dependencies"]:
        assert f'"{dependency.replace(">=", "==")}.*"' in workflow
    assert f'"{project["requires-python"].removeprefix(">=")}"' in workflow
    newest = project["classifiers"]
    newest = max(int(m[1]) for m in map(re.compile(r".*:: 3\.(\d+)$").match, newest) if m)
    assert f'"3.{newest}"' in workflow


def test_the_conda_recipe_needs_what_the_wheel_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    recipe = (ROOT / "recipe" / "recipe.yaml").read_text("utf-8")
    variants = (ROOT / "recipe" / "variants.yaml").read_text("utf-8")
    assert f'version: "{fastinfo.__version__}"' in recipe
    assert f'- "{project["requires-python"].removeprefix(">=")}"' in variants
    run = re.search(r"\n  run:\n((?:    - .*\n)+)", recipe)
    assert run is not None
    needed = {line.strip(" -").replace(" >=", ">=") for line in run[1].splitlines()}
    assert needed == {"python>=${{ python_min }}", *project["dependencies"]}


def test_the_page_on_installing_names_the_wheel_of_this_version() -> None:
    page = (DOCS / "howto" / "installing.md").read_text("utf-8")
    assert f"fastinfo-{fastinfo.__version__}-py3-none-any.whl" in page
