"""`LayerModule`: a layer of the table as a module with explicit params."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from unified.core import backends
from unified.core.annotations import LayerInitFn, Metadata
from unified.core.errors import BackendError, at_path
from unified.core.initializer_functions import as_layer_init_fn
from unified.core.layer import Layer, Spec
from unified.core.layer_call import FirstValue, LayerCall
from unified.core.params import Params
from unified.core.signatures import LayerSignature
from unified.explicit.frameworks import backend_of, check_inputs
from unified.explicit.graph import Graph
from unified.explicit.module import Module
from unified.explicit.rng import Rng
from unified.explicit.variables import NewVariable, add, check_shape

__all__ = ["LayerModule"]


class Plan(NamedTuple):
    """What a call of a layer looks up: its spec, and the name, path and shape of each variable."""

    spec: Spec
    names: tuple[str, ...]
    paths: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]


class LayerModule(Module):
    """A layer: a class of `unified.explicit` for each of `torch.nn`, with the graph as first argument.

    `output, params = layer(params, *inputs, is_training=False)`: the inputs are those of the class of `torch.nn`, and
    its variables have the names, shapes and first values of `unified.<name>` at the same path.

    Args:
        graph: where it stands.
        *args, **kwargs: the arguments of the layer; a size that may be `None` is taken from the first inputs.
        rng: the stream that a layer draws from in training; also its first values follow from it, if the params have no
            seed.
        init_fn: an initialiser of `weight`, or a dict of initialisers by variable.
        metadata: a dict for `weight`, or a dict of dicts by variable.

    Raises:
        KeyError: locked params lack a variable, or the stream has no seed.
        StructureChangedError: a variable has another shape than the layer, or its inputs, ask for.
        ValueError: a layer draws in training and has no `rng=`.

    >>> import torch, unified.explicit as bx
    >>> graph = bx.Graph("net")
    >>> norm = bx.BatchNorm1d(graph.child("norm"), 3)
    >>> _, params = norm(bx.params(seed=0), torch.ones(2, 3))
    >>> output, after = norm(params.locked(), torch.ones(2, 3), is_training=True)
    >>> [int(each["net/norm/num_batches_tracked"]) for each in (params, after)]
    [0, 1]
    """

    _declaration: ClassVar[type[Layer]]
    __signature__: ClassVar[Any] = LayerSignature(
        {"graph": Graph}, rng=Rng | None, init_fn=LayerInitFn | None, metadata=Metadata | None
    )
    rng: Rng | None

    def __init__(
        self,
        graph: Graph,
        *args: Any,
        rng: Rng | None = None,
        init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(graph, Graph):
            raise TypeError(
                f"{type(self).__name__} takes a Graph first, got {type(graph).__name__}: graph.child('name')"
            )
        if not graph.path:
            raise ValueError(f"{type(self).__name__} cannot stand at a root without a name: graph.child('name')")
        if rng is not None and not isinstance(rng, Rng):
            raise TypeError(
                f"{graph.path!r}: rng= is an Rng, got {type(rng).__name__}: seed it by rng.seed(params, seed=)"
            )
        self._init_fn = as_layer_init_fn(init_fn, graph.path, "set_param sets other values")
        self._metadata = metadata
        self._moved_into: str | None = None
        with at_path(graph.path):
            moved: list[LayerModule] = []
            self.spec = self._declaration.spec(_specs(args, moved), _specs(kwargs, moved))
            self._plans: dict[Any, Plan] = {}
            if not self.spec.is_lazy:
                self._plans[None] = self._plan(self.spec, graph.path)
            streams = {id(layer.rng): layer.rng for layer in moved if layer.rng is not None}
            if rng is None and len(streams) > 1:
                raise ValueError("its layers draw from several streams: pass the one for all of them as rng=")
        super().__init__(graph)  # at last: a layer that is refused takes no place
        self.rng = rng if rng is not None else next(iter(streams.values()), None)
        for layer in moved:
            layer._moved_into = graph.path

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments of the layer by name; those with a default, only if they are others."""
        parameters = self._declaration.own_signature.parameters
        return {
            name: value
            for name, value in self.spec.arguments.items()
            if name not in parameters or value is not parameters[name].default
        }

    def _plan(self, spec: Spec, path: str) -> Plan:
        spec = spec.with_initializers(self._init_fn)
        names = tuple(variable.name for variable in spec.variables)
        paths = tuple(f"{path}/{name}" for name in names)
        return Plan(spec, names, paths, tuple(variable.shape for variable in spec.variables))

    def _plan_for(self, inputs: tuple[Any, ...]) -> Plan:
        """Return the plan of a call: one for each size that the inputs give."""
        if not self.spec.is_lazy:
            return self._plans[None]
        sizes = self.spec.sizes_from(inputs)
        plan = self._plans.get(sizes)
        if plan is None:
            plan = self._plans[sizes] = self._plan(self.spec.with_sizes(inputs), self.graph.path)
        return plan

    def __call__(self, params: Params, *inputs: Any, **kwargs: Any) -> tuple[Any, Params]:
        """Return the output of the layer, and the params with what it has added or written.

        `is_training=` is among the keyword arguments, false by default; the others are those of the layer's `forward`.
        """
        is_training = kwargs.pop("is_training", False)
        path = self._graph.path
        if self._moved_into is not None:
            raise ValueError(f"{path!r} has moved into {self._moved_into!r}, which names it: call that one")
        plan = self._plan_for(inputs)
        values = params.values_at(plan.paths)
        known = backends.of_array(values[0]) if values else None
        backend = backend_of(params, inputs) if known is None else known
        if known is None and values and values[0] is not None:
            raise BackendError(
                f"{plan.paths[0]!r} is no array of a framework, but {type(values[0]).__name__}: convert the params by "
                f"params.to({backend.name!r})"
            ).with_page("explicit")
        check_inputs(path, backend, inputs)
        is_new = any(value is None for value in values)
        if is_new:
            params = add(params, backend, self._missing(plan, values), self.rng)
            values = params.values_at(plan.paths)
        for variable, value, shape in zip(plan.paths, values, plan.shapes, strict=True):
            if value.shape != shape:
                check_shape(variable, value, shape, repr(self))
        words = None
        if self.rng is not None and plan.spec.is_random and (is_training or self.rng.is_seeded(params)):
            words = self.rng.get_seed(params), self.rng.get_counter(params)
        result = backend.run_layer(
            LayerCall(
                plan.spec,
                path,
                dict(zip(plan.names, values, strict=True)),
                inputs,
                kwargs,
                is_training,
                words,
                initializing=is_new and not is_training,
            )
        )
        if result.written:
            params = params.replaced({f"{path}/{name}": value for name, value in result.written.items()})
        if result.has_drawn and self.rng is not None:
            params = self.rng.counted(params)
        return result.output, params

    def _missing(self, plan: Plan, values: list[Any]) -> list[NewVariable]:
        """Return the variables that the params lack."""
        metadata = self._metadata_by_name(plan)
        return [
            NewVariable(
                FirstValue(
                    path, variable.shape, variable.initializer, variable.dtype, plan.spec.device_of(variable.name)
                ),
                variable.collection,
                variable.trainable,
                metadata.get(variable.name, {}),
            )
            for path, value, variable in zip(plan.paths, values, plan.spec.variables, strict=True)
            if value is None
        ]

    def _metadata_by_name(self, plan: Plan) -> Mapping[str, Mapping[str, Any]]:
        metadata = self._metadata
        if metadata is None:
            return {}
        is_by_name = all(isinstance(value, Mapping) for value in metadata.values())
        by_name = dict(metadata) if is_by_name else {"weight": metadata}
        unknown = by_name.keys() - set(plan.names)
        if unknown:
            raise ValueError(
                f"{self.graph.path!r}: metadata= names {sorted(unknown)}, and the layer has {list(plan.names)}"
            )
        return by_name


def _specs(value: Any, moved: list[LayerModule]) -> Any:
    """Return an argument with the specs of its layers, which move into the one that names them, as `torch.nn` does."""
    if isinstance(value, LayerModule):
        if value.spec.is_lazy or value._metadata is not None:
            wrong = "metadata=" if value._metadata is not None else "a size that is None"
            raise ValueError(
                f"{value.graph.path!r} has {wrong}, and moves into this layer: give that to this one alone"
            )
        moved.append(value)
        return value.spec.with_initializers(value._init_fn)
    if type(value) in (tuple, list):
        return type(value)(_specs(item, moved) for item in value)
    return (
        type(value)((name, _specs(item, moved)) for name, item in value.items()) if isinstance(value, dict) else value
    )
