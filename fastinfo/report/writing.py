"""Write a report: check the arguments, compute the findings, and fill in the page template."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import math
import os
import platform
from collections import Counter
from collections.abc import Callable
from typing import Any

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._core.checks import inner_fraction, integer
from fastinfo._core.messages import missing_packages, printable, shown_name
from fastinfo._core.own_files import check_place, not_ours, replacing
from fastinfo._tables.features import Features, refuse_nested
from fastinfo._tables.table_readers import opened
from fastinfo._version import __version__
from fastinfo.describing.description import shown_levels, shown_value
from fastinfo.files.formats.file import unknown_column
from fastinfo.files.sources import Source
from fastinfo.report import findings as _findings
from fastinfo.report.drawing import cut_name, picture_of, squares_of
from fastinfo.report.findings import Asked, Findings

PICTURED = 9  #: joint histograms
_SUFFIXES = (".html", ".htm")
_MARK = '<meta name="generator" content="fastinfo.report'
_MARKED_AT = 1 << 12  # bytes from the begin of a page within which the mark stands
_PACKAGES = ("numpy", "numba", "scipy", "pyarrow", "duckdb", "jinja2")
_MOST_ROWS = 1000  # of a table of the page


def write_report(
    data: Any,
    target: Any,
    path: str | os.PathLike[str],
    *,
    top: int = 30,
    bins: Any = "mi",
    discrete: Any = "auto",
    alpha: float = 0.05,
    seed: int = 0,
    title: str | None = None,
    label: str | None = None,
    command: str | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> None:
    """
    Write an HTML report on which columns of a table are informative about one of them.

    The report is a single HTML file that needs no network and no scripts: it can be sent to others,
    read on a phone, and printed. It shows problems of the columns, their ranking with confidence
    intervals, and joint histograms of the best columns with the target. For the significant
    columns, it shows the matrix and the strongest pairs. It also says how everything was computed.

    Parameters
    ----------
    data : table, array, mapping of names to columns, path, or source
        The table: any input that :func:`fastinfo.rank_features` accepts. Large files are read part
        by part, as there.
    target : str, or (n,) array_like
        Name of the target column, or its values if `data` is in memory.
    path : str or path-like
        The file to write: ``.html`` or ``.htm``.
    top : int, default 30
        Number of columns to show with confidence intervals. The others follow without.
    bins : int, edges or str, optional
        Bins of numbers, as in :func:`fastinfo.rank_features`.
    discrete : {"auto", True, False}, a pair of those, or a mapping of names to those, optional
        Which columns are labels, as in :func:`fastinfo.rank_features`.
    alpha : float, optional
        Columns with an adjusted p-value up to this level are significant.
    seed : int, default 0
        Seed of the bootstrap samples.
    title : str, optional
        Title of the report; by default, it names the target.
    label : str, optional
        Name of the data; by default, the name of the file, if there is one.
    command : str, optional
        Command or call that reproduces the report, to be shown in it.
    progress : bool or callable, optional
        Show a progress bar for each step (needs rich), or call ``progress(done, total)``.

    Returns
    -------
    None
        The report is written to `path`. It replaces an earlier one only when it is complete.

    Raises
    ------
    ImportError
        If jinja2 or SciPy is not installed.
    OSError
        If the file cannot be written.
    TypeError, ValueError
        If the data or an option is not valid: the conditions are listed in
        :func:`fastinfo.rank_features`. Also if the target is unknown, `path` has another suffix, or
        `path` exists and is neither empty nor a report.

    Notes
    -----
    The 95 % confidence intervals are for information above chance. They show how far 199 bootstrap
    samples of the counts vary around their mean. A column has no interval if more than 20,000 of
    its cells with the target are occupied. If more than 60 columns are significant, the matrix
    shows the best 60.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from fastinfo.report import write_report
    >>> rng = np.random.default_rng(0)
    >>> table = {"dose": rng.normal(size=500), "noise": rng.normal(size=500)}
    >>> table["effect"] = table["dose"] + rng.normal(size=500)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "report.html")
    ...     write_report(table, "effect", path)
    ...     "<h1>What is informative about effect</h1>" in path.read_text("utf-8")
    True
    """
    template = _template()
    check_report(path)
    inner_fraction(alpha, "alpha")
    top = integer(top, "top", least=1)
    seed = integer(seed, "seed", least=0)
    data_name = os.fspath(data) if isinstance(data, str | os.PathLike) else None
    table = opened(data)
    _check_target(table, target)
    asked = Asked(
        Binning.alike(bins, EQUAL_COUNTS, discrete=discrete), alpha, seed, top, PICTURED, progress
    )
    found = _findings.find_out(table, target, asked)
    if title is None:
        title = f"What is informative about {_short(found.target)}"
    page = template.render(
        title=printable(title),
        label=_label(label, data_name),
        when=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        found=found,
        asked=asked,
        settings=_findings,
        rows=_bars(found, asked),
        others=list(found.ranking)[top : top + _MOST_ROWS],
        pictures=[picture_of(joint) for joint in found.joints],
        squares=None if found.matrix is None else squares_of(found.matrix),
        tests=Counter(row.test for row in found.ranking if row.test),
        columns=list(found.description)[:_MOST_ROWS],
        versions=_versions(),
        command=command if command is not None else _call(data_name, target, path),
    )
    with replacing(path) as new, open(new, "w", encoding="utf-8") as file:
        file.write(page)


def check_report(path: str | os.PathLike[str], what: str = "path") -> None:
    """Raise the errors of :func:`write_report` if `path` cannot be written to, before any work."""
    name = os.fspath(path)
    if not name.lower().endswith(_SUFFIXES):
        raise ValueError(f"{what} must end in .html or .htm, got {name!r}")
    check_place(name, what)
    try:
        with open(name, "rb") as file:
            begin = file.read(_MARKED_AT)
    except FileNotFoundError:
        return
    if begin and _MARK.encode() not in begin:
        raise not_ours(name, what, "a report that fastinfo wrote")


def _template() -> Any:
    """Return the template of the page, which escapes all values."""
    try:
        import jinja2
        import markupsafe
        import scipy.cluster  # noqa: F401
    except ImportError as error:
        raise missing_packages("a report needs", "jinja2", "scipy", extra="report") from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fastinfo.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        name=_short,
        breakable=lambda name: markupsafe.escape(_short(name)).replace(
            "_", markupsafe.Markup("_<wbr>")
        ),
        axis=lambda name: cut_name(name, 40),
        whole_name=lambda name: shown_name(name)[:300],
        text=printable,
        pvalue=_pvalue,
        number=lambda value: "–" if math.isnan(value) else f"{value:z.4f}".replace("-", "−"),
        percent=lambda value: "–" if math.isnan(value) else f"{max(value, 0.0):.1%}",
        count=lambda value: f"{int(value):,}",
        value=shown_value,
        levels=lambda row: shown_levels(row, ","),
        px=lambda value: f"{value:.1f}".removesuffix(".0"),
    )
    return environment.get_template("page.html")


def _check_target(table: Features | Source, target: Any) -> None:
    """Raise an error if no column has the name of the target, before any work."""
    if not isinstance(target, str) or (isinstance(table, Features) and table.is_matrix):
        return
    refuse_nested(target, table.nested)
    if target not in table.names:
        raise ValueError(f"the data has {unknown_column(target, table.names)}")


def _bars(found: Findings, asked: Asked) -> list[dict[str, Any]]:
    """Rows of the ranking with the lengths of their bars, in percent of the longest bar."""
    rows = list(found.ranking)[: asked.top]
    ends = [found.intervals.get(row.name) for row in rows]
    reach = [row.above_chance for row in rows if not math.isnan(row.above_chance)]
    longest = max([*reach, *(end[1] for end in ends if end is not None)], default=0.0)
    scale = 100.0 / longest if longest > 0.0 else 0.0
    bars = []
    for place, (row, interval) in enumerate(zip(rows, ends, strict=True), 1):
        known = not math.isnan(row.above_chance)
        low, high = (max(end, 0.0) * scale for end in interval or (0.0, 0.0))
        bars.append(
            {
                "place": place,
                "row": row,
                "sure": row.adjusted_pvalue <= found.ranking.alpha,
                "width": max(row.above_chance, 0.0) * scale if known else 0.0,
                "interval": interval if known else None,
                "low": low,
                "length": high - low,
            }
        )
    return bars


def _short(name: str) -> str:
    """Return a name as it is shown, without its middle if it is long."""
    text = shown_name(str(name))
    return text if len(text) <= 60 else f"{text[:40]}…{text[-19:]}"


def _label(label: str | None, path: str | None) -> str | None:
    """Return the name of the data: the given label, or the name of the file."""
    if label is None and path is not None:
        label = os.path.basename(path) or path
    return None if label is None else shown_name(label)


def _pvalue(value: float) -> str:
    if math.isnan(value):
        return "–"
    return "<1e-300" if value < 1e-300 else f"{value:.2g}"


def _versions() -> list[tuple[str, str]]:
    found = [("fastinfo", __version__), ("Python", platform.python_version())]
    for name in _PACKAGES:
        try:
            found.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _call(data: str | None, target: Any, path: str | os.PathLike[str]) -> str:
    """Return the call that writes the same report again."""
    given = "data" if data is None else repr(data)
    aim = repr(target) if isinstance(target, str) else "target"
    return printable(f"fastinfo.report.write_report({given}, {aim}, {os.fspath(path)!r})")
