"""Results that consist of a few numbers, as short text and as HTML."""

from __future__ import annotations

import html
from typing import Any

import numpy as np

_DIGITS = 5
_WIDTH = 80


def shown_value(value: Any) -> str:
    """A number with a few digits; an array by its shape."""
    if isinstance(value, np.ndarray):
        mean = f", mean {float(value.mean()):.4g}" if value.size else ""
        return f"<{value.size:,} values{mean}>"
    return str(value) if isinstance(value, int) else f"{float(value):.{_DIGITS}g}"


def short_repr(kind: str, fields: dict[str, Any]) -> str:
    """The name of a class and its fields, in lines of at most 80 characters."""
    lines = [f"{kind}("]
    for place, (name, value) in enumerate(fields.items(), 1):
        shown = f"{name}={shown_value(value)}" + (", " if place < len(fields) else ")")
        if len(lines[-1] + shown.rstrip()) > _WIDTH:
            lines.append(" " * (len(kind) + 1))
        lines[-1] += shown
    return "\n".join(line.rstrip() for line in lines)


def short_html(kind: str, fields: dict[str, Any]) -> str:
    """An HTML table of the fields."""
    body = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(shown_value(value))}</td></tr>"
        for name, value in fields.items()
    )
    return f"<table><caption>{html.escape(kind)}</caption><tbody>{body}</tbody></table>"
