"""What libraries use of JAX's own machinery, beside its public names, in terms of torch: `{full name: value}`.

Three kinds. What only serves tracebacks, logging and profiles does nothing. Classes that a module defines for a feature
which torch has not, such as Flax's hijax variables, exist so that the module can be imported. And partial evaluation,
by which Flax finds out what depends on an argument, is done here by a trace.
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import torch

from unified.compat.jax import pytrees
from unified.compat.jax.dtypes import EXTENDED
from unified.compat.jax.on_torch import errors
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array
from unified.compat.jax.on_torch.core import ShapedArray
from unified.compat.jax.on_torch.tracing.staged import Type, call, stage
from unified.compat.jax.on_torch.tracing.state import trace_state
from unified.compat.jax.on_torch.transforms import type_of_leaf
from unified.core.errors import BackendError

__all__ = ["STAND_INS"]


def _do_nothing(*args: Any, **kwargs: Any) -> None:
    """For tracebacks and profiles."""


def _is_valid(value: Any) -> bool:
    """Return whether JAX computes with a value: an array or a number; distrax tells its arrays from options by it."""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "biufc" or value.dtype.name in EXTENDED
    return isinstance(value, Array | torch.Tensor | bool | int | float | complex)


def _unchanged(function: Any, **kwargs: Any) -> Any:
    return function


class _Registry:
    """The classes that are trees, as JAX's private registry of them is asked."""

    def __contains__(self, cls: Any) -> bool:
        return cls in tree.KINDS or cls in pytrees.CLASSES

    def __iter__(self) -> Iterator[Any]:
        return iter({*tree.KINDS, *pytrees.CLASSES})


class _Effects:
    def add_type(self, effect: type) -> None:
        """Do nothing: torch orders effects by itself."""


class _Marker:
    """The base of classes that mean something to JAX alone."""


class _Primitive(_Marker):
    """An operation that is defined for JAX's traces."""

    multiple_results = False

    def __init__(self, name: str = "") -> None:
        self.name = name

    def bind(self, *args: Any, **kwargs: Any) -> Any:
        raise BackendError(f"the operation {self.name!r} is defined for JAX's traces: torch cannot run it").with_page(
            "libraries#what-differs-from-jax"
        )


class _OfAval:
    """`aval_method` and `aval_property`: attributes of a type that JAX's traces have."""

    def __init__(self, function: Any = None, fget: Any = None) -> None:
        self.function = function or fget


class _Wrapped:
    """A function that takes and returns lists of leaves, as `jax.linear_util` passes them on."""

    def __init__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.function = function

    def call_wrapped(self, *args: Any) -> Any:
        return self.function(*args)


def _flattened(wrapped: _Wrapped, structure: Any, keywords: bool) -> tuple[_Wrapped, Callable[[], Any]]:
    """Return the function of leaves, and one that returns the structure of its output after a call."""
    found: list[Any] = []

    def flat(*leaves: Any) -> list[Any]:
        arguments = structure.unflatten(leaves)
        output = wrapped.function(*arguments[0], **arguments[1]) if keywords else wrapped.function(*arguments)
        values, output_structure = tree.tree_flatten(output)
        found[:] = [output_structure]
        return values

    return _Wrapped(flat), lambda: found[0]


class _PartialValue(tuple[Any, Any]):
    """A value, or what is known of one: `(None, value)` or `(shape and dtype, None)`."""

    __slots__ = ()

    @classmethod
    def known(cls, value: Any) -> "_PartialValue":
        return cls((None, value))

    @classmethod
    def unknown(cls, aval: Any) -> "_PartialValue":
        return cls((aval, None))


def _evaluate_partially(wrapped: _Wrapped, values: list[Any], **kwargs: Any) -> tuple[None, list[_PartialValue], None]:
    """Trace a function of which some arguments are not known; return which results are known, and their values."""
    unknown = [cast(Type, type_of_leaf(what)) for what, _ in values if what is not None]

    def run(*arrays: Any) -> Any:
        rest = iter(arrays)
        return wrapped.call_wrapped(*[value if what is None else next(rest) for what, value in values])

    staged = stage(run, unknown, tree.treedef_tuple([tree.STAR] * len(unknown)), "a function evaluated in part")
    anything = [torch.zeros((), dtype=one.abstract.dtype).expand(one.abstract.shape) for one in unknown]
    outputs = zip(tree.tree_leaves(staged.output(call(staged, anything))), staged.graph.varying, strict=True)
    return None, [_result(array, varies) for array, varies in outputs], None


def _result(array: Array, varies: bool) -> _PartialValue:
    return _PartialValue.unknown(ShapedArray(array.shape, array.dtype)) if varies else _PartialValue.known(array)


def _spread(names: str, value: Any) -> dict[str, Any]:
    return dict.fromkeys(names.split(), value)


STAND_INS: dict[str, Any] = {
    **_spread(
        "jax._src.traceback_util.register_exclusion jax.extend.source_info_util.register_exclusion "
        "jax.api_util.debug_info",
        _do_nothing,
    ),
    "jax._src.traceback_util.api_boundary": _unchanged,
    "jax._src.traceback_util._exclude_paths": [],
    "jax._src.tree_util._registry": _Registry(),
    "jax._src.xla_bridge._backends": {},
    **_spread(
        "jax.experimental.hijax.HiType jax.experimental.hijax.MutableHiType jax.extend.core.Effect "
        "jax._src.dtypes.extended jax._src.dtypes.ExtendedDType "
        "jax._src.state.types.AbstractRef jax.Ref jax.experimental.MutableArray jax.experimental.hijax.Zero",
        _Marker,
    ),
    "jax.experimental.hijax.HiPrimitive": _Primitive,
    "jax.experimental.hijax.aval_method": _OfAval,
    "jax.experimental.hijax.aval_property": _OfAval,
    "jax.experimental.hijax.control_flow_allowed_effects": _Effects(),
    "jax.experimental.hijax.register_hitype": _do_nothing,
    "jax.extend.linear_util.wrap_init": _Wrapped,
    "jax.api_util.flatten_fun": lambda wrapped, structure: _flattened(wrapped, structure, keywords=True),
    "jax.api_util.flatten_fun_nokwargs": lambda wrapped, structure: _flattened(wrapped, structure, keywords=False),
    "jax.interpreters.partial_eval.PartialVal": _PartialValue,
    "jax.interpreters.partial_eval.trace_to_jaxpr_nounits": _evaluate_partially,
    **{
        f"jax.tree_util.{name}": getattr(pytrees.FOR_TORCH, name)
        for name in dir(pytrees.FOR_TORCH)
        if name.startswith("register_")
    },
    **{f"jax.errors.{name}": getattr(errors, name) for name in errors.__all__},
    "jax.core.get_opaque_trace_state": lambda convention=None: trace_state(),
    "jax.core.AbstractValue": ShapedArray,
    "jax.core.valid_jaxtype": _is_valid,
    "jax.extend.core.valid_jaxtype": _is_valid,
}
