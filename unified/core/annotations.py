"""Types of public signatures that no framework can name, because the core imports none.

`Array`, `DType`, `Device` and `PyTree` are `Any` to a type checker: one body runs on arrays of either framework, whose
methods differ. `ArrayT` keeps what a checker knows: a function of it returns a `torch.Tensor` for a `torch.Tensor`, and
a `jax.Array` for a `jax.Array`.
"""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, Protocol, TypeAlias, TypedDict, TypeVar

from unified.core.initializers import Initializer

__all__ = [
    "Array",
    "ArrayLike",
    "ArrayT",
    "DType",
    "Device",
    "HasParams",
    "InitFn",
    "LayerInitFn",
    "LayerOptions",
    "Mesh",
    "Metadata",
    "Path",
    "PyTree",
    "ShapeLike",
]

Array: TypeAlias = Any
"""An array of the framework that runs: `torch.Tensor` or `jax.Array`."""

DType: TypeAlias = Any
"""A dtype of any framework (`torch.float16`, `jnp.float16`, `np.float16`), or its name (`"float16"`)."""

Device: TypeAlias = Any
"""A device, as the framework that runs takes it."""

PyTree: TypeAlias = Any
"""Tuples, lists and dicts of arrays, or whatever else the framework that runs takes for a tree."""

ShapeLike: TypeAlias = int | Sequence[int]
"""The sizes of an array, or its only size."""

InitFn: TypeAlias = Initializer | Callable[..., Array]
"""The first values of a variable: an initializer, or a function of `(shape, dtype=)` that returns an array."""

LayerInitFn: TypeAlias = Initializer | Mapping[str, InitFn] | Callable[[Any], object]
"""A layer's first values: an initializer of `weight`, a dict of these or of functions of `(shape, dtype=)` by variable,
or a function of the new layer."""

Metadata: TypeAlias = Mapping[str, Any]
"""What else is known of a variable, such as `{"sharding": (None, "model")}`."""

Mesh: TypeAlias = Any
"""A mesh of devices, of the framework that runs."""

Path: TypeAlias = str | PathLike[str]
"""A file."""


class ArrayLike(Protocol):
    """An array of any framework, NumPy's too.

    Attributes:
        shape: the sizes.
        dtype: the dtype, of the framework.
    """

    @property
    def shape(self) -> Any:
        """Its sizes."""

    @property
    def dtype(self) -> Any:
        """The framework's name for the type of its elements."""


class HasParams(Protocol):
    """A model with its variables: one of torch, or one that is bound to its variables.

    Attributes:
        params: the variables by path, a `unified.Params`.
    """

    @property
    def params(self) -> Mapping[str, Any]:
        """The arrays by path."""


ArrayT = TypeVar("ArrayT", bound=ArrayLike)
"""The class of an array: a function of it returns an array of the class that it is given."""


class LayerOptions(TypedDict, total=False):
    """The keyword arguments of every layer, besides those of its `torch.nn` class.

    Attributes:
        name: the layer's name, a Python identifier or a number; by default the class name in snake case.
        init_fn: its first values; see `LayerInitFn`.
        metadata: what else is known of `weight`, or a dict of that by variable.
    """

    name: str | int | None
    init_fn: LayerInitFn | None
    metadata: Metadata | None
