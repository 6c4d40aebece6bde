"""`InitFrame`: the first run of a body on torch, which builds the modules and fills their tensors.

The tensors of all layers are filled together after the body has run. For small layers this takes a tenth of the time of
filling each by itself. A body that reads values earlier (a branch on data, an initial value computed from data) is run
again, and each tensor is then filled at once.
"""

import copy
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.utils import _pytree as pytree

from unified.backends.torch import layers, prng
from unified.backends.torch.block import Block, block_class
from unified.backends.torch.borrowed import Ownership
from unified.backends.torch.container import Container, modules_below
from unified.backends.torch.embedding import Embedding
from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.moded import give_mode
from unified.backends.torch.slots import variables_below
from unified.backends.torch.stacked import mark_stacked
from unified.backends.torch.templates import Templates
from unified.backends.torch.ties import Made, tie
from unified.backends.torch.value_watch import NeedsValues, ValueWatch
from unified.core import initializers, threefry
from unified.core.error_notes import Description
from unified.core.errors import at_path
from unified.core.filling import fill
from unified.core.initializer_functions import unknown_attribute
from unified.core.initializers import Fixed, Initializer
from unified.core.layer import Layer, Spec, takes_mode
from unified.core.order import first_calls_below, in_call_order
from unified.core.record import NOT_RECORDED, Recording, ScopeRecord, VariableRecord
from unified.core.reparametrized import called_before
from unified.core.stacks import StackedScope, slice_paths, stacked_shape, stacks_over
from unified.core.streams import Seeds
from unified.core.ties import lazy_assignment

__all__ = ["InitFrame", "Origin"]

CALL = "_compiled_call_impl"  # what torch calls in place of a module, if it is set

# The dtypes in which tensors are filled without a copy.
NUMPY_FLOATS = (torch.float32, torch.float64, torch.float16)

# Elements of a tensor whose memory the allocator requests from the system, and elements in a page of it.
LARGE, PAGE = 1 << 18, 1 << 10


class Origin(NamedTuple):
    """Where the first values of a variable come from.

    Attributes:
        tensor: the variable, in a stack one slice of it.
        path: the path that they are drawn at, or that of the layer that a user's function changes.
        draw: the draw of an initialiser; `None` if a user's function makes them.
        init_fn: that function; `None` if it is that of a module, which may change variables of several layers.
        layer: a copy of the layer that it changes, its spec, and the variable's name in it; `None` if it makes the
            variable alone.
        over: the stacks that the variable is in, each with its axis.
        stack: the stack of all slices.
    """

    tensor: torch.Tensor
    path: str
    draw: initializers.Draw | None
    init_fn: Any
    layer: Any = None
    over: tuple[tuple[StackedScope, int], ...] = ()
    stack: torch.Tensor | None = None

    @property
    def is_of_slice(self) -> bool:
        """Whether each slice of a stack gets values of its own, and not those of the first."""
        by_draw = self.draw is not None and not isinstance(self.draw, Fixed)
        return by_draw or (self.init_fn is not None and self.layer is None)


class InitFrame(TorchFrame):
    """A run of a body that builds its modules.

    Attributes:
        seeds: the keys of the model's streams of random numbers.
        immediate: whether each tensor is filled at once.
        is_random: whether calls of the model draw random numbers.
        uses_transforms: whether the body uses transforms that put other tensors into the modules.
        pending: the tensors to fill, with the path and the draw of each.
        watch: a mode that raises `NeedsValues` when the body reads values while tensors are pending.
        lazy_layers: the layers with a size of `None`.
        origins: where the first values of each tensor come from, by the tensor's id.
        made: each variable by its tensor's id: its path, the tensor, and the dict and the name that hold it.
        specs: each layer, which this keeps alive, with its spec and `init_fn`, by the layer's id.
        templates: layers like those built before.
        copies_layers: whether origins have copies of the layers that users' functions change.
    """

    def __init__(self, root: Container, seeds: Seeds, portable: bool, immediate: bool) -> None:
        super().__init__(root, True, portable, initializing=True)
        self.calls_nodes = False
        self.seeds = seeds
        self.immediate = immediate
        self.is_random = False
        self.uses_transforms = False
        self.pending: list[tuple[torch.Tensor, str, initializers.Draw]] = []
        self.ownership = Ownership(self)
        self.watch = ValueWatch(self.pending, self.ownership)
        self.lazy_layers: list[LazyLayer] = []
        self.origins: dict[int, Origin] = {}
        self.specs: dict[int, tuple[Any, Spec, Any]] = {}
        self.made: Made = {}
        self.templates = Templates()
        self.copies_layers = False

    def stepping(self, *steps: Any) -> AbstractContextManager[None]:
        self.uses_transforms = True
        return super().stepping(*steps)

    def child(self, node: nn.Module, name: str, path: str, create: bool) -> nn.Module | None:
        module = node._modules.get(name)
        if module is None and create:
            layer = self.record_of(node).by_name.get(name)
            if layer is None:  # a method
                assert isinstance(node, Block)
                module = block_class(node.module_class(), name)(name, path, name, node)
            else:
                module = block_class(layer.cls)(layer.cls.__name__, path, layer.base)
            module.__dict__["_portable"] = self.portable
            node._modules[name] = module
        return module

    def open(self, node: nn.Module) -> tuple[nn.Module, Mapping[str, Any] | None, Recording]:
        return node, node._modules, NOT_RECORDED

    def record_of(self, node: nn.Module) -> ScopeRecord:
        record = node.__dict__.get("_record")
        if record is None:
            record = node.__dict__["_record"] = ScopeRecord()
        return record

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
        with at_path(path), self.watch.paused() as pause:
            native = layers.native_class(cls, self.portable, args, kwargs)
            inner_layers = []
            if cls.takes_layers:
                inner_layers = [value for value in pytree.tree_leaves((args, kwargs)) if self.path_of(value)]
            for layer in {id(layer): layer for layer in inner_layers}.values():
                self._remove(layer)
            if cls is cls._declaration:
                spec = cls.spec(*pytree.tree_map(self._spec_of, (args, kwargs)) if inner_layers else (args, kwargs))
                if spec.is_lazy:
                    for layer in inner_layers:
                        layer.has_moved = True
                    lazy: Any = LazyLayer(self, node, name, path, spec, native, init_fn)
                    self.lazy_layers.append(lazy)
                    node._modules[name] = lazy  # until its first call replaces it
                    return lazy
            args, kwargs = pytree.tree_map(_as_module, (args, kwargs)) if inner_layers else (args, kwargs)
            # A mode that the body has entered may change what a constructor makes.
            is_plain = cls is cls._declaration and not cls.compound and pause.is_on_top
            module: Any = self.templates.make(native, spec) if is_plain else None
            if module is None:

                def place(module: nn.Module) -> None:
                    module.__dict__["_path"] = path
                    node._modules[name] = module

                module = layers.construct(cls, native, args, kwargs, place)
                if is_plain:
                    self.templates.add(native, spec, module)
                elif cls is not cls._declaration:  # a user's subclass passes its own arguments, and may add variables
                    spec = module.__dict__.pop("_spec")
                    self.record_of(module)
            self.adopt(node, name, path, module, spec, init_fn)
        if spec.inner:
            for inner, inner_spec in reversed(list(spec.instances_within(path))):  # the first copy comes last
                self._adopt_inner(module, inner.removeprefix(f"{path}/"), inner, inner_spec)
        self.customize(module, init_fn)
        return module

    def _remove(self, layer: Any) -> None:
        """Remove a layer that moves into a container from the module that holds it."""
        path = self.path_of(layer)
        assert path is not None
        parent, _, name = path.rpartition("/")
        del (self.node_at(parent) if parent else self.root)._modules[name]
        if isinstance(layer, nn.Module):
            tensors = {id(tensor) for tensor in (*layer.parameters(), *layer.buffers())}
            self.pending[:] = [item for item in self.pending if id(item[0]) not in tensors]
            for tensor_id in tensors:
                self.made.pop(tensor_id, None)

    def _spec_of(self, value: Any) -> Any:
        """Return the spec of a layer with the layer in it; any other value as it is."""
        path = self.path_of(value)
        if path is None:
            return value
        _, spec, init_fn = self.specs[id(value)]
        return replace(spec.with_initializers(init_fn, takes_function=True), instance=value)

    def _adopt_inner(self, container: nn.Module, name: str, path: str, spec: Spec) -> None:
        """Set the path of a layer that moved into a container, where it is called `name`."""
        scope, _, last = name.rpartition("/")
        parent = container.get_submodule(scope.replace("/", "."))
        layer = spec.instance
        if isinstance(layer, LazyLayer):
            if not isinstance(parent._modules[last], nn.Identity):
                raise ValueError(
                    f"{path!r}: a layer that is copied cannot take a size from its first input: pass the size, not None"
                )
            layer.holders.append((parent, last))
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
        """Register a constructed layer at `node`, and fill its tensors."""
        spec = spec.with_initializers(init_fn, takes_function=True)
        self.is_random = self.is_random or spec.is_random
        self.specs[id(module)] = module, spec, init_fn
        node._modules[name] = module
        module.__dict__["_path"] = path
        module.__dict__[CALL] = functools.partial(self._first_call, module)
        if type(module) is nn.Embedding:
            module.__dict__["attend"] = functools.partial(self._attend, module)
        for (name, _, initializer, *_), draw in zip(spec.variables, spec.draws, strict=True):
            scope, _, leaf = name.rpartition("/")
            inner = module.get_submodule(scope.replace("/", ".")) if scope else module
            holder = inner._parameters if leaf in inner._parameters else inner._buffers
            tensor, variable_path = holder[leaf], f"{path}/{name}"
            assert tensor is not None
            self.made[id(tensor)] = variable_path, tensor, holder, leaf
            if draw is None:
                _fill(tensor.detach(), self._made_by(initializer, variable_path, tuple(tensor.shape), tensor.dtype))
                self.origins[id(tensor)] = Origin(tensor, variable_path, None, initializer)
            else:
                self.initialize(tensor, variable_path, draw)
            self.ownership.note(tensor)
        if module._modules:
            module.train(False)
            if self.portable:
                layers.make_portable(module, path)
        else:
            module.__dict__["training"] = False  # as train(False) does, without its walk over modules

    def _first_call(self, module: Any, *inputs: Any, **kwargs: Any) -> Any:
        """Note the first call of a layer, and call it.

        Those that may have a mode of their own are noted in every call, and take `is_training` once a call has it.
        """
        call = module.__dict__.pop(CALL)
        self.first_calls.setdefault(module._path)
        declaration = self.specs[id(module)][1].declaration
        if not declaration.has_mode:
            return module(*inputs, **kwargs)
        if "is_training" in kwargs and takes_mode(type(module), declaration):
            give_mode(module)
            self.root.__dict__["_has_moded"] = True
        try:
            return module(*inputs, **kwargs)
        finally:
            module.__dict__[CALL] = call

    def _attend(self, module: Any, query: torch.Tensor) -> torch.Tensor:
        """Compute logits by an embedding, which has a method for this from now on."""
        del module.__dict__["attend"]
        module.__class__ = Embedding
        logits: torch.Tensor = module.attend(query)
        return logits

    def _order_children(self) -> None:
        """Put the children of all scopes in the order of their first calls.

        If variables are tied they stay as they are: the first of the tied ones gives them their path.
        """
        is_tied = any(holder.get(name) is not tensor for _, tensor, holder, name in self.made.values())
        first = {} if is_tied else first_calls_below(self.first_calls)
        for path, scope in list(modules_below(self.root)) if first else ():
            if isinstance(scope, Container):
                names = in_call_order(scope._modules, path, first)
                for name in names if names != list(scope._modules) else ():
                    scope._modules[name] = scope._modules.pop(name)

    def customize(self, module: nn.Module, init_fn: Any) -> None:
        """Call the user's `init_fn` on a layer whose tensors are filled, if it is a function."""
        if callable(init_fn) and not isinstance(init_fn, Initializer):
            self.fill_pending()
            path, before = module.__dict__["_path"], self._copy_of(module) if self.copies_layers else None
            known = {*module.__dict__, *module._parameters, *module._buffers, *module._modules}
            with self.watch.paused():
                init_fn(module)
            for name in module.__dict__.keys() - known:
                if isinstance(module.__dict__[name], torch.Tensor):  # a misspelt variable; marks of users may stay
                    raise unknown_attribute(path, name, known)
            for name, _, slot in variables_below(module):  # every slice of a stack starts with its values
                spec = self.specs[id(module)][1] if id(module) in self.specs else None
                self.origins[id(slot.tensor)] = Origin(slot.tensor, path, None, init_fn, (before, spec, name))
            self._note_all(module, path)

    def _copy_of(self, layer: nn.Module) -> nn.Module:
        """Return a copy of a layer that knows nothing of this frame."""
        first_call = layer.__dict__.pop(CALL, None)
        try:
            return copy.deepcopy(layer)
        finally:
            if first_call is not None:
                layer.__dict__[CALL] = first_call

    def _modules(self) -> Iterator[nn.Module]:
        return (module for _, module in modules_below(self.root))  # without layers that wait for their sizes

    @contextmanager
    def customizing(self) -> Iterator[None]:
        self.fill_pending()
        versions = {key: tensor._version for key, (_, tensor, *_) in self.made.items()}
        with self.watch.paused():
            yield
        for key, (path, tensor, *_) in self.made.items():
            self.ownership.note(tensor)
            if tensor._version != versions.get(key, tensor._version):
                self.origins[key] = Origin(tensor, path, None, None)

    def _note_all(self, module: nn.Module, path: str) -> None:
        """Note the variables that a layer has after the user's `init_fn`, and their values."""
        for key in [key for key, (other, *_) in self.made.items() if other.startswith(f"{path}/")]:
            del self.made[key]
        for variable, _, slot in variables_below(module, path):
            self.made[id(slot.tensor)] = variable, slot.tensor, slot.tensors, slot.name
            self.ownership.note(slot.tensor)

    def describe(self, value: Any) -> Description | None:
        if isinstance(value, LazyLayer):
            return value.path, value.spec.declaration.__name__, {}
        return super().describe(value)

    def path_of(self, value: Any) -> str | None:
        if isinstance(value, LazyLayer):
            return value.path
        return super().path_of(value)

    def wrap(self, node: nn.Module, name: str, path: str, factory: Callable[[], Any]) -> nn.Module:
        outer, self.refuses_objects = self.refuses_objects, False  # the factory may make one
        try:
            with self.watch.paused():
                module = factory()
        finally:
            self.refuses_objects = outer
        if not isinstance(module, nn.Module):
            raise TypeError(
                f"{path!r}: on torch the factory of u.wrap must return an nn.Module, got {type(module).__name__}"
            )
        node._modules[name] = module
        return module

    def create(self, node: nn.Module, variable: VariableRecord, path: str, init_fn: Any) -> torch.Tensor:
        dtype = prng.to_torch_dtype(variable.dtype)
        if init_fn is None or isinstance(init_fn, Initializer):
            tensor = torch.empty(variable.shape, dtype=dtype)
        else:
            tensor = self._made_by(init_fn, path, variable.shape, dtype).clone()
        if variable.collection == "params":
            is_trained = variable.trainable and (tensor.is_floating_point() or tensor.is_complex())
            tensor = nn.Parameter(tensor, requires_grad=is_trained)
            node._parameters[variable.name] = tensor
        else:
            node._buffers[variable.name] = tensor
        holder = node._parameters if variable.collection == "params" else node._buffers
        self.made[id(tensor)] = path, tensor, holder, variable.name
        if init_fn is not None and not isinstance(init_fn, Initializer):
            self.origins[id(tensor)] = Origin(tensor, path, None, init_fn)
        if init_fn is None or isinstance(init_fn, Initializer):
            with at_path(path):
                self.initialize(tensor, path, initializers.resolve(init_fn or initializers.zeros, variable.shape))
        self.ownership.note(tensor)
        return tensor

    def _made_by(self, init_fn: Any, path: str, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        """Return what a user's function of `(shape, dtype=)` makes, which may read values of other variables."""
        if self.pending and not getattr(init_fn, "__module__", None) == "torch" and not _is_torch_factory(init_fn):
            raise NeedsValues
        with self.watch.paused():
            value = init_fn(shape, dtype=dtype)
        tensor = torch.as_tensor(value, dtype=dtype).detach()
        if tuple(tensor.shape) != shape:
            raise ValueError(f"{path!r}: init_fn returned shape {tuple(tensor.shape)}, expected {shape}")
        return tensor

    def initialize(self, tensor: torch.Tensor, path: str, draw: initializers.Draw) -> None:
        """Fill a new tensor with its initial values, now or in `fill_pending`."""
        self.origins[id(tensor)] = Origin(tensor, path, draw, None)
        if isinstance(draw, Fixed):
            _fill(tensor.detach(), draw.value)
        elif not tensor.is_meta:
            first_path = path
            if self.stacks:
                over = stacks_over(self.stacks, path, "params" if isinstance(tensor, nn.Parameter) else "state")
                _, first_path = next(slice_paths(path, over), ((), path))  # a stack may be empty
            if tensor.numel() >= LARGE and tensor.is_contiguous():
                # The body reads it before it is filled, and a page that is read first costs a second interrupt.
                tensor.detach().view(-1)[::PAGE].zero_()
            self.pending.append((tensor, first_path, draw))
            if self.immediate:
                self.fill_pending()

    def fill_pending(self) -> None:
        """Fill all pending tensors."""
        with self.watch.paused():
            targets, copies = [], []
            for tensor, path, draw in self.pending:
                data = tensor.detach()
                if data.is_cpu and data.dtype in NUMPY_FLOATS:
                    array = data.numpy()
                else:
                    array = np.empty(data.shape, np.float64 if data.dtype is torch.float64 else np.float32)
                    copies.append((tensor, array))
                targets.append((array, path, draw))
            fill(threefry.fold_in(self.seeds.params, threefry.STREAM_PARAMS), targets, torch.get_num_threads())
            for tensor, array in copies:
                unchanged = self.ownership.is_unchanged(tensor)
                tensor.detach().copy_(torch.from_numpy(array))
                if unchanged:
                    self.ownership.note(tensor)
            self.pending.clear()

    def assign(self, node: nn.Module, name: str, path: str, value: torch.Tensor) -> None:
        """Ignore new state: init leaves state at its initial values."""

    def has_stream(self, name: str) -> bool:
        return name in self.seeds.named

    def _root_key(self, stream: str) -> tuple[torch.Tensor, torch.Tensor]:
        self.is_random = True
        return torch.tensor(self.seeds.of(stream)), torch.tensor(0)

    def _store_keys(self) -> None:
        """Register the keys and the counters of all streams of random numbers."""
        default = self.root._modules["rng"] = Container("rng")
        for stream in self.seeds.streams:
            store = default
            if stream:
                store = default._modules[stream] = Container(stream)
            store._buffers["key"] = torch.tensor(self.seeds.of(stream), dtype=torch.int64).to(torch.uint32)
            store._buffers["counter"] = torch.zeros((), dtype=torch.int64).to(torch.uint32)

    def _stack_variables(self) -> list[nn.Parameter | torch.Tensor]:
        """Replace each variable of a stacked scope by its stack; return the stacks along other axes than the first."""
        strided = []
        stacks: dict[int, torch.Tensor] = {}
        for path, collection, slot in variables_below(self.root):
            tensor, over = slot.tensor, stacks_over(self.stacks, path, collection)
            if not over:
                continue
            if id(tensor) not in stacks:
                stacks[id(tensor)] = self._stack(tensor, over)
                if any(axis for _, axis in over):
                    strided.append(stacks[id(tensor)])
            slot.tensors[slot.name] = stacks[id(tensor)]
        return strided

    def _stack(self, tensor: torch.Tensor, over: list[tuple[StackedScope, int]]) -> torch.Tensor:
        """Return the stack of a variable; the values of each slice are drawn at the slice's path."""
        stacked_shape(tensor.shape, over)  # raises for an axis that does not exist
        sizes = [stack.size for stack, _ in over]
        data = tensor.detach().expand(*sizes, *tensor.shape).clone()
        origin = self.origins.get(id(tensor))
        if origin is not None and origin.is_of_slice and not tensor.is_meta:
            self.pending[:] = [item for item in self.pending if item[0] is not tensor]
            for numbers, slice_path in slice_paths(origin.path, over):
                if origin.draw is not None:
                    self.pending.append((data[numbers], slice_path, origin.draw))
                elif any(numbers):  # the first slice has its values already
                    data[numbers].copy_(origin.init_fn(tuple(tensor.shape), dtype=tensor.dtype))
        for position, (_, axis) in reversed(list(enumerate(over))):
            data = data.movedim(position, position + axis if axis >= 0 else axis)
        stack = nn.Parameter(data, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else data
        if origin is not None:
            self.origins[id(stack)] = origin._replace(stack=stack, over=tuple(over))
        return stack

    def complete(self) -> None:
        """Finish init after the body has run: stack variables, fill pending tensors, store the key."""
        for layer in self.lazy_layers:
            if layer.module is None and not layer.has_moved:
                raise ValueError(
                    f"{layer.path!r}: a size of {layer.spec.declaration.__name__} is None and follows from its first "
                    "input, and the layer was never called: call it in the body, or pass the size"
                )
        for layer, *_ in self.specs.values():
            layer.__dict__.pop(CALL, None)
            layer.__dict__.pop("attend", None)
        self.ownership.check_unchanged()
        self._order_children()
        tie(self.root, self.made, self.stacks)
        if self.portable and self.is_random:
            self._store_keys()
        strided = self._stack_variables() if self.stacks else []
        mark_stacked(self.root, self.stacks)
        for stack in self.stacks:
            for _, module in modules_below(self.node_at(stack), stack):
                if isinstance(module, Block):
                    module.__dict__["_stack"] = stack
        self.fill_pending()
        for tensor in strided:
            tensor.data = tensor.data.contiguous()

    def release(self) -> None:
        """Break the cycles of this frame, which would keep the layers of a deleted model until a garbage collection."""
        self.ownership.frame = None
        self.lazy_layers.clear()
        self.specs.clear()


class LazyLayer:
    """A layer with a size of `None` during init: its first call constructs it, with the sizes of the inputs."""

    def __init__(
        self, frame: InitFrame, node: nn.Module, name: str, path: str, spec: Any, native: Any, init_fn: Any
    ) -> None:
        self.frame, self.node, self.name, self.path = frame, node, name, path
        self.spec, self.native, self.init_fn = spec, native, init_fn
        frame.specs[id(self)] = self, spec, init_fn
        self.module: nn.Module | None = None
        self.has_moved = False  # into a layer that takes its sizes from the first input, as this one does
        self.holders: list[tuple[nn.Module, str]] = []  # the containers that it moved into, with its names there

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        if self.has_moved:
            raise called_before(self.path)
        if self.module is None:
            with at_path(self.path), self.frame.watch.paused():
                spec = self.spec.with_sizes(inputs)
                arguments = {name: self._constructed(value) for name, value in spec.arguments.items()}
                self.module = layers.construct(spec.declaration, self.native, (), arguments)
                self.frame.adopt(self.node, self.name, self.path, self.module, spec, self.init_fn)
                for module, name in self.holders:
                    module._modules[name] = self.module
            self.frame.customize(self.module, self.init_fn)
        return self.module(*inputs, **kwargs)

    def _constructed(self, value: Any) -> Any:
        """Return the layer of a spec among the arguments, which has its sizes now; any other value as it is."""
        if not isinstance(value, Spec):
            return value
        arguments = {name: self._constructed(inner) for name, inner in value.arguments.items()}
        native = layers.native_class(value.declaration, self.frame.portable, (), value.arguments)
        return layers.construct(value.declaration, native, (), arguments)

    def __setattr__(self, attribute: str, value: Any) -> None:
        if "spec" not in self.__dict__ or attribute not in self.spec.declaration.variable_names:
            object.__setattr__(self, attribute, value)
        elif self.module is None:
            raise lazy_assignment(self.path, attribute)
        else:
            setattr(self.module, attribute, value)

    def __getattr__(self, attribute: str) -> Any:
        module = self.__dict__.get("module")
        if module is None:
            raise AttributeError(
                f"{self.path!r} has no {attribute!r} yet: one of its sizes is None, and it has not been called"
            )
        return getattr(module, attribute)


def _as_module(value: Any) -> Any:
    """Return the value for the constructor of a container, which takes modules but no `LazyLayer`."""
    return nn.Identity() if isinstance(value, LazyLayer) else value


def _is_torch_factory(fn: Any) -> bool:
    """Return whether `fn` is a function of torch itself, which cannot depend on values of the body."""
    return getattr(torch, getattr(fn, "__name__", ""), None) is fn


def _fill(tensor: torch.Tensor, value: Any) -> None:
    """Fill a tensor with a number, or with an array that broadcasts."""
    if isinstance(value, (int, float)):
        tensor.fill_(value)
    else:
        tensor.copy_(torch.as_tensor(value))
