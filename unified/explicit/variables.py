"""Variables that a call looks up in its params, or adds to params that are unlocked."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, Protocol

from unified.core.annotations import Array
from unified.core.dtypes import dtype_name
from unified.core.errors import StructureChangedError
from unified.core.initializers import Constant
from unified.core.keys import as_key
from unified.core.layer_call import FirstValue
from unified.core.naming import closest
from unified.core.params import Params
from unified.core.protocol import Backend
from unified.core.structure import VariableInfo

__all__ = ["NewVariable", "Stream", "add", "check_shape", "refuse_missing"]


class Stream(Protocol):
    """A stream of random numbers, an `Rng`."""

    def get_seed(self, params: Params) -> Array:
        """Return the two words of its key."""


class NewVariable(NamedTuple):
    """A variable that params lack."""

    value: FirstValue
    collection: str
    trainable: bool
    metadata: Mapping[str, Any]


def refuse_missing(params: Params, path: str) -> NoReturn:
    """Raise `KeyError` for a variable that locked params lack."""
    raise KeyError(
        f"there is no variable {path!r}, and the params are locked: call params.unlocked(rng) for a call that adds it, "
        f"or load params that have it{closest(path, params)}"
    )


def check_shape(path: str, value: Any, shape: tuple[int, ...], what: str) -> None:
    """Raise `StructureChangedError` if a variable has another shape than a call asks for."""
    if tuple(value.shape) != shape:
        raise StructureChangedError(
            f"{path!r} has the shape {tuple(value.shape)}, and {what} asks for {shape}: call it with inputs of the "
            "sizes that it was first called with, or give it params of its own"
        ).with_page("explicit")


def _key(params: Params, variables: Sequence[NewVariable], rng: Stream | None) -> Any:
    """Return the key of first values: of the params' seed, or else of the module's stream of random numbers."""
    seed = params.growth
    if seed is not None:
        return as_key(seed)
    if rng is None:
        path = next((new.value.path for new in variables if not isinstance(new.value.initializer, Constant)), None)
        if path is None:
            return 0, 0  # from which no constant follows
        raise ValueError(
            f"{path!r} has no first value, since the params have no seed: begin with params(seed=...), or pass rng= to "
            "its module and seed that"
        )
    words = rng.get_seed(params)
    try:
        return as_key(words)
    except TypeError:  # a key that is traced has no value yet
        return words


def add(params: Params, backend: Backend, variables: Sequence[NewVariable], rng: Stream | None) -> Params:
    """Return the params with new variables; raise `KeyError` if they are locked."""
    path = variables[0].value.path
    if params.is_locked:
        refuse_missing(params, path)
    values = backend.first_values(_key(params, variables, rng), [variable.value for variable in variables])
    infos = [
        VariableInfo(
            new.value.path,
            new.value.shape,
            new.value.dtype or dtype_name(value.dtype),
            new.collection,
            new.trainable,
            new.metadata,
        ).fixed()
        for new, value in zip(variables, values, strict=True)
    ]
    return params.added(zip(infos, values, strict=True))
