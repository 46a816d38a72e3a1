"""Sphinx: ``python -m sphinx -W docs docs/_build``."""

from __future__ import annotations

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
    "sphinx.ext.mathjax",
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
