"""Write the page of the kernels, ``docs/reference/kernels.md``: ``python docs/make_kernels.py``."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import numba.extending

from fastinfo import kernels

PAGE = Path(__file__).parent / "reference" / "kernels.md"
HEAD = """# Kernels

`fastinfo.kernels` holds the serial functions under the public ones. Each is a numba dispatcher:
callable from Python and from any function under `@njit`, `@njit(parallel=True)` or `@guvectorize`.
They release the GIL, check nothing, and work in memory that they are given wherever that can be.
What a module's kernels ask of their arguments stands at its head. Parameters are positional.
"""


def page() -> str:
    """The page."""
    lines = [HEAD]
    for name in kernels.__all__:
        module = importlib.import_module(f"fastinfo.kernels.{name}")
        lines += [f"## {name}", "", inspect.cleandoc(module.__doc__ or ""), ""]
        for public in module.__all__:
            value = getattr(module, public)
            if not numba.extending.is_jitted(value):
                continue
            signature = inspect.signature(value.py_func)
            lines += [f"`{public}{signature}`", ""]
            lines += [
                f": {line}".rstrip() if i == 0 else f"  {line}".rstrip()
                for i, line in enumerate(inspect.cleandoc(value.__doc__ or "").splitlines())
            ]
            lines.append("")
    return re.sub(r":(?:func|mod):`~?(?:fastinfo\.kernels\.)?", "`", "\n".join(lines))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
