"""A third backend in one file, on NumPy alone: what the core's own tests run bodies on.

The node of a scope is its path. With `live=True` a model keeps its layers and finds them again, as torch does; with
`live=False` each call makes its own, as JAX does. The core takes a different way through for each.
"""

import functools
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from unified.core import initializers, threefry
from unified.core.distributions import Distribution, NumpyWords
from unified.core.draws import Draw
from unified.core.dtypes import dtype_name
from unified.core.errors import StructureChangedError
from unified.core.filling import fill
from unified.core.frame import Frame
from unified.core.initializers import Initializer
from unified.core.keys import as_key
from unified.core.layer import Layer, Spec
from unified.core.naming import closest
from unified.core.order import first_calls_below, in_call_order
from unified.core.params import Params
from unified.core.record import ScopeRecord, VariableRecord
from unified.core.scope import Scope, current, run_body
from unified.core.structure import Scopes, Structure, VariableInfo

__all__ = ["NumpyModel", "transform"]

# How each layer computes, from its arguments and variables; layers that are not here return their input.
FORWARD: dict[str, Callable[[Any, np.ndarray], np.ndarray]] = {
    "BatchNorm1d": lambda own, x: (x - own.running_mean) / np.sqrt(own.running_var + own.eps) * own.weight + own.bias,
    "Linear": lambda own, x: x @ own.weight.T + (0 if own.bias is None else own.bias),
    "ReLU": lambda own, x: np.maximum(x, 0),
    "Tanh": lambda own, x: np.tanh(x),
}


class NumpyLayer:
    """A layer: its arguments and variables are attributes."""

    _spec: Spec
    _path: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._spec = type(self)._kind.spec(args, kwargs)  # type: ignore[attr-defined]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        if self._spec.is_lazy:
            self._spec = self._spec.with_sizes((x,))
        outer = current.scope
        outer.frame.own(self._path, self._spec, self._init_fn)
        if outer.frame.initializing:
            outer.frame.first_calls.setdefault(self._path)
        current.scope = Scope(outer.frame, self._path, self._path, self, "forward")
        try:
            return self.forward(x)
        finally:
            current.scope = outer

    def forward(self, x: np.ndarray) -> np.ndarray:
        compute = FORWARD.get(self._spec.declaration.__name__)
        return x if compute is None else compute(self, x)

    def __getattr__(self, name: str) -> Any:
        spec = self.__dict__["_spec"]
        if any(variable.name == name for variable in spec.variables):
            return current.scope.frame.value(self._path, name, f"{self._path}/{name}")
        if name in spec.declaration.variable_names:
            return None
        if name not in spec.arguments:
            raise AttributeError(name)
        return spec.arguments[name]


@functools.cache
def native_class(cls: type[Layer]) -> type[NumpyLayer]:
    """The class that computes `cls`; a user's subclass comes first in it, and its `super()` reaches `NumpyLayer`."""
    bases = (NumpyLayer,) if cls is cls._declaration else (cls, NumpyLayer)
    # Python calls `__init__` again whenever `cls(...)` finds an instance: that one does nothing.
    members = {"__new__": lambda kind, *a, **k: object.__new__(kind), "__init__": lambda *a, **k: None, "_kind": cls}
    return type(cls.__name__, bases, members)


def make_layer(cls: type[Layer], path: str, args: Any, kwargs: Any, init_fn: Any) -> NumpyLayer:
    """The layer `cls(*args, **kwargs)`."""
    kind = native_class(cls)
    layer = object.__new__(kind)
    layer.__dict__.update(_path=path, _init_fn=init_fn)
    super(kind, layer).__init__(*args, **kwargs)
    return layer


class NumpyFrame(Frame[str, np.ndarray]):
    """A call over the variables of a `Params`."""

    backend = SimpleNamespace(name="numpy", functional=SimpleNamespace(relu=lambda x: np.maximum(x, 0)))

    def __init__(
        self,
        params: Params,
        layers: dict[str, dict[str, Any]] | None,
        training: bool = False,
        initializing: bool = False,
    ) -> None:
        super().__init__("", initializing, training)
        self.scopes = dict(params._structure.scopes.by_path)
        self.values = dict(params)
        self.layers = layers
        self.used: list[str] = []
        self.written: set[str] = set()

    def live_layers(self, node: str) -> Mapping[str, Any] | None:
        return None if self.layers is None else self.layers.setdefault(node, {})

    def record_of(self, node: str) -> ScopeRecord:
        return self.scopes.get(node) or ScopeRecord()

    def child(self, node: str, name: str, path: str, create: bool) -> str | None:
        return path if path in self.scopes else None

    def build(self, node: str, name: str, path: str, cls: Any, args: Any, kwargs: Any, init_fn: Any) -> NumpyLayer:
        layer = make_layer(cls, path, args, kwargs, init_fn)
        if not layer._spec.is_lazy:
            self.own(path, layer._spec, init_fn)
        return layer

    def own(self, path: str, spec: Spec, init_fn: Any) -> None:
        """A layer's variables exist."""
        for variable in spec.variables:
            self.value(path, variable.name, f"{path}/{variable.name}")

    def value(self, node: str, name: str, path: str) -> np.ndarray:
        if path not in self.values:
            raise StructureChangedError(f"there is no variable {path!r}{closest(path, self.values)}")
        self.used.append(path)
        return self.values[path]

    def assign(self, node: str, name: str, path: str, value: np.ndarray) -> None:
        self.values[path] = value
        self.written.add(path)

    def sample(self, distribution: Distribution, shape: Any, dtype: Any, draw: Draw) -> np.ndarray:
        bits = threefry.random_bits([self.next_key(draw)], [int(np.prod(shape))])
        name = self.default_dtype() if dtype is None else dtype_name(dtype)
        return distribution(NumpyWords(), bits, name).astype(name).reshape(shape)

    def next_key(self, draw: Draw) -> threefry.Key:
        return threefry.draw_key(threefry.call_key((0, 0), 0), draw.path, draw.number)

    def default_dtype(self) -> str:
        return "float32"


class InitFrame(NumpyFrame):
    """The first run: scopes and variables are made when they are asked for."""

    def __init__(self, key: threefry.Key, live: bool) -> None:
        super().__init__(Params({}), {} if live else None, True, initializing=True)
        self.key = threefry.fold_in(key, threefry.STREAM_PARAMS)
        self.infos: dict[str, VariableInfo] = {}
        self.children: dict[str, dict[str, str]] = {}
        self.entered = {""}  # the scopes of the body, not those of layers

    def record_of(self, node: str) -> ScopeRecord:
        return self.scopes.setdefault(node, ScopeRecord())

    def child(self, node: str, name: str, path: str, create: bool) -> str | None:
        if create:
            self.children.setdefault(node, {})[name] = path
            self.entered.add(path)
            self.record_of(path)
        return path if path in self.scopes else None

    def build(self, node: str, name: str, path: str, cls: Any, args: Any, kwargs: Any, init_fn: Any) -> NumpyLayer:
        self.children.setdefault(node, {})[name] = path
        layer = super().build(node, name, path, cls, args, kwargs, init_fn)
        if self.layers is not None:
            self.layers.setdefault(node, {})[name] = layer
        return layer

    def own(self, path: str, spec: Spec, init_fn: Any) -> None:
        chosen = init_fn if isinstance(init_fn, dict) else {"weight": init_fn or None}
        for name, shape, initializer, dtype, collection, trainable in spec.variables:
            variable = VariableRecord(name, shape, dtype or self.default_dtype(), collection, trainable)
            if f"{path}/{name}" not in self.values:
                self.create(path, variable, f"{path}/{name}", chosen.get(name) or initializer)

    def create(self, node: str, variable: VariableRecord, path: str, init_fn: Any) -> np.ndarray:
        value = np.empty(variable.shape, variable.dtype)
        if init_fn is None or isinstance(init_fn, Initializer):
            fill(self.key, [(value, path, (init_fn or initializers.zeros).draw(variable.shape))])
        else:
            value[...] = init_fn(variable.shape, dtype=variable.dtype)
        self.values[path] = value
        self.infos[path] = VariableInfo(path, *variable[1:])
        return value

    def assign(self, node: str, name: str, path: str, value: np.ndarray) -> None:
        """Init leaves state as it was made."""

    def params(self) -> Params:
        """All variables, in the order of a torch `state_dict`."""
        infos = tuple(self.in_order("", first_calls_below(self.first_calls)))
        structure = Structure.of(infos, tuple(info.path for info in infos), Scopes(self.scopes))
        return Params._make(structure, tuple(self.values[info.path] for info in infos))

    def in_order(self, path: str, first: dict[str, int]) -> list[VariableInfo]:
        own = [info for info in self.infos.values() if info.path.rpartition("/")[0] == path]
        own.sort(key=lambda info: info.collection != "params")
        children = self.children.get(path, {})
        names = in_call_order(children, path, first) if path in self.entered else children
        return own + [info for name in names for info in self.in_order(children[name], first)]


class NumpyModel:
    """Pure `init` and `apply`, as on JAX."""

    def __init__(self, fn: Callable[..., Any], live: bool = True) -> None:
        self.fn, self.live = fn, live
        self.layers: dict[str, dict[str, Any]] | None = None
        self.frame: NumpyFrame | None = None  # of the last call, for tests to look at

    def init(self, *args: Any, rng: Any = 0, **kwargs: Any) -> Params:
        """The initial variables; if the body raises, the model is as it was."""
        frame = InitFrame(as_key(rng), self.live)
        run_body(frame, self.fn, args, kwargs)
        self.layers = frame.layers
        return frame.params()

    def apply(self, params: Mapping[str, Any], *args: Any, training: bool = False, **kwargs: Any) -> Any:
        """`(output, changes)`."""
        params = Params(params)
        frame = self.frame = NumpyFrame(params, self.layers, training)
        output = run_body(frame, self.fn, args, kwargs)
        return output, params.split(lambda info: info.path in frame.written)[0] | {
            path: frame.values[path] for path in frame.written
        }


def transform(fn: Callable[..., Any], live: bool = True) -> NumpyModel:
    """`unified.transform` for this backend."""
    return NumpyModel(fn, live)
