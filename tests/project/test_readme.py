"""README.md: its two set-up commands come first, and its Python examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers import ROOT

README = (ROOT / "README.md").read_text("utf-8")
DOCS = ROOT / "docs"
PAGES = {path.relative_to(DOCS).as_posix(): path for path in sorted(DOCS.glob("**/*.md"))}
BLOCK = re.compile(r"^```python\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
PYTHON = BLOCK.findall(README)
#: Packages of examples that are run where they are installed, and their pages; no extra brings
#: them.
ADAPTED = {
    **dict.fromkeys(("causallearn", "pgmpy", "tigramite"), "howto/causal_discovery.md"),
    "gensim": "tutorials/words.md",
}


def test_the_two_commands_come_first() -> None:
    installs = [line for line in README.splitlines() if "python -m pip install" in line]
    assert installs[:2] == [
        'python -m pip install -e ".[demo]" && fastinfo rank --demo --plot ranking.png',
        'python -m pip install -e ".[test]" && python -m pytest -n auto',
    ]
    for line in installs[:2]:
        assert f"```bash\n{line}\n```" in README


def test_the_benchmark_script_finds_its_place() -> None:
    assert README.count("<!-- benchmarks:start -->") == 1
    assert README.partition("<!-- benchmarks:start -->")[2].count("<!-- benchmarks:end -->") == 1


@pytest.mark.slow
@pytest.mark.parametrize("example", PYTHON, ids=lambda text: text.splitlines()[-1][:40])
def test_examples_run(example: str) -> None:
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})


def test_there_are_examples() -> None:
    assert len(PYTHON) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_pages_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask")
    monkeypatch.chdir(tmp_path)  # where examples write files
    for example in BLOCK.findall(PAGES[page].read_text("utf-8")):
        if not any(name in example for name in ADAPTED):
            exec(compile(example, page, "exec"), {"__name__": "page"})


@pytest.mark.parametrize("package", ADAPTED)
@pytest.mark.filterwarnings("ignore")  # those of the package
def test_adapters_run(package: str) -> None:
    pytest.importorskip(package)
    page = ADAPTED[package]
    examples = [code for code in BLOCK.findall(PAGES[page].read_text("utf-8")) if package in code]
    assert examples
    for example in examples:
        exec(compile(example, page, "exec"), {"__name__": "page"})
