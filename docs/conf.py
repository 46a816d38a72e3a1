"""Sphinx: ``python -m sphinx -W docs docs/_build``."""

from __future__ import annotations

from typing import Any

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

import fastinfo

project = "fastinfo"
author = "the fastinfo developers"
copyright = "2026, the fastinfo developers"
version = release = fastinfo.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
# Names in docstrings are those of the modules that a reader has imported.
default_role = None
nitpicky = False

html_theme = "pydata_sphinx_theme"
html_title = "fastinfo"
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "navbar_align": "left",
}
html_static_path: list[str] = []

# Formulas are MathML, which browsers draw by themselves: no script, and none from another site.
html_math_renderer = "mathml"


def _inline(translator: Any, node: Any) -> None:
    translator.body.append(tex2mathml(node.astext()))
    raise SkipNode


def _displayed(translator: Any, node: Any) -> None:
    formula = tex2mathml(node.astext(), as_block=True)
    translator.body.append(f'<div class="formula">{formula}</div>')
    raise SkipNode


def setup(app: Sphinx) -> None:
    """Let formulas be MathML."""
    app.add_html_math_renderer("mathml", (_inline, None), (_displayed, None))
