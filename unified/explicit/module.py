"""`Module`: a part of a network, which takes its variables from the params that it is called with."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Self

from unified.core import initializers
from unified.core.annotations import Array, DType, InitFn, Metadata, ShapeLike
from unified.core.dtypes import dtype_name
from unified.core.initializer_functions import as_initializer
from unified.core.layer_call import FirstValue
from unified.core.naming import check_name, closest, join
from unified.core.pages import end_with_link
from unified.core.params import Params
from unified.core.signatures import ConstructorSignature
from unified.explicit.frameworks import backend_of
from unified.explicit.graph import Graph
from unified.explicit.pure import PureModule
from unified.explicit.variables import NewVariable, Stream, add, check_shape, refuse_missing

__all__ = ["Module"]


class Module:
    """The base class of modules. A module stands at one path of a graph, and has no arrays.

    A call takes params and returns them: `output, params = module(params, x)`. The params that come back have the
    variables that the call has added, where they are unlocked, or written; those that went in stay as they are.

    A module that is passed to another keeps its path, and both share its variables.

    Args:
        graph: where it stands.

    Raises:
        ValueError: another module stands there, or it is a root without a name.

    Source: `blox.Module`.

    >>> import torch, unified as u, unified.explicit as bx
    >>> class Scale(bx.Module):
    ...     def __init__(self, graph, size):
    ...         super().__init__(graph)
    ...         self.size = size
    ...     def __call__(self, params, x):
    ...         scale, params = self.get_param(params, "scale", (self.size,), u.initializers.constant(2.0))
    ...         return x * scale, params
    >>> scale = Scale(bx.Graph("net").child("scale"), 3)
    >>> output, params = scale(bx.params(seed=0), torch.ones(1, 3))
    >>> output.tolist(), params["net/scale/scale"].tolist(), scale
    ([[2.0, 2.0, 2.0]], [2.0, 2.0, 2.0], Scale(size=3))
    """

    __signature__: ClassVar[Any] = ConstructorSignature()
    _graph: Graph
    _call: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        module = super().__new__(cls)
        module._call = args, kwargs
        return module

    def __init__(self, graph: Graph) -> None:
        if not isinstance(graph, Graph):
            raise TypeError(
                f"{type(self).__name__} takes a Graph first, got {type(graph).__name__}: graph.child('name')"
            )
        if graph.module is not None:
            raise ValueError(
                f"{graph.path or 'the root'!r} is taken by {graph.module!r}: give {type(self).__name__} a child of "
                "its own, graph.child('name')"
            )
        graph.module = self
        self._graph = graph

    @property
    def graph(self) -> Graph:
        """Where the module stands."""
        try:
            return self._graph
        except AttributeError:
            name = type(self).__name__
            raise RuntimeError(
                end_with_link(
                    f"{name} has no graph yet: call super().__init__(graph) first in its __init__", "explicit"
                )
            ) from None

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments of its constructor by name, with defaults, without the graph."""
        args, kwargs = self._call
        bound = inspect.signature(type(self)).bind(*args, **kwargs)
        bound.apply_defaults()
        return MappingProxyType({name: value for name, value in bound.arguments.items() if value is not self._graph})

    def param_path(self, name: str) -> str:
        """Return the path of the module's variable `name`: `module.param_path("w") in params`.

        Args:
            name: the variable's own name.

        >>> import torch, unified.explicit as bx
        >>> class Scale(bx.Module):
        ...     def __call__(self, params, x):
        ...         scale, params = self.get_param(params, "scale", (3,))
        ...         return x * scale, params
        >>> scale = Scale(bx.Graph("net").child("scale"))
        >>> scale.param_path("scale")
        'net/scale/scale'
        """
        return join(self.graph.path, check_name(name))

    def get_param(
        self,
        params: Params,
        name: str,
        shape: ShapeLike | None = None,
        init: InitFn = initializers.zeros,
        dtype: DType = None,
        trainable: bool = True,
        metadata: Metadata | None = None,
        rng: Stream | None = None,
    ) -> tuple[Array, Params]:
        """Return a variable of the module, and the params with it: unlocked ones get it if it is not there.

        Args:
            params: the params.
            name: its name, a Python identifier.
            shape: its shape; a variable that is there needs none, and is held to one that is passed.
            init: its first values: an initialiser of `unified.initializers`, a function of `(shape, dtype=)`, or one of
                `jax.nn.initializers` or `torch.nn.init`. They follow from the seed of the params and its path alone.
            dtype: any framework's, or its name; the framework's default if `None`.
            trainable: whether an optimizer changes it; if not, it is in the collection `state`.
            metadata: further information, such as `{"sharding": (None, "model")}`.
            rng: the stream whose seed first values follow from, if the params have none.

        Raises:
            KeyError: it is not there, and the params are locked.
            StructureChangedError: it has another shape.
            ValueError: it is not there, and has no shape or no seed.

        >>> import torch, unified.explicit as bx
        >>> class Scale(bx.Module):
        ...     def __call__(self, params, x):
        ...         scale, params = self.get_param(params, "scale", (3,))
        ...         return x * scale, params
        >>> scale = Scale(bx.Graph("net").child("scale"))
        >>> _, params = scale(bx.params(seed=0), torch.ones(3))
        >>> list(params)
        ['net/scale/scale']
        """
        path = self.param_path(name)
        sizes = None if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        if path in params:
            value = params[path]
            if sizes is not None:
                check_shape(path, value, sizes, "the call")
            return value, params
        if params.is_locked:
            refuse_missing(params, path)
        if sizes is None:
            raise ValueError(f"there is no variable {path!r}: pass its shape to the call that is to add it")
        first = FirstValue(path, sizes, as_initializer(init), None if dtype is None else dtype_name(dtype))
        new = NewVariable(first, "params" if trainable else "state", trainable, dict(metadata or {}))
        params = add(params, backend_of(params), [new], rng)
        return params[path], params

    def set_param(
        self,
        params: Params,
        name: str,
        value: Array | None = None,
        trainable: bool | None = None,
        metadata: Metadata | None = None,
    ) -> Params:
        """Return the params with another value, trainability or metadata of a variable that is there.

        Args:
            params: the params, which stay as they are.
            name: the name of one of the module's variables.
            value: an array of the same shape and dtype; `None` keeps its value.
            trainable: whether an optimizer changes it; `None` keeps it.
            metadata: what is added to its metadata.

        Raises:
            KeyError: there is no such variable.
            ValueError: the value has another shape or dtype, or nothing is to be changed.

        >>> import torch, unified.explicit as bx
        >>> class Scale(bx.Module):
        ...     def __call__(self, params, x):
        ...         scale, params = self.get_param(params, "scale", (3,))
        ...         return x * scale, params
        >>> scale = Scale(bx.Graph("net").child("scale"))
        >>> _, params = scale(bx.params(seed=0), torch.ones(3))
        >>> scale.set_param(params, "scale", torch.ones(3))["net/scale/scale"].tolist()
        [1.0, 1.0, 1.0]
        """
        path = self.param_path(name)
        if path not in params:
            raise KeyError(f"there is no variable {path!r} to set: get_param adds it{closest(path, params)}")
        if value is None and trainable is None and metadata is None:
            raise ValueError(f"set_param changes nothing of {path!r}: pass a value, trainable= or metadata=")
        if value is not None:
            params = params.update({path: value})
        if trainable is None and metadata is None:
            return params
        info = params.info[path]
        if trainable is not None:
            collection = "params" if trainable else info.collection
            info = replace(info, trainable=trainable, collection=collection)
        return params.with_info(replace(info, metadata={**info.metadata, **(metadata or {})}).fixed())

    def __pure_model__(self) -> PureModule:
        """Return the module as `unified.testing.assert_parity` runs it."""
        return PureModule(self)

    def __call__(self, params: Params, *inputs: Any, **kwargs: Any) -> Any:
        """Return `(output, params)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement __call__(params, ...)")

    def __repr__(self) -> str:
        texts = [f"{name}={_text(value)}" for name, value in self.arguments.items()]
        return f"{type(self).__name__}({', '.join(texts)})"


def _text(value: Any) -> str:
    """Return an argument as text: a module by its path."""
    return f"<{value.graph.path}>" if isinstance(value, Module) else repr(value)
