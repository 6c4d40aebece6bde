"""Every constructor option of every layer, one line a case.

`case(layer, inputs, *args, **kwargs)` is `unified.<layer>(*args, **kwargs)` called on `inputs`, which are recipes such
as `normal(2, 3)`: arrays that `make(recipe, rng)` draws. `sizes` says what each argument given as `None` stands for,
so that `torch.nn.<layer>`, which takes no `None`, can be constructed too.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "Case",
    "Given",
    "Recipe",
    "case",
    "described",
    "fixed",
    "given",
    "ints",
    "make",
    "normal",
    "probabilities",
    "steps",
    "wide",
]


class Recipe(NamedTuple):
    """How to draw an array: `draw(rng, shape)`."""

    name: str
    shape: tuple[int, ...]
    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

    def __repr__(self) -> str:
        return f"{self.name}({','.join(map(str, self.shape))})"


def normal(*shape: int) -> Recipe:
    """Standard normal float32 values."""
    return Recipe("normal", shape, lambda rng, shape: rng.standard_normal(shape).astype(np.float32))


def steps(*shape: int) -> Recipe:
    """float32 values from -2, -1, 0, 1 and 2, so that many are equal."""
    return Recipe("steps", shape, lambda rng, shape: rng.integers(-2, 3, shape).astype(np.float32))


def wide(*shape: int) -> Recipe:
    """float32 values from a thousandth to thousands in size."""
    return Recipe(
        "wide",
        shape,
        lambda rng, shape: (rng.standard_normal(shape) * 10.0 ** rng.integers(-3, 4, shape)).astype(np.float32),
    )


def ints(high: int, *shape: int) -> Recipe:
    """int32 values from 0 up to, not including, `high`."""
    return Recipe(f"ints{high}", shape, lambda rng, shape: rng.integers(0, high, shape).astype(np.int32))


def probabilities(*shape: int) -> Recipe:
    """float32 values from 0 to 1."""
    return Recipe("probabilities", shape, lambda rng, shape: rng.random(shape).astype(np.float32))


def fixed(values: Any, dtype: Any = np.float32) -> Recipe:
    """These very values."""
    array = np.array(values, dtype)
    return Recipe("fixed", array.shape, lambda rng, shape: array)


def make(value: Any, rng: np.random.Generator) -> Any:
    """The array that a recipe stands for; anything else as it is."""
    return value.draw(rng, value.shape) if isinstance(value, Recipe) else value


class Given(NamedTuple):
    """A layer that is an argument of another: `unified`'s in a model, `torch.nn`'s for the oracle."""

    layer: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __repr__(self) -> str:
        return f"{self.layer}({_listed(self.args, self.kwargs)})"


def given(layer: str, *args: Any, **kwargs: Any) -> Given:
    """`<layer>(*args, **kwargs)`, to be passed to another layer."""
    return Given(layer, args, kwargs)


class Case(NamedTuple):
    """A layer, its arguments and the recipes of its inputs."""

    layer: str
    inputs: tuple[Any, ...]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    sizes: dict[str, Any]
    named: dict[str, Any]
    tolerance: float

    def __repr__(self) -> str:
        inputs = _listed(self.inputs, self.named).replace(", ", "-")
        return f"{self.layer}({_listed(self.args, self.kwargs)})-{inputs}".replace(" ", "")


def _listed(args: Any, kwargs: dict[str, Any]) -> str:
    named = [f"{name}={described(value)}" for name, value in kwargs.items()]
    return ",".join([*map(described, args), *named])


def described(value: Any) -> str:
    return getattr(value, "__name__", str(value)) if callable(value) else str(value)


def case(
    layer: str,
    inputs: Any,
    *args: Any,
    sizes: Any = None,
    named: Any = None,
    tolerance: float = 1e-5,
    **kwargs: Any,
) -> Case:
    """One line of the table.

    `inputs` is a recipe, or a tuple of them; tuples within it are passed as tuples, and what is no recipe as it is.
    `named` are given by name to the call.
    """
    inputs = (inputs,) if isinstance(inputs, Recipe) else inputs
    return Case(layer, inputs, args, kwargs, sizes or {}, named or {}, tolerance)
