"""The `nn.Module` of a Flax model: its variables in slots of torch, and its function traced for each kind of input."""

import itertools
import threading
import weakref
from collections.abc import Sequence
from typing import Any, NoReturn

import torch
from torch import nn
from torch.utils._python_dispatch import _disable_current_modes

from unified.backends.torch.container import Container
from unified.compat.flax import keys as keys_of
from unified.compat.flax.inputs import as_tensor, filled, shape_of, skeleton, types
from unified.compat.flax.params import Path
from unified.compat.flax.programs import Program, program
from unified.compat.held import buffer_of, value_of
from unified.compat.jax import config
from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array
from unified.compat.jax.on_torch.calls import builder
from unified.compat.jax.on_torch.tracing import Abstract
from unified.compat.jax.on_torch.tracing.staged import Type, environment, stage
from unified.compat.jax.on_torch.transforms import TORCH
from unified.compat.jax.on_torch.typed_keys import KeyArray

__all__ = ["FlaxModule"]

# Arguments by which models of Flax are told the mode, and whether they are true in training.
MODES = {
    "train": True, "training": True, "is_training": True, "deterministic": False, "use_running_average": False,
}  # fmt: skip
WIDE = (torch.float64, torch.complex128)


class FlaxModule(Container):
    """A model of Flax. Submodules named like Flax's modules hold its parameters and buffers."""

    _program: Program
    rng_count: torch.Tensor

    def __init__(self, module: Any, variables: Any, rngs: Any, method: Any) -> None:
        with use_backend(TORCH):
            made = program(module, variables, method)
        super().__init__(made.name)
        self.__dict__["_program"] = made
        self._paths: list[Path] = []
        self._kinds: list[type[Array]] = []
        self._slots: list[tuple[nn.Module, str]] = []
        for path, value in made.variables.items():
            self._register(path, value)
        made.variables = {}  # a second copy of all values
        self._generators: dict[str, torch.Generator] = {}
        self._streams: list[str] = []
        if rngs is not None:
            self._keep(rngs)
        self._number = next(_numbers)
        self._modes = [name for name in made.parameters if name in MODES and name not in made.fixed]
        self._traces: dict[Any, int] = {}  # the kinds of input, as places in these lists
        self._functions: list[Any] = []  # of tensors, which return a list
        self._builders: list[Any] = []  # of the output, from that list
        self._changed: list[tuple[int, ...]] = []  # which variables its last tensors are
        _modules[self._number] = self

    def _register(self, path: Path, value: Any) -> None:
        names = path[1:] if self._program.is_linen else path  # without the collection
        text = "/".join(path)
        place: nn.Module = self
        for name in names[:-1]:
            if name in place._parameters or name in place._buffers:
                raise ValueError(f"{text!r} lies below a variable of the same name: a state_dict cannot hold both")
            if name not in place._modules:
                _check_name(name, text)
                place._modules[name] = Container(name)
            place = place._modules[name]  # type: ignore[assignment]
        name = names[-1]
        _check_name(name, text)
        if name in place._parameters or name in place._buffers or name in place._modules:
            raise ValueError(f"{text!r} and another variable would both be {'.'.join(names)!r} in a state_dict")
        copy = as_tensor(value, text)
        if path in self._program.trained and (copy.is_floating_point() or copy.is_complex()):
            place._parameters[name] = nn.Parameter(copy)
        else:
            place._buffers[name] = copy
        self._paths.append(path)
        self._kinds.append(type(value) if isinstance(value, Array) else Array)
        self._slots.append((place, name))

    def _keep(self, rngs: Any) -> None:
        """Keep the generators of streams, and the first keys of the others with the count of calls in buffers."""
        if not self._program.is_linen:
            raise TypeError("an nnx module holds its keys in its Rngs: rngs is for linen modules")
        for name, value in keys_of.streams(rngs).items():
            if isinstance(value, torch.Generator):
                self._generators[name] = value
                continue
            self.register_buffer(f"rng_{name}", keys_of.words_of(value))
            self._streams.append(name)
        if self._streams:
            self.register_buffer("rng_count", torch.zeros((), dtype=torch.int64))

    def _keys(self, given: Any, device: Any) -> dict[str, Any]:
        """Return the keys of a call, or their words, by stream."""
        if given is not None:
            if not self._program.is_linen:
                raise TypeError("an nnx module holds its keys in its Rngs: a call takes no rngs")
            return {name: keys_of.key_of(value) for name, value in keys_of.streams(given).items()}
        keys = {name: keys_of.drawn(generator, device) for name, generator in self._generators.items()}
        if self._streams:
            keys.update({name: getattr(self, f"rng_{name}") for name in self._streams})
            keys[keys_of.COUNT] = self.rng_count.clone()
        elif not keys and self.training and self._program.is_linen:
            keys = {keys_of.STREAM: keys_of.drawn(device=device)}
        return keys

    def forward(self, *args: Any, rngs: Any = None, mutable: Any = None, **kwargs: Any) -> Any:
        """Return the output of the model, tensors; in training, buffers are updated in place.

        Args:
            args: those of the model, tensors or NumPy arrays in trees, and constants.
            rngs: for linen, a seed, key or generator for this call, or a dict of them by stream.
            mutable: for linen, names of collections that change in this call too; the result is then the pair of the
                output and those collections, as that of `apply`.
            kwargs: named arguments of the model.
        """
        if self._modes:
            kwargs = self._with_modes(args, kwargs)
        named = (mutable,) if isinstance(mutable, str) else tuple(mutable or ())
        if named and not self._program.is_linen:
            raise TypeError("mutable names collections of linen: variables of an nnx module always change")
        variables = [value_of(*slot) for slot in self._slots]
        keys, inputs = self._keys(rngs, variables[0].device if variables else None), []  # type: ignore[var-annotated]
        constants = skeleton((keys, args, kwargs), inputs)
        kinds = tuple([(shape_of(value), value.dtype, value.device) for value in variables])
        place = _trace_of(self._number, self.training, named, kinds, constants)
        changed = self._changed[place]
        for each in changed:  # autograd may keep what the call reads, and the slot is overwritten below
            variables[each] = variables[each].clone()
        outputs = self._functions[place](*variables, *inputs)
        if changed:
            self._update(changed, outputs[len(outputs) - len(changed) :])
        if self._streams and rngs is None:
            with torch.no_grad():
                self.rng_count.add_(1)
        return self._builders[place](outputs)

    def _with_modes(self, args: Any, kwargs: Any) -> dict[str, Any]:
        names = self._program.parameters[: len(args)]
        given = {name: self.training is MODES[name] for name in self._modes if name not in names}
        return {**given, **kwargs}

    def _update(self, changed: Sequence[int], values: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            for place, value in zip(changed, values, strict=True):
                buffer_of(*self._slots[place]).copy_(value)

    def _trace(self, training: bool, mutable: tuple[str, ...], kinds: Any, constants: Any) -> int:
        """Trace the model for one kind of input, and return its place."""
        leaves = [Type(kind, Abstract(*each)) for kind, each in zip(self._kinds, kinds, strict=True)]
        count, changed = len(leaves), []  # type: ignore[var-annotated]
        leaves += types(constants)

        def run(*arrays: Any) -> Any:
            values = dict(zip(self._paths, arrays[:count], strict=True))
            keys, args, kwargs = filled(constants, iter(arrays[count:]))
            output, updates = self._program.run(values, keys_of.typed(keys), args, kwargs, training, mutable)
            changed[:] = [
                place for place, path in enumerate(self._paths)
                if path in updates and _tensor(updates[path]) is not values[path].tensor
            ]  # fmt: skip
            return output, [updates[self._paths[place]] for place in changed]

        staged = stage(run, leaves, tree.treedef_tuple([tree.STAR] * len(leaves)), self._program.name)
        for place, new in zip(changed, staged.types[len(staged.types) - len(changed) :], strict=True):
            self._check_update(place, leaves[place].abstract, new.abstract)
        function, captures = staged.graph.function, list(staged.graph.captures)
        output = staged.structure.children()[0]
        outputs = [KeyArray if each.kind is KeyArray else None for each in staged.types[: output.num_leaves]]
        self._functions.append((lambda *tensors: function(*captures, *tensors)) if captures else function)
        self._builders.append(builder(output, outputs))
        self._changed.append(tuple(changed))
        return len(self._changed) - 1

    def _check_update(self, place: int, before: Abstract, after: Abstract) -> None:
        path = "/".join(self._paths[place])
        if place in self._parameter_places():
            raise ValueError(f"the call changed the parameter {path!r}: an nn.Parameter is changed by its optimizer")
        narrows = _rank(after.dtype) > _rank(before.dtype)
        if tuple(before.shape) != tuple(after.shape) or narrows:
            raise ValueError(
                f"the call changed the variable {path!r} from {tuple(before.shape)} of {before.dtype} to "
                f"{tuple(after.shape)} of {after.dtype}: a buffer keeps its shape and dtype"
            )

    def _parameter_places(self) -> set[int]:
        return {place for place, path in enumerate(self._paths) if path in self._program.trained}

    def _replicate_for_data_parallel(self) -> NoReturn:
        raise TypeError(
            "nn.DataParallel is not for models of Flax: use torch.nn.parallel.DistributedDataParallel, with a process "
            "for each device"
        )

    def __getstate__(self) -> dict[str, Any]:
        # Copies trace anew: a trace is a function that was written for this module.
        return {**self.__dict__, "_traces": {}, "_functions": [], "_builders": [], "_changed": []}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._number = next(_numbers)
        _modules[self._number] = self


_numbers = itertools.count()
_modules: "weakref.WeakValueDictionary[int, FlaxModule]" = weakref.WeakValueDictionary()
_lock = threading.RLock()


def _check_name(name: str, path: str) -> None:
    if not name or "." in name:
        raise ValueError(f"a name in {path!r} is empty or has a dot, by which torch separates names: rename it")


def _rank(dtype: torch.dtype) -> int:
    """Return a number that is higher for a kind of dtype that holds another."""
    return 2 if dtype.is_complex else int(dtype.is_floating_point)


def _tensor(value: Any) -> Any:
    return getattr(value, "tensor", value)


@torch._dynamo.assume_constant_result
def _trace_of(number: int, training: bool, mutable: tuple[str, ...], kinds: Any, constants: Any) -> int:
    """Return the place of a trace for one kind of input; `torch.compile` runs this once and keeps the number."""
    module = _modules[number]
    key = (training, mutable, kinds, constants, environment())
    place = module._traces.get(key)
    if place is not None:
        return place
    has_wide = any(each[1] in WIDE for each in kinds) or any(each.abstract.dtype in WIDE for each in types(constants))
    # A trace is kept for calls outside of torch.export's modes and of inference mode too.
    with _lock, _disable_current_modes(), torch.inference_mode(False), use_backend(TORCH):
        place = module._traces.get(key)
        if place is None:
            with config.block("jax_enable_x64")() if has_wide else torch.enable_grad():
                place = module._traces[key] = module._trace(training, mutable, kinds, constants)
    return place
