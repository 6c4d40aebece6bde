"""The running frame on torch: a place is a module, and the live modules are the registry."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn

from unified.backends.torch import prng
from unified.backends.torch.portable import FUNCTIONAL
from unified.core import threefry
from unified.core.distributions import Bernoulli, Distribution, Normal, Randint, Uniform
from unified.core.dtypes import dtype_name
from unified.core.errors import StructureChangedError
from unified.core.frame import Frame
from unified.core.naming import join
from unified.core.record import ScopeRecord

__all__ = ["Container", "Held", "TorchFrame", "layers_below", "modules_below", "variables_below"]


Owned = list[tuple[nn.Module, str]]  # buffers, by the module that has each and its name


class Container(nn.Module):
    """The modules, layers and variables of one scope."""

    _record: ScopeRecord
    _label: str

    def __init__(self, label: str) -> None:
        super().__init__()
        self.__dict__["_record"] = ScopeRecord()
        self.__dict__["_label"] = label

    def _get_name(self) -> str:
        return self._label

    def train(self, mode: bool = True) -> "Container":
        # nn.Module's own sets the attribute `training` in a way that a layer of that name forbids.
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.__dict__["training"] = mode
        for child in self.children():
            child.train(mode)
        return self

    def _slow_forward(self, *args: Any, **kwargs: Any) -> Any:
        # torch.jit.trace calls this. Comparing sizes with what init wrote down does not branch on them.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=torch.jit.TracerWarning, module=r"unified\.core")
            return super()._slow_forward(*args, **kwargs)

    def get_submodule(self, target: str) -> nn.Module:
        # A layer may have the name of one of nn.Module's attributes, which `getattr` would find first.
        module: nn.Module = self
        for name in target.split(".") if target else ():
            child = module._modules.get(name)
            if child is None:
                raise AttributeError(f"{type(module).__name__} has no submodule {name!r}")
            module = child
        return module

    def get_parameter(self, target: str) -> nn.Parameter:
        path, _, name = target.rpartition(".")
        found = self.get_submodule(path)._parameters.get(name)
        return super().get_parameter(target) if found is None else found

    def get_buffer(self, target: str) -> torch.Tensor:
        path, _, name = target.rpartition(".")
        found = self.get_submodule(path)._buffers.get(name)
        return super().get_buffer(target) if found is None else found


def layers_below(container: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """The layers below a container, by path, without those that they are made of."""
    for name, module in container._modules.items():
        if isinstance(module, Container):
            yield from layers_below(module, join(path, name))
        elif module is not None:
            yield join(path, name), module


def modules_below(module: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """A module and all below it, by path."""
    yield path, module
    for name, child in module._modules.items():
        if child is not None:
            yield from modules_below(child, join(path, name))


class Held(NamedTuple):
    """A variable where a module holds it."""

    path: str
    collection: str
    module: nn.Module
    held: dict[str, Any]
    name: str
    tensor: torch.Tensor


def variables_below(module: nn.Module, path: str = "") -> Iterator[Held]:
    """The variables at and below a module, in the order of `state_dict`; a shared tensor each time."""
    for scope, owner in modules_below(module, path):
        record = owner.__dict__.get("_record")
        both: Any = (("params", owner._parameters), ("rng" if scope == "rng" else "state", owner._buffers))
        for collection, held in both:
            for name, tensor in held.items():
                if tensor is not None:
                    variable = None if record is None else record.variables.get(name)
                    own = collection if variable is None else variable.collection
                    yield Held(join(scope, name), own, owner, held, name, tensor)


class TorchFrame(Frame):
    """A call of a model that is initialised."""

    replays = True
    step_key: tuple[Any, Any] = (None, None)  # the steps that this is within, and the key of all draws in them
    of_body: Owned | None = None  # see `set_by_body`, which finds them once a call
    of_layers: Owned | None = None
    saving = False  # whether torch.utils.checkpoint watches what autograd saves
    holding: tuple[Any, ...] = ()  # what transforms of the body have put in the place of modules' tensors

    def __init__(self, root: nn.Module, training: bool, portable: bool) -> None:
        super().__init__(root, False, training)
        self.portable = portable
        if portable:
            self.functional = FUNCTIONAL
        self.base_key: Any = None
        self.finished = False
        self.written: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def live_layers(self, node: nn.Module) -> Mapping[str, Any]:
        return node._modules

    def record_of(self, node: nn.Module) -> ScopeRecord:
        record = node.__dict__.get("_record")
        if record is None:
            raise StructureChangedError(
                f"a {type(node).__name__} stands where init made a module of the body: a layer can be swapped for "
                "another, but not a module, whose code is the body's"
            )
        return record

    def child(self, node: nn.Module, name: str, path: str, create: bool) -> nn.Module | None:
        return node._modules.get(name)

    def value(self, node: nn.Module, name: str, path: str) -> torch.Tensor | None:
        if path in self.written:
            return self.written[path][1]
        for tensors in (node._parameters, node._buffers, node.__dict__):
            tensor = tensors.get(name)
            if tensor is not None:
                # What the body will set is read as a copy: storing it must not change what autograd has kept.
                record = node.__dict__.get("_record")
                return tensor if record is None or name not in record.written else tensor.clone()
        is_parametrized = isinstance(getattr(type(node), name, None), property)  # torch.nn.utils.parametrize
        return getattr(node, name) if is_parametrized else None

    def _state(self, node: nn.Module, name: str) -> torch.Tensor:
        tensor = node._buffers.get(name)
        return node.__dict__[name] if tensor is None else tensor  # a replica of DataParallel has attributes instead

    def build(self, *description: Any) -> Any:
        raise AssertionError("only init builds layers")

    def path_of(self, value: Any) -> str | None:
        if isinstance(value, UnregisteredLayer):
            return value.path
        return value.__dict__.get("_path") if isinstance(value, nn.Module) else None

    def layer_at(self, path: str) -> nn.Module:
        module: Any = self.root
        for name in path.split("/"):
            module = module._modules[name]
        return module

    def unregistered(self, cls: Any, path: str, args: Any, kwargs: dict[str, Any], error: Exception) -> Any:
        return UnregisteredLayer(path, error)

    def wrap(self, *description: Any) -> Any:
        raise AssertionError("only init wraps modules")

    def create(self, *description: Any) -> Any:
        raise AssertionError("only init creates variables")

    def assign(self, node: nn.Module, name: str, path: str, value: torch.Tensor) -> None:
        self.written[path] = (self._state(node, name), value.detach())

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
        if self.finished:
            raise RuntimeError(
                f"{path!r} draws portable random numbers again after the call has ended (torch.utils.checkpoint "
                "recomputes it): use torch's own generator (rng=None), which checkpoint restores"
            )
        if self.base_key is None:
            key, counter = (tensor.to(torch.int64) for tensor in self._root_key())
            self.base_key = threefry.call_key((key[0], key[1]), counter)
        if self.step_key[0] is not self.steps:
            base = self.base_key
            for step in self.steps:
                base = threefry.step_key(base, step)
            self.step_key = self.steps, base
        return threefry.draw_key(self.step_key[1], path, index)

    def set_by_body(self) -> Owned:
        """The buffers that `set_state` may change: where each is, and its name."""
        if self.of_body is None:
            containers = [(module, module.__dict__.get("_record")) for module in self.root.modules()]
            self.of_body = [(module, name) for module, record in containers if record for name in record.written]
        return self.of_body

    def set_by_layers(self) -> Owned:
        """The buffers that layers may change in a call that trains: where each is, and its name."""
        if self.of_layers is None:
            layers = [m for m in self.root.modules() if "_record" not in m.__dict__ and m.training]
            self.of_layers = [(m, name) for m in layers for name, tensor in m._buffers.items() if tensor is not None]
        return self.of_layers

    def remember(self) -> tuple[Any, ...]:
        """What a part of the body needs to be run again as it runs now."""
        owned = [(module._buffers, name) for module, name in self.set_by_body()]
        states = [(buffers, name, _there(buffers[name]).clone()) for buffers, name in owned]
        return self.steps, dict(self.draws), dict(self.written), states

    @contextmanager
    def again(self, before: tuple[Any, ...]) -> Iterator[None]:
        """Within it a part of the body runs again, as it did after `before`; nothing that it writes is stored."""
        now = self.steps, self.draws, self.written, self.finished
        self.steps, draws, written, states = before
        self.draws, self.written, self.finished = dict(draws), dict(written), False
        held = [(buffers, name, buffers[name]) for buffers, name, _ in states]
        try:
            for buffers, name, tensor in states:
                buffers[name] = tensor
            yield
        finally:
            self.steps, self.draws, self.written, self.finished = now
            for buffers, name, tensor in held:
                buffers[name] = tensor

    def sample(
        self, distribution: Distribution, shape: tuple[int, ...], dtype: Any, path: str, index: int
    ) -> torch.Tensor:
        name = self.default_dtype() if dtype is None else dtype_name(dtype)
        if self.portable:
            return prng.sample(self.call_key(path, index), distribution, shape, name, self._device())
        return _native_sample(distribution, shape, prng.to_torch_dtype(name), self._device())

    def permutation(self, count: int, path: str, index: int) -> torch.Tensor:
        if self.portable:
            return torch.argsort(prng.random_bits(self.call_key(path, index), count, self._device()), stable=True)
        return torch.randperm(count, device=self._device())

    def next_key(self, path: str, index: int) -> torch.Tensor:
        if self.portable:
            return torch.stack([torch.as_tensor(word) for word in self.call_key(path, index)])
        return torch.randint(0, 1 << 32, (2,))

    def finish(self) -> None:
        """Stores what the body wrote, and counts the call if it drew portable random numbers.

        State is stored at the end, so that what a body read before it wrote stays as it was, as on every backend.
        """
        for state, value in self.written.values():
            state.copy_(value)
        self.finished = True
        if self.base_key is not None and not self.initializing:
            counter = self._root_key()[1]
            counter.copy_((counter.to(torch.int64) + 1).to(counter.dtype))


def _there(tensor: torch.Tensor | None) -> torch.Tensor:
    assert tensor is not None
    return tensor


class UnregisteredLayer:
    """Stands for a layer that init did not register, unless it is given to a container layer."""

    def __init__(self, path: str, error: Exception) -> None:
        self.path = path
        self.error = error

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        raise self.error

    def __getattr__(self, name: str) -> Any:
        raise self.error


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
