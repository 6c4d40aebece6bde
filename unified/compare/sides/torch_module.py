"""An `nn.Module` as a side of a comparison."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from unified.compare.errors import SideError
from unified.compare.side import Gradients, Inputs, Intermediate, Run, Side, Value
from unified.compare.sides.settings import plain_settings
from unified.compare.sides.torch_arrays import arrays, to_numpy, to_torch
from unified.compare.sides.torch_watch import Watch
from unified.compare.trees import leaves, mapped

__all__ = ["TorchSide"]


class TorchSide(Side):
    """A private copy of a module, and values that are copied into it before each call."""

    framework, library, separator = "torch", "torch", "."

    def __init__(self, module: torch.nn.Module, values: dict[str, Value], call: Callable[..., Any], lock: Any) -> None:
        self._module, self._values, self._call, self._lock = module, values, call, lock

    @classmethod
    def of(cls, module: Any, state_dict: Mapping[str, Any] | None, call: Callable[..., Any] | None) -> TorchSide:
        """Return the side of a module, or of a function that makes one."""
        if isinstance(module, torch.nn.Module):
            module = copy.deepcopy(module)
        elif callable(module):
            module = module()
        if not isinstance(module, torch.nn.Module):
            raise SideError(f"a torch side is an nn.Module or a function that returns one, got {type(module).__name__}")
        if state_dict is not None:
            try:
                module.load_state_dict(
                    {
                        key: torch.as_tensor(np.asarray(v) if not isinstance(v, torch.Tensor) else v)
                        for key, v in state_dict.items()
                    }
                )
            except RuntimeError as error:
                raise SideError(f"the state dict does not fit the module: {error}") from error
        if any(tensor.is_meta for tensor in module.state_dict().values()):
            raise SideError("the module is on the meta device and has no values: give a state_dict, or build it on cpu")
        trained = {path for path, _ in module.named_parameters(remove_duplicate=False)}
        tied = _tied(module)
        values = {
            path: Value(to_numpy(tensor), "parameter" if path in trained else "state")
            for path, tensor in module.state_dict().items()
            if path not in tied and isinstance(tensor, torch.Tensor)
        }
        return cls(module, values, call or (lambda module, *args, **kwargs: module(*args, **kwargs)), threading.RLock())

    def values(self) -> dict[str, Value]:
        return dict(self._values)

    def tied(self) -> dict[str, str]:
        return _tied(self._module)

    def layers(self) -> dict[str, str]:
        classes = {name: type(module).__name__ for name, module in self._module.named_modules()}
        return {path: classes.get(path.rpartition(".")[0], "") for path in self._values}

    def settings(self) -> dict[str, Mapping[str, Any]]:
        """Return the settings of each module by its name."""
        return {name: plain_settings(vars(module)) for name, module in self._module.named_modules()}

    def replaced(self, values: Mapping[str, np.ndarray]) -> TorchSide:
        new = {path: Value(array, self._values[path].kind) for path, array in self.checked(values).items()}
        return TorchSide(self._module, {**self._values, **new}, self._call, self._lock)

    def cast(self, dtype: str) -> TorchSide:
        module = copy.deepcopy(self._module).to(getattr(torch, dtype))
        values = {
            path: Value(value.array.astype(dtype) if value.array.dtype.kind == "f" else value.array, value.kind)
            for path, value in self._values.items()
        }
        return TorchSide(module, values, self._call, threading.RLock())

    def run(self, inputs: Inputs, training: bool = False) -> Run:
        with self._loaded(training) as module, torch.no_grad():
            outputs = arrays(self._called(module, inputs))
            state = {
                path: to_numpy(module.state_dict()[path])
                for path, value in self._values.items()
                if value.kind == "state"
            }
        return Run({name: to_numpy(tensor) for name, tensor in outputs.items()}, state)

    def first_uses(self, inputs: Inputs) -> list[str]:
        with self._loaded(False) as module, torch.no_grad():
            tensors = dict(module.state_dict(keep_vars=True))
            mode = _Uses({id(tensor): path for path, tensor in tensors.items() if path in self._values})
            with mode:
                self._called(module, inputs)
        return list(mode.uses)

    def gradients(self, inputs: Inputs, cotangents: Mapping[str, np.ndarray], training: bool = False) -> Gradients:
        with self._loaded(training) as module, torch.enable_grad():
            named = {p: t for p, t in module.named_parameters() if p in self._values and t.is_floating_point()}
            was = {path: tensor.requires_grad for path, tensor in named.items()}
            tensors = mapped(lambda _, leaf: to_torch(leaf), (tuple(inputs.args), dict(inputs.kwargs)))
            floating = {
                n: t for n, t in leaves(tensors).items() if isinstance(t, torch.Tensor) and t.is_floating_point()
            }
            try:
                for tensor in (*named.values(), *floating.values()):
                    tensor.requires_grad_(True)
                outputs = arrays(self._called(module, Inputs(*tensors)))
                total: Any = sum(
                    (outputs[name] * torch.as_tensor(cotangent).to(outputs[name])).sum()
                    for name, cotangent in cotangents.items()
                    if name in outputs and outputs[name].requires_grad
                )
                wanted = [*named.values(), *floating.values()]
                found = (
                    torch.autograd.grad(total, wanted, allow_unused=True)
                    if isinstance(total, torch.Tensor)
                    else [None] * len(wanted)
                )
            except RuntimeError as error:
                raise SideError(f"the torch side raised when it was differentiated: {error}") from error
            finally:
                for path, tensor in named.items():
                    tensor.requires_grad_(was[path])
        found_arrays = [to_numpy(torch.zeros_like(t) if g is None else g) for g, t in zip(found, wanted, strict=True)]
        zeros = {
            path: np.zeros_like(value.array)
            for path, value in self._values.items()
            if value.kind == "parameter" and path not in named
        }
        by_leaf = {
            name.partition("/")[2]: array for name, array in zip(floating, found_arrays[len(named) :], strict=True)
        }
        return Gradients({**zeros, **dict(zip(named, found_arrays, strict=False))}, by_leaf)

    def intermediates(self, inputs: Inputs, training: bool = False) -> list[Intermediate]:
        with self._loaded(training) as module, torch.no_grad(), Watch(module) as watch:
            self._called(module, inputs)
        return watch.calls

    @contextmanager
    def _loaded(self, training: bool) -> Iterator[torch.nn.Module]:
        """The private module with this side's values, in a mode, with a fixed seed; one thread at a time."""
        with self._lock, torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            state = self._module.state_dict(keep_vars=True)
            with torch.no_grad():
                for path, value in self._values.items():
                    state[path].copy_(torch.as_tensor(value.array))
            self._module.train(training)
            yield self._module

    def _called(self, module: torch.nn.Module, inputs: Inputs) -> Any:
        args, kwargs = mapped(lambda _, leaf: to_torch(leaf), (tuple(inputs.args), dict(inputs.kwargs)))
        try:
            return self._call(module, *args, **kwargs)
        except Exception as error:
            raise SideError(
                f"the torch side, {type(module).__name__}, raised {type(error).__name__}: {error}. Run it by itself on "
                f"these inputs; `layouts` says how the other side's inputs differ"
            ) from error


class _Uses(TorchFunctionMode):
    """The paths of tensors, in the order in which functions are given them."""

    def __init__(self, paths: dict[int, str]) -> None:
        super().__init__()
        self.paths, self.uses = paths, dict[str, None]()

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(function, "__name__", "") != "__get__":  # an attribute, such as a shape, is no use
            for leaf in leaves((args, kwargs or {})).values():
                if isinstance(leaf, torch.Tensor) and id(leaf) in self.paths:
                    self.uses.setdefault(self.paths[id(leaf)])
        return function(*args, **(kwargs or {}))


def _tied(module: torch.nn.Module) -> dict[str, str]:
    first: dict[int, str] = {}
    tied = {}
    for path, tensor in module.state_dict(keep_vars=True).items():
        if isinstance(tensor, torch.Tensor) and first.setdefault(id(tensor), path) != path:
            tied[path] = first[id(tensor)]
    return tied
