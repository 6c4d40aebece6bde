"""The arguments of a check: drawn at random for shapes and dtypes, or made by a function."""

import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unified.port.files import PortError

__all__ = ["Input", "draw", "made_by", "parse_inputs"]

BOUND = 10
FORM = re.compile(r"(?:(?P<kind>[a-z]+)(?:\((?P<bound>\d+)\))?:)?(?P<shape>[\d,]*)")


@dataclass(frozen=True)
class Input:
    """An argument that is drawn.

    Attributes:
        shape: its shape.
        kind: `"float"`, drawn from a normal distribution, `"int"` or `"bool"`.
        bound: integers are drawn from `0` to `bound - 1`.
    """

    shape: tuple[int, ...]
    kind: str = "float"
    bound: int = BOUND


def parse_inputs(text: str) -> list[Input]:
    """Return the arguments that a text describes.

    >>> parse_inputs("8,3;int(5):8")
    [Input(shape=(8, 3), kind='float', bound=10), Input(shape=(8,), kind='int', bound=5)]

    Raises:
        PortError: the text is none of this form.
    """
    return [_parse(part.replace(" ", "")) for part in text.split(";")]


def _parse(text: str) -> Input:
    found = FORM.fullmatch(text)
    kind = found["kind"] or "float" if found else ""
    bound = int(found["bound"]) if found and found["bound"] else BOUND
    if found is None or kind not in ("float", "int", "bool") or bound < 1 or (found["bound"] and kind != "int"):
        raise PortError(
            f"an input is sizes, such as 8,3, with int:, int(10): or bool: in front for other values than floats, and "
            f"; between inputs; got {text!r}"
        )
    return Input(tuple(int(size) for size in found["shape"].split(",") if size), kind, bound)


def draw(inputs: Sequence[Input | tuple[int, ...]]) -> list[np.ndarray]:
    """Return an array for each input, the same ones at every call. A tuple is the shape of floats."""
    generator = np.random.default_rng(0)
    return [_draw(generator, spec if isinstance(spec, Input) else Input(spec)) for spec in inputs]


def _draw(generator: np.random.Generator, spec: Input) -> np.ndarray:
    if spec.kind == "int":
        return np.asarray(generator.integers(spec.bound, size=spec.shape), np.int32)
    if spec.kind == "bool":
        return np.asarray(generator.integers(2, size=spec.shape), bool)
    return np.asarray(generator.normal(size=spec.shape), np.float32)


def made_by(target: str) -> list[Any]:
    """Return the arguments that a function `package.module:function` returns, with NumPy arrays for those of JAX."""
    import jax

    module, _, name = target.partition(":")
    if not name:
        raise PortError(f"the inputs of a check are made by package.module:function, got {target!r}")
    arguments = getattr(importlib.import_module(module), name)()
    if not isinstance(arguments, tuple) or hasattr(arguments, "_fields"):
        raise PortError(
            f"{target} returned {type(arguments).__name__}: it returns the tuple of arguments, (x,) for a single one"
        )
    return list(jax.tree_util.tree_map(lambda leaf: _on_host(jax, leaf), arguments))


def _on_host(jax: Any, leaf: Any) -> Any:
    if not isinstance(leaf, jax.Array):
        return leaf
    is_key = jax.numpy.issubdtype(leaf.dtype, jax.dtypes.prng_key)
    return np.asarray(jax.random.key_data(leaf) if is_key else leaf)
