"""`JaxLayer`: the base of all layers on JAX, with arguments and variables as attributes, and a `forward`.

A layer is a thin object that each call makes anew; the frame holds its variables.
"""

import functools
from dataclasses import replace
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from unified.core.errors import BackendError, StructureChangedError, at_path
from unified.core.layer import Layer, Spec, first_name, takes_mode
from unified.core.ranges import naming
from unified.core.scope import current
from unified.core.subclass import build, mixed_class, once_per_class
from unified.core.ties import lazy_assignment

__all__ = ["JaxLayer", "native_class"]

_CLASSES: dict[str, type["JaxLayer"]] = {}
HALVES = ("float16", "bfloat16")


class JaxLayer:
    """A layer in a call. Its `forward` reads the constructor's arguments and the variables as attributes."""

    user_class: ClassVar[type[Layer]]
    _frame: Any
    _path: str
    _spec: Spec
    _init_fn: Any
    _inner_layers: dict[str, "JaxLayer"]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "forward" in cls.__dict__ and not issubclass(cls, Layer):
            _CLASSES[cls.__name__] = cls

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Bind the arguments that a user's subclass passes on; without a subclass the frame does it."""
        self._bind(self.user_class.spec(args, kwargs))

    def bind_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Bind the arguments of the call that declares the layer."""
        cls = self.user_class
        if cls.takes_layers:
            args, kwargs = with_specs(args), with_specs(kwargs)
        if cls is cls._declaration:
            self._bind(cls.spec(args, kwargs))
        else:
            # Past the mixed class, whose __init__ does nothing.
            build(self, self._path, functools.partial(super(type(self), self).__init__, *args, **kwargs))

    def _bind(self, spec: Spec) -> None:
        """Take the arguments of `spec` as attributes, and register its variables with the frame."""
        variables = spec.declaration.variable_names
        self.__dict__.update({name: value for name, value in spec.arguments.items() if name not in variables})
        self.__dict__.update(_spec=spec, _inner_layers={})
        if "_error" in self.__dict__:
            return
        if not spec.is_lazy:
            self._frame.register(self._path, spec, self._init_fn)
        for name, inner in spec.inner.items():
            if inner.instance is not None:
                self._inner(name)

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        if "_error" in self.__dict__:
            raise self._error
        if kwargs and "is_training" in kwargs and takes_mode(self.user_class, self._spec.declaration):
            return self._call_in_mode(inputs, **kwargs)
        frame: Any = self._frame
        scope: Any = current.scope
        if scope is None or scope.frame is not frame:
            raise self._of_another_call()
        if frame.initializing:
            frame.first_calls.setdefault(self._path)
        if self._spec.is_lazy:
            with at_path(self._path):
                self._bind(self._spec.with_sizes(inputs))
        recorder = frame.layer_recorder
        if not frame.records_inner_layers:
            frame.layer_recorder = None  # layers within this one are not recorded
        try:
            if naming.enabled:
                output = self._forward_named(frame, inputs, kwargs)
            elif frame.policies is None:
                output = self.forward(*inputs, **kwargs)
            else:
                output = self._forward_in_dtype(frame.policies.of(self._path).compute, inputs, kwargs)
        finally:
            frame.layer_recorder = recorder
        if recorder is not None:
            recorder.record_call(self._path, (*inputs, *kwargs.values()), output)
        return output

    def _call_in_mode(self, inputs: tuple[Any, ...], is_training: bool | None, **kwargs: Any) -> Any:
        """Return the output of a call with a mode of its own; `None` is that of the model."""
        if is_training is not None and not isinstance(is_training, bool):
            raise TypeError(f"{self._path!r}: is_training must be True, False or None, got {is_training!r}")
        before, self.__dict__["_mode"] = self.__dict__.get("_mode"), is_training
        try:
            return self(*inputs, **kwargs)
        finally:
            self.__dict__["_mode"] = before

    def _forward_named(self, frame: Any, inputs: Any, kwargs: Any) -> Any:
        """Return the output of `forward`, whose operations carry the path, or its part below the outer layer."""
        path, outer = self._path, frame.named_path
        frame.named_path = path
        try:
            with jax.named_scope(path[len(outer) + 1 :] if outer and path.startswith(f"{outer}/") else path):
                if frame.policies is None:
                    return self.forward(*inputs, **kwargs)
                return self._forward_in_dtype(frame.policies.of(path).compute, inputs, kwargs)
        finally:
            frame.named_path = outer

    def _of_another_call(self) -> StructureChangedError:
        return StructureChangedError(
            f"{self._path!r} was made in another call, or for another model, and has the variables of that call: make "
            "the layer anew in every call, or pass it on from where the body makes it"
        )

    def __deepcopy__(self, memo: Any) -> Any:
        raise StructureChangedError(
            f"{self._path!r} was copied, and the copy would be no part of the model: declare another layer, with "
            "init_fn= for equal initial values; or use the layer itself, which shares its variables"
        ).with_page("state#what-a-body-must-not-do")

    def _forward_in_dtype(self, dtype: str | None, inputs: Any, kwargs: Any) -> Any:
        """Return the output of `forward` on inputs and parameters of `dtype`, in `dtype`."""
        inner = "float32" if dtype in HALVES and self._spec.declaration.computes_in_float32 else dtype
        inputs, kwargs = cast_floats((inputs, kwargs), inner)
        self.__dict__["_dtype"] = inner
        try:
            return cast_floats(self.forward(*inputs, **kwargs), dtype)
        finally:
            del self.__dict__["_dtype"]

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must implement forward")

    def __getattr__(self, name: str) -> Any:
        spec = self.__dict__.get("_spec")
        if spec is not None and not spec.is_lazy:
            if any(variable.name == name for variable in spec.variables):
                if "_error" in self.__dict__:
                    raise self._error
                return self._value(name)
            if name in spec.inner:
                return self._inner(name)
            if name in spec.declaration.variable_names:
                return None
        raise AttributeError(
            f"{self.__dict__.get('_path', '')!r} ({type(self).__name__}) has no attribute {name!r}"
            + (": one of its sizes is None, and it has not been called" if spec is not None and spec.is_lazy else "")
        )

    def __setattr__(self, name: str, value: Any) -> None:
        spec = self.__dict__.get("_spec")
        if spec is not None and name in spec.declaration.variable_names:
            if spec.is_lazy:
                raise lazy_assignment(self._path, name)
            if any(variable.name == name for variable in spec.variables):
                self._frame.tie(f"{self._path}/{name}", value)
                return
        object.__setattr__(self, name, value)

    @property
    def native_name(self) -> str:
        """The `native_name` of the declarations whose layer it is."""
        return self.user_class.native_name

    @property
    def training(self) -> bool:
        """Whether the layer behaves as in training: in a call with `training=True`, and not in init."""
        mode = self.__dict__.get("_mode")
        return (self._frame.training if mode is None else mode) and not self._frame.initializing

    @property
    def _axis(self) -> Any:
        """The mapped axis over which a norm averages statistics; `None` in init, which may run outside of that axis."""
        return None if self._frame.initializing else self.axis_name

    def _value(self, name: str) -> Any:
        """Return the value of a variable; a variable of an inner layer is `inner/name`."""
        path = f"{self._path}/{name}"
        scope: Any = current.scope
        if scope is not None and scope.frame is not self._frame:
            raise self._of_another_call()
        value, dtype = self._frame.value(self._path, name, path), self.__dict__.get("_dtype")
        if dtype is None or self._frame.params.info[self._frame.resolve(path)].collection != "params":
            return value
        return cast_floats(value, dtype)

    def _inner(self, name: str) -> "JaxLayer":
        """Return the inner layer of that name."""
        layer = self._inner_layers.get(name)
        if layer is None:
            spec = self._spec.inner[name]
            repeats = self._spec.declaration.repeats
            path = f"{self._path}/{first_name(self._spec.inner, spec) if repeats else name}"
            if spec.instance is None:
                layer = new_layer(spec.declaration, self._frame, path)
            else:
                layer = object.__new__(type(spec.instance))
                layer.__dict__.update({key: value for key, value in spec.instance.__dict__.items() if key != "_error"})
                layer.__dict__["_path"] = path
            self._inner_layers[name] = layer
            layer._bind(spec)
        return layer

    def _store(self, name: str, value: Any) -> None:
        """Write one of the layer's variables."""
        self._frame.assign(self._path, name, f"{self._path}/{name}", value)


def cast_floats(value: Any, dtype: str | None) -> Any:
    """Return `value` with its floating-point arrays cast to `dtype`; unchanged if that is `None`."""
    if dtype is None:
        return value

    def cast(leaf: Any) -> Any:
        is_float = hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.floating)
        return leaf.astype(dtype) if is_float and leaf.dtype != dtype else leaf

    return jax.tree.map(cast, value)


@once_per_class
def native_class(cls: type[Layer]) -> type[JaxLayer]:
    """Return the class that computes `cls` on JAX; for a user's subclass, one that derives from both."""
    base = _CLASSES.get(cls._declaration.native_name)
    if base is None:
        raise BackendError(f"{cls._declaration.__name__} is not available on jax")
    if cls is cls._declaration:
        return type(base.__name__, (base,), {"user_class": cls, "__module__": base.__module__})
    return mixed_class(cls, base, lambda layer: layer._path, user_class=cls)


def new_layer(cls: type[Layer], frame: Any, path: str, init_fn: Any = None, error: Exception | None = None) -> JaxLayer:
    """Return a layer at `path` that has no arguments yet; with an `error`, a layer that raises it when it is used."""
    layer: Any = object.__new__(native_class(cls))
    layer.__dict__.update(_frame=frame, _path=path, _init_fn=init_fn)
    if error is not None:
        layer.__dict__["_error"] = error
    return layer


def with_specs(value: Any) -> Any:
    """Return `value`, a layer or a tuple, list or dict of layers, with each layer replaced by its spec."""
    if isinstance(value, JaxLayer):
        return replace(value._spec.with_initializers(value._init_fn, takes_function=True), instance=value)
    if isinstance(value, (tuple, list)):
        return type(value)(map(with_specs, value))
    return {key: with_specs(item) for key, item in value.items()} if isinstance(value, dict) else value
