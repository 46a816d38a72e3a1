"""The command ``fastinfo``: what wraps its subcommands, so that each failure is one clear line.

The subcommands themselves are in ``fastinfo.cli.commands``, loaded when the command runs, since
they need typer: ``pip install "fastinfo[cli]"``.
"""

from __future__ import annotations

from fastinfo.cli.app import main, run

__all__ = ["main", "run"]
