"""`ModuleBody`: a module of torch as the function of a JAX model, with a program for each kind of call."""

import copy
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import torch
from torch import nn
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

from unified.aten.domain import Domain
from unified.aten.exporting import export
from unified.aten.program import Program
from unified.aten.signature import Signature, torch_dtype
from unified.aten.source import line_in
from unified.core import backends
from unified.core.errors import StructureChangedError
from unified.core.scope import current_scope

__all__ = ["ModuleBody"]

DATA_DEPENDENT = (GuardOnDataDependentSymNode, torch._dynamo.exc.UserError)
_exporting = threading.RLock()  # torch.export changes settings of the whole process


class ModuleBody:
    """A module as a function of arrays, which runs in a frame of JAX: its variables are those of the frame."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.__name__ = type(module).__name__
        self.variables = _variables(module)
        self.names = _names(module, self.variables)
        stored = {self.names[name] for name in module.state_dict() if name in self.names}
        parameters = {self.names[name] for name, _ in module.named_parameters()}
        self.constants = self.variables.keys() - stored - parameters  # buffers that are variables only if written
        self._programs: dict[Any, list[tuple[Domain, Program]]] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        scope = current_scope("from_torch")
        frame: Any = scope.frame
        signature, arrays = Signature.of(args, kwargs)
        dtypes = {path: frame.params[path].dtype for path in self.variables if path in frame.params}
        program = self.program(signature, frame.training, self._other_dtypes(dtypes))
        values = [self._value(frame, path) for path in program.variables]
        output, written = program.run(values, [jnp.asarray(array) for array in arrays])
        for path, value in written.items():
            frame.assign("", "", path, value)
        return output

    def _value(self, frame: Any, path: str) -> Any:
        if path in self.constants and path not in frame.params:
            return self.values([path])[0]
        value = frame.value("", "", path)
        expected = tuple(self.variables[path].shape)
        if tuple(value.shape) != expected:
            raise StructureChangedError(
                f"{path!r} has shape {tuple(value.shape)}, and the module of torch has {expected} there: call "
                "from_torch again for a module of the new shape"
            ).with_page("from_torch#what-it-refuses")
        return value

    def _other_dtypes(self, dtypes: Mapping[str, Any]) -> dict[str, torch.dtype]:
        """Return the dtypes of the variables whose floating-point dtype is not the module's."""
        actual = {
            path: torch_dtype(dtype) for path, dtype in dtypes.items() if self.variables[path].is_floating_point()
        }
        return {path: dtype for path, dtype in actual.items() if dtype != self.variables[path].dtype}

    def program(self, signature: Signature, training: bool, dtypes: Mapping[str, torch.dtype] | None = None) -> Program:
        """Return the program of a call, and export it if none of those before holds for its shapes.

        Args:
            signature: the kind of the call.
            training: whether the module is in training.
            dtypes: the dtypes of variables that are not the module's.
        """
        key = (training, tuple(sorted((dtypes or {}).items(), key=str)), signature.family)
        found = self._find(key, signature)
        if found is None:
            with _exporting:
                found = self._find(key, signature) or self._export(key, signature, training, dtypes or {})
        return found

    def _find(self, key: Any, signature: Signature) -> Program | None:
        for domain, program in self._programs.get(key, ()):
            if domain.holds(signature.shapes):
                return program
        return None

    def _export(self, key: Any, signature: Signature, training: bool, dtypes: Mapping[str, torch.dtype]) -> Program:
        programs = self._programs.setdefault(key, [])
        # One program for all batches, unless the module makes one for each or an earlier one has turned out narrower.
        for dynamic in (True, False) if not programs else (False,):
            module = _copy(self.module, training, {path: dtypes[path] for path in dtypes}, self.names)
            try:
                program, domain = export(module, signature, self.names, dynamic=dynamic)
            except NotImplementedError:
                raise
            except Exception as error:
                if dynamic:
                    continue
                if isinstance(error, DATA_DEPENDENT):
                    raise NotImplementedError(
                        f"{self.__name__} reads the value of an array, as `if x.sum() > 0:` or `x.item()` do, "
                        f"{line_in(str(error))}: choose by torch.where, or by an argument that is no array"
                    ) from error
                raise
            if domain.holds(signature.shapes):
                programs.append((domain, program))
                return program
        raise AssertionError("a program holds for the shapes that it was exported for")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_programs": {}}

    def values(self, paths: Sequence[str]) -> list[jax.Array]:
        """Return copies of the module's values, as they are now."""
        torch_backend, jax_backend = backends.load("torch"), backends.load("jax")
        return [jax_backend.from_numpy(torch_backend.to_numpy(self.variables[path].detach()), None) for path in paths]


def _variables(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return the parameters and buffers by path, in the order of the `state_dict`, tied ones by their first name."""
    state = module.state_dict(keep_vars=True)
    buffers = dict(module.named_buffers(remove_duplicate=False))
    variables: dict[str, torch.Tensor] = {}
    for name, tensor in {**state, **dict(module.named_parameters(remove_duplicate=False)), **buffers}.items():
        if isinstance(tensor, torch.Tensor) and not any(tensor is other for other in variables.values()):
            variables[name.replace(".", "/")] = tensor
    return variables


def _names(module: nn.Module, variables: Mapping[str, torch.Tensor]) -> dict[str, str]:
    """Return the path of the variable at each name of a parameter or buffer."""
    paths = {id(tensor): path for path, tensor in variables.items()}
    names = {}
    for items in (module.named_parameters(remove_duplicate=False), module.named_buffers(remove_duplicate=False)):
        names.update({name: paths[id(tensor)] for name, tensor in items})
    return names


def _copy(module: nn.Module, training: bool, dtypes: Mapping[str, torch.dtype], names: Mapping[str, str]) -> nn.Module:
    """Return a copy of a module that shares its tensors, in the mode of a call, so that the module itself is untouched.

    Variables in other dtypes have no values: torch.export looks at none.
    """
    memo: dict[int, Any] = {}
    for part in module.modules():
        for tensor in (*part._parameters.values(), *part._buffers.values(), *part.__dict__.values()):
            if isinstance(tensor, torch.Tensor):
                memo[id(tensor)] = tensor
    copied = copy.deepcopy(module, memo).train(training)
    replaced: dict[str, torch.Tensor] = {}
    for name, path in names.items() if dtypes else ():
        if path in dtypes:
            owner, leaf = copied.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2]
            old = getattr(owner, leaf)
            new = torch.empty_like(old, dtype=dtypes[path])
            if isinstance(old, nn.Parameter):
                new = nn.Parameter(new, old.requires_grad)
            setattr(owner, leaf, replaced.setdefault(path, new))
    return copied
