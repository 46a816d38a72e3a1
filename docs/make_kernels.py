"""Write the page of the kernels, ``docs/reference/kernels.md``: ``python docs/make_kernels.py``."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

from fastinfo import kernels

PAGE = Path(__file__).parent / "reference" / "kernels.md"
HEAD = """# Kernels

`fastinfo.kernels` contains the serial functions that the public functions are built on. Each is a
numba dispatcher, which can be called from Python and from any function under `@njit`,
`@njit(parallel=True)` or `@guvectorize`. Kernels release the GIL and check nothing. Most of them
write to arrays that you pass, and so allocate little memory. Parameters are positional. Import
kernels from `fastinfo.kernels`, because the modules behind it may change.

Each section describes one subject: first what its kernels expect of their arguments, then the
kernels themselves.
"""


def page() -> str:
    """The page."""
    lines = [HEAD]
    by_module: dict[str, list[str]] = {}
    for name in kernels.__all__:
        by_module.setdefault(getattr(kernels, name).py_func.__module__, []).append(name)
    for module, names in sorted(by_module.items()):
        what = inspect.cleandoc(importlib.import_module(module).__doc__ or "")
        subject = ": ".join(module.split(".")[2:]).replace("_", " ").capitalize()
        lines += [f"## {subject}", "", what, ""]
        for name in names:
            value = getattr(kernels, name)
            lines += [f"`{name}{inspect.signature(value.py_func)}`", ""]
            lines += [
                f": {line}".rstrip() if i == 0 else f"  {line}".rstrip()
                for i, line in enumerate(inspect.cleandoc(value.__doc__ or "").splitlines())
            ]
            lines.append("")
    return re.sub(r":(?:func|mod):`~?(?:fastinfo\.kernels\.)?", "`", "\n".join(lines))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
