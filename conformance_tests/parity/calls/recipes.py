"""How a line of the table of function calls is written, and the arguments that many lines share."""

from typing import Any

import numpy as np
import pytest

from conformance_tests.parity.cases.recipes import Recipe, described, ints, make, normal, steps

__all__ = [
    "EXTREMES",
    "IMAGES",
    "INF",
    "LOGITS",
    "TARGETS",
    "VALUES",
    "WEIGHT",
    "Recipe",
    "call",
    "classes",
    "fixed",
    "held",
    "ints",
    "make",
    "normal",
    "probabilities",
    "steps",
]

INF = float("inf")


def fixed(*values: Any) -> Recipe:
    """These very values, in float32."""
    array = np.array(values, np.float32)
    return Recipe("fixed", array.shape, lambda rng, shape: array)


def classes(*values: Any) -> Recipe:
    """These very values, in int32 (int64 on torch, which asks for that)."""
    array = np.array(values, np.int32)
    return Recipe("classes", array.shape, lambda rng, shape: array)


def probabilities(*shape: int) -> Recipe:
    """float32 values from 0 to 1."""
    return Recipe("probabilities", shape, lambda rng, shape: rng.random(shape).astype(np.float32))


def held(recipe: Recipe) -> Recipe:
    """The same values, by which torch does not differentiate."""
    return recipe._replace(name=f"held-{recipe.name}")


EXTREMES = fixed([-1e4, 0.0, 1e4, 3.0], [1e4, 1e4, -1e4, 1e4], [-1e4] * 4, [-INF, 1.0, 2.0, -INF])
VALUES = fixed(-1e4, -100.0, -20.0, -3.0, -1e-3, 0.0, 1e-3, 1.0, 19.9, 20.1, 100.0, 1e4)
LOGITS, IMAGES = normal(4, 3), normal(2, 3, 6, 5)
TARGETS, WEIGHT = classes(0, 2, 1, 2), held(probabilities(3))


def call(name: str, *args: Any, **kwargs: Any) -> Any:
    """One line of the table: a function and its arguments, some of them recipes."""
    text = [described(value) for value in args] + [f"{key}={described(value)}" for key, value in kwargs.items()]
    return pytest.param(name, args, kwargs, id=f"{name}-{','.join(text)}".replace(" ", ""))
