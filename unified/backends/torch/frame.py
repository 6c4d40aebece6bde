"""The running frame on torch: a place is a module, and the live modules are the registry."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from unified.backends.torch import layers, words
from unified.backends.torch.backend import backend
from unified.core import initializers, threefry
from unified.core.distributions import Bernoulli, Distribution, Normal, Randint, Uniform
from unified.core.initializers import Fixed, Initializer
from unified.core.layer import Layer, LayerVariable
from unified.core.params import dtype_name
from unified.core.registry import Declared, Variable
from unified.core.scope import Frame

__all__ = ["Container", "InitFrame", "NeedsValues", "TorchFrame", "watch_values"]


class Container(nn.Module):
    """The modules, layers and variables of one scope."""

    _declared: Declared
    _label: str

    def __init__(self, label: str) -> None:
        super().__init__()
        self.__dict__["_declared"] = Declared()
        self.__dict__["_label"] = label

    def _get_name(self) -> str:
        return self._label

    def get_submodule(self, target: str) -> nn.Module:
        # A layer may have the name of one of nn.Module's attributes, which `getattr` would find first.
        module: nn.Module = self
        for name in target.split(".") if target else ():
            child = module._modules.get(name)
            if child is None:
                raise AttributeError(f"{type(module).__name__} has no submodule {name!r}")
            module = child
        return module


class TorchFrame(Frame):
    """A call of a model that is initialised."""

    backend = backend

    def __init__(self, root: nn.Module, training: bool, portable: bool) -> None:
        super().__init__(root, False, training)
        self.portable = portable
        self.base_key: Any = None

    def live(self, place: nn.Module) -> Mapping[str, Any]:
        return place._modules

    def declared(self, place: nn.Module) -> Declared:
        return place.__dict__["_declared"]

    def child(self, place: nn.Module, name: str, path: str, create: bool) -> nn.Module | None:
        return place._modules.get(name)

    def value(self, place: nn.Module, name: str, path: str) -> torch.Tensor | None:
        for tensors in (place._parameters, place._buffers, place.__dict__):
            if tensors.get(name) is not None:
                return tensors[name]
        return None

    def build(self, *description: Any) -> Any:
        raise AssertionError("only init builds layers")

    def wrap(self, *description: Any) -> Any:
        raise AssertionError("only init wraps modules")

    def create(self, *description: Any) -> Any:
        raise AssertionError("only init creates variables")

    def assign(self, place: nn.Module, name: str, path: str, value: torch.Tensor) -> None:
        state = self.value(place, name, path)
        assert state is not None
        state.copy_(value.detach())

    def default_dtype(self) -> str:
        return dtype_name(torch.get_default_dtype())

    def _device(self) -> torch.device:
        for tensor in self.root.parameters():
            return tensor.device
        return torch.get_default_device()

    def _root_key(self) -> tuple[Any, Any]:
        """The root key and the number of this call."""
        store = self.root._modules.get("rng")
        if store is None:
            raise RuntimeError("this call draws random numbers, and no layer did during init: init the model again")
        return store._buffers["key"], store._buffers["counter"]

    def call_key(self, path: str, index: int) -> threefry.Key:
        """The key of a draw, as every backend derives it."""
        if self.base_key is None:
            key, counter = (tensor.to(torch.int64) for tensor in self._root_key())
            self.base_key = threefry.call_key((key[0], key[1]), counter)
        return threefry.draw_key(self.base_key, path, index)

    def sample(
        self, distribution: Distribution, shape: tuple[int, ...], dtype: Any, path: str, index: int
    ) -> torch.Tensor:
        name = self.default_dtype() if dtype is None else dtype_name(dtype)
        if self.portable:
            return words.sample(self.call_key(path, index), distribution, shape, name, self._device())
        return _native_sample(distribution, shape, words.to_torch_dtype(name), self._device())

    def permutation(self, count: int, path: str, index: int) -> torch.Tensor:
        if self.portable:
            return torch.argsort(words.random_bits(self.call_key(path, index), count, self._device()), stable=True)
        return torch.randperm(count, device=self._device())

    def next_key(self, path: str, index: int) -> torch.Tensor:
        if self.portable:
            return torch.stack([torch.as_tensor(word) for word in self.call_key(path, index)])
        return torch.randint(0, 1 << 32, (2,))

    def finish(self) -> None:
        """Counts the call, if it drew portable random numbers."""
        if self.base_key is not None and not self.initializing:
            counter = self._root_key()[1]
            counter.copy_((counter.to(torch.int64) + 1).to(counter.dtype))


def _native_sample(
    distribution: Distribution, shape: tuple[int, ...], dtype: torch.dtype, device: torch.device
) -> torch.Tensor:
    match distribution:
        case Uniform(low, high):
            return torch.rand(shape, dtype=dtype, device=device) * (high - low) + low
        case Normal(mean, std):
            return torch.randn(shape, dtype=dtype, device=device) * std + mean
        case Bernoulli(p):
            return torch.rand(shape, device=device) < p
        case Randint(low, high):
            return torch.randint(low, high, shape, dtype=dtype, device=device)
    raise TypeError(f"torch cannot draw from {distribution!r}")


class NeedsValues(BaseException):
    """The body looks at a value while initial values are still to be made: run it again, making each at once."""


# What reads a tensor's values, or makes an array whose shape depends on them.
READS = frozenset(
    {
        *(
            getattr(torch.Tensor, name)
            for name in [
                "__bool__",
                "__int__",
                "__float__",
                "__complex__",
                "__index__",
                "__contains__",
                "__array__",
                "__repr__",
                "__format__",
                "item",
                "tolist",
                "numpy",
                "equal",
                "allclose",
                "is_nonzero",
                "nonzero",
                "argwhere",
                "masked_select",
                "unique",
                "unique_consecutive",
                "bincount",
                "data_ptr",
            ]
        ),
        torch.equal,
        torch.allclose,
        torch.is_nonzero,
        torch.nonzero,
        torch.argwhere,
        torch.masked_select,
        torch.unique,
        torch.unique_consecutive,
        torch.bincount,
    }
)


class watch_values(TorchFunctionMode):  # noqa: N801
    """Raises `NeedsValues` when the values of a tensor are read while some of `pending` are not made."""

    def __init__(self, pending: list[Any]) -> None:
        super().__init__()
        self.pending = pending

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if self.pending and (func in READS or (func is torch.Tensor.__getitem__ and _by_mask(args[1]))):
            raise NeedsValues
        return func(*args, **(kwargs or {}))


def _by_mask(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, torch.Tensor) and part.dtype is torch.bool for part in parts)


class InitFrame(TorchFrame):
    """Runs a body for the first time, and builds its modules.

    Values are made together at the end (`settle`), which for small layers takes a tenth of the time of making each
    alone; `immediate` makes them at once, for bodies that look at values.
    """

    def __init__(self, root: Container, key: threefry.Key, portable: bool, immediate: bool) -> None:
        super().__init__(root, True, portable)
        self.initializing = True
        self.key = key
        self.immediate = immediate
        self.drawn = False
        self.pending: list[tuple[torch.Tensor, str, initializers.Draw]] = []
        self.unsized: list[Unsized] = []

    def child(self, place: nn.Module, name: str, path: str, create: bool) -> nn.Module | None:
        found = place._modules.get(name)
        if found is None and create:
            entry = self.declared(place).by_name.get(name)
            found = place._modules[name] = Container(entry.cls.__name__ if entry is not None else name)
        return found

    def declared(self, place: nn.Module) -> Declared:
        return place.__dict__.setdefault("_declared", Declared())

    def build(
        self,
        place: nn.Module,
        name: str,
        path: str,
        cls: type[Layer],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        init_fn: Any,
    ) -> Any:
        native = layers.native_class(cls, self.portable)
        self.drawn = self.drawn or cls.draws
        if cls is cls.declaration:
            spec = _with_path(path, lambda: cls.spec(args, kwargs))
            if spec.waiting:
                unsized: Any = Unsized(self, place, name, path, spec, native, init_fn)
                self.unsized.append(unsized)
                place._modules[name] = unsized  # until it is called and knows its size
                return unsized
        module = _with_path(path, lambda: layers.construct(cls, native, args, kwargs))
        spec = layers.spec_of(module, cls, args, kwargs)
        self.adopt(place, name, path, module, spec.variables, init_fn)
        return module

    def adopt(
        self,
        place: nn.Module,
        name: str,
        path: str,
        module: nn.Module,
        variables: tuple[LayerVariable, ...],
        init_fn: Any,
    ) -> None:
        """Puts a constructed layer in its place, and sees to its values."""
        chosen = {"weight": init_fn} if isinstance(init_fn, Initializer) else init_fn
        chosen = chosen if isinstance(chosen, dict) else {}
        known = {variable.name for variable in variables}
        if set(chosen) - known:
            raise ValueError(
                f"{path!r}: init_fn names {sorted(set(chosen) - known)}, and the layer has {sorted(known)}"
            )
        module.__dict__["_path"] = path
        place._modules[name] = module
        for variable in variables:
            tensor = self.value(module, variable.name, path)
            assert tensor is not None
            initializer = chosen.get(variable.name, variable.initializer)
            self.give(tensor, f"{path}/{variable.name}", initializer)
        module.train(False)
        if callable(init_fn):
            self.settle()
            init_fn(module)

    def wrap(self, place: nn.Module, name: str, path: str, factory: Callable[[], Any]) -> nn.Module:
        module = factory()
        if not isinstance(module, nn.Module):
            raise TypeError(
                f"{path!r}: on torch the factory given to wrap returns an nn.Module, got {type(module).__name__}"
            )
        place._modules[name] = module
        return module

    def create(self, place: nn.Module, variable: Variable, path: str, init_fn: Any) -> torch.Tensor:
        dtype = words.to_torch_dtype(variable.dtype)
        if init_fn is None or isinstance(init_fn, Initializer):
            tensor = torch.empty(variable.shape, dtype=dtype)
        else:
            if self.pending and not getattr(init_fn, "__module__", None) == "torch" and not _is_torch_factory(init_fn):
                raise NeedsValues
            tensor = torch.as_tensor(init_fn(variable.shape, dtype=dtype), dtype=dtype).detach().clone()
            if tuple(tensor.shape) != variable.shape:
                raise ValueError(
                    f"{path!r}: init_fn made shape {tuple(tensor.shape)} where {variable.shape} was asked for"
                )
        if variable.collection == "params":
            tensor = nn.Parameter(tensor, requires_grad=tensor.is_floating_point() or tensor.is_complex())
            place._parameters[variable.name] = tensor
        else:
            place._buffers[variable.name] = tensor
        if init_fn is None or isinstance(init_fn, Initializer):
            self.give(tensor, path, init_fn or initializers.zeros)
        return tensor

    def give(self, tensor: torch.Tensor, path: str, initializer: Initializer) -> None:
        """Gives a new tensor its initial values, now or in `settle`."""
        draw = _with_path(path, lambda: initializer.draw(tuple(tensor.shape)))
        if isinstance(draw, Fixed):
            with torch.no_grad():
                tensor.copy_(torch.as_tensor(draw.value)) if not isinstance(draw.value, (int, float)) else tensor.fill_(
                    draw.value
                )
            return
        if tensor.device.type == "meta":
            return
        self.pending.append((tensor, path, draw))
        if self.immediate:
            self.settle()

    def settle(self) -> None:
        """Makes all values that are still to be made."""
        targets, copies = [], []
        for tensor, path, draw in self.pending:
            data = tensor.detach()
            if data.device.type == "cpu" and data.dtype in (torch.float32, torch.float64, torch.float16):
                array = data.numpy()
            else:
                array = np.empty(data.shape, np.float64 if data.dtype is torch.float64 else np.float32)
                copies.append((data, array))
            targets.append((array, path, draw))
        initializers.fill(threefry.fold_in(self.key, threefry.STREAM_PARAMS), targets)
        for data, array in copies:
            data.copy_(torch.from_numpy(array))
        self.pending.clear()

    def assign(self, place: nn.Module, name: str, path: str, value: torch.Tensor) -> None:
        """Init leaves state as it was made."""

    def _root_key(self) -> tuple[torch.Tensor, torch.Tensor]:
        self.drawn = True
        return torch.tensor(self.key), torch.tensor(0)

    def complete(self) -> None:
        """Makes what is still missing once the body has run."""
        for unsized in self.unsized:
            if unsized.module is None:
                raise ValueError(
                    f"{unsized.path!r}: a size of {unsized.spec.declaration.__name__} is None, to be taken from its first "
                    "input, and the layer was never called"
                )
        if self.portable and self.drawn:
            store = self.root._modules["rng"] = Container("rng")
            store._buffers["key"] = torch.tensor(self.key, dtype=torch.int64).to(torch.uint32)
            store._buffers["counter"] = torch.zeros((), dtype=torch.int64).to(torch.uint32)
        self.settle()


class Unsized:
    """A layer during init whose size is `None`: built when it is first called, from the sizes of its inputs."""

    def __init__(
        self, frame: InitFrame, place: nn.Module, name: str, path: str, spec: Any, native: Any, init_fn: Any
    ) -> None:
        self.frame, self.place, self.name, self.path = frame, place, name, path
        self.spec, self.native, self.init_fn = spec, native, init_fn
        self.module: nn.Module | None = None

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        if self.module is None:
            spec = _with_path(self.path, lambda: self.spec.with_sizes(inputs))
            self.module = layers.construct(spec.declaration, self.native, (), dict(spec.arguments))
            self.frame.adopt(self.place, self.name, self.path, self.module, spec.variables, self.init_fn)
        return self.module(*inputs, **kwargs)

    def __getattr__(self, attribute: str) -> Any:
        module = self.__dict__.get("module")
        if module is None:
            raise AttributeError(
                f"{self.path!r} has no {attribute!r} yet: one of its sizes is None, and it has not been called"
            )
        return getattr(module, attribute)


def _is_torch_factory(fn: Any) -> bool:
    """Whether `fn` is a function of torch itself, which cannot depend on what the body computed."""
    return getattr(torch, getattr(fn, "__name__", ""), None) is fn


def _with_path(path: str, make: Callable[[], Any]) -> Any:
    """`make()`, with `path` in front of the message of a `ValueError`."""
    try:
        return make()
    except ValueError as error:
        if str(error).startswith(repr(path)):
            raise
        raise ValueError(f"{path!r}: {error}") from error
