"""`Layer`: the base of declarations, one for each layer and all backends.

A declaration is a class with the name and the constructor arguments of a `torch.nn` layer. Its `variables` says what
the layer has, in `torch.nn`'s order, shapes and initial values; `sizes` returns arguments that are `None`, computed
from the first input. How the layer computes is each backend's part: on torch it is the `torch.nn` class of that name.

```python
class Linear(Layer):
    @staticmethod
    def variables(in_features, out_features, bias=True, device=None, dtype=None):
        yield parameter("weight", (out_features, in_features), kaiming_uniform(a=5**0.5), dtype)
        ...
```
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from unified.core import backends
from unified.core.annotations import DType, LayerInitFn, Metadata
from unified.core.dtypes import dtype_name, isdtype
from unified.core.initializer_functions import as_layer_init_fn
from unified.core.initializers import Draw, Initializer, resolve
from unified.core.layer_docs import BODY, DECLARED, LayerDoc
from unified.core.layouts import has_own_padding
from unified.core.naming import snake_case
from unified.core.scope import current, current_scope
from unified.core.signatures import constructor_signature, with_options

__all__ = ["Layer", "LayerVariable", "Shape", "Spec", "buffer", "first_name", "parameter", "takes_mode"]


Shape = tuple[int, ...]


class LayerVariable(NamedTuple):
    """A variable of a layer. `dtype` is a name, or `None` for the backend's default."""

    name: str
    shape: tuple[int, ...]
    initializer: Initializer
    dtype: str | None = None
    collection: str = "params"
    trainable: bool = True


def parameter(name: str, shape: tuple[int, ...], initializer: Initializer, dtype: DType = None) -> LayerVariable:
    """Return a trainable variable of a layer; raise `ValueError` for a dtype without gradients."""
    name_of_dtype = None if dtype is None else dtype_name(dtype)
    if name_of_dtype is not None and isdtype(name_of_dtype, ("bool", "integral")):
        raise ValueError(f"{name} is trained, and takes a dtype of real or complex numbers, got dtype={name_of_dtype}")
    return LayerVariable(name, tuple(shape), initializer, name_of_dtype)


def buffer(name: str, shape: tuple[int, ...], initializer: Initializer, dtype: DType = None) -> LayerVariable:
    """Return a variable that the layer updates itself, and no optimizer does."""
    return LayerVariable(name, tuple(shape), initializer, None if dtype is None else dtype_name(dtype), "state", False)


class Natives:
    """What backends keep of a spec for its calls, as attributes; copies and pickles of a spec begin without it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Natives, ()


@dataclass(frozen=True)
class Spec:
    """One use of a layer: its class, all its arguments by name, and the variables that follow from them."""

    declaration: type["Layer"]
    arguments: dict[str, Any]
    variables: tuple[LayerVariable, ...]  # also those of inner layers
    inner: dict[str, "Spec"] = field(default_factory=dict)
    is_lazy: bool = False  # a size is None: the variables follow from the first input
    instance: Any = None  # the layer itself, if it was moved into a container
    init_fn: Any = None  # a function of the whole layer, or the initialisers of one whose variables are not known yet
    natives: Natives = field(default_factory=Natives, compare=False, repr=False)

    @functools.cached_property
    def is_random(self) -> bool:
        """Whether a call draws random numbers."""
        return self.declaration.is_random_with(**self.arguments) or any(
            inner.is_random for inner in self.inner.values()
        )

    @functools.cached_property
    def draws(self) -> tuple[Draw | None, ...]:
        """The draws of the initial values of its variables; `None` where a user's function makes them."""
        return tuple(
            resolve(variable.initializer, variable.shape) if isinstance(variable.initializer, Initializer) else None
            for variable in self.variables
        )

    def with_initializers(self, init_fn: Any, takes_function: bool = False) -> "Spec":
        """Return the spec with other initialisers: one for `weight`, or a dict of them by variable.

        A function of the whole layer is left to the caller, if it `takes_function`; raises `TypeError` for anything
        else.
        """
        if init_fn is None:
            return self
        no_function = "" if takes_function else "a dict of functions of (shape, dtype=) by variable is taken"
        init_fn = as_layer_init_fn(init_fn, self.declaration.__name__, no_function)
        initializers = {"weight": init_fn} if isinstance(init_fn, Initializer) else init_fn
        if self.is_lazy or not isinstance(initializers, dict):
            return replace(self, init_fn=init_fn)
        names = {variable.name for variable in self.variables}
        if unknown := initializers.keys() - names:
            raise ValueError(f"init_fn names {sorted(unknown)}, and the layer has {sorted(names)}")
        variables = (v._replace(initializer=initializers.get(v.name, v.initializer)) for v in self.variables)
        return replace(self, variables=tuple(variables))

    def device_of(self, name: str) -> Any:
        """Return the `device` of the layer, or of the layer in it, that has the variable `name`."""
        for inner_name, inner in self.inner.items():
            if name.startswith(f"{inner_name}/"):
                device = inner.device_of(name.removeprefix(f"{inner_name}/"))
                if device is not None:
                    return device
        return self.arguments.get("device")

    def instances_within(self, path: str) -> Iterator[tuple[str, "Spec"]]:
        """Yield the path and the spec of each layer that was moved into this one, which is at `path`."""
        for name, inner in self.inner.items():
            if inner.instance is not None:
                yield f"{path}/{name}", inner
            else:
                yield from inner.instances_within(f"{path}/{name}")

    def sizes_from(self, inputs: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
        """Return the name and the value of each size that may be `None`, for these inputs."""
        return tuple(self.declaration.sizes_with(self.arguments, inputs).items())

    def with_sizes(self, inputs: tuple[Any, ...]) -> "Spec":
        """Return the spec with the sizes that were `None` taken from the first inputs."""
        sizes = self.sizes_from(inputs)
        name = f"sized {sizes}"
        if not hasattr(self.natives, name):
            _keep_sized(self, sizes, name)
        sized: Spec = getattr(self.natives, name)
        return sized


def _keep_sized(spec: Spec, sizes: tuple[tuple[str, Any], ...], name: str) -> None:
    """Keep a spec with these sizes, so that all calls of one size have one spec."""
    arguments = dict(spec.arguments)
    for argument, size in sizes:
        if arguments[argument] is None or isinstance(arguments[argument], Spec):
            arguments[argument] = size
    setattr(spec.natives, name, _complete(spec.declaration, arguments))


# torch's compiler calls it, and does not follow it into the declaration.
_keep_sized._dynamo_marked_constant = True  # type: ignore[attr-defined]


class _OwnSignature:
    """The signature of `variables`, computed when it is first read: for 160 layers that takes a while."""

    def __get__(self, instance: Any, cls: type["Layer"]) -> inspect.Signature:
        declaration = cls._declaration
        signature = inspect.signature(declaration.variables).replace(return_annotation=inspect.Signature.empty)
        declaration.own_signature = signature
        return signature


class _PublicSignature:
    """What `help` and `inspect.signature` show of a class of layers: its arguments, and those that all layers take."""

    def __get__(self, instance: Any, cls: type["Layer"]) -> inspect.Signature:
        if instance is not None or not hasattr(cls, "_declaration"):
            raise AttributeError("__signature__")  # that of `__call__`, and of `__new__`
        init = next((base.__dict__["__init__"] for base in cls.__mro__ if "__init__" in base.__dict__), object.__init__)
        if init is object.__init__:
            return with_options(cls.own_signature, name=str | int | None, init_fn=LayerInitFn | None, metadata=METADATA)
        own = constructor_signature(cls).replace(return_annotation=inspect.Signature.empty)  # of a user's subclass
        return with_options(own, name=str | int | None, init_fn=LayerInitFn | None, metadata=METADATA)


METADATA = Metadata | None


class LayerType(type):
    """The metaclass of layers, by which `isinstance(layer, unified.Linear)` holds on every backend.

    A layer in a body is an object of its backend: on torch a `torch.nn.Linear`, and nothing else. It is an instance of
    the declarations that the backend computes by its class.
    """

    def __instancecheck__(cls, instance: object) -> bool:
        if super().__instancecheck__(instance):
            return True
        declaration = cls.__dict__.get("_declaration")
        if declaration is not cls and cls is not Layer:
            return False  # a user's subclass, whose layers derive from it
        name = backends.native_name(instance)
        return name in NATIVE_NAMES if declaration is None else name == declaration.native_name


NATIVE_NAMES: set[str | None] = set()  # of the classes that compute layers


class Layer(metaclass=LayerType):
    """The base class of all declarations of layers.

    Calling a layer's class in a body returns the layer that stands at the next name of the current scope: the
    `torch.nn` module on torch, an object with the same arguments and variables as attributes on JAX. All take
    `name=` (a Python identifier or a number; the default is the class name in snake case), `init_fn=` (an initialiser
    for `weight`, a dict of initialisers by variable name, or a function that takes the new layer and may change it) and
    `metadata=`: a dict for `weight`, or a dict of dicts by variable name.

    A subclass adds to a layer: its `__init__` runs once a layer on torch, and its `forward` may call
    `super().forward` and make further variables by `unified.get_parameter`.

    >>> import torch, unified as u
    >>> class Scaled(u.Linear):
    ...     def forward(self, x):
    ...         return u.get_parameter("scale", (), 2.0) * super().forward(x)
    >>> net = u.transform(lambda x: Scaled(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
    >>> list(net.state_dict())
    ['scaled.weight', 'scaled.bias', 'scaled.scale']
    """

    # The variables that the layer owns, from its constructor arguments; raises `ValueError` for bad ones.
    variables: ClassVar[Callable[..., Iterable[LayerVariable]]]
    # What each of `optional_sizes` is, from the first inputs.
    sizes: ClassVar[Callable[..., dict[str, Any]]]
    own_signature: ClassVar[inspect.Signature] = _OwnSignature()  # type: ignore[assignment]  # of `variables`
    __signature__: ClassVar[inspect.Signature] = _PublicSignature()  # type: ignore[assignment]

    base_name: ClassVar[str]
    native_name: ClassVar[str]  # of the class that computes it
    _declaration: ClassVar[type["Layer"]]  # the class that declares the layer: this one, or what a user derived it from
    variable_names: ClassVar[tuple[str, ...]] = ()  # names of all variables that the layer may have
    is_random: ClassVar[bool] = False  # whether a call draws random numbers
    compound: ClassVar[bool] = False  # whether torch fills its values in more than one method
    computes_in_float32: ClassVar[bool] = False  # whether it computes in at least float32 whatever the policy says
    takes_layers: ClassVar[bool] = False  # whether layers can be arguments, which it then names
    repeats: ClassVar[bool] = False  # whether it may contain one layer more than once
    has_mode: ClassVar[bool] = False  # whether a call takes `is_training`, the mode of this call alone
    optional_sizes: ClassVar[tuple[str, ...]] = ()  # arguments that may be None, to be taken from the first input
    own_options: ClassVar[tuple[str, ...]] = ()  # arguments that the class of `torch.nn` lacks, by name only

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        scope = current.scope
        if scope is None:
            return current_scope(cls.__name__)  # type: ignore[return-value]  # raises
        # The replay of what init recorded: the whole cost of a layer in a call on torch.
        next_cls, next_args, next_kwargs, name, _ = scope.recording[scope.cursor]
        if next_cls is cls and next_args == args and next_kwargs == kwargs:
            scope.cursor += 1
            try:
                return scope.live_layers[name]  # type: ignore[index]
            except KeyError:
                scope.refuse_missing(name)
        return scope.layer(cls, args, kwargs)

    if TYPE_CHECKING:  # the backend's class has these

        def __call__(self, *inputs: Any, **kwargs: Any) -> Any: ...

        def forward(self, *inputs: Any, **kwargs: Any) -> Any: ...

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "base_name" not in cls.__dict__:
            cls.base_name = snake_case(cls.__name__)
        if not hasattr(cls, "_declaration") and not cls.__name__.startswith("_"):
            cls._declaration = cls
            if cls.__module__.startswith("unified.core.layers."):  # whose docstrings have the form that is completed
                DECLARED[cls.__name__] = cls
                cls.__doc__ = LayerDoc.of(cls, BODY)
            if "native_name" not in cls.__dict__:
                cls.native_name = cls.__name__
            NATIVE_NAMES.add(cls.native_name)

    @classmethod
    def inner(cls, **arguments: Any) -> dict[str, Spec]:
        """Return the specs of the layers that this one is made of, by name."""
        return {}

    @classmethod
    def flops(cls, arguments: dict[str, Any], inputs: list[Shape], outputs: list[Shape]) -> int | None:
        """Return the floating-point operations in the products of a call, two a multiplication; `None` if unknown.

        Elementwise operations do not count, and containers do not count their layers. `arguments` are those of the
        constructor; shapes are the arrays'.
        """
        return None if cls.takes_layers else 0

    @classmethod
    def uses_options(cls, arguments: Mapping[str, Any]) -> bool:
        """Return whether these constructor arguments ask for what the class of `torch.nn` does not compute."""
        if not cls.own_options:
            return False
        parameters = cls.own_signature.parameters
        return has_own_padding(arguments.get("padding", 0)) or any(
            arguments[name] != parameters[name].default for name in cls.own_options
        )

    @classmethod
    def sizes_with(cls, arguments: dict[str, Any], inputs: tuple[Any, ...]) -> dict[str, Any]:
        """Return the arguments that follow from the first inputs, by name; for a layer that is one, its new spec."""
        data_format = arguments.get("data_format")
        return cls.sizes(*inputs, **({} if data_format is None else {"data_format": data_format}))

    @classmethod
    def is_random_with(cls, **arguments: Any) -> bool:
        """Return whether a call draws random numbers, with these constructor arguments."""
        return cls.is_random

    @classmethod
    def spec(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Spec:
        """Return the spec of the layer for these arguments."""
        for value in (*args, *kwargs.values()):
            if type(value) not in PLAIN:  # an array must not be kept alive, and a list has no hash
                return _spec(cls._declaration, args, kwargs)
        try:
            return _cached_spec(cls._declaration, tuple(kwargs), *args, *kwargs.values())
        except TypeError:  # an argument that does not fit
            return _spec(cls._declaration, args, kwargs)


def takes_mode(cls: type, declaration: type[Layer]) -> bool:
    """Return whether calls of this class of layers have an `is_training` that is no argument of a user's `forward`."""
    for base in cls.__mro__:
        if base is declaration:
            break
        is_users = issubclass(base, declaration) and "_native_base" not in base.__dict__
        if is_users and "forward" in base.__dict__:
            return "is_training" not in inspect.signature(base.__dict__["forward"]).parameters
    return declaration.has_mode


# How the parameters of declarations say that they are numbers.
NUMBERS = (int, float, bool, int | None, float | None)
PLAIN = frozenset({int, float, bool, str, type(None), tuple})


def _spec(cls: type[Layer], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Spec:
    try:
        bound = cls.own_signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{cls.__name__}{cls.own_signature}: {error}") from None
    bound.apply_defaults()
    arguments = bound.arguments
    for name, value in arguments.items():
        if getattr(value, "shape", ()) and cls.own_signature.parameters[name].annotation in NUMBERS:
            raise TypeError(
                f"{cls.__name__}: {name} is a number, got an array of shape {list(value.shape)}: a layer is called "
                f"with its input, unified.{cls.__name__}(...)(x)"
            )
    if any(arguments.get(size, 0) is None for size in cls.optional_sizes):
        return Spec(cls, arguments, (), is_lazy=True)
    return _complete(cls, arguments)


def first_name(inner: dict[str, Spec], layer: Spec) -> str:
    """Return the first name of a layer in a container, which may contain the layer more than once."""
    return next(name for name, spec in inner.items() if spec is layer or spec.instance is layer.instance is not None)


def _complete(cls: type[Layer], arguments: dict[str, Any]) -> Spec:
    """Return the spec for arguments without a size that is `None`."""
    variables = list(cls.variables(**arguments))
    inner = cls.inner(**arguments)
    for name, layer in inner.items():
        if not cls.repeats or name == first_name(inner, layer):
            variables += [variable._replace(name=f"{name}/{variable.name}") for variable in layer.variables]
    return Spec(cls, arguments, tuple(variables), inner)


@functools.lru_cache(maxsize=4096, typed=True)  # 4 and 4.0 are equal, and only one of them is a size
def _cached_spec(cls: type[Layer], names: tuple[str, ...], *values: Any) -> Spec:
    positional = len(values) - len(names)
    return _spec(cls, values[:positional], dict(zip(names, values[positional:], strict=True)))
