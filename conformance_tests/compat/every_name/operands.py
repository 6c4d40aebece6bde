"""The arrays and numbers that every name is called with: of each rank and dtype, weakly typed or not."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

import unified.compat.jax as jax

__all__ = ["DTYPES", "Operand", "operands"]

jnp = jax.numpy
DTYPES = ("bool", "int32", "bfloat16", "float16", "float32")
WEAK = ("weak int32", "weak float32")
NUMBERS = ("True", "int", "float")
SHAPES: dict[int, tuple[int, ...]] = {0: (), 1: (2,), 2: (2, 2), 3: (1, 2, 2)}
# Of one kind, in the order of arguments. Matrices are symmetric and positive definite, for the sake of `linalg`.
FLOATS = ([0.5, 0.25, 0.25, 0.75], [0.75, 0.125, 0.125, 0.5], [0.25, 0.125, 0.125, 0.875])
INTEGERS = ([3, 1, 1, 2], [2, 1, 1, 3], [1, 0, 0, 2])
BOOLEANS = ([True, False, False, True], [True, True, True, True], [False, True, True, False])


class Operand(NamedTuple):
    """An array or number: `kind` is a dtype, a dtype that is weak, or a type of Python."""

    kind: str
    rank: int = 0

    def make(self, place: int) -> Any:
        """Return the value for argument number `place`, an array of the framework that runs."""
        name = self.kind.removeprefix("weak ")
        values = BOOLEANS if name in ("bool", "True") else INTEGERS if name in ("int32", "int") else FLOATS
        chosen = values[place % len(values)]
        if self.kind in NUMBERS:
            return chosen[0]
        shape = SHAPES[self.rank]
        if self.kind in WEAK:  # arrays of Python's numbers alone
            flat = jnp.stack([jnp.asarray(value) for value in chosen[: int(np.prod(shape))]])
            return jnp.reshape(flat, shape)
        return jnp.asarray(np.asarray(chosen[: int(np.prod(shape))], np.float32).reshape(shape), self.kind)

    @property
    def is_number(self) -> bool:
        """Return whether it is a number of Python."""
        return self.kind in NUMBERS

    def __str__(self) -> str:
        return self.kind if self.kind in NUMBERS else f"{self.kind}[{self.rank}]"


def _kinds(rank: int) -> tuple[str, ...]:
    return (*DTYPES, *WEAK, *(NUMBERS if rank == 0 else ()))


def operands(*ranks: int) -> Iterator[tuple[Operand, ...]]:
    """Yield all mixtures of kinds for arguments of these ranks."""
    return itertools.product(*([Operand(kind, rank) for kind in _kinds(rank)] for rank in ranks))
