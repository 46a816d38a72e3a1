"""The command ``fastinfo``: runs its subcommands, and reports each error in one clear line.

The subcommands are in ``fastinfo.cli.commands``. They are imported when the command runs, since
they need typer: ``pip install "fastinfo[cli]"``.
"""

from __future__ import annotations

from fastinfo.cli.app import main, run

__all__ = ["main", "run"]
