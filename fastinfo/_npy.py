"""NumPy's ``.npy`` files to tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_A_TIME = 4096


def read(name: str) -> pa.Table:
    """Read an array of one or two dimensions, or of records, as a table.

    Parameters
    ----------
    name : str
        The file. It is mapped into memory: columns that lie in one piece are not copied.

    Returns
    -------
    pyarrow.Table
        One column a field of the records, named as the field, else ``c0``, ``c1``, and so on.

    Raises
    ------
    ValueError
        When the array is broken, of Python objects or complex numbers, or of other dimensions.
    """
    import pyarrow as pa

    array = _load(name)
    if array.ndim not in (1, 2) or (array.dtype.names and array.ndim != 1):
        raise ValueError(f"{name!r} must hold rows and columns, not an array of {array.shape}")
    if array.dtype.names:
        columns = {field: array[field] for field in array.dtype.names}
    elif array.ndim == 1:
        columns = {"c0": array}
    else:
        columns = {f"c{index}": column for index, column in enumerate(_by_column(array).T)}
    try:
        arrays = {key: pa.array(_native(column)) for key, column in columns.items()}
    except pa.ArrowException as error:
        detail = " ".join(str(error).split())
        raise ValueError(f"{name!r} holds values that make no column: {detail}") from error
    return pa.table(arrays)


def _load(name: str) -> npt.NDArray[Any]:
    """Map the array of a file into memory."""
    try:
        loaded: npt.NDArray[Any] = np.load(name, mmap_mode="r", allow_pickle=False)
    except (EOFError, ValueError) as error:
        detail = " ".join(str(error).split())
        if "pickle" in detail or "Python objects" in detail:
            detail = "its values are Python objects; save numbers or fixed-width strings"
        raise ValueError(f"{name!r} cannot be read as .npy: {detail}") from error
    return loaded


def _by_column(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a two-dimensional array whose columns lie in one piece, copied only if need be."""
    if array.flags.f_contiguous:
        return array
    columns = np.empty(array.shape, array.dtype, order="F")
    for start in range(0, len(array), _ROWS_AT_A_TIME):
        columns[start : start + _ROWS_AT_A_TIME] = array[start : start + _ROWS_AT_A_TIME]
    return columns


def _native(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the column in this machine's byte order."""
    return column.astype(column.dtype.newbyteorder("="), copy=False)
