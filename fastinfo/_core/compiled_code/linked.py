"""
Functions that are compiled for compiled callers alone: kernels inside kernels, overloads.

numba optimises each function, makes machine code of it, and does both again with its code in each
of its callers: a chain of five functions is compiled five times. Of the functions here the callers
link the code as it was written, so that the outermost one is optimised, once. They have neither
machine code nor wrappers to call them from Python or C.

This leans on classes of numba's that are not documented for users: the tests compile and run, and
keep and load, each kind of function.
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
    """An object with some attributes of its own, all else from another one."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


class _Codegen(_Proxy):
    """numba's code generator, for functions that are linked."""

    def set_env(self, name: str, environment: Any) -> None:
        """Do nothing: what a function needs of Python is set where its caller is made."""

    def unserialize_library(self, state: tuple[str, str, bytes]) -> LinkedLibrary:
        name, _, bitcode = state
        return LinkedLibrary.of_bitcode(self._original, name, bitcode)


class _Context(_Proxy):
    """numba's target, for functions that are linked."""

    def codegen(self) -> _Codegen:
        return _Codegen(self._original.codegen())


class LinkedLibrary(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function as it was written, to be linked by callers."""

    def _optimize_final_module(self) -> None:
        """Leave that to the callers."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True

    @property
    def has_dynamic_globals(self) -> bool:
        """Whether an address that only this process knows is used; functions by name are not."""
        return bool(self._dynamic_globals) and _uses_addresses(str(self._final_module))

    def get_pointer_to_function(self, name: str) -> int:
        """There is none."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        return _Codegen(self._codegen)

    def serialize_using_object_code(self) -> tuple[str, str, bytes]:
        """What is kept on disk."""
        self._ensure_finalized()
        return self.name, _KIND, self._final_module.as_bitcode()

    @classmethod
    def of_bitcode(cls, codegen: Any, name: str, bitcode: bytes) -> LinkedLibrary:
        library = cls(codegen, name)
        library._final_module = llvm.parse_bitcode(bitcode)
        library._finalized = True
        return library


def _uses_addresses(code: str) -> bool:
    """Whether an address of this process is more than loaded: each function called by name is."""
    for function in code.split("\ndefine ")[1:]:
        for line in function.splitlines():
            if "@numba.dynamic.globals." in line:
                loaded = re.match(r" *(%[\w.]+) = load ptr, ptr @numba[\w.]+(, align \d+)?$", line)
                if not loaded or len(re.findall(re.escape(loaded[1]) + r"(?![\w.])", function)) > 1:
                    return True
    return False


def rebuilt(context: Any, library: tuple[str, str, Any], *rest: Any) -> Any:
    """What the compiler once gave, from what was kept of it."""
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
    """numba's steps, into a library that callers link."""

    def define_pipelines(self) -> list[Any]:
        steps = DefaultPassBuilder.define_nopython_pipeline(self.state)
        steps.add_pass_after(_UseLinkedLibrary, AnnotateTypes)
        steps.finalize()
        return [steps]


#: Options of such a function.
LINKED = {"pipeline_class": LinkedCompiler, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
