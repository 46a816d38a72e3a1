"""Every case of the ``cases.py`` and ``*_cases.py`` beside this file."""

from __future__ import annotations

import importlib
from pathlib import Path

from cases import CASES as FIRST
from cases import Case

CASES: list[Case] = [
    *FIRST,
    *(
        case
        for path in sorted(Path(__file__).parent.glob("*_cases.py"))
        for case in importlib.import_module(path.stem).CASES
    ),
]
