"""Layers of `torch.nn` as objects on JAX: they hold their variables, and a call runs the layer of a body on them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from unified.backends.jax.devices import check_device, check_dtype
from unified.backends.jax.layers.base import new_layer
from unified.core.layer import Layer, Spec
from unified.core.layers import Linear
from unified.core.pending import PendingVariable, by_variable, pending_variables
from unified.nn import layers as classes
from unified.nn.twin import Twin
from unified.nn.variable import Variable
from unified.nn.versions import attributes_changed, structure_version

__all__ = ["LayerObject", "run", "spec_of"]


def spec_of(value: Any) -> Any:
    """Return `value` with the spec of each layer in place of the layer, with the initialisers that it has now."""
    if isinstance(value, LayerObject):
        pending = {name: variable.pending for name, variable in value._slots().items()}
        variables = tuple(
            v if pending[v.name] is None else v._replace(initializer=pending[v.name].initializer)  # type: ignore[union-attr]
            for v in value._spec.variables
        )
        return replace(value._spec, variables=variables)
    if isinstance(value, Twin):
        raise TypeError(
            f"a {type(value).__name__} was passed to a layer that is made of layers of torch.nn, which on JAX takes "
            "those "
            "alone: write the loop over your modules in a forward"
        )
    if isinstance(value, (tuple, list)):
        return type(value)(map(spec_of, value))
    return {key: spec_of(item) for key, item in value.items()} if isinstance(value, dict) else value


class LayerObject:
    """What the object of a layer has besides the methods of a module."""

    _spec: Spec
    _modules: dict[str, Any]
    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _declaration: type[Layer]

    def __init__(self, *args: Any, init_fn: Any = None, metadata: Any = None, **kwargs: Any) -> None:
        declaration = self._declaration
        if "name" in kwargs:
            raise TypeError(
                f"nn.{declaration.__name__} takes no name: its name is that of the attribute that it is assigned to"
            )
        if declaration.takes_layers:
            args, kwargs = spec_of(args), spec_of(kwargs)
        spec = declaration.spec(args, kwargs).with_initializers(init_fn)
        check_device(declaration.__name__, spec.arguments.get("device"))
        check_dtype(declaration.__name__, spec.arguments.get("dtype"))
        if spec.is_lazy:
            self.__dict__["_options"] = init_fn, metadata
        self._fill(spec, _pending(spec, metadata))

    def _complete(self, inputs: tuple[Any, ...]) -> None:
        """Make the variables of a layer whose sizes follow from its first inputs."""
        init_fn, metadata = self.__dict__.pop("_options")
        spec = self._spec.with_sizes(inputs).with_initializers(init_fn)
        self._fill(spec, _pending(spec, metadata))
        for module in self.modules():  # type: ignore[attr-defined]
            module.__dict__["_training"] = self.__dict__["_training"]

    def _fill(self, spec: Spec, pending: Mapping[str, PendingVariable]) -> None:
        """Take the arguments of `spec` as attributes, and make variables and the layers within this one."""
        names = spec.declaration.variable_names
        self.__dict__["_spec"] = spec
        self.__dict__.update({name: value for name, value in spec.arguments.items() if name not in names})
        if spec.is_lazy:
            return
        own = [name for name in pending if "/" not in name]
        for name in (*own, *(name for name in names if name not in pending and "/" not in name)):
            if name not in pending:
                self._parameters[name] = None
            else:
                self._set_variable(name, Variable(pending[name]))  # type: ignore[attr-defined]
        self._order(names)
        rest = {name: value for name, value in pending.items() if "/" in name}
        for name, inner in _parts(spec, rest).items():
            below = {key[len(name) + 1 :]: value for key, value in rest.items() if key.startswith(f"{name}/")}
            layer: Any = self._objects.blank(getattr(classes, inner.declaration.__name__))  # type: ignore[attr-defined]
            layer._fill(inner, below)
            self._add(name, layer)

    def _order(self, names: tuple[str, ...]) -> None:
        """Keep names that have no value at torch's positions among the others."""
        if any(variable is None for variable in self._parameters.values()):
            known = [name for name in names if name in self._parameters]
            self.__dict__["_parameters"] = {name: self._parameters[name] for name in (*known, *self._parameters)}

    def _add(self, name: str, layer: Any) -> None:
        """Add a layer at a name of several parts, in containers."""
        *scopes, last = name.split("/")
        node: Any = self
        for position, scope in enumerate(scopes):
            inner = node._modules.get(scope)
            if inner is None:
                is_chain = position + 1 < len(scopes)
                inner = self._objects.empty("ModuleList" if is_chain or len(scopes) == 1 else "Sequential")  # type: ignore[attr-defined]
                node._set_module(scope, inner)
            node = inner
        node._set_module(last, layer)  # in the place of an argument of that name, such as `dropout`

    def _slots(self) -> dict[str, Variable]:
        """Return the variables by their names in the spec, those of layers within this one too."""
        version = structure_version()
        known = self.__dict__.get("_known_slots")
        if known is not None and known[0] == version:
            return known[1]
        slots = {variable.name: self._slot(variable.name) for variable in self._spec.variables}
        self._check_inner()
        inner = [(m, m.__dict__.get("_spec")) for m in self.modules() if m is not self]  # type: ignore[attr-defined]
        self.__dict__["_known_slots"] = version, slots, inner
        return slots

    def _slot(self, name: str) -> Variable:
        *scopes, last = name.split("/")
        module: Any = self
        for scope in scopes:
            module = module._modules.get(scope)
            if module is None:
                raise self._changed_part(name)
        variable = {**module._buffers, **module._parameters}.get(last)
        if variable is None:
            raise self._changed_part(name)
        return variable

    def _changed_part(self, name: str) -> ValueError:
        return ValueError(
            f"{name!r} of a {type(self).__name__} was replaced or removed: on JAX a layer computes as one, from the "
            "variables that torch.nn gives it. Write a module of its parts, and replace them there"
        )

    def _check_inner(self) -> None:
        """Raise if a layer within this one is another than the spec's, which a call would not use."""
        for name, inner in self._spec.inner.items():
            module: Any = self
            for scope in name.split("/"):
                module = module._modules.get(scope)
            if not isinstance(module, LayerObject) or module._spec.declaration is not inner.declaration:
                raise self._changed_part(name)
            if "native_name" not in type(module)._user_class.__dict__:  # type: ignore[attr-defined]
                raise self._changed_part(name)

    def _check_parts(self) -> None:
        """Raise if a layer within this one has hooks or a mode of its own, which a call would not heed."""
        mode = self.training  # type: ignore[attr-defined]
        for module, spec in self.__dict__["_known_slots"][2]:
            if module.__dict__.get("_spec") is not spec:
                raise ValueError(
                    f"an argument of a layer within a {type(self).__name__} was changed: on JAX a layer computes as "
                    "one. "
                    "Make the whole anew with that argument"
                )
            if module.training is not mode:
                raise ValueError(
                    f"a layer within a {type(self).__name__} is in another mode than it: on JAX a layer computes as "
                    "one; "
                    "set the mode of the whole"
                )
            if module._pre_hooks or module._post_hooks:
                raise ValueError(
                    f"a layer within a {type(self).__name__} has a hook, which is not called: on JAX a layer computes "
                    "as "
                    "one. Register the hook on the whole"
                )

    def __setattr__(self, name: str, value: Any) -> None:
        spec = self.__dict__.get("_spec")
        is_argument = spec is not None and name in spec.arguments and name not in spec.declaration.variable_names
        if spec is not None and is_argument and name not in self._modules:
            new = spec.declaration.spec((), {**spec.arguments, name: value})
            if [(v.name, v.shape) for v in new.variables] != [(v.name, v.shape) for v in spec.variables]:
                raise ValueError(
                    f"{type(self).__name__}.{name} = {value!r} changes the variables of the layer: make another layer"
                )
            self.__dict__["_spec"] = replace(new, variables=spec.variables)
            self.__dict__[name] = value
            attributes_changed()
            return
        super().__setattr__(name, value)

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Run the layer over the variables that it holds."""
        return self._objects.run_layer(self, inputs, kwargs)  # type: ignore[attr-defined]

    def extra_repr(self) -> str:
        """Return the arguments that the layer was made with."""
        defaults = self._spec.declaration.own_signature.parameters
        shown = []
        for name, value in self._spec.arguments.items():
            if name in ("device", "dtype") or isinstance(value, Spec) or name not in defaults:
                continue
            if defaults[name].default is defaults[name].empty or value != defaults[name].default:
                shown.append(f"{name}={value!r}")
        return ", ".join(shown)


def _pending(spec: Spec, metadata: Any) -> dict[str, PendingVariable]:
    """Return the variables of a layer by name, with their metadata."""
    pending = pending_variables(spec)
    for name, notes in by_variable(metadata).items() if not spec.is_lazy else ():
        if name not in pending:
            raise ValueError(f"metadata was passed for {name!r}, and the layer has {sorted(pending)}")
        pending[name] = replace(pending[name], metadata=notes)
    return pending


def _parts(spec: Spec, rest: Mapping[str, PendingVariable]) -> dict[str, Spec]:
    """Return the layers within a layer by name; variables that belong to none are those of a `Linear`, as in torch."""
    parts = dict(spec.inner)
    for name in rest:
        if not any(name.startswith(f"{inner}/") for inner in spec.inner):
            scope = name.rpartition("/")[0]
            rows, columns = rest[f"{scope}/weight"].shape
            parts.setdefault(scope, Linear.spec((columns, rows), {"bias": f"{scope}/bias" in rest}))
    return parts


def run(layer: Any, frame: Any, path: str, inputs: Any, kwargs: Any) -> Any:
    """Return what a layer computes in a call."""
    if layer._spec.is_lazy:
        frame.called._objects.complete_lazy(layer, inputs)
    frame.slots[path] = layer._slots()
    if layer._modules:
        layer._check_parts()
    native = new_layer(layer._spec.declaration, frame, path)
    native._bind(layer._spec)
    return native(*inputs, **kwargs)
