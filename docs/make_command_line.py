"""Write the page of the commands' help: ``python docs/make_command_line.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from fastinfo.cli.commands import app

PAGE = Path(__file__).parent / "reference" / "command_line.md"
HEAD = """# Command line

Each command with its arguments and options, as `fastinfo COMMAND --help` prints them.
[How to use them](../howto/command_line.md) has examples.
"""


def page() -> str:
    """The page."""
    lines = [HEAD]
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        context = command.make_context(name, [], resilient_parsing=True)
        help_text = " ".join(command.help.split())
        usage = " ".join(["fastinfo", name, *command.collect_usage_pieces(context)])
        lines += [f"## {name}", "", help_text, "", "```text", usage, "```", ""]
        for parameter in command.get_params(context):
            lines += _described(parameter, context)
    return "\n".join(lines).rstrip("\n") + "\n"


def _described(parameter: Any, context: Any) -> Iterator[str]:
    """The lines of an argument or an option: its forms, and what it does."""
    record = parameter.get_help_record(context)
    if record is None:
        return
    forms, text = record
    yield f"`{' '.join(forms.split())}`"
    yield ""
    # "*" and "<" are letters of the help, and not marks of the page.
    said = " ".join(text.split()).replace("*", r"\*").replace("<", r"\<")
    yield f": {said}"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
