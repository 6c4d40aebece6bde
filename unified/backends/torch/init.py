"""The first run of a body on torch: it builds the modules, and gives them their values.

Values of all layers are made together once the body has run, which for small layers takes a tenth of the time of
making each alone. A body that looks at values before (a branch on data, an initial value computed from data) is run
again, with each value made at once.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode, _get_current_function_mode
from torch.utils import _pytree as pytree

from unified.backends.torch import layers, prng
from unified.backends.torch.frame import Container, TorchFrame, variables_below
from unified.core import initializers, threefry
from unified.core.errors import at_path
from unified.core.initializers import Fixed, Initializer
from unified.core.layer import Layer, Spec
from unified.core.record import ScopeRecord, VariableRecord
from unified.core.stacks import StackedScope, slice_paths, stacked_shape, stacks_over

__all__ = ["InitFrame", "NeedsValues", "watch_values"]


class NeedsValues(BaseException):
    """The body looks at a value while initial values are still to be made: run it again, making each at once."""


# What reads a tensor's values, or makes an array whose shape depends on them.
READING_METHODS = (
    "__bool__ __int__ __float__ __complex__ __index__ __contains__ __array__ __repr__ __format__ item tolist numpy "
    "equal allclose is_nonzero nonzero argwhere masked_select unique unique_consecutive bincount data_ptr"
)
READING_FUNCTIONS = "equal allclose is_nonzero nonzero argwhere masked_select unique unique_consecutive bincount"
READS = frozenset(
    {getattr(torch.Tensor, name) for name in READING_METHODS.split(" ")}
    | {getattr(torch, name) for name in READING_FUNCTIONS.split(" ")}
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


class _Aside:
    """A context in which a mode does not watch, unless the body has modes of its own on top of it."""

    __slots__ = ("mode", "on_top")

    def __init__(self, mode: watch_values) -> None:
        self.mode = mode
        self.on_top = False

    def __enter__(self) -> None:
        self.on_top = _get_current_function_mode() is self.mode
        if self.on_top:
            self.mode.__exit__(None, None, None)

    def __exit__(self, *exception: Any) -> None:
        if self.on_top:
            self.mode.__enter__()


def _by_mask(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, torch.Tensor) and part.dtype is torch.bool for part in parts)


NUMPY_FLOATS = (torch.float32, torch.float64, torch.float16)


class InitFrame(TorchFrame):
    """Runs a body for the first time, and builds its modules; `immediate` makes each value at once."""

    def __init__(self, root: Container, key: threefry.Key, portable: bool, immediate: bool) -> None:
        super().__init__(root, True, portable)
        self.initializing = True
        self.key = key
        self.immediate = immediate
        self.drawn = False
        self.pending: list[tuple[torch.Tensor, str, initializers.Draw]] = []
        self.watch = watch_values(self.pending)
        self.unsized: list[Unsized] = []
        self.origins: dict[
            int, tuple[torch.Tensor, str, Any, Any]
        ] = {}  # of tensors that may be stacked, what fills them
        self.specs: dict[
            int, tuple[Any, Spec, Any]
        ] = {}  # of each layer by its identity: itself, its spec, its init_fn

    def child(self, node: nn.Module, name: str, path: str, create: bool) -> nn.Module | None:
        found = node._modules.get(name)
        if found is None and create:
            entry = self.record_of(node).by_name.get(name)
            found = node._modules[name] = Container(entry.cls.__name__ if entry is not None else name)
        return found

    def record_of(self, node: nn.Module) -> ScopeRecord:
        found = node.__dict__.get("_record")
        if found is None:
            found = node.__dict__["_record"] = ScopeRecord()
        return found

    def build(
        self,
        node: nn.Module,
        name: str,
        path: str,
        cls: type[Layer],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        init_fn: Any,
    ) -> Any:
        native = layers.native_class(cls, self.portable, kwargs)
        with at_path(path), _Aside(self.watch):
            given = [value for value in pytree.tree_leaves((args, kwargs)) if self.path_of(value)]
            for layer in {id(layer): layer for layer in given}.values():
                self._give_up(layer)
            if cls is cls.declaration:
                spec = cls.spec(*pytree.tree_map(self._spec_of, (args, kwargs)) if given else (args, kwargs))
                if spec.is_lazy:
                    unsized: Any = Unsized(self, node, name, path, spec, native, init_fn)
                    self.unsized.append(unsized)
                    node._modules[name] = unsized  # until it is called and knows its size
                    return unsized
            args, kwargs = pytree.tree_map(_stand_in, (args, kwargs)) if given else (args, kwargs)
            module = layers.construct(cls, native, args, kwargs)
            if cls is not cls.declaration:  # a user's subclass chose the arguments itself, and may own more variables
                spec = module.__dict__.pop("_spec")
                self.record_of(module)
            self.adopt(node, name, path, module, spec, init_fn)
        for inner, inner_spec in reversed(list(spec.instances_within(path))):  # the first copy comes last
            self._adopt_instance(module, inner.removeprefix(f"{path}/"), inner, inner_spec)
        self.customize(module, init_fn)
        return module

    def _give_up(self, layer: Any) -> None:
        """Takes a layer that is given to a container from where it stood."""
        path = self.path_of(layer)
        assert path is not None
        parent, _, name = path.rpartition("/")
        del (self.node_at(parent) if parent else self.root)._modules[name]
        if isinstance(layer, nn.Module):
            own = {id(tensor) for tensor in (*layer.parameters(), *layer.buffers())}
            self.pending[:] = [item for item in self.pending if id(item[0]) not in own]

    def _spec_of(self, value: Any) -> Any:
        path = self.path_of(value)
        if path is None:
            return value
        _, spec, init_fn = self.specs[id(value)]
        return replace(spec.with_initializers(init_fn), instance=value)

    def _adopt_instance(self, container: nn.Module, name: str, path: str, spec: Spec) -> None:
        """Tells a layer where the container that it was given to has it."""
        scope, _, last = name.rpartition("/")
        parent = container.get_submodule(scope.replace("/", "."))
        layer = spec.instance
        if isinstance(layer, Unsized):
            if not isinstance(parent._modules[last], nn.Identity):
                raise ValueError(f"{path!r}: a layer that is copied cannot take a size from its first input")
            layer.slots.append((parent, last))
            layer.node, layer.name, layer.path = parent, last, path
            parent._modules[last] = layer  # type: ignore[assignment]
            return
        layer.__dict__["_path"] = path
        self.customize(parent.get_submodule(last), self.specs[id(layer)][2])

    def adopt(
        self,
        node: nn.Module,
        name: str,
        path: str,
        module: nn.Module,
        spec: Spec,
        init_fn: Any,
    ) -> None:
        """Puts a constructed layer in its place, and sees to its values."""
        spec = spec.with_initializers(init_fn)
        self.drawn = self.drawn or spec.is_random
        self.specs[id(module)] = module, spec, init_fn
        node._modules[name] = module
        module.__dict__["_path"] = path
        for variable in spec.variables:
            scope, _, leaf = variable.name.rpartition("/")
            inner = module.get_submodule(scope.replace("/", ".")) if scope else module
            tensor = self.value(inner, leaf, path)
            assert tensor is not None
            self.give(tensor, f"{path}/{variable.name}", variable.initializer)
        if module._modules:
            module.train(False)
            if self.portable:
                layers.make_portable(module, path)
        else:
            module.__dict__["training"] = False  # what train() sets, without its walk

    def customize(self, module: nn.Module, init_fn: Any) -> None:
        """Lets a function that the user gave change a layer, once it has its values."""
        if callable(init_fn) and not isinstance(init_fn, Initializer):
            self.fill_pending()
            init_fn(module)
            for tensor in (*module.parameters(), *module.buffers()):  # all lanes start as the function leaves one
                self.origins.pop(id(tensor), None)

    def path_of(self, value: Any) -> str | None:
        if isinstance(value, Unsized):
            return value.path
        return super().path_of(value)

    def wrap(self, node: nn.Module, name: str, path: str, factory: Callable[[], Any]) -> nn.Module:
        module = factory()
        if not isinstance(module, nn.Module):
            raise TypeError(
                f"{path!r}: on torch the factory given to wrap returns an nn.Module, got {type(module).__name__}"
            )
        node._modules[name] = module
        return module

    def create(self, node: nn.Module, variable: VariableRecord, path: str, init_fn: Any) -> torch.Tensor:
        dtype = prng.to_torch_dtype(variable.dtype)
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
            node._parameters[variable.name] = tensor
        else:
            node._buffers[variable.name] = tensor
        if self.stacks and init_fn is not None and not isinstance(init_fn, Initializer):
            self.origins[id(tensor)] = tensor, path, None, init_fn
        if init_fn is None or isinstance(init_fn, Initializer):
            with at_path(path):
                self.give(tensor, path, init_fn or initializers.zeros)
        return tensor

    def give(self, tensor: torch.Tensor, path: str, initializer: Initializer) -> None:
        """Gives a new tensor its initial values, now or in `fill_pending`."""
        draw = initializers.resolve(initializer, tuple(tensor.shape))
        if isinstance(draw, Fixed):
            _set(tensor.detach(), draw.value)
        elif not tensor.is_meta:
            first = path
            if self.stacks:
                self.origins[id(tensor)] = tensor, path, draw, None
                over = stacks_over(self.stacks, path, "params" if isinstance(tensor, nn.Parameter) else "state")
                _, first = next(slice_paths(path, over))
            self.pending.append((tensor, first, draw))
            if self.immediate:
                self.fill_pending()

    def fill_pending(self) -> None:
        """Makes all values that are still to be made."""
        with _Aside(self.watch):
            targets, copies = [], []
            for tensor, path, draw in self.pending:
                data = tensor.detach()
                if data.is_cpu and data.dtype in NUMPY_FLOATS:
                    array = data.numpy()
                else:
                    array = np.empty(data.shape, np.float64 if data.dtype is torch.float64 else np.float32)
                    copies.append((data, array))
                targets.append((array, path, draw))
            initializers.fill(threefry.fold_in(self.key, threefry.STREAM_PARAMS), targets)
            for data, array in copies:
                data.copy_(torch.from_numpy(array))
            self.pending.clear()

    def assign(self, node: nn.Module, name: str, path: str, value: torch.Tensor) -> None:
        """Init leaves state as it was made."""

    def _root_key(self) -> tuple[torch.Tensor, torch.Tensor]:
        self.drawn = True
        return torch.tensor(self.key), torch.tensor(0)

    def _stack(self) -> list[nn.Parameter | torch.Tensor]:
        """Puts tensors of all lanes where those of one stand; their values are made for each lane."""
        moved = []
        new: dict[int, torch.Tensor] = {}
        for variable in variables_below(self.root):
            tensor, over = variable.tensor, stacks_over(self.stacks, variable.path, variable.collection)
            if not over:
                continue
            if id(tensor) not in new:
                new[id(tensor)] = self._all_lanes(tensor, over)
                if any(axis for _, axis in over):
                    moved.append(new[id(tensor)])
            variable.held[variable.name] = new[id(tensor)]
        return moved

    def _all_lanes(self, tensor: torch.Tensor, over: list[tuple[StackedScope, int]]) -> torch.Tensor:
        """A tensor for all lanes of one."""
        stacked_shape(tensor.shape, over)  # raises for an axis that is not there
        sizes = [stack.size for stack, _ in over]
        data = tensor.detach().expand(*sizes, *tensor.shape).clone()
        origin = self.origins.get(id(tensor))
        if origin is not None:
            self.pending[:] = [item for item in self.pending if item[0] is not tensor]
            _, path, draw, make = origin
            for numbers, lane_path in slice_paths(path, over):
                if draw is not None:
                    self.pending.append((data[numbers], lane_path, draw))
                elif any(numbers):  # the first lane has its values
                    data[numbers].copy_(make(tuple(tensor.shape), dtype=tensor.dtype))
        for position, (_, axis) in reversed(list(enumerate(over))):
            data = data.movedim(position, position + axis if axis >= 0 else axis)
        return nn.Parameter(data, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else data

    def complete(self) -> None:
        """Makes what is still missing once the body has run."""
        for unsized in self.unsized:
            if unsized.module is None:
                raise ValueError(
                    f"{unsized.path!r}: a size of {unsized.spec.declaration.__name__} is None, to be taken from its "
                    "first input, and the layer was never called"
                )
        if self.portable and self.drawn:
            store = self.root._modules["rng"] = Container("rng")
            store._buffers["key"] = torch.tensor(self.key, dtype=torch.int64).to(torch.uint32)
            store._buffers["counter"] = torch.zeros((), dtype=torch.int64).to(torch.uint32)
        moved = self._stack() if self.stacks else []
        self.fill_pending()
        for tensor in moved:
            tensor.data = tensor.data.contiguous()


class Unsized:
    """A layer during init whose size is `None`: built when it is first called, from the sizes of its inputs."""

    def __init__(
        self, frame: InitFrame, node: nn.Module, name: str, path: str, spec: Any, native: Any, init_fn: Any
    ) -> None:
        self.frame, self.node, self.name, self.path = frame, node, name, path
        self.spec, self.native, self.init_fn = spec, native, init_fn
        frame.specs[id(self)] = self, spec, init_fn
        self.module: nn.Module | None = None
        self.slots: list[tuple[nn.Module, str]] = []  # where a container has it

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        if self.module is None:
            with at_path(self.path):
                spec = self.spec.with_sizes(inputs)
                self.module = layers.construct(spec.declaration, self.native, (), dict(spec.arguments))
                self.frame.adopt(self.node, self.name, self.path, self.module, spec, self.init_fn)
                for module, name in self.slots:
                    module._modules[name] = self.module
            self.frame.customize(self.module, self.init_fn)
        return self.module(*inputs, **kwargs)

    def __getattr__(self, attribute: str) -> Any:
        module = self.__dict__.get("module")
        if module is None:
            raise AttributeError(
                f"{self.path!r} has no {attribute!r} yet: one of its sizes is None, and it has not been called"
            )
        return getattr(module, attribute)


def _stand_in(value: Any) -> Any:
    """What a container is constructed with: torch takes modules alone."""
    return nn.Identity() if isinstance(value, Unsized) else value


def _is_torch_factory(fn: Any) -> bool:
    """Whether `fn` is a function of torch itself, which cannot depend on what the body computed."""
    return getattr(torch, getattr(fn, "__name__", ""), None) is fn


def _set(tensor: torch.Tensor, value: Any) -> None:
    """Fills a tensor with a number, or with an array that broadcasts."""
    if isinstance(value, (int, float)):
        tensor.fill_(value)
    else:
        tensor.copy_(torch.as_tensor(value))
