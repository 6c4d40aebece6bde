"""A layer as a pure function of named arrays, and the first value of a variable, both without a body around them.

The styles that write a network as objects, with explicit parameters or as trees of arrays (`unified.nn`,
`unified.explicit`, `unified.trees`) need no more of a framework than these two: a style is a rule that gives a variable
its path, and a place where its value lies between calls.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from unified.core.annotations import Array
from unified.core.initializers import Initializer

__all__ = ["FirstValue", "LayerCall", "LayerResult", "refuse_draw"]


class FirstValue(NamedTuple):
    """A variable that has no value yet; `Backend.first_values` gives it the value that init draws at its path.

    Attributes:
        path: the path of the variable, which its value follows from.
        shape: its shape.
        initializer: an initialiser of `unified.initializers`, or a function of `(shape, dtype=)` that returns an array.
        dtype: the name of its dtype; `None` for the framework's default.
        device: where torch makes it; `None` for torch's default. JAX places arrays itself.
    """

    path: str
    shape: tuple[int, ...]
    initializer: Any
    dtype: str | None = None
    device: Any = None

    @property
    def is_drawn_by_initializer(self) -> bool:
        """Whether an initialiser of `unified.initializers` draws it, and no function of the user's."""
        return isinstance(self.initializer, Initializer)


class LayerCall(NamedTuple):
    """One call of a layer over given values, for `Backend.run_layer`.

    Attributes:
        spec: the `Spec` of the layer, whose sizes are known.
        path: where it stands, from which random draws take their keys.
        values: its variables by their names (`weight`, `self_attn/in_proj_weight`).
        inputs: the positional arguments of its `forward`.
        kwargs: the others.
        training: whether it behaves as in training.
        rng: the key and the number of the call, from which it draws (`rng/key` and `rng/counter` of `Params`); `None`
            if there is none, and a layer that draws raises.
        draws: the number of draws so far at each path; calls that share a key and a number share it too.
        initializing: whether this is the first call, which may run outside of a mapped axis.
    """

    spec: Any
    path: str
    values: Mapping[str, Array]
    inputs: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = {}
    training: bool = False
    rng: tuple[Array, Array] | None = None
    draws: dict[str, int] | None = None
    initializing: bool = False


class LayerResult(NamedTuple):
    """What a layer returned, the variables that it wrote, by name, and whether it drew random numbers."""

    output: Any
    written: dict[str, Array]
    has_drawn: bool


def refuse_draw(path: str) -> ValueError:
    """Return the error for a layer that draws random numbers and has no key to draw from."""
    return ValueError(
        f"{path!r} draws random numbers, and there is no key to draw from: pass rng= to the call, give the layer a "
        "stream with a seed (rng=), or, if it draws in training alone, call it with training off"
    )
