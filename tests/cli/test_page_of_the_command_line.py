"""The page of the command line shows what the commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from helpers import ROOT

from fastinfo.cli import run

PAGE = ROOT / "docs" / "howto" / "command_line.md"


def blocks(text: str, language: str) -> list[str]:
    """The code of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def shown(block: str, capsys: pytest.CaptureFixture[str]) -> str:
    """A block of commands with what they print now."""
    lines = []
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        command, *words = shlex.split(line.removeprefix("$ "))
        if command == "cat":
            out, err = Path(words[0]).read_text("utf-8"), ""
        else:
            run(words)
            out, err = capsys.readouterr()
        lines += [line, *(found.rstrip() for found in (out + err).splitlines())]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_the_page_shows_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text("utf-8")
    (program,) = blocks(text, "python")
    exec(program)
    consoles = blocks(text, "console")
    assert len(consoles) > 8
    for block in consoles:
        assert shown(block, capsys) == block
