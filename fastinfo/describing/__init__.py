"""Summary of a table, column by column: :func:`fastinfo.describe` and its result."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.describing.description": "DescribedColumn Description",
        "fastinfo.describing.each_column": "describe",
    },
)
