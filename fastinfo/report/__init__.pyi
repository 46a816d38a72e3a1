"""Names of ``fastinfo.report`` for type checkers; each is imported when it is used."""

from fastinfo.report.writing import write_report as write_report

__all__ = ["write_report"]
