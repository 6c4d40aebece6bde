"""`TorchFrame`: one call of a model on torch, whose nodes are the live modules."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn

from unified.backends.torch import prng
from unified.backends.torch.container import block_within, layers_within, tensors_of
from unified.backends.torch.layers import redefine
from unified.backends.torch.moded import may_write
from unified.backends.torch.portable import FUNCTIONAL
from unified.backends.torch.slots import Slot, buffer_slots, hold
from unified.backends.torch.tracing import traced_variable
from unified.core import threefry
from unified.core.distributions import (
    Bernoulli,
    Distribution,
    Exponential,
    Gumbel,
    Laplace,
    Normal,
    Randint,
    TruncatedNormal,
    Uniform,
    largest_below,
)
from unified.core.draws import Draw
from unified.core.dtypes import dtype_name
from unified.core.error_notes import Description
from unified.core.errors import BackendError
from unified.core.frame import Frame
from unified.core.gamma import Beta, Dirichlet, Gamma, Poisson
from unified.core.keys import check_random_state, counter_path, key_path
from unified.core.record import REPLACED, Recording, ScopeRecord

__all__ = ["Snapshot", "TorchFrame"]

# Tensors in place of variables: slots, and the tensors that they hold.
Substitutions = tuple[tuple[list[Slot], list[torch.Tensor]], ...]


class Snapshot(NamedTuple):
    """All that a part of the body depends on besides its arguments, for running it again.

    Attributes:
        steps: see `Frame`.
        draws: see `Frame`.
        written: the state that the body had set, by path.
        slots: of the state that `set_state` may change.
        states: copies of that state.
        substitutions: the tensors that transforms around the part had put in place of variables.
        slices: see `Frame`.
    """

    steps: tuple[Any, ...]
    draws: dict[str, int]
    written: dict[str, tuple[torch.Tensor, torch.Tensor]]
    slots: list[Slot]
    states: list[torch.Tensor]
    substitutions: Substitutions
    slices: tuple[tuple[str, str], ...]


class TorchFrame(Frame[nn.Module, torch.Tensor]):
    """A call of an initialised model.

    Attributes:
        portable: whether random numbers are the same as on every backend.
        base_keys: the keys of this call's portable random numbers, by the streams from which some were drawn.
        step_keys: the steps for which keys were last folded, and those keys, by stream.
        written: for each state that the body set, the buffer and its new value, by path.
        substitutions: the tensors that transforms around the running code have put in place of variables.
        checkpointing: whether the running code is within torch.utils.checkpoint, which hooks into autograd.
        recomputes: whether the backward pass runs parts of the body again.
        computes_shapes: whether the running code computes shapes alone, of tensors without values.
        finished: whether the call has ended.
        tracer: the torch.fx tracer that follows the body.
    """

    replays = True
    calls_nodes = True
    step_keys: tuple[Any, dict[str, Any]] = (None, {})
    substitutions: Substitutions = ()
    checkpointing = False
    recomputes = False
    computes_shapes = False
    finished = False
    tracer: Any = None
    # The modules and names of the buffers that the body or layers may change: listed once in a call.
    _body_buffers: list[tuple[nn.Module, str]] | None = None
    _layer_buffers: list[tuple[nn.Module, str]] | None = None

    def __init__(self, root: nn.Module, training: bool, portable: bool, initializing: bool = False) -> None:
        super().__init__(root, initializing, training)
        self.portable = portable
        if portable:
            self.functional = FUNCTIONAL
        self.written: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        self.base_keys: dict[str, Any] = {}

    def open(self, node: nn.Module) -> tuple[nn.Module, Mapping[str, Any] | None, Recording]:
        members = node.__dict__
        if "_scope_path" in members:
            return node, members["_modules"], members["_record"].recording
        record = members.get("_record")
        if record is None or not (node is self.root or "_path" in members):
            wrapped = block_within(node)
            if wrapped is None:
                return node, {}, REPLACED
            node, members = wrapped, wrapped.__dict__
            record = members["_record"]
        return node, members["_modules"], record.recording

    def live_layers(self, node: nn.Module) -> Mapping[str, Any]:
        return node._modules

    def record_of(self, node: nn.Module) -> ScopeRecord:
        return node.__dict__["_record"]

    def child(self, node: nn.Module, name: str, path: str, create: bool) -> nn.Module | None:
        return node._modules.get(name)

    def value(self, node: nn.Module, name: str, path: str) -> torch.Tensor | None:
        if path in self.written:
            state, value = self.written[path]
            return value if self.tracer is None else traced_variable(self.tracer, state, value)
        for tensors in (node._parameters, node._buffers, node.__dict__):
            tensor = tensors.get(name)
            if tensor is not None:
                # State that the body sets is read as a copy: autograd may still need it once the new value is stored.
                record = node.__dict__.get("_record")
                is_read_only = record is None or name not in record.written
                if self.tracer is None:
                    return tensor if is_read_only else tensor.clone()
                proxy = traced_variable(self.tracer, tensor, tensor)
                return proxy if is_read_only else traced_variable(self.tracer, tensor, proxy.clone())
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

    def describe(self, value: Any) -> Description | None:
        if not isinstance(value, nn.Module):
            return super().describe(value)
        path = next((path for path, module in layers_within(self.root) if module is value), None)
        return None if path is None else (path, type(value).__name__, tensors_of(value))

    def is_module(self, value: Any) -> bool:
        return isinstance(value, nn.Module) or self.path_of(value) is not None

    def layer_at(self, path: str) -> nn.Module:
        module: Any = self.root
        for name in path.split("/"):
            module = module._modules[name]
        return module

    def redefine(self, layer: nn.Module, cls: Any) -> nn.Module:
        return redefine(layer, cls)

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

    def _modules(self) -> Iterator[nn.Module]:
        return self.root.modules()

    def _parameters(self) -> Iterator[torch.Tensor]:
        """Yield the parameters that the modules hold now: `parameters()` of a model may copy the tree first."""
        for module in self._modules():
            for tensor in module._parameters.values():
                if tensor is not None:
                    yield tensor

    def _device(self) -> torch.device:
        for tensor in self._parameters():
            return tensor.device
        return torch.empty(0).device  # torch.get_default_device would break the graph of torch.compile

    def array_defaults(self) -> tuple[torch.device, torch.dtype]:
        for tensor in self._parameters():
            if tensor.is_floating_point():
                return tensor.device, tensor.dtype
        return self._device(), torch.get_default_dtype()

    def has_stream(self, name: str) -> bool:
        store = self.root._modules.get("rng") if self.portable else None
        return store is not None and name in store._modules

    def _root_key(self, stream: str) -> tuple[Any, Any]:
        """Return the model's key for a stream of random numbers, and the number of this call."""
        store = self.root._modules.get("rng")
        if self.tracer is not None:
            raise BackendError(
                "torch.fx cannot follow portable random numbers, whose key would become a constant: trace the model in "
                "evaluation, or a model without rng='portable'"
            )
        if store is None:
            raise RuntimeError("this call draws random numbers, and no layer did during init: init the model again")
        store = store._modules[stream] if stream else store
        assert store is not None
        key, counter = store._buffers["key"], store._buffers["counter"]
        check_random_state({key_path(stream): key, counter_path(stream): counter})
        return key, counter

    def call_key(self, draw: Draw) -> threefry.Key:
        """Return the key of a draw, which is the same on every backend."""
        if self.finished:
            raise RuntimeError(
                f"{draw.path!r} draws portable random numbers again after the call has ended (torch.utils.checkpoint "
                "recomputes it): use torch's own generator (rng=None), which checkpoint restores"
            )
        stream = draw.stream
        if stream not in self.base_keys:
            key, counter = (tensor.to(torch.int64) for tensor in self._root_key(stream))
            self.base_keys[stream] = prng.call_key((key[0], key[1]), counter, stream)
        if torch.compiler.is_compiling() or self.step_keys[0] is not self.steps:  # dynamo knows no identity of tuples
            self.step_keys = self.steps, {}
        bases = self.step_keys[1]
        if stream not in bases:
            base = self.base_keys[stream]
            for step in self.steps:
                base = prng.step_key(base, step)
            bases[stream] = base
        return prng.draw_key(bases[stream], self.draw_path(draw.path), draw.number)

    def body_buffers(self) -> list[Slot]:
        """Return the slots of the state that `set_state` may change."""
        if self._body_buffers is None:
            containers = [(module, module.__dict__.get("_record")) for module in self._modules()]
            self._body_buffers = [(module, name) for module, record in containers if record for name in record.written]
        return buffer_slots(self._body_buffers)

    def layer_buffers(self) -> list[Slot]:
        """Return the slots of the buffers that layers may change; there are none unless the call or a layer trains."""
        if not self.training and "_has_moded" not in self.root.__dict__:
            return []
        if self._layer_buffers is None:
            layers = [m for m in self._modules() if "_record" not in m.__dict__ and may_write(m)]
            self._layer_buffers = [(m, name) for m in layers for name, t in m._buffers.items() if t is not None]
        return buffer_slots(self._layer_buffers)

    def snapshot(self) -> Snapshot:
        """Return all that a part of the body needs to run again as it runs now; see `rerun`."""
        slots = self.body_buffers()
        states = [slot.tensor.clone() for slot in slots]
        return Snapshot(
            self.steps, dict(self.draws), dict(self.written), slots, states, self.substitutions, self.slices
        )

    @contextmanager
    def rerun(self, snapshot: Snapshot) -> Iterator[None]:
        """Run a part of the body again as it ran at `snapshot`; nothing that it writes is stored."""
        outer = self.steps, self.draws, self.written, self.finished, self.slices
        self.steps, self.draws, self.written = snapshot.steps, dict(snapshot.draws), dict(snapshot.written)
        self.finished, self.slices = False, snapshot.slices
        try:
            with hold(snapshot.slots, snapshot.states):
                yield
        finally:
            self.steps, self.draws, self.written, self.finished, self.slices = outer

    def sample(self, distribution: Distribution, shape: tuple[int, ...], dtype: Any, draw: Draw) -> torch.Tensor:
        name = self.default_dtype() if dtype is None else dtype_name(dtype)
        if self.portable:
            return prng.sample(self.call_key(draw), distribution, shape, name, self._device())
        return self._native_sample(distribution, shape, prng.to_torch_dtype(name))

    def _native_sample(self, distribution: Distribution, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        options = {"device": self._device()}
        # A uniform number of half precision has too few digits for a quantile: its logarithm may be that of zero.
        wide = torch.promote_types(dtype, torch.float32) if dtype.is_floating_point else torch.float32
        match distribution:
            case Uniform(low, high):
                values = self._draw(torch.rand, shape, dtype=dtype, **options)
                if (low, high) == (0, 1):
                    return values
                return (values * (high - low) + low).clamp_max(largest_below(low, high, dtype_name(dtype)))
            case Normal(mean, std) if not isinstance(distribution, TruncatedNormal):
                return self._draw(torch.randn, shape, dtype=dtype, **options) * std + mean
            case Exponential():
                return (-(-self._draw(torch.rand, shape, dtype=wide, **options)).log1p()).to(dtype)
            case Gumbel():
                uniform = self._draw(torch.rand, shape, dtype=wide, **options).clamp_min(2.0**-25)
                return (-(-uniform.log()).log()).to(dtype)
            case Laplace():
                centred = self._draw(torch.rand, shape, dtype=wide, **options).clamp_min(2.0**-25) - 0.5
                return (-centred.sign() * (centred.abs() * -2).log1p()).to(dtype)
            case Bernoulli(p):
                return self._draw(torch.rand, shape, dtype=wide, **options) < p
            case (
                Gamma() | Beta() | Dirichlet() | Poisson() | TruncatedNormal()
            ):  # no kernel of torch, or none that traces
                words = self._draw(torch.randint, 0, 1 << 32, (math.prod(shape),), dtype=torch.int64, **options)
                name = dtype_name(dtype)
                if self.tracer is None:
                    return prng.from_words(words, distribution, name).reshape(shape)
                return self._draw(*prng.operator_call(words, distribution, name)).reshape(shape)
            case Randint(low, high):
                return self._draw(torch.randint, low, high, shape, dtype=dtype, **options)
        raise TypeError(f"torch cannot draw from {distribution!r}")

    def _draw(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Return what a function of torch's own generator draws; torch.fx would make a constant of it."""
        if self.tracer is not None:
            return self.tracer.create_proxy("call_function", function, args, kwargs)
        return function(*args, **kwargs)

    def permutation(self, count: int, draw: Draw) -> torch.Tensor:
        if self.portable:
            return torch.argsort(prng.random_bits(self.call_key(draw), count, self._device()), stable=True)
        return self._draw(torch.randperm, count, device=self._device())

    def next_key(self, draw: Draw) -> torch.Tensor:
        if self.portable:
            return torch.stack([torch.as_tensor(word) for word in self.call_key(draw)])
        return self._draw(torch.randint, 0, 1 << 32, (2,))

    def finish(self) -> None:
        """Store the state that the body set, and count the call if it drew portable random numbers.

        State is stored when the call ends, so that an array that the body has read stays as it is, as on every backend.
        """
        for state, value in self.written.values():
            state.copy_(value)
        self.finished = True
        for stream in () if self.initializing else self.base_keys:
            counter = self._root_key(stream)[1]
            counter.copy_((counter.to(torch.int64) + 1).to(counter.dtype))


class UnregisteredLayer:
    """A layer that init did not register, which a container layer may take; any other use of it raises."""

    def __init__(self, path: str, error: Exception) -> None:
        self.path = path
        self.error = error

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        raise self.error

    def __getattr__(self, name: str) -> Any:
        raise self.error
