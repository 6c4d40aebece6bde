"""How a model of Flax runs, as a function of its variables by path: linen's `apply`, and nnx's `split` and `merge`."""

import importlib
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from unified.compat.flax.params import Path, flatten, unboxed, unflatten
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array
from unified.compat.loader.packages import ROOT

__all__ = ["LinenProgram", "NnxProgram", "Program", "program"]


class Program(Protocol):
    """A model as a function.

    Attributes:
        name: the name of the model's class.
        parameters: the names of the arguments that run it.
        fixed: of these, the ones that the model itself has as attributes.
        variables: the first values, by path; the caller takes them.
        trained: the paths of parameters.
        is_linen: whether a call is given keys, and paths begin with a collection.
    """

    name: str
    parameters: list[str]
    fixed: frozenset[str]
    variables: dict[Path, Any]
    trained: frozenset[Path]
    is_linen: bool

    def run(
        self, values: Mapping[Path, Array], keys: Any, args: Any, kwargs: Any, training: bool, mutable: Sequence[str]
    ) -> tuple[Any, dict[Path, Any]]:
        """Return the output for these variables, and the variables that the call changed."""


class LinenProgram:
    """A linen module and its variables."""

    is_linen = True

    def __init__(self, module: Any, variables: Any, method: Any) -> None:
        if variables is None:
            raise TypeError("flax_to_torch needs the variables of a linen module: what its init returned")
        if not isinstance(variables, Mapping):
            raise TypeError(
                f"the variables of a linen module are a dict of collections, got {type(variables).__name__}"
            )
        self.module, self.method, self.name = module, method, type(module).__name__
        call = getattr(module, method or "__call__") if method is None or isinstance(method, str) else method
        names = list(inspect.signature(call).parameters)
        # A method that is given as a function of the class takes the module first.
        self.parameters = names[1:] if names[:1] == ["self"] else names
        self.fixed = frozenset(name for name in names if getattr(module, name, None) is not None)
        self.variables: dict[Path, Any] = {}
        self.structures: dict[Path, tuple[tree.PyTreeDef, list[Path]]] = {}  # of variables that are no single array
        for path, value in flatten(variables).items():
            leaves, structure = tree.tree_flatten(unboxed(value))
            if structure == tree.STAR:
                self.variables[path] = leaves[0]
                continue
            paths = [(*path, str(number)) for number in range(len(leaves))]
            self.structures[path] = (structure, paths)
            self.variables.update(zip(paths, leaves, strict=True))
        self.trained = frozenset(path for path in self.variables if path[0] == "params")
        self.changed = sorted({str(name) for name in variables} - {"params"})

    def __deepcopy__(self, memo: Any) -> "LinenProgram":
        return self  # which is never changed: the module's tensors are the copies

    def run(
        self, values: Mapping[Path, Array], keys: Any, args: Any, kwargs: Any, training: bool, mutable: Sequence[str]
    ) -> tuple[Any, dict[Path, Any]]:
        """Call `apply`; collections other than `params` can change in training, those in `mutable` always."""
        changed = sorted({*(self.changed if training else []), *mutable})
        flat: dict[Path, Any] = dict(values)
        for path, (structure, paths) in self.structures.items():
            flat[path] = structure.unflatten([flat.pop(each) for each in paths])
        options = {} if self.method is None else {"method": self.method}
        output = self.module.apply(
            unflatten(flat), *args, rngs=dict(keys) or None, mutable=changed or False, **options, **kwargs
        )
        if not changed:
            return output, {}
        output, updates = output
        if mutable:
            output = (output, {name: updates[name] for name in mutable if name in updates})
        return output, self._held(updates, values, mutable)

    def _held(self, updates: Any, values: Mapping[Path, Array], mutable: Sequence[str]) -> dict[Path, Any]:
        """Return the updates of variables that the model holds.

        Raises:
            ValueError: a collection that changes has another structure than before.
        """
        result: dict[Path, Any] = {}
        for path, value in flatten(updates).items():
            leaves, structure = tree.tree_flatten(value)
            expected, paths = self.structures.get(path, (tree.STAR, [path]))
            if expected == structure and all(each in values for each in paths):
                result.update(zip(paths, leaves, strict=True))
            elif path in self.structures or path in values or path[0] not in mutable:
                raise ValueError(
                    f"the call made or extended the variable {'/'.join(path)!r}, which an nn.Module cannot hold: leave "
                    f"{path[0]!r} out of its variables, and net(x, mutable=[{path[0]!r}]) returns that collection"
                )
        return result


class NnxProgram:
    """An nnx module, taken apart for training and for evaluation."""

    is_linen = False

    def __init__(self, module: Any, method: Any) -> None:
        self.method, self.name = "__call__" if method is None else method, type(module).__name__
        if not isinstance(self.method, str):
            raise TypeError("the method of an nnx module is given by its name")
        self.parameters = list(inspect.signature(getattr(module, self.method)).parameters)
        self.fixed: frozenset[str] = frozenset()
        module = self.nnx.clone(module)  # the caller's module keeps its mode
        self.definitions = {}
        for training in (False, True):
            module.train() if training else module.eval()
            self.definitions[training], state = self.nnx.split(module)
        flat = list(self.nnx.to_flat_state(state))
        self.variables = {tuple(map(str, path)): variable.get_value() for path, variable in flat}
        self.trained = frozenset(tuple(map(str, path)) for path, kind in flat if isinstance(kind, self.nnx.Param))
        self.template = [(path, variable.replace(None)) for path, variable in flat]

    @property
    def nnx(self) -> Any:
        """The copy of flax.nnx."""
        return importlib.import_module(f"{ROOT}.flax.nnx")

    def __deepcopy__(self, memo: Any) -> "NnxProgram":
        return self  # which is never changed: the module's tensors are the copies

    def run(
        self, values: Mapping[Path, Array], keys: Any, args: Any, kwargs: Any, training: bool, mutable: Sequence[str]
    ) -> tuple[Any, dict[Path, Any]]:
        """Put the module together, call it and take its variables."""
        flat = [(path, variable.replace(values[tuple(map(str, path))])) for path, variable in self.template]
        module = self.nnx.merge(self.definitions[training], self.nnx.from_flat_state(flat))
        output = getattr(module, self.method)(*args, **kwargs)
        after = {tuple(map(str, path)): variable for path, variable in self.nnx.to_flat_state(self.nnx.state(module))}
        for path, variable in after.items():
            if path not in values and not isinstance(variable, self.nnx.Intermediate):
                raise ValueError(
                    f"the call made the variable {'/'.join(path)!r} of type {type(variable).__name__}, which the "
                    f"nn.Module does not hold: make it where the module is constructed"
                )
        return output, {path: after[path].get_value() for path in values if path in after}


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
