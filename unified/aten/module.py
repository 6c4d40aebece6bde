"""`ExportedModel`: a module of torch as a model of the jax backend."""

import inspect
from collections.abc import Mapping
from typing import Any, NoReturn

import jax
import numpy as np
from torch import nn

from unified.aten.body import ModuleBody
from unified.aten.signature import Kind, Signature, jax_dtype
from unified.backends.jax.frame import JaxFrame
from unified.backends.jax.init import random_infos, random_state
from unified.backends.jax.model import JaxModel, _key
from unified.core.filters import Filter
from unified.core.params import Params
from unified.core.scope import run_body
from unified.core.streams import Seeds, seeds_of
from unified.core.structure import Structure, VariableInfo

__all__ = ["ExportedModel"]

RESERVED = {
    "params": "the first argument of apply",
    "capture": "an argument of apply",
    "rng": "the seed that init takes",
    "training": "the mode of a call",
}


class ExportedModel(JaxModel[Any]):
    """A module of torch as pure functions over `Params`; see `unified.from_torch`."""

    _fn: ModuleBody

    def __init__(self, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        _check(module)
        super().__init__(ModuleBody(module))
        self._examples = None
        if args or kwargs:
            self._examples, _ = Signature.of(args, kwargs)
            self._draws(self._examples, training=False)  # what is not covered raises here

    def init(self, *args: Any, rng: Any = None, **kwargs: Any) -> Params:
        """Return the module's own values, as they are now.

        Args:
            *args, **kwargs: the module's arguments, for their shapes and dtypes; by default those of `from_torch`.
            rng: an integer or a JAX key, from which calls draw random numbers. Without it the params have no state of
                random numbers, and a call that draws raises. A mapping has one for each stream, such as `dropout`.
        """
        seeds = None if rng is None else seeds_of(rng, _key)
        infos = self._infos(args, kwargs, seeds)
        paths = [info.path for info in infos if info.collection != "rng"]
        state = () if seeds is None else tuple(random_state(seeds).values())
        values = (*self._fn.values(paths), *state)[: len(infos)]
        return Params._make(_structure(infos), tuple(values))

    def eval_shape(self, *args: Any, rng: Any = 0, **kwargs: Any) -> Params:
        """Return the `Params` that `init` would return with `rng=`, as `jax.ShapeDtypeStruct`s."""
        infos = self._infos(args, kwargs, seeds_of(rng, _key))
        leaves = (jax.ShapeDtypeStruct(info.shape, jax.dtypes.canonicalize_dtype(info.dtype)) for info in infos)
        return Params._make(_structure(infos), tuple(leaves))

    def apply(
        self,
        params: Mapping[str, Any],
        *args: Any,
        training: bool = False,
        capture: Filter | None = None,
        **kwargs: Any,
    ) -> tuple[Any, Params]:
        """Run the module over `params` and return `(output, changes)`; `params | changes` are the next params.

        `training` is the mode of the whole module, as after `module.train()` or `module.eval()`.
        """
        if capture is not None:
            raise NotImplementedError(
                "capture= is not for a module from torch: its program has no layers. Return the values from the module"
            )
        return super().apply(params, *args, training=training, **kwargs)

    def method(self, fn: Any) -> NoReturn:
        raise TypeError(
            "a module from torch runs its forward alone: call from_torch for a module whose forward is the method"
        )

    def calls(self, *args: Any, **kwargs: Any) -> tuple[Params, list[Any]]:
        """Return the result of `eval_shape`, and no calls: a program has no layers."""
        return self.eval_shape(*args, **kwargs), []

    def operators(self, *args: Any, training: bool = False, **kwargs: Any) -> dict[str, int]:
        """Return how often a call runs each operator of ATen, by name."""
        return self._fn.program(self._signature(args, kwargs), training).operators()

    def _signature(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Signature:
        if args or kwargs or self._examples is None:
            return Signature.of(args, kwargs)[0]
        return self._examples

    def _infos(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], seeds: Seeds | None) -> tuple[VariableInfo, ...]:
        """Return the variables: of the `state_dict`, others that a call writes, and the state of random numbers."""
        signature = self._signature(args, kwargs)
        module, infos = self._fn.module, []
        parameters = {id(parameter) for parameter in module.parameters()}
        writes, draws = self._effects(signature)
        for path, tensor in self._fn.variables.items():
            is_parameter = id(tensor) in parameters
            if path not in self._fn.constants or path in writes:
                collection, trained = ("params", tensor.requires_grad) if is_parameter else ("state", False)
                name = jax_dtype(tensor.dtype).name
                infos.append(VariableInfo(path, tuple(tensor.shape), name, collection, trained))
        if draws and seeds is not None:
            infos += random_infos(seeds)
        return tuple(infos)

    def _effects(self, signature: Signature) -> tuple[set[str], bool]:
        """Return the variables that calls of this kind write, and whether they draw random numbers, in either mode."""
        writes: set[str] = set()
        draws = False
        for training in (False, True):
            draws |= self._draws(signature, training)
            writes |= {path for path, _ in self._fn.program(signature, training).writes}
        return writes, draws

    def _draws(self, signature: Signature, training: bool) -> bool:
        """Return whether a call draws random numbers, by a run on shapes alone."""
        program = self._fn.program(signature, training)
        if program.draws is not None:
            return program.draws
        frames = []
        variables = {path: _shape(tensor) for path, tensor in self._fn.variables.items()}
        state = {"rng/key": jax.ShapeDtypeStruct((2,), np.uint32), "rng/counter": jax.ShapeDtypeStruct((), np.uint32)}
        arrays = [_shape(leaf) for leaf in signature.leaves if isinstance(leaf, Kind)]

        def run(variables: Any, arrays: Any) -> Any:
            frame = JaxFrame(Params(variables), training)
            frames.append(frame)
            args, kwargs = signature.filled(arrays)
            return run_body(frame, self._fn, args, kwargs)

        jax.eval_shape(run, {**variables, **state}, arrays)
        program.draws = bool(frames[0].drawn)
        return program.draws

    def __repr__(self) -> str:
        return f"from_torch({type(self._fn.module).__name__})"


def _check(module: Any) -> None:
    """Raise `TypeError` unless a value is a module whose arguments can be those of a model."""
    if not isinstance(module, nn.Module):
        raise TypeError(f"from_torch takes an nn.Module, got {type(module).__name__}")
    for name in inspect.signature(module.forward).parameters:
        if name in RESERVED:
            raise TypeError(
                f"the forward of {type(module).__name__} has an argument {name!r}, which is {RESERVED[name]} and never "
                "reaches it: wrap the module in one whose forward has another name for it"
            )


def _shape(value: Any) -> jax.ShapeDtypeStruct:
    """Return the shape and the dtype of a tensor, or of a kind of array, as JAX has them."""
    return jax.ShapeDtypeStruct(tuple(value.shape), jax.dtypes.canonicalize_dtype(jax_dtype(value.dtype)))


def _structure(infos: tuple[VariableInfo, ...]) -> Structure:
    return Structure.of(infos, tuple(info.path for info in infos))
