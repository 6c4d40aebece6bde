"""`Module`: the base class of networks that are written as objects, and of the layers in them.

A class that derives from it is joined with the framework's own base when it is called: on torch with `torch.nn.Module`,
so that its objects are modules of torch and nothing else; on JAX with a class of the same methods that holds arrays.
"""

import abc
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, overload

from unified.core import backends
from unified.core.filters import Filter
from unified.core.params import Params
from unified.core.signatures import ConstructorSignature
from unified.nn.construction import Construction, current, next_key, objects_of, refuse_in_body, run

__all__ = ["Module", "ModuleType"]

T = TypeVar("T")


class ModuleType(abc.ABCMeta):
    """The metaclass of `Module`, by which calling a class makes an object of the framework that is asked for."""

    if not TYPE_CHECKING:  # a checker would take the result for what this returns

        def __call__(cls, *args, **kwargs):
            cls = cls.__dict__.get("_user_class", cls)  # `type(self)(...)` names the joined class
            construction = current.construction
            if construction is not None:
                return _construct(cls, construction, args, kwargs)
            refuse_in_body(cls)
            backend = backends.load(backends.default_name())
            outermost = Construction(backend, next_key(backend))
            return run(outermost, lambda: _construct(cls, outermost, args, kwargs))

    def __observe__(cls, name: str, *run: Any) -> Any:
        """Run an object once for `unified.testing.assert_parity`, on the framework of that name."""
        return backends.load(name).objects.observe(cls, *run)

    def __instancecheck__(cls, instance: Any) -> bool:
        if super().__instancecheck__(instance):
            return True
        return cls.native_instance(instance)  # type: ignore[attr-defined]


def _construct(cls: Any, construction: Construction, args: Any, kwargs: Any) -> Any:
    """Return an object of the framework of `construction`, whose variables may have no values yet."""
    return construction.backend.objects.construct(cls, construction, args, kwargs)


class Module(metaclass=ModuleType):
    """A network, or a part of one, as an object that owns its variables and the modules in its attributes.

    Write it as a class for PyTorch: `__init__` sets attributes, `forward` (or `__call__`) computes. Names of variables
    are the names of attributes, joined by `/` in `Params` and by `.` in a `state_dict`.

    On torch an object is a `torch.nn.Module`, with all of its methods. On JAX it has the same methods, except those
    that only torch can offer, which raise with what to do instead.

    >>> import numpy as np, unified as u, unified.nn as nn, unified.functional as F
    >>> class Net(nn.Module):
    ...     def __init__(self, width):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(3, width)
    ...         self.head = nn.Linear(width, 2)
    ...     def forward(self, x):
    ...         return self.head(F.relu(self.hidden(x)))
    >>> net = u.build(Net, 8, backend="jax", rng=0)
    >>> net(np.ones((5, 3), np.float32)).shape
    (5, 2)
    >>> list(net.params)
    ['hidden/weight', 'hidden/bias', 'head/weight', 'head/bias']
    >>> y, changes = net.apply(net.params, np.ones((5, 3), np.float32))
    """

    __signature__: ClassVar[Any] = ConstructorSignature()
    native_instance: ClassVar[Any] = classmethod(lambda cls, value: cls is Module and _is_module(value))

    if TYPE_CHECKING:  # the framework's class has these
        training: bool

        def __init__(self) -> None: ...

        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

        @overload
        def apply(self, params: Callable[["Module"], object], /) -> Self: ...
        @overload
        def apply(
            self,
            params: Mapping[str, Any],
            /,
            *args: Any,
            training: bool = False,
            capture: Filter | None = None,
            **kwargs: Any,
        ) -> tuple[Any, Params]: ...
        def apply(self, params: Any, /, *args: Any, **kwargs: Any) -> Any: ...

        @property
        def params(self) -> Params: ...

        def load_params(self, params: Mapping[str, Any]) -> Self: ...

        def train(self, mode: bool = True) -> Self: ...

        def eval(self) -> Self: ...

        def requires_grad_(self, requires_grad: bool = True) -> Self: ...

        def to(self, *args: Any, **kwargs: Any) -> Self: ...

        def half(self) -> Self: ...

        def float(self) -> Self: ...

        def double(self) -> Self: ...

        def bfloat16(self) -> Self: ...

        def zero_grad(self, set_to_none: bool = True) -> None: ...

        def children(self) -> Iterator["Module"]: ...

        def named_children(self) -> Iterator[tuple[str, "Module"]]: ...

        def modules(self) -> Iterator["Module"]: ...

        def named_modules(self, *args: Any, **kwargs: Any) -> Iterator[tuple[str, "Module"]]: ...

        def parameters(self, recurse: bool = True) -> Iterator[Any]: ...

        def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Any]]: ...

        def buffers(self, recurse: bool = True) -> Iterator[Any]: ...

        def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Any]]: ...

        def state_dict(self, *, prefix: str = "") -> dict[str, Any]: ...

        def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Any: ...

        def get_submodule(self, target: str) -> Any: ...

        def get_parameter(self, target: str) -> Any: ...

        def get_buffer(self, target: str) -> Any: ...

        def add_module(self, name: str, module: Any) -> None: ...

        def register_module(self, name: str, module: Any) -> None: ...

        def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None: ...

        def register_parameter(self, name: str, param: Any) -> None: ...

        def register_forward_hook(self, hook: Callable[..., Any], **options: Any) -> Any: ...

        def register_forward_pre_hook(self, hook: Callable[..., Any], **options: Any) -> Any: ...

        def extra_repr(self) -> str: ...

        def sow(self, name: str, value: Any) -> None: ...


def _is_module(value: Any) -> bool:
    """Return whether `value` is a module of a framework that is loaded."""
    return any(objects.is_module(value) for objects in objects_of(value))
