"""What all layers have in common on JAX: arguments and variables as attributes, and a `forward`.

A layer is a thin object made anew in each call; its variables live in the frame.
"""

import functools
from typing import Any, ClassVar

from unified.core.errors import BackendError, StructureChangedError, at_path
from unified.core.layer import Layer, Spec
from unified.core.scope import current
from unified.core.subclass import mixed_class

__all__ = ["JaxLayer", "native_class"]

_CLASSES: dict[str, type["JaxLayer"]] = {}


class JaxLayer:
    """A layer in a call. `forward` computes it, from the constructor's arguments and the variables as attributes."""

    declared: ClassVar[type[Layer]]
    _frame: Any
    _path: str
    _spec: Spec
    _init_fn: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "forward" in cls.__dict__ and not issubclass(cls, Layer):
            _CLASSES[cls.__name__] = cls

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._bind(self.declared.spec(args, kwargs))

    def _bind(self, spec: Spec) -> None:
        leaves = spec.declaration.leaves
        self.__dict__.update({name: value for name, value in spec.arguments.items() if name not in leaves})
        self._spec = spec
        if not spec.waiting:
            self._frame.own(self._path, spec, self._init_fn)

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        frame: Any = self._frame
        scope: Any = current.scope
        if scope is None or scope.frame is not frame:
            raise StructureChangedError(
                f"{self._path!r} was made in another call, whose variables it holds: make the layer anew in every call"
            )
        with at_path(self._path):
            if self._spec.waiting:
                self._bind(self._spec.with_sizes(inputs))
            taps, frame.taps = frame.taps, None  # layers within this one are part of it
            try:
                output = self.forward(*inputs, **kwargs)
            finally:
                frame.taps = taps
        if taps is not None:
            taps.append((self._path, (*inputs, *kwargs.values()), output))
        return output

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must implement forward")

    def __getattr__(self, name: str) -> Any:
        spec = self.__dict__.get("_spec")
        if spec is not None and not spec.waiting:
            if any(variable.name == name for variable in spec.variables):
                return self._frame.value(self._path, name, f"{self._path}/{name}")
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

    def _store(self, name: str, value: Any) -> None:
        """Writes one of the layer's variables."""
        self._frame.assign(self._path, name, f"{self._path}/{name}", value)


@functools.cache
def native_class(cls: type[Layer]) -> type[JaxLayer]:
    """The class that computes `cls` on JAX; for a user's subclass, one that derives from both."""
    base = _CLASSES.get(cls.declaration.__name__)
    if base is None:
        raise BackendError(f"{cls.declaration.__name__} is not available on jax")
    if cls is cls.declaration:
        return type(base.__name__, (base,), {"declared": cls, "__module__": base.__module__})
    return mixed_class(cls, base, lambda layer: layer._path, declared=cls)


def construct(cls: type[Layer], frame: Any, path: str, args: Any, kwargs: dict[str, Any], init_fn: Any) -> JaxLayer:
    """The layer `cls(*args, **kwargs)` at `path`."""
    native = native_class(cls)  # type: ignore[arg-type]
    layer: Any = object.__new__(native)
    layer.__dict__.update(_frame=frame, _path=path, _init_fn=init_fn)
    if cls is cls.declaration:
        layer.__init__(*args, **kwargs)
    else:
        super(native, layer).__init__(*args, **kwargs)  # past the mixed class, whose own does nothing
    return layer
