"""`Layer`: every declared layer as a module whose fields are its variables."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from unified.core import layer as declared
from unified.core.annotations import InitFn, Metadata
from unified.core.initializer_functions import as_layer_init_fn
from unified.core.initializers import Initializer
from unified.core.layer_call import LayerCall
from unified.core.layer_docs import LayerDoc
from unified.core.naming import join
from unified.core.pending import PendingVariable, pending_variables
from unified.core.record import describe_call
from unified.core.signatures import LayerSignature
from unified.trees import registry
from unified.trees.layer_docs import STYLE
from unified.trees.module import Module, array_text
from unified.trees.nodes import Kind, Static, is_array, wide
from unified.trees.running import Placed, Run, current

__all__ = ["CLASSES", "Layer", "layer_class"]


class Layer(Placed, Module):
    """A layer of `torch.nn` as a module: its variables are attributes, `layer.weight`, and so are its arguments.

    The arguments are those of the `torch.nn` class, and `init_fn=` and `metadata=` as in a body; its place in the tree
    is its name. It evaluates where it is called alone; `apply` trains it. A size that is `None` is taken from the first
    input, by `fill(model, x)`.

    >>> import torch, unified.trees as ut
    >>> layer = ut.fill(ut.Linear(2, 3), rng=0, backend="torch")
    >>> isinstance(layer, ut.Layer), list(layer.weight.shape), layer.in_features
    (True, [3, 2], 2)
    """

    _declaration: ClassVar[type[declared.Layer]]
    __signature__: ClassVar[Any] = LayerSignature(
        init_fn=Initializer | Mapping[str, InitFn] | None, metadata=Metadata | None
    )
    if TYPE_CHECKING:
        _spec: declared.Spec
        _options: dict[str, Any]
        _values: dict[str, Any]
        _is_random: bool
        _label: str

    def __init__(self, *args: Any, init_fn: Any = None, metadata: Any = None, **kwargs: Any) -> None:
        if "_declaration" not in vars(type(self)):
            raise TypeError("a layer is made by its class, such as unified.trees.Linear(2, 5)")
        if "name" in kwargs:
            raise TypeError(f"{type(self).__name__}(name=...): in a tree the field of a layer is its name")
        if self._declaration.takes_layers:
            args, kwargs = _with_specs(args), _with_specs(kwargs)
        init_fn = as_layer_init_fn(
            init_fn,
            type(self).__name__,
            "a function cannot change a layer, for modules never do: use replace or tree_at",
        )
        options = {"init_fn": init_fn, "metadata": _by_variable(metadata)}
        spec = self._declaration.spec(args, kwargs).with_initializers(init_fn)
        self._become(spec, options, pending_variables(spec))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "_declaration" not in cls.__dict__:
            raise TypeError(
                f"{cls.__qualname__} derives from a layer of unified.trees: put the layer into a field of a "
                "unified.trees.Module instead"
            )
        registry.add(cls)

    def _become(self, spec: declared.Spec, options: dict[str, Any], values: dict[str, Any]) -> None:
        object.__setattr__(self, "_spec", spec)
        object.__setattr__(self, "_options", options)
        object.__setattr__(self, "_values", values)
        # Read from the spec now: torch.compile traces no property that has yet to be computed.
        object.__setattr__(self, "_is_random", spec.is_random)
        object.__setattr__(self, "_label", label(spec))

    if not TYPE_CHECKING:  # checkers know the attributes of each layer, and would take any other name too

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__") or "_spec" not in self.__dict__:
                raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
            spec, values = self._spec, self._values
            if name in values:
                return values[name]
            if name in spec.inner:
                return _part(spec.inner[name], values, name)
            if name in spec.declaration.variable_names:
                if spec.is_lazy:
                    raise AttributeError(f"{self!r} has no {name} yet: fill(model, x) takes its sizes from the input x")
                return None
            if name in spec.arguments:
                return spec.arguments[name]
            below = {key: value for key, value in values.items() if key.startswith(f"{name}/")}
            inner = {
                key.removeprefix(f"{name}/"): part for key, part in spec.inner.items() if key.startswith(f"{name}/")
            }
            if below or inner:
                return [_part(part, values, f"{name}/{key}") for key, part in inner.items()]
            raise AttributeError(
                f"{self!r} has no attribute {name!r}; its variables are {', '.join(values) or 'none'}, and its "
                f"arguments {', '.join(spec.arguments) or 'none'}"
            )

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        run = current.run
        if run is None:
            return self._evaluate(inputs, kwargs)
        path = self._place(run)
        layer = self if path is None else run.new.get(path, self)
        if layer._spec.is_lazy and path is not None and run.first_values is not None:
            layer = layer._completed(run, path, inputs)
        draws = layer._is_random and run.rng is not None
        if not (run.training or draws):
            return layer._evaluate(inputs, kwargs)
        if path is None:
            if layer._is_random or (run.training and layer._has_state):
                raise ValueError(
                    f"{self!r} draws random numbers or writes state, and is none of the layers that apply "
                    "was given: a transform has put it together anew, or the call made it. Call it there as `y, layer "
                    "= unified.trees.apply(layer, x, training=True, rng=key)`, or use VMap, Jit or Checkpoint"
                )
            return layer._evaluate(inputs, kwargs)
        result = run.backend.run_layer(
            LayerCall(layer._spec, path, layer._ready(), inputs, kwargs, run.training, run.rng, run.draws)
        )
        if result.written:
            run.store(path, layer._with_values({**layer._values, **result.written}))
        return result.output

    def _evaluate(self, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        values = self._ready()
        backend = registry.backend_of((*values.values(), *inputs, *kwargs.values()), self)
        return backend.run_layer(LayerCall(self._spec, self._label, values, inputs, kwargs)).output

    def _ready(self) -> dict[str, Any]:
        """Return the values of all variables; raise if there is one without."""
        if self._spec.is_lazy:
            raise ValueError(
                f"{self!r} takes a size from its first input: make it known by unified.trees.fill(model, x)"
            )
        for name, value in self._values.items():
            if type(value) is PendingVariable:
                raise ValueError(
                    f"{self!r} has no value for {name!r}: unified.trees.fill(model, rng=0) returns the model with "
                    "first values, and load_params with given ones"
                )
        return self._values

    def _completed(self, run: Run, path: str, inputs: tuple[Any, ...]) -> "Layer":
        """Return the layer with the sizes that an input has, and with first values."""
        spec = self._spec.with_sizes(inputs).with_initializers(self._options["init_fn"])
        assert run.first_values is not None
        pending = pending_variables(spec)
        values = run.first_values([v.first_value(join(path, name)) for name, v in pending.items()])
        new = object.__new__(type(self))
        new._become(spec, self._options, dict(zip(pending, values, strict=True)))
        run.new[path] = new
        return new

    @property
    def _has_state(self) -> bool:
        return any(not variable.trainable for variable in self._spec.variables)

    def _with_values(self, values: dict[str, Any]) -> "Layer":
        new = object.__new__(type(self))
        new._become(self._spec, self._options, values)
        return new

    def _children(self) -> dict[str, Any]:
        return dict(self._values)

    def _context(self) -> Static:
        return Static((SpecContext(self._spec, self._options), tuple(self._values)))

    @classmethod
    def _names(cls, context: Static) -> tuple[str, ...]:
        return context.value[1]

    def _restore(self, context: Static, values: dict[str, Any]) -> None:
        use = context.value[0]
        self._become(use.spec, use.options, values)

    def _kind(self, name: str) -> Kind:
        for variable in self._spec.variables:
            if variable.name == name:
                metadata = self._options["metadata"].get(name, {})
                return Kind(variable.collection, variable.trainable, metadata, wide(variable.dtype))
        raise KeyError(name)

    def _check(self) -> None:
        for name, value in self._values.items():
            if not is_array(value) and value is not None:
                raise TypeError(f"{type(self).__name__}.{name} is an array, got {array_text(value)}")

    def __repr__(self) -> str:
        return describe_call(type(self), (), _shown(self._spec))

    def __reduce__(self) -> Any:
        return _restored, (type(self), self._context(), tuple(self._values.values()))


def _restored(cls: Any, context: Static, values: tuple[Any, ...]) -> Any:
    layer = object.__new__(cls)
    layer._restore(context, dict(zip(context.value[1], values, strict=True)))
    return layer


def label(spec: declared.Spec) -> str:
    """Return what stands for the path of a layer that does not know it: the layer with its arguments."""
    text: str | None = spec.__dict__.get("_label")
    if text is None:
        text = describe_call(spec.declaration, (), _shown(spec)).replace("/", "|")
        object.__setattr__(spec, "_label", text)
    return text


class SpecContext:
    """A spec and the options of a layer, compared by the layer's class and arguments."""

    __slots__ = ("_key", "options", "spec")

    def __init__(self, spec: declared.Spec, options: dict[str, Any]) -> None:
        self.spec = spec
        self.options = options

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SpecContext):
            return NotImplemented
        if self.spec is other.spec and self.options is other.options:
            return True
        return _key(self.spec) == _key(other.spec) and Static(self.options["metadata"]) == Static(
            other.options["metadata"]
        )

    def __hash__(self) -> int:
        return hash((self.spec.declaration, len(self.spec.variables)))

    def __repr__(self) -> str:
        return describe_call(self.spec.declaration, (), _shown(self.spec))

    def __reduce__(self) -> Any:
        return SpecContext, (self.spec, self.options)


def _key(spec: declared.Spec) -> Any:
    arguments = {
        name: _key(value) if isinstance(value, declared.Spec) else value for name, value in spec.arguments.items()
    }
    return spec.declaration, Static(arguments)


def _shown(spec: declared.Spec) -> dict[str, Any]:
    """Return the arguments that differ from their defaults, those of layers as text."""
    parameters = spec.declaration.own_signature.parameters
    shown = {}
    for name, value in spec.arguments.items():
        default = parameters[name].default if name in parameters else None
        if value is not default and not (type(value) is type(default) and value == default):
            shown[name] = f"{value.declaration.__name__}(...)" if isinstance(value, declared.Spec) else value
    return shown


def _with_specs(value: Any) -> Any:
    """Return arguments with each layer replaced by its spec."""
    if isinstance(value, Layer):
        if any(type(item) is not PendingVariable for item in value._values.values()):
            raise ValueError(f"{value!r} has values, and a layer within another gets its own: pass one without")
        return value._spec
    if isinstance(value, (tuple, list)):
        return type(value)(map(_with_specs, value))
    return {name: _with_specs(item) for name, item in value.items()} if isinstance(value, dict) else value


def _part(spec: declared.Spec, values: dict[str, Any], name: str) -> Layer:
    """Return a layer within another as a module of its own."""
    part = object.__new__(CLASSES[spec.declaration])
    below = f"{name}/"
    own = {key.removeprefix(below): value for key, value in values.items() if key.startswith(below)}
    part._become(spec, {"init_fn": None, "metadata": {}}, own)
    return part


def _by_variable(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return metadata by variable, from that or from what is known of `weight` alone."""
    if not metadata:
        return {}
    return dict(metadata) if all(isinstance(value, Mapping) for value in metadata.values()) else {"weight": metadata}


CLASSES: dict[type[declared.Layer], type[Layer]] = {}


def layer_class(declaration: type[declared.Layer]) -> type[Layer]:
    """Return the class of modules of a declared layer."""
    cls = type(
        declaration.__name__,
        (Layer,),
        {
            "_declaration": declaration,
            "__module__": "unified.trees",
            "__qualname__": declaration.__name__,
            "__doc__": LayerDoc.of(declaration, STYLE),
        },
    )
    CLASSES[declaration] = cls
    return cls
