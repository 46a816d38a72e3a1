"""Functions compiled only for compiled callers: kernels inside kernels, and overloads.

numba optimises each function and generates machine code for it, and does both again inside each of
its callers. A chain of five functions is compiled five times. The callers of the functions here
link the code before optimisation, so that only the outermost function is optimised, once. These
functions have neither machine code nor wrappers for Python and C.

This relies on classes of numba that are not documented for users. The tests compile, run, store and
load each kind of function.
"""

from __future__ import annotations

import re
from typing import Any

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, CompileResult, DefaultPassBuilder
from numba.core.compiler_machinery import AnalysisPass, register_pass
from numba.core.typed_passes import AnnotateTypes

_KIND = "linked"


class _Proxy:
    """An object with some attributes of its own; all others come from another object."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


class _Codegen(_Proxy):
    """numba's code generator for linked functions."""

    def set_env(self, name: str, environment: Any) -> None:
        """Do nothing: a function's Python environment is set when its caller is compiled."""

    def unserialize_library(self, state: tuple[str, str, bytes]) -> LinkedLibrary:
        name, _, bitcode = state
        return LinkedLibrary.of_bitcode(self._original, name, bitcode)


class _Context(_Proxy):
    """numba's target for linked functions."""

    def codegen(self) -> _Codegen:
        return _Codegen(self._original.codegen())


class LinkedLibrary(JITCodeLibrary):  # type: ignore[misc]
    """The unoptimised code of a function, to be linked by callers."""

    def _optimize_final_module(self) -> None:
        """Do nothing: the callers optimise."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True

    @property
    def has_dynamic_globals(self) -> bool:
        """Whether addresses of this process are used; functions called by name are not."""
        return bool(self._dynamic_globals) and _uses_addresses(str(self._final_module))

    def get_pointer_to_function(self, name: str) -> int:
        """Linked functions have no address."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        return _Codegen(self._codegen)

    def serialize_using_object_code(self) -> tuple[str, str, bytes]:
        """What is stored on disk."""
        self._ensure_finalized()
        return self.name, _KIND, self._final_module.as_bitcode()

    @classmethod
    def of_bitcode(cls, codegen: Any, name: str, bitcode: bytes) -> LinkedLibrary:
        library = cls(codegen, name)
        library._final_module = llvm.parse_bitcode(bitcode)
        library._finalized = True
        return library


def _uses_addresses(code: str) -> bool:
    """Whether an address of this process is used other than to call a function by name."""
    for function in code.split("\ndefine ")[1:]:
        for line in function.splitlines():
            if "@numba.dynamic.globals." in line:
                loaded = re.match(r" *(%[\w.]+) = load ptr, ptr @numba[\w.]+(, align \d+)?$", line)
                if not loaded or len(re.findall(re.escape(loaded[1]) + r"(?![\w.])", function)) > 1:
                    return True
    return False


def rebuilt(context: Any, library: tuple[str, str, Any], *rest: Any) -> Any:
    """The result of the compiler, from what was stored of it."""
    if library[1] != _KIND:
        return CompileResult._rebuild(context, library, *rest)
    found = CompileResult._rebuild(_Context(context), library, *rest)
    return found._replace(target_context=context)


@register_pass(mutates_CFG=False, analysis_only=True)
class _UseLinkedLibrary(AnalysisPass):  # type: ignore[misc]
    _name = "fastinfo_linked_library"

    def __init__(self) -> None:
        AnalysisPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        state.library = LinkedLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        return False


class LinkedCompiler(CompilerBase):  # type: ignore[misc]
    """numba's compiler steps, with a library that callers link."""

    def define_pipelines(self) -> list[Any]:
        steps = DefaultPassBuilder.define_nopython_pipeline(self.state)
        steps.add_pass_after(_UseLinkedLibrary, AnnotateTypes)
        steps.finalize()
        return [steps]


#: Options of linked functions.
LINKED = {"pipeline_class": LinkedCompiler, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
