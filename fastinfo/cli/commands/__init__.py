"""The subcommands of ``fastinfo``, one in each file; ``fastinfo.cli`` reports their errors.

Only typer and the parsing of options are imported here. Each command imports numba, NumPy and
pyarrow when it runs, so that ``--help`` and completions are immediate.
"""

from typing import Annotated

import typer

from fastinfo._version import __version__
from fastinfo.cli.commands.bench import bench
from fastinfo.cli.commands.describe import describe
from fastinfo.cli.commands.drift import drift
from fastinfo.cli.commands.matrix import matrix
from fastinfo.cli.commands.pair import pair
from fastinfo.cli.commands.rank import rank
from fastinfo.cli.commands.report import report
from fastinfo.cli.commands.select import select
from fastinfo.cli.commands.warmup import info, warmup
from fastinfo.cli.options import Debug

# Help is plain text: it takes half the time of rich's, and is the same in a pipe.
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)

#: In the order of the help.
for _command in (rank, describe, report, select, pair, matrix, drift, bench, warmup, info):
    app.command()(_command)


@app.callback(invoke_without_command=True)
def top_level(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    debug: Debug = False,
) -> None:
    """Mutual information for millions of rows: find out which columns are informative."""
    if version:
        print(f"fastinfo {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
