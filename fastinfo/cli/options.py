"""The options that several commands have, and what each passes to the library.

Nothing here imports the library, so that ``fastinfo --help`` appears at once.
"""

import enum
import math
from typing import Annotated, Any

import typer

#: "mi" and the rules of numpy.histogram_bin_edges.
RULES = ("mi", "auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges")
#: The corrections of mutual information, without "none" and pseudo-counts.
CORRECTIONS = (
    *("miller-madow", "jackknife", "grassberger", "chao-shen", "shrinkage", "nsb", "zhang"),
    "chance",
)


class Missing(enum.StrEnum):
    """What to do about missing values."""

    omit = "omit"
    category = "category"
    raise_ = "raise"


class Strategy(enum.StrEnum):
    """Where the edges of bins lie."""

    quantile = "quantile"
    uniform = "uniform"


class Normalized(enum.StrEnum):
    """Means of two entropies."""

    arithmetic = "arithmetic"
    geometric = "geometric"
    min = "min"
    max = "max"
    joint = "joint"


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Number of threads to use.")]

# What is read

_FILES = typer.Argument(
    metavar="FILE...",
    help="A table. Several files, or a pattern of file names, form one table. Several files and "
    "large files are read part by part.",
)
Files = Annotated[list[str], _FILES]
FilesOrNone = Annotated[list[str] | None, _FILES]
Target = Annotated[
    list[str] | None, typer.Option("--target", "-t", metavar="COL", help="The target column.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        help="Use only these columns: names or patterns such as 'price_*', separated by commas. "
        "The option can be repeated.",
    ),
]
Exclude = Annotated[
    list[str] | None, typer.Option(metavar="NAMES", help="Use all columns except these.")
]
Labels = Annotated[
    list[str] | None,
    typer.Option(metavar="NAMES", help="Treat these columns as labels, for example zip codes."),
]
Numbers = Annotated[
    list[str] | None,
    typer.Option(metavar="NAMES", help="Treat these columns as numbers, and bin them."),
]
Checkpoint = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Save the counts in this file during the run. After an interruption, continue from "
        "the file.",
    ),
]

# How files are read, where that is not to be found out

Sep = Annotated[
    str | None,
    typer.Option(metavar="CHAR", help="Separator of values in text: a character, tab or space."),
]
Decimal = Annotated[
    str | None, typer.Option(metavar="CHAR", help="Decimal mark of numbers in text: . or ,")
]
Encoding = Annotated[
    str | None, typer.Option(metavar="NAME", help="Encoding of text, for example cp1252.")
]
NullValues = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORDS",
        help="Treat these cells of text as missing, for example '?,NA', and no others.",
    ),
]
KeepQuoted = Annotated[
    bool, typer.Option("--keep-quoted", help='Treat "NA" in quotes as text, not as missing.')
]
Header = Annotated[
    bool | None,
    typer.Option("--header/--no-header", help="Whether the first line has the column names."),
]
Format = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Format of the file: csv, json, excel and others."),
]
Sheet = Annotated[
    str | None, typer.Option(metavar="NAME", help="Sheet of a spreadsheet, or its number from 1.")
]
TableName = Annotated[
    str | None, typer.Option("--table", metavar="NAME", help="Table of a database.")
]

# What is computed

Bins = Annotated[
    str,
    typer.Option(
        help='Number of bins per column, or a rule for it: "mi", or one of NumPy\'s, such as "fd".'
    ),
]
BinStrategy = Annotated[
    Strategy | None,
    typer.Option(
        "--strategy", help="Bins of equal counts (quantile, the default) or equal widths (uniform)."
    ),
]
Base = Annotated[str, typer.Option(help='Base of the logarithm: "e" for nats, 2 for bits.')]
_CORRECTION = typer.Option(
    help=f"Correction of the bias: none, {', '.join(CORRECTIONS)}, or a pseudo-count."
)
Correction = Annotated[str | None, _CORRECTION]
CorrectionOfPairs = Annotated[str, _CORRECTION]
MissingValues = Annotated[
    Missing,
    typer.Option(
        "--missing",
        help="Missing values: omit them pair by pair, treat them as a category, or raise an error.",
    ),
]
NormalizedBy = Annotated[
    Normalized | None,
    typer.Option(
        "--normalized", help="Divide by this mean of the two entropies, or by the joint entropy."
    ),
]
Alpha = Annotated[
    float,
    typer.Option(help="Columns with an adjusted p-value up to this level are significant."),
]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed of the random numbers.")]

# Where results go

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Output = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="PATH", help="Also write a file: .json, .csv, .parquet or .md."
    ),
]
Plot = Annotated[
    str | None, typer.Option(metavar="PATH", help="Also write a plot: .png, .svg or .pdf.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Do not print a result that is written to a file.")
]


def of_reading(
    sep: str | None,
    decimal: str | None,
    encoding: str | None,
    null_values: list[str] | None,
    keep_quoted: bool,
    header: bool | None,
    format: str | None,
    sheet: str | None,
    table: str | None,
) -> dict[str, Any]:
    """Return what people say of files, as the library takes it."""
    words = None if null_values is None else [w for word in null_values for w in word.split(",")]
    options: dict[str, Any] = {
        "sep": sep,
        "decimal": decimal,
        "encoding": encoding,
        "null_values": words,
        "header": header,
        "format": format,
        "sheet": int(sheet) if sheet is not None and sheet.isdecimal() else sheet,
        "table": table,
    }
    return options | ({"quoted_null": False} if keep_quoted else {})


def of_binning(
    bins: str, base: str, missing: Missing, strategy: Strategy | None = None
) -> dict[str, Any]:
    """Return what these options are called in Python, and what they are there."""
    options: dict[str, Any] = {"bins": bins_of(bins), "base": base_of(base)}
    if strategy is not None:
        options["strategy"] = strategy.value
    if missing is Missing.category:
        options["missing"] = "category"
    elif missing is Missing.raise_:
        options["nan_policy"] = "raise"
    return options


def bins_of(text: str) -> int | str:
    """Read a number of bins or a rule's name."""
    try:
        number = int(text)
    except ValueError:
        if text in RULES:
            return text
    else:
        if number >= 2:
            return number
    known = ", ".join(RULES)
    raise ValueError(f"--bins must be a whole number above 1 or one of {known}, got {text!r}")


def base_of(text: str) -> float | None:
    """Read the base of the logarithm; None is e."""
    if text == "e":
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (0 < number < math.inf) or number == 1:
        raise ValueError(f'--base must be "e" or a positive number other than 1, got {text!r}')
    return number


def correction_of(text: str | None) -> str | float | None:
    """Read the name of a correction, or a pseudo-count."""
    if text is None or text in CORRECTIONS:
        return text
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError:
        known = ", ".join(CORRECTIONS)
        raise ValueError(
            f"--correction must be none, one of {known}, or a pseudo-count a cell, got {text!r}"
        ) from None


def inner_fraction(value: float, option: str) -> float:
    """Return a number between 0 and 1."""
    if not 0 < value < 1:
        raise ValueError(f"{option} must be above 0 and below 1, got {value!r}")
    return value


Given = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        help="Condition on these columns: the others are judged by the information that they add. "
        "Names or patterns, as in --columns.",
    ),
]
Weights = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The column with the weights of the rows."),
]


def one_target(given: list[str] | None) -> str | None:
    """Return the column that is named as the target, once."""
    if given and len(given) > 1:
        raise ValueError(f"--target must name one column, got {len(given)}: {', '.join(given)}")
    return given[0] if given else None
