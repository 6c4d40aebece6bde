"""The `nn.Module` of a Flax model: its variables in slots of torch, and its function traced for each kind of input."""

import inspect
import itertools
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from unified.backends.torch.container import Container
from unified.compat.flax.params import Path
from unified.compat.flax.programs import program
from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.on_torch import random
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, as_array, of_numpy, tensor
from unified.compat.jax.on_torch.calls import builder
from unified.compat.jax.on_torch.tracing import Abstract
from unified.compat.jax.on_torch.tracing.staged import Type, stage
from unified.compat.jax.on_torch.transforms import TORCH
from unified.compat.jax.on_torch.typed_keys import KeyArray, pack, unpack
from unified.core import backends

__all__ = ["FlaxModule"]

# Arguments by which models of Flax are told the mode, and whether they are true in training.
MODES = {
    "train": True, "training": True, "is_training": True, "deterministic": False, "use_running_average": False,
}  # fmt: skip


def _as_tensor(value: Any) -> torch.Tensor:
    value = value if isinstance(value, torch.Tensor | Array) or backends.of_array(value) is None else np.asarray(value)
    value = value if isinstance(value, torch.Tensor | Array) else of_numpy(np.asarray(value))
    return tensor(value).detach().clone()


def _skeleton(value: Any, tensors: list[torch.Tensor]) -> Any:
    """Return a value as constants, with the kind of each tensor, and collect the tensors."""
    if isinstance(value, Array):
        tensors.append(value.tensor)
        return (Type, type(value), tuple(value.tensor.shape), value.tensor.dtype, value.tensor.device)
    if isinstance(value, torch.Tensor):
        tensors.append(value)
        return (Type, Array, tuple(value.shape), value.dtype, value.device)
    if isinstance(value, np.ndarray):
        return _skeleton(of_numpy(value), tensors)
    if isinstance(value, tuple | list):
        return (type(value), tuple([_skeleton(item, tensors) for item in value]))
    if isinstance(value, dict):
        return (dict, tuple([(key, _skeleton(item, tensors)) for key, item in value.items()]))
    return (None, value)


def _filled(skeleton: Any, arrays: Any) -> Any:
    """Return the value of a skeleton, with the next of the arrays for each tensor."""
    kind = skeleton[0]
    if kind is Type:
        return next(arrays)
    if kind is None:
        return skeleton[1]
    if kind is dict:
        return {key: _filled(item, arrays) for key, item in skeleton[1]}
    items = [_filled(item, arrays) for item in skeleton[1]]
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def _types(skeleton: Any) -> list[Type]:
    kind = skeleton[0]
    if kind is Type:
        return [Type(skeleton[1], Abstract(*skeleton[2:]))]
    if kind is None:
        return []
    items = [item for _, item in skeleton[1]] if kind is dict else skeleton[1]
    return [each for item in items for each in _types(item)]


class FlaxModule(nn.Module):
    """A model of Flax. Submodules named like Flax's modules hold its parameters and buffers."""

    def __init__(self, module: Any, variables: Any, rngs: Any, method: Any) -> None:
        super().__init__()
        with use_backend(TORCH):
            self.__dict__["_program"] = program(module, variables, method)
        self._paths: list[Path] = []
        self._kinds: list[type[Array]] = []
        self._slots: list[tuple[nn.Module, str]] = []
        for path, value in self._program.variables.items():
            self._register(path, value)
        self._streams = self._first_keys(rngs)
        self._number = next(_numbers)
        self._modes = [name for name in inspect.signature(self._program.call).parameters if name in MODES]
        self._traces: dict[Any, int] = {}  # the kinds of input, as places in these lists
        self._functions: list[Any] = []  # of tensors, which return a list
        self._builders: list[Any] = []  # of the output, from that list
        self._changed: list[tuple[int, ...]] = []  # which variables its last tensors are
        _modules[self._number] = self

    def _register(self, path: Path, value: Any) -> None:
        is_trained = path in self._program.trained
        names = path[1:] if self._program.streams else path  # without the collection
        place: nn.Module = self
        for name in names[:-1]:
            if name not in place._modules:
                place._modules[name] = Container(name)
            place = place._modules[name]  # type: ignore[assignment]
        name = names[-1]
        if name in place._parameters or name in place._buffers or name in place._modules:
            raise ValueError(
                f"{'/'.join(path)!r} and another variable would both be {'.'.join(names)!r} in a state_dict"
            )
        kind = type(value) if isinstance(value, Array) else Array
        copy = _as_tensor(value)
        if is_trained and (copy.is_floating_point() or copy.is_complex()):
            place._parameters[name] = nn.Parameter(copy)
        else:
            place._buffers[name] = copy
        self._paths.append(path)
        self._kinds.append(kind)
        self._slots.append((place, name))

    def _first_keys(self, rngs: Any) -> list[str]:
        """Keep the first key of each stream, and the count of calls, in buffers."""
        if rngs is None:
            return []
        if not self._program.streams:
            raise TypeError("an nnx module holds its keys in its Rngs: rngs is for linen modules")
        rngs = rngs if isinstance(rngs, Mapping) else {"dropout": rngs}
        for name, seed in rngs.items():
            words = unpack(seed.tensor) if isinstance(seed, KeyArray) else seed
            with use_backend(TORCH):
                key = words if isinstance(words, torch.Tensor | Array) else random.PRNGKey(words)
            self.register_buffer(f"rng_{name}", tensor(key).to(torch.int64))
        self.register_buffer("rng_count", torch.zeros((), dtype=torch.int64))
        return list(rngs)

    def _keys(self, given: Any) -> dict[str, Any]:
        """Return the words of the keys of a call."""
        if given is not None:
            given = given if isinstance(given, Mapping) else {"dropout": given}
            with use_backend(TORCH):
                return {
                    name: key if isinstance(key, Array | torch.Tensor) else random.PRNGKey(key)
                    for name, key in given.items()
                }
        if self._streams:
            keys = {name: getattr(self, f"rng_{name}") for name in self._streams}
            return {**keys, _COUNT: self.rng_count.clone()}
        if self.training and self._program.streams:
            return {"dropout": torch.randint(0, 1 << 32, (2,), dtype=torch.int64)}
        return {}

    def forward(self, *args: Any, rngs: Any = None, **kwargs: Any) -> Any:
        """Return the output of the model, tensors; in training, buffers are updated in place."""
        if self._modes:
            kwargs = self._with_modes(args, kwargs)
        keys, inputs = self._keys(rngs), []  # type: ignore[var-annotated]
        skeleton = _skeleton((keys, args, kwargs), inputs)
        variables = [_slot_value(*slot) for slot in self._slots]
        kinds = tuple([(tuple(value.shape), value.dtype, value.device) for value in variables])
        place = _trace_of(self._number, self.training, kinds, skeleton)
        outputs = self._functions[place](*variables, *inputs)
        changed = self._changed[place]
        if changed or (keys and self._streams):
            self._update(changed, outputs[len(outputs) - len(changed) :])
        return self._builders[place](outputs)

    def _with_modes(self, args: Any, kwargs: Any) -> dict[str, Any]:
        names = list(inspect.signature(self._program.call).parameters)[: len(args)]
        given = {name: self.training is MODES[name] for name in self._modes if name not in names}
        return {**given, **kwargs}

    def _update(self, changed: Sequence[int], values: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            for place, value in zip(changed, values, strict=True):
                module, name = self._slots[place]
                module._buffers[name].copy_(value)  # type: ignore[union-attr]
            if self._streams:
                self.rng_count.add_(1)

    def _trace(self, training: bool, kinds: Any, skeleton: Any) -> int:
        """Trace the model for one kind of input, and return its place."""
        types = [Type(kind, Abstract(*each)) for kind, each in zip(self._kinds, kinds, strict=True)]
        count, changed = len(types), []  # type: ignore[var-annotated]
        types += _types(skeleton)

        def run(*arrays: Any) -> Any:
            values = dict(zip(self._paths, arrays[:count], strict=True))
            keys, args, kwargs = _filled(skeleton, iter(arrays[count:]))
            output, updates = self._program.run(values, _as_keys(keys), args, kwargs, training)
            changed[:] = [place for place, path in enumerate(self._paths) if path in updates]
            return output, [updates[self._paths[place]] for place in changed]

        name = type(self).__name__
        staged = stage(run, types, tree.treedef_tuple([tree.STAR] * len(types)), name)
        function, captures = staged.graph.function, list(staged.graph.captures)
        output = staged.structure.children()[0]
        self._functions.append((lambda *tensors: function(*captures, *tensors)) if captures else function)
        self._builders.append(builder(output, [None] * output.num_leaves))
        self._changed.append(tuple(changed))
        return len(self._changed) - 1

    def __getstate__(self) -> dict[str, Any]:
        # Copies trace anew: a trace is a function that was written for this module.
        return {**self.__dict__, "_traces": {}, "_functions": [], "_builders": [], "_changed": []}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._number = next(_numbers)
        _modules[self._number] = self

    def extra_repr(self) -> str:
        """Return the Flax module's own text, in one line."""
        return type(getattr(self._program, "module", None)).__name__ if self._program.streams else ""


_COUNT = "count of calls"
_numbers = itertools.count()
_modules: "weakref.WeakValueDictionary[int, FlaxModule]" = weakref.WeakValueDictionary()


def _slot_value(module: nn.Module, name: str) -> torch.Tensor:
    parameter = module._parameters.get(name)
    return module._buffers[name] if parameter is None else parameter  # type: ignore[return-value]


def _as_keys(keys: dict[str, Any]) -> dict[str, Array]:
    """Return typed keys for the words of a call, folded with the count of calls if there is one."""
    count = keys.pop(_COUNT, None)
    result = {}
    for name, key in keys.items():
        typed = key if isinstance(key, KeyArray) else KeyArray(pack(as_array(key).tensor))
        if count is not None:
            words = random.fold_in(unpack(typed.tensor), as_array(count).tensor)
            typed = KeyArray(pack(words))
        result[name] = typed
    return result


@torch._dynamo.assume_constant_result
def _trace_of(number: int, training: bool, kinds: Any, skeleton: Any) -> int:
    """Return the place of a model's trace for one kind of input; torch.compile runs this once and takes the number."""
    module = _modules[number]
    key = (training, kinds, skeleton)
    if key not in module._traces:
        with use_backend(TORCH):
            module._traces[key] = module._trace(training, kinds, skeleton)
    return module._traces[key]
