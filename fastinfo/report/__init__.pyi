"""What type checkers read of ``fastinfo.report``, whose names are imported when used."""

from fastinfo.report.writing import write_report as write_report

__all__ = ["write_report"]
