"""How a model of Flax runs, as a function of its variables by path: linen's `apply`, and nnx's `split` and `merge`."""

import importlib
from collections.abc import Mapping
from typing import Any, Protocol

from unified.compat.flax.params import Path, flatten, unflatten
from unified.compat.jax.on_torch.array import Array
from unified.compat.loader.packages import ROOT

__all__ = ["LinenProgram", "NnxProgram", "Program", "program"]


class Program(Protocol):
    """A model as a function.

    Attributes:
        call: what runs, for its signature.
        variables: the first values, by path.
        trained: the paths of parameters.
        streams: the random streams whose keys a call is given.
    """

    call: Any
    variables: dict[Path, Any]
    trained: frozenset[Path]
    streams: bool

    def run(
        self, values: Mapping[Path, Array], keys: Mapping[str, Any], args: Any, kwargs: Any, training: bool
    ) -> tuple[Any, dict[Path, Any]]:
        """Return the output for these variables, and the variables that the call changed."""


class LinenProgram:
    """A linen module and its variables."""

    streams = True

    def __init__(self, module: Any, variables: Any, method: Any) -> None:
        if variables is None:
            raise TypeError("flax_to_torch needs the variables of a linen module: what its init returned")
        self.module, self.method = module, method
        method = "__call__" if method is None else method
        self.call = getattr(module, method) if isinstance(method, str) else method
        boxes = importlib.import_module(f"{ROOT}.flax.core.meta")
        self.variables = flatten(boxes.unbox(variables))
        self.trained = frozenset(path for path in self.variables if path[0] == "params")
        self.changed = sorted({path[0] for path in self.variables} - {"params"})

    def __deepcopy__(self, memo: Any) -> "LinenProgram":
        return self  # which is never changed: the module's tensors are the copies

    def run(
        self, values: Mapping[Path, Array], keys: Mapping[str, Any], args: Any, kwargs: Any, training: bool
    ) -> tuple[Any, dict[Path, Any]]:
        """Call `apply`; collections other than `params` can change in training."""
        mutable = self.changed if training and self.changed else False
        options = {} if self.method is None else {"method": self.method}
        output = self.module.apply(
            unflatten(values), *args, rngs=dict(keys) or None, mutable=mutable, **options, **kwargs
        )
        if mutable is False:
            return output, {}
        output, updates = output
        return output, {path: value for path, value in flatten(updates).items() if path in values}


class NnxProgram:
    """An nnx module, taken apart for training and for evaluation."""

    streams = False

    def __init__(self, module: Any, method: Any) -> None:
        self.method = "__call__" if method is None else method
        self.call = getattr(module, self.method)
        self.definitions = {}
        for training in (False, True):
            module.train() if training else module.eval()
            self.definitions[training], state = self.nnx.split(module)
        self.template = list(self.nnx.to_flat_state(state))
        self.paths = {tuple(map(str, path)): variable for path, variable in self.template}
        self.variables = {path: variable.get_value() for path, variable in self.paths.items()}
        self.trained = frozenset(path for path, kind in self.paths.items() if isinstance(kind, self.nnx.Param))

    @property
    def nnx(self) -> Any:
        """The copy of flax.nnx."""
        return importlib.import_module(f"{ROOT}.flax.nnx")

    def __deepcopy__(self, memo: Any) -> "NnxProgram":
        return self  # which is never changed: the module's tensors are the copies

    def run(
        self, values: Mapping[Path, Array], keys: Mapping[str, Any], args: Any, kwargs: Any, training: bool
    ) -> tuple[Any, dict[Path, Any]]:
        """Put the module together, call it and take its variables."""
        flat = [(path, variable.replace(values[tuple(map(str, path))])) for path, variable in self.template]
        module = self.nnx.merge(self.definitions[training], self.nnx.from_flat_state(flat))
        output = getattr(module, self.method)(*args, **kwargs)
        after = self.nnx.to_flat_state(self.nnx.state(module))
        found = {tuple(map(str, path)): variable.get_value() for path, variable in after}
        return output, {path: value for path, value in found.items() if path not in self.trained and path in values}


def program(module: Any, variables: Any, method: Any) -> Program:
    """Return how a model of Flax runs.

    Raises:
        TypeError: the model is of the Flax that was imported for JAX, or of none.
    """
    modules = {cls.__module__ for cls in type(module).__mro__}
    if f"{ROOT}.flax.linen.module" in modules:
        return LinenProgram(module, variables, method)
    if f"{ROOT}.flax.nnx.module" in modules:
        if variables is not None:
            raise TypeError("an nnx module holds its variables: flax_to_torch(module) takes them from there")
        return NnxProgram(module, method)
    if any(name.startswith("flax.") for name in modules):
        raise TypeError(
            f"{type(module).__qualname__} is a class of the Flax that was imported for JAX: load the module that "
            f"defines it by unified.compat.load(name, 'torch'), or run the program by `unified run`"
        )
    raise TypeError(f"expected a module of flax.linen or flax.nnx, got {type(module).__qualname__}")
