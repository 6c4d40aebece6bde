"""What language models are made of beside layers: rotary positions, masks of causal attention, a key-value cache.

None of these has variables: they work in a body and outside of one, on the arrays of either framework, and in each
style. Arrays of heads are `(..., heads, time, features)`, as `unified.functional.scaled_dot_product_attention` takes
them.

```python
class Attention(u.Module):
    def __call__(self, x, cache):                              # x: (batch, time, width)
        query, key, value = ...                                # (batch, heads, time, features)
        rotate = u.RotaryEmbedding(query.shape[-1])
        query, key = rotate(query, cache.length), rotate(key, cache.length)
        cache = cache.append(key, value)
        mask = cache.mask(query.shape[-2])
        return F.scaled_dot_product_attention(query, cache.keys, cache.values, attn_mask=mask, enable_gqa=True), cache
```
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

import unified.numpy as unp
from unified.core import backends
from unified.core.annotations import Array, DType
from unified.core.dtypes import dtype_name, is_floating
from unified.core.errors import BackendError
from unified.core.protocol import Backend

__all__ = ["KVCache", "RotaryEmbedding", "causal_mask"]


def _backend_of(array: Any, what: str) -> Backend:
    backend = backends.of_array(array)
    if backend is None:
        raise BackendError(f"{what} takes an array of torch or jax, got {type(array).__name__}")
    return backend


def _positions(like: Array, count: int, start: Any = 0) -> Any:
    """Return `start, start + 1, ...`, on the device of `like`."""
    positions: Any = unp.arange(count, dtype="int32", like=like)
    return positions if type(start) is int and start == 0 else positions + start


class Turns(NamedTuple):
    """The cosines and sines of the angles by which the pairs of features at some positions are rotated."""

    cos: Array
    sin: Array


class RotaryEmbedding:
    """Rotary positions: pairs of features are rotated by angles that grow with the position.

    Args:
        dim: how many of the features are rotated, an even number; those after them pass unchanged.
        base: pair `i` turns by `base ** (-2 * i / dim)` radians a step.
        interleaved: whether feature `2 * i` makes a pair with `2 * i + 1`, as in the paper and Meta's Llama, or `i`
            with `i + dim / 2`, as in GPT-NeoX and Hugging Face's checkpoints.
        frequencies: the radians a step of each pair in place of those of `base`, for scaled contexts.

    Raises:
        ValueError: `dim` is odd or not positive, or the frequencies are not `dim / 2` numbers.

    Source: Su et al., "RoFormer: enhanced transformer with rotary position embedding" (2021).

    >>> import torch
    >>> import unified as u
    >>> u.RotaryEmbedding(2, base=1.0)(torch.tensor([[[1.0, 0.0], [1.0, 0.0]]])).numpy().round(3).tolist()
    [[[1.0, 0.0], [0.5400000214576721, 0.8410000205039978]]]
    """

    def __init__(
        self,
        dim: int,
        base: float = 10000.0,
        *,
        interleaved: bool = False,
        frequencies: Sequence[float] | np.ndarray | None = None,
    ) -> None:
        if dim < 2 or dim % 2:
            raise ValueError(f"RotaryEmbedding: dim must be even and positive, got {dim}")
        if frequencies is None:
            frequencies = [float(base) ** (-2 * pair / dim) for pair in range(dim // 2)]
        if len(frequencies) != dim // 2:
            raise ValueError(f"RotaryEmbedding: {dim} features have {dim // 2} frequencies, got {len(frequencies)}")
        self.dim = dim
        self.base = base
        self.interleaved = interleaved
        self.frequencies = [float(frequency) for frequency in frequencies]

    def __repr__(self) -> str:
        options = ", interleaved=True" if self.interleaved else ""
        return f"RotaryEmbedding({self.dim}, base={self.base}{options})"

    def turns(self, positions: Array, *, dtype: DType = "float32", like: Array | None = None) -> Turns:
        """Return how far the steps at `positions` turn, `(..., time, dim / 2)`: once, for all layers of a model.

        Args:
            positions: those of all steps, as in a call.
            dtype: that of the angles: `"float64"` for queries and keys of it, and `"float32"` for all others.
            like: an array on whose framework and device they are computed; by default `positions`.

        >>> import torch
        >>> import unified as u
        >>> rotate, x = u.RotaryEmbedding(4), torch.randn(3, 4)
        >>> turns = rotate.turns(torch.arange(3))
        >>> turns.cos.shape, torch.equal(rotate(x, turns), rotate(x, torch.arange(3)))
        (torch.Size([3, 2]), True)
        """
        frequencies = unp.asarray(self.frequencies, dtype=dtype, like=positions if like is None else like)
        angles: Any = unp.astype(positions, dtype)[..., None] * frequencies
        return Turns(unp.cos(angles), unp.sin(angles))

    def __call__(self, x: Array, positions: "Array | int | Turns" = 0) -> Array:
        """Return `x` `(..., time, features)` rotated, in its dtype.

        Args:
            x: queries or keys, with at least `dim` features.
            positions: the first position, or those of all steps: `(time,)`, or with batch axes that broadcast with
                those of `x`: `(batch, 1, time)` for `(batch, heads, time, features)`; or what `turns` returns for them.

        Raises:
            ValueError: `x` has too few features or axes, or `positions` is not as long as `x`.
            TypeError: `x` is no floating-point array, or the angles of `turns` have another dtype than its own need.
        """
        _backend_of(x, "RotaryEmbedding")
        if len(x.shape) < 2 or x.shape[-1] < self.dim:
            raise ValueError(
                f"{self!r} rotates arrays (..., time, features) of at least {self.dim} features, got {tuple(x.shape)}"
            )
        if not is_floating(dtype_name(x.dtype)):
            raise TypeError(f"{self!r} rotates floating-point arrays, got {dtype_name(x.dtype)}")
        time, half = x.shape[-2], self.dim // 2
        wide = "float64" if dtype_name(x.dtype) == "float64" else "float32"  # a bfloat16 has no room for positions
        turns: Any = positions
        if not isinstance(positions, Turns):
            is_start = len(getattr(positions, "shape", ())) == 0
            turns = self.turns(_positions(x, time, positions) if is_start else positions, dtype=wide, like=x)
        cos, sin = turns
        if cos.shape[-2] != time:
            raise ValueError(f"{self!r}: {time} steps have {time} positions, got {tuple(cos.shape[:-1])}")
        if dtype_name(cos.dtype) != wide:
            raise TypeError(
                f"{self!r}: {dtype_name(x.dtype)} is rotated by angles in {wide}, got {dtype_name(cos.dtype)}: call "
                f"turns(positions, dtype={wide!r})"
            )
        features: Any = x if x.shape[-1] == self.dim else x[..., : self.dim]
        is_wide = dtype_name(x.dtype) == wide
        features = features if is_wide else unp.astype(features, wide)
        if self.interleaved:
            a, b = features[..., 0::2], features[..., 1::2]
            rotated = unp.stack((a * cos - b * sin, b * cos + a * sin), axis=-1)
            rotated = unp.reshape(rotated, (*rotated.shape[:-2], self.dim))
        else:
            a, b = features[..., :half], features[..., half:]
            rotated = unp.concat((a * cos - b * sin, b * cos + a * sin), axis=-1)
        rotated = rotated if is_wide else unp.astype(rotated, x.dtype)
        return rotated if x.shape[-1] == self.dim else unp.concat((rotated, x[..., self.dim :]), axis=-1)


def causal_mask(query: Array, key: Array, *, start: Array | int = 0, window: int | None = None) -> Array:
    """Return the mask `(L, S)` of booleans under which a query attends to the keys up to its own position.

    Args:
        query: `(..., L, features)`, whose first step stands at position `start`.
        key: `(..., S, features)`, whose first step stands at position 0.
        start: a number, or an array without axes.
        window: how many keys a query attends to at most, itself included (a sliding window); `None` for all.

    Raises:
        ValueError: `window` is not positive.

    >>> import torch
    >>> import unified as u
    >>> x = torch.zeros(4, 8)
    >>> u.causal_mask(x, x, window=2).int().tolist()
    [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    """
    _backend_of(query, "causal_mask")
    return _mask(query, query.shape[-2], key.shape[-2], start, window)


def _mask(like: Array, queries: int, keys: int, start: Any, window: int | None) -> Array:
    if window is not None and window < 1:
        raise ValueError(f"the window of a mask must be positive, got {window}")
    of = _positions(like, keys)[None]
    at = start if queries == 1 else _positions(like, queries, start)[:, None]
    mask = of <= at
    result: Array = mask if window is None else mask & (of > at - window)
    return result


class KVCache(NamedTuple):
    """The keys and values of the steps so far, for generation one step after another: a tuple, so a tree of arrays.

    A cache is a value, as arrays are: `append` returns the next one. A model takes the caches of its layers as an
    argument and returns them; `jit`, `scan` and the other transforms take them as they take any tree.

    Attributes:
        keys: `(..., max_length, features)`: with batch and heads, `(batch, heads, max_length, features)`.
        values: the same, with the features of values.
        length: how many steps are filled, an `int32` array without axes.

    >>> import torch
    >>> import unified as u
    >>> cache = u.KVCache.zeros((1, 2, 8, 4), like=torch.zeros(1))
    >>> step = torch.ones(1, 2, 3, 4)
    >>> cache = cache.append(step, step)
    >>> cache.length.item(), cache.max_length, cache.mask(1).tolist()
    (3, 8, [[True, True, True, False, False, False, False, False]])
    """

    keys: Array
    values: Array
    length: Array

    @classmethod
    def zeros(
        cls,
        shape: Sequence[int],
        *,
        value_features: int | None = None,
        dtype: DType | None = None,
        like: Array | None = None,
    ) -> "KVCache":
        """Return an empty cache.

        Args:
            shape: that of the keys, `(batch, heads, max_length, features)`.
            value_features: the features of values, if they are others than those of keys.
            dtype: that of `like` by default, or `float32`.
            like: an array whose framework and device the cache has; by default those of the running body, or of
                `unified.set_backend`.

        Raises:
            ValueError: `shape` has fewer than two sizes.
        """
        sizes = tuple(int(size) for size in shape)
        if len(sizes) < 2:
            raise ValueError(f"KVCache.zeros: the shape of keys is (..., max_length, features), got {sizes}")
        name = dtype_name(like.dtype if dtype is None and like is not None else dtype or "float32")
        if not is_floating(name):
            raise ValueError(f"KVCache.zeros: keys and values are floating-point numbers, got dtype {name}")
        value_sizes = (*sizes[:-1], sizes[-1] if value_features is None else value_features)
        keys, values = (unp.zeros(size, dtype=name, like=like) for size in (sizes, value_sizes))
        return cls(keys, values, unp.zeros((), dtype="int32", like=like))

    @property
    def max_length(self) -> int:
        """How many steps there is room for."""
        return int(self.keys.shape[-2])

    def append(self, keys: Array, values: Array, *, in_place: bool = False) -> "KVCache":
        """Return the cache with more steps, written after those so far.

        Args:
            keys: `(..., time, features)` of the new steps.
            values: likewise.
            in_place: whether to write into this cache's own memory, on torch; this cache must not be used any more. On
                JAX, where arrays cannot be written, donate the cache to `jit`.

        Raises:
            ValueError: the shapes do not fit, or there is no room for the steps. Where the length has no value yet
                (in compiled code) JAX cannot raise: steps beyond the end are NaN, and so is what attends to them.
        """
        backend = _backend_of(self.keys, "KVCache.append")
        for name, array, steps in (("keys", self.keys, keys), ("values", self.values, values)):
            fits = len(steps.shape) == len(array.shape) and all(
                axis == len(array.shape) - 2 or size == array.shape[axis] for axis, size in enumerate(steps.shape)
            )
            if not fits or steps.dtype != array.dtype:
                raise ValueError(
                    f"KVCache.append: the cache has {name} {dtype_name(array.dtype)}{list(array.shape)}, to which "
                    f"steps {dtype_name(steps.dtype)}{list(steps.shape)} cannot be appended: all sizes but the second "
                    "to last must be equal, and the dtypes"
                )
        time = keys.shape[-2]
        if values.shape[-2] != time or time > self.max_length:
            raise ValueError(
                f"KVCache.append: {time} steps of keys and {values.shape[-2]} of values do not fit a cache for "
                f"{self.max_length}"
            )
        try:
            all_keys, all_values = backend.trees.write([self.keys, self.values], [keys, values], self.length, in_place)
        except IndexError:
            raise ValueError(
                f"KVCache.append: a cache for {self.max_length} steps holds {int(self.length)}, and has no room for "
                f"{time} more: make a larger one"
            ) from None
        return KVCache(all_keys, all_values, self.length + time)

    def mask(self, queries: int, *, window: int | None = None) -> Array:
        """Return the mask `(queries, max_length)` for the last `queries` steps that were appended.

        Each attends to the keys up to its own, at most `window` of them: see `unified.causal_mask`.
        """
        return _mask(self.keys, queries, self.max_length, self.length - queries, window)
