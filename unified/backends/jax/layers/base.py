"""What all layers have in common on JAX: arguments and variables as attributes, and a `forward`.

A layer is a thin object made anew in each call; its variables live in the frame.
"""

import functools
from dataclasses import replace
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from unified.core.errors import BackendError, StructureChangedError, at_path
from unified.core.layer import Layer, Spec, first_name
from unified.core.scope import current
from unified.core.subclass import mixed_class

__all__ = ["JaxLayer", "native_class"]

_CLASSES: dict[str, type["JaxLayer"]] = {}
HALVES = ("float16", "bfloat16")


class JaxLayer:
    """A layer in a call. `forward` computes it, from the constructor's arguments and the variables as attributes."""

    declared: ClassVar[type[Layer]]
    _frame: Any
    _path: str
    _spec: Spec
    _init_fn: Any
    _made: dict[str, "JaxLayer"]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "forward" in cls.__dict__ and not issubclass(cls, Layer):
            _CLASSES[cls.__name__] = cls

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._bind(self.declared.spec(args, kwargs))

    def _bind(self, spec: Spec) -> None:
        leaves = spec.declaration.leaves
        self.__dict__.update({name: value for name, value in spec.arguments.items() if name not in leaves})
        self.__dict__.update(_spec=spec, _made={})
        if "_error" in self.__dict__:
            return
        if not spec.waiting:
            self._frame.own(self._path, spec, self._init_fn)
        for name, inner in spec.inner.items():
            if inner.given is not None:
                self._inner(name)

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        if "_error" in self.__dict__:
            raise self._error
        frame: Any = self._frame
        scope: Any = current.scope
        if scope is None or scope.frame is not frame:
            raise StructureChangedError(
                f"{self._path!r} was made in another call, whose variables it holds: make the layer anew in every call"
            )
        with at_path(self._path):
            if self._spec.waiting:
                self._bind(self._spec.with_sizes(inputs))
            recorder = frame.layer_recorder
            if not frame.records_inner_layers:
                frame.layer_recorder = None  # layers within this one are part of it
            try:
                if frame.policies is None:
                    output = self.forward(*inputs, **kwargs)
                else:
                    output = self._in_precision(frame.policies.of(self._path).compute, inputs, kwargs)
            finally:
                frame.layer_recorder = recorder
        if recorder is not None:
            recorder.record_call(self._path, (*inputs, *kwargs.values()), output)
        return output

    def _in_precision(self, dtype: str | None, inputs: Any, kwargs: Any) -> Any:
        """The output of `forward` on inputs and parameters of `dtype`, in `dtype`."""
        inner = "float32" if dtype in HALVES and self._spec.declaration.wide else dtype
        inputs, kwargs = converted((inputs, kwargs), inner)
        self.__dict__["_dtype"] = inner
        try:
            return converted(self.forward(*inputs, **kwargs), dtype)
        finally:
            del self.__dict__["_dtype"]

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must implement forward")

    def __getattr__(self, name: str) -> Any:
        spec = self.__dict__.get("_spec")
        if spec is not None and not spec.waiting:
            if any(variable.name == name for variable in spec.variables):
                if "_error" in self.__dict__:
                    raise self._error
                return self._value(name)
            if name in spec.inner:
                return self._inner(name)
            if name in spec.declaration.leaves:
                return None
        raise AttributeError(
            f"{self.__dict__.get('_path', '')!r} ({type(self).__name__}) has no attribute {name!r}"
            + (": one of its sizes is None, and it has not been called" if spec is not None and spec.waiting else "")
        )

    @property
    def training(self) -> bool:
        """Whether the layer acts as in training: in a call that trains, and not in init."""
        return self._frame.training and not self._frame.initializing

    @property
    def _axis(self) -> Any:
        """Over which lanes a norm takes statistics; in init, which may run outside of them, each lane's are its own."""
        return None if self._frame.initializing else self.axis_name

    def _value(self, name: str) -> Any:
        """The value of a variable; of one in an inner layer by `inner/name`."""
        path = f"{self._path}/{name}"
        value, dtype = self._frame.value(self._path, name, path), self.__dict__.get("_dtype")
        if dtype is None or self._frame.params.info[path].collection != "params":
            return value
        return converted(value, dtype)

    def _inner(self, name: str) -> "JaxLayer":
        """The inner layer of that name."""
        made = self._made.get(name)
        if made is None:
            spec = self._spec.inner[name]
            repeats = self._spec.declaration.repeats
            path = f"{self._path}/{first_name(self._spec.inner, spec) if repeats else name}"
            if spec.given is None:
                made = place(spec.declaration, self._frame, path, None)
            else:
                made = object.__new__(type(spec.given))
                made.__dict__.update({key: value for key, value in spec.given.__dict__.items() if key != "_error"})
                made.__dict__["_path"] = path
            self._made[name] = made
            made._bind(spec)
        return made

    def _store(self, name: str, value: Any) -> None:
        """Writes one of the layer's variables."""
        self._frame.assign(self._path, name, f"{self._path}/{name}", value)


def converted(value: Any, dtype: str | None) -> Any:
    """`value`, with the floating-point arrays in it of another dtype; as it is if that is `None`."""
    if dtype is None:
        return value

    def convert(leaf: Any) -> Any:
        is_float = hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.floating)
        return leaf.astype(dtype) if is_float and leaf.dtype != dtype else leaf

    return jax.tree.map(convert, value)


@functools.cache
def native_class(cls: type[Layer]) -> type[JaxLayer]:
    """The class that computes `cls` on JAX; for a user's subclass, one that derives from both."""
    base = _CLASSES.get(cls.declaration.native_name)
    if base is None:
        raise BackendError(f"{cls.declaration.__name__} is not available on jax")
    if cls is cls.declaration:
        return type(base.__name__, (base,), {"declared": cls, "__module__": base.__module__})
    return mixed_class(cls, base, lambda layer: layer._path, declared=cls)


def place(cls: type[Layer], frame: Any, path: str, init_fn: Any) -> JaxLayer:
    """A layer at `path`, before it has its arguments."""
    layer: Any = object.__new__(native_class(cls))
    layer.__dict__.update(_frame=frame, _path=path, _init_fn=init_fn)
    return layer


def with_specs(value: Any) -> Any:
    """`value`, a layer or a tuple, list or dict of them, with the spec of each layer in its place."""
    if isinstance(value, JaxLayer):
        return replace(value._spec.started_by(value._init_fn), given=value)
    if isinstance(value, (tuple, list)):
        return type(value)(map(with_specs, value))
    return {key: with_specs(item) for key, item in value.items()} if isinstance(value, dict) else value


def construct(
    cls: type[Layer], frame: Any, path: str, args: Any, kwargs: dict[str, Any], init_fn: Any, error: Any = None
) -> JaxLayer:
    """The layer `cls(*args, **kwargs)` at `path`; with an `error`, one without a place, which raises if it is used."""
    layer: Any = place(cls, frame, path, init_fn)
    if error is not None:
        layer.__dict__["_error"] = error
    if cls.takes_layers:
        args, kwargs = with_specs(args), with_specs(kwargs)
    if cls is cls.declaration:
        layer.__init__(*args, **kwargs)
    else:
        super(type(layer), layer).__init__(*args, **kwargs)  # past the mixed class, whose own does nothing
    return layer
