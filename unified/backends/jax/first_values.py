"""First values on JAX: declarations of variables, and the arrays that follow from a key and their paths.

Outside of a trace NumPy fills all arrays together. In a trace, as under `jax.jit`, they are operations of its program:
with `out_shardings`, each device makes its own part.
"""

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax import prng
from unified.backends.jax.memory import aligned
from unified.core import initializers, threefry
from unified.core.derived import Derived
from unified.core.filling import fill
from unified.core.initializer_functions import Called
from unified.core.initializers import Fixed, Initializer
from unified.core.stacks import StackedScope, slice_paths, stacked_shape, stacks_over
from unified.core.structure import VariableInfo

__all__ = ["Declaration", "make_values", "move_stack_axes", "take_first_slice"]

StackAxes = list[tuple[StackedScope, int]]

# Variables that are alike, from which on a loop makes them: it needs their memory once more, and compiles once.
MANY = 8


class Declaration:
    """The declaration of a variable in a body: its metadata, and what computes its initial value."""

    def __init__(self, info: VariableInfo, init: Any, drawn_at: str | None = None) -> None:
        self.info = info
        self.init = init  # an Initializer, or a function of (shape, dtype=)
        self.drawn_at = drawn_at or info.path  # another path if a tie gave the variable its initial value

    def stack_axes(self, stacks: Mapping[str, StackedScope]) -> StackAxes:
        """Return the stacks that contain the variable, with its axis in each; the outermost first."""
        axes = stacks_over(stacks, self.info.path, self.info.collection) if stacks else []
        stacked_shape(self.info.shape, axes)  # raises for an axis out of range
        return axes

    def stacked_info(self, stacks: Mapping[str, StackedScope]) -> VariableInfo:
        """Return the info of the stack of all slices of the variable."""
        if not stacks:
            return self.info
        return replace(self.info, shape=stacked_shape(self.info.shape, self.stack_axes(stacks)))


def make_values(key: Any, declarations: list[Declaration], stacks: Mapping[str, StackedScope]) -> list[Any]:
    """Return the initial values of `declarations` from `key`: two Python integers, or a traced array of two words.

    Each slice of a stacked variable has its own initial values. In a trace they are computed in its program.
    """
    if not isinstance(key, tuple):
        return _traced_values((key[0], key[1]), declarations, stacks)
    if prng.is_tracing():
        here = [declaration for declaration in declarations if not _needs_host(declaration)]
        traced = iter(_traced_values(key, here, stacks))
        # What another framework computes is a constant of the program.
        return [_filled(key, [d], stacks)[0] if _needs_host(d) else next(traced) for d in declarations]
    return _filled(key, declarations, stacks)


def _needs_host(declaration: Declaration) -> bool:
    """Return whether a function of another framework makes the first values, which no program of JAX can run."""
    init = declaration.init
    draw = init.draw(declaration.info.shape) if isinstance(init, Initializer) else None
    return isinstance(draw, Called) and draw.framework != "jax"


def _filled(key: threefry.Key, declarations: list[Declaration], stacks: Mapping[str, StackedScope]) -> list[Any]:
    """Return the initial values, which NumPy draws together."""
    arrays: list[tuple[Any, StackAxes]] = []
    targets = []
    for declaration in declarations:
        info, init, stack_axes = declaration.info, declaration.init, declaration.stack_axes(stacks)
        if isinstance(init, Initializer):
            dtype = jax.dtypes.canonicalize_dtype(info.dtype)
            array = aligned((*(stack.size for stack, _ in stack_axes), *info.shape), dtype)
            draw = init.draw(info.shape)
            targets += [(_view(array, index), path, draw) for index, path in slice_paths(info.path, stack_axes)]
        else:
            array = _call_init_fn(declaration, stack_axes)
        arrays.append((array, stack_axes))
    fill(threefry.fold_in(key, threefry.STREAM_PARAMS), targets)
    return jax.device_put([move_stack_axes(array, stack_axes) for array, stack_axes in arrays])


def _view(array: np.ndarray, index: tuple[Any, ...]) -> np.ndarray:
    """Return a view of an array at the first indices; a view also of a single number."""
    return array[(*index, ...)]


def move_stack_axes(value: Any, stack_axes: StackAxes) -> Any:
    """Return the value with the axes of the stacks, which come first, moved to their positions."""
    for position, (_, axis) in reversed(list(enumerate(stack_axes))):
        if axis:
            target = position + axis if axis >= 0 else axis
            value = (
                np.moveaxis(value, position, target)
                if isinstance(value, np.ndarray)
                else jnp.moveaxis(value, position, target)
            )
    return value


def _traced_values(key: Any, declarations: list[Declaration], stacks: Mapping[str, StackedScope]) -> list[Any]:
    """Return the initial values as operations of the running trace; `key` is two words, which may be traced.

    Variables that are alike are drawn by one loop, so that the time to compile does not follow their number.
    """
    values: list[Any] = [None] * len(declarations)
    alike: dict[Any, list[int]] = {}
    for position, declaration in enumerate(declarations):
        info, init, stack_axes = declaration.info, declaration.init, declaration.stack_axes(stacks)
        dtype = jax.dtypes.canonicalize_dtype(info.dtype).name
        if not isinstance(init, Initializer):
            values[position] = move_stack_axes(_call_init_fn(declaration, stack_axes), stack_axes)
            continue
        draw = initializers.resolve(init, info.shape)
        if isinstance(draw, Derived):
            values[position] = move_stack_axes(_derive(key, declaration, draw, dtype, stack_axes), stack_axes)
        elif stack_axes:  # mapped at once, so that the axis of the stack can be split too
            paths = _words_of(path for _, path in slice_paths(info.path, stack_axes))
            slices = jax.vmap(functools.partial(_drawn, key, draw, info.shape, dtype))(paths)
            shape = (*(stack.size for stack, _ in stack_axes), *info.shape)
            values[position] = move_stack_axes(slices.reshape(shape), stack_axes)
        elif isinstance(draw, Fixed):
            values[position] = jnp.broadcast_to(jnp.asarray(draw.value, dtype=dtype), info.shape)
        else:
            alike.setdefault((draw, info.shape, dtype), []).append(position)
    for (draw, shape, dtype), positions in alike.items():
        make = functools.partial(_drawn, key, draw, shape, dtype)
        paths = _words_of(declarations[position].info.path for position in positions)
        made = lax.map(make, paths) if len(positions) >= MANY else map(make, paths)
        for position, value in zip(positions, made, strict=True):
            values[position] = value
    return values


def _derive(key: Any, declaration: Declaration, draw: Derived, dtype: str, stack_axes: StackAxes) -> Any:
    """Return the values that NumPy computes from those of other variables, for each slice, once the key has a value."""
    info = declaration.info
    shape = (*(stack.size for stack, _ in stack_axes), *info.shape)

    def compute(key: Any) -> np.ndarray:
        array = np.empty(shape, dtype)
        targets: list[Any] = [(_view(array, index), path, draw) for index, path in slice_paths(info.path, stack_axes)]
        fill(threefry.fold_in((int(key[0]), int(key[1])), threefry.STREAM_PARAMS), targets)
        return array

    result = jax.ShapeDtypeStruct(shape, dtype)
    return jax.pure_callback(
        compute, result, jnp.stack([jnp.asarray(word, jnp.uint32) for word in key]), vmap_method="sequential"
    )


def _words_of(paths: Iterable[str]) -> np.ndarray:
    return np.array([threefry.path_words(path) for path in paths], np.uint32).reshape(-1, 2)


def _drawn(key: Any, draw: initializers.Draw, shape: tuple[int, ...], dtype: str, path: Any) -> jax.Array:
    return prng.draw(key, (path[0], path[1]), draw, shape, dtype)


def _call_init_fn(declaration: Declaration, stack_axes: StackAxes) -> Any:
    """Return what a user's function of `(shape, dtype=)` makes for each slice, with the axes of the stacks in front."""
    if stack_axes:
        sizes = [stack.size for stack, _ in stack_axes]
        slices = [_call_init_fn(declaration, []) for _ in range(math.prod(sizes))]
        return jnp.stack(slices).reshape(*sizes, *declaration.info.shape)
    init, info = declaration.init, declaration.info
    dtype = jax.dtypes.canonicalize_dtype(info.dtype)
    value = init(info.shape, dtype=dtype)
    # Outside of a trace, copying a tracer of the abstract run raises one of `NEEDS_VALUES`.
    value = jnp.copy(value) if isinstance(value, jax.core.Tracer) else jnp.asarray(value)
    if value.shape != info.shape:
        raise ValueError(f"{info.path!r}: init_fn made shape {value.shape} where {info.shape} was asked for")
    return value.astype(dtype)


def take_first_slice(value: Any, stack_axes: StackAxes) -> Any:
    """Return the first slice of a stacked value."""
    for _, axis in stack_axes:
        value = jnp.take(value, 0, axis)
    return value
