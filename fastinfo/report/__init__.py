"""An HTML report on one table and one target column: :func:`write_report`."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {"fastinfo.report.writing": "write_report"},
)
