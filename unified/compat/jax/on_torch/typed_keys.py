"""`jax.random.key` on torch: keys as arrays of a dtype of their own, on which nobody can compute by mistake.

The two words of a key are one integer of 64 bits, so that a key array's tensor has the shape of the array: what moves
elements (`vmap`, loops, indexing, `jnp.stack`) needs no rule for keys. `jax.random` unpacks the words, and `weak.bound`
asks here what a function of arrays does with keys.

Source: https://docs.jax.dev/en/latest/jep/9263-typed-keys.html
"""

import functools
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import torch

from unified.compat.jax import config
from unified.compat.jax.dtypes import KEY_DTYPE, KeyDtype
from unified.compat.jax.on_torch.array import Array, of_numpy, register, tensor, unwrap, wrap

__all__ = ["MASK", "KeyArray", "as_words", "moving_keys", "pack", "refuse", "unpack", "with_key"]

MASK = 0xFFFFFFFF


class KeyArray(Array):
    """An array of keys. `x.tensor` holds both words of each key in one integer, the first in the upper bits."""

    __slots__ = ()
    __hash__ = None

    @property
    def dtype(self) -> Any:
        return KEY_DTYPE

    def __repr__(self) -> str:
        text = f"Array({self.shape}, dtype={KEY_DTYPE})"
        value = self.tensor
        if value.is_meta or type(value) is not torch.Tensor or torch._C._functorch.is_functorch_wrapped_tensor(value):
            return text
        return f"{text} overlaying:\n{unpack(value).cpu().numpy()}"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        raise TypeError("keys are no numbers that NumPy has: jax.random.key_data(keys) has their words")

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> NoReturn:
        refuse(getattr(func, "__name__", str(func)))

    def __bool__(self) -> NoReturn:
        raise TypeError("a key is neither true nor false: compare it, or look at jax.random.key_data(key)")

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"an array of keys has no attribute {name!r}: jax.random.key_data(keys) has their words")

    def __pos__(self) -> "KeyArray":
        return self

    def astype(self, dtype: Any, **placing: Any) -> "KeyArray":
        if not isinstance(dtype, KeyDtype):
            refuse(f"astype({dtype})")
        return self

    def key_words(self) -> Any:
        """Return the words as a NumPy array, for `unified.core.keys`."""
        return unpack(self.tensor).cpu().numpy()


register(KeyArray)


def refuse(name: str) -> NoReturn:
    raise TypeError(f"{name} takes numbers, and got typed keys: jax.random.key_data(keys) has their words")


def _refusing(name: str) -> Any:
    def method(self: KeyArray, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(name.strip("_"))

    method.__name__ = name
    return method


# What `Array` computes without the boundary around functions, which refuses by itself.
REFUSED_METHODS = (
    "__abs__", "__complex__", "__dlpack__", "__dlpack_device__", "__float__", "__index__", "__int__",
    "__invert__", "__neg__", "__round__", "compress", "conj", "conjugate", "item", "tolist", "view",
)  # fmt: skip
for _name in REFUSED_METHODS:
    setattr(KeyArray, _name, _refusing(_name))

for _name in ("imag", "real"):
    setattr(KeyArray, _name, property(_refusing(_name)))


def unpack(keys: torch.Tensor) -> torch.Tensor:
    """Return the two words of each key along a new last axis."""
    return torch.stack([(keys >> 32) & MASK, keys & MASK], -1).to(torch.uint32)


def pack(words: torch.Tensor) -> torch.Tensor:
    """Return the keys of words, whose last axis has size 2."""
    wide = words.to(torch.int64)
    return (wide[..., 0] << 32) | wide[..., 1]


def with_key(called: Callable[..., Any], name: str, returns_key: bool) -> Callable[..., Any]:
    """Return a function of a key's words, such as `jax.random.split`, as one of a typed key too."""

    @functools.wraps(called)
    def on_keys(*args: Any, **kwargs: Any) -> Any:
        key = args[0] if args else kwargs.get("key")
        if type(key) is not KeyArray:
            if config.CHECKS:
                _check_raw_keys_are_allowed()
            if isinstance(key, np.ndarray):  # of a checkpoint, which JAX takes as it is
                words = Array(of_numpy(key))
                return called(words, *args[1:], **kwargs) if args else called(**{**kwargs, "key": words})
            return called(*args, **kwargs)
        if key.tensor.dim():
            raise ValueError(f"{name} takes one key, and got keys of shape {key.shape}: use jax.vmap for several")
        words = Array(unpack(key.tensor))
        result = called(words, *args[1:], **kwargs) if args else called(**{**kwargs, "key": words})
        return KeyArray(pack(result.tensor)) if returns_key else result

    return on_keys


def _check_raw_keys_are_allowed() -> None:
    """Raise or warn where raw keys are used and `jax_legacy_prng_key` is set."""
    setting = config.plain("jax_legacy_prng_key")
    text = "a raw key was used where jax_legacy_prng_key is set: jax.random.key(seed) makes a typed one"
    if setting == "error":
        raise ValueError(text)
    if setting == "warn":
        warnings.warn(text, FutureWarning, stacklevel=3)


COMPARED = frozenset({"allclose", "array_equal", "array_equiv", "eq", "equal", "isclose", "ne", "not_equal"})
CONVERTED = frozenset({"astype", "convert_element_type"})  # to the dtype that keys have, and to no other
# Keys are close that are equal.
EXACT: dict[str, Callable[..., Any]] = {
    "allclose": lambda a, b, *tolerances, **options: torch.eq(a, b).all(),
    "isclose": lambda a, b, *tolerances, **options: torch.eq(a, b),
}
# Functions that move elements and compute nothing. JAX has more that it does not refuse, such as `einsum` of one array.
MOVED = frozenset({
    "append", "array", "array_split", "asarray", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast",
    "broadcast_arrays", "broadcast_in_dim", "broadcast_to", "broadcast_to_rank", "choose", "collapse", "column_stack",
    "compress", "concat", "concatenate", "copy", "delete", "diagonal", "dstack", "dynamic_index_in_dim",
    "dynamic_slice", "dynamic_slice_in_dim", "dynamic_update_index_in_dim", "dynamic_update_slice",
    "dynamic_update_slice_in_dim", "empty_like", "expand_dims", "extract", "flip", "fliplr", "flipud", "full",
    "full_like", "hsplit", "hstack", "index_in_dim", "index_take", "insert", "matrix_transpose", "meshgrid",
    "moveaxis", "optimization_barrier", "permute_dims", "positive", "put", "ravel", "repeat", "reshape", "resize",
    "rev", "roll", "rollaxis", "rot90", "select", "select_n", "slice", "slice_in_dim", "split", "squeeze", "stack",
    "swapaxes", "take", "take_along_axis", "tile", "transpose", "unstack", "vsplit", "vstack", "where", "zeros_like",
})  # fmt: skip
# Of these, the ones whose other arrays are masks, places or sizes; elsewhere a number beside keys is a mistake.
WITH_PLACES = frozenset({
    "choose", "compress", "dynamic_index_in_dim", "dynamic_slice", "dynamic_update_slice", "extract", "select",
    "select_n", "take", "take_along_axis", "where",
})  # fmt: skip


def moving_keys(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], strong: list[Any], has_numbers: bool
) -> Any:
    """Return what a function of tensors makes of operands among which are keys.

    `strong` are the dtypes of its arrays, and `has_numbers` whether Python's numbers are beside them.

    Raises:
        TypeError: the function computes with numbers, or numbers are among the operands.
    """
    name = function.__name__
    if name in CONVERTED and any(isinstance(value, KeyDtype) for value in (*args, *kwargs.values())):
        return next(value for value in (*args, *kwargs.values()) if isinstance(value, KeyArray))
    if name not in MOVED and name not in COMPARED:
        refuse(name)
    if has_numbers or (name not in WITH_PLACES and any(dtype is not KEY_DTYPE for dtype in strong)):
        raise TypeError(f"{name}: keys meet no numbers, got both")
    kwargs = {key: value for key, value in kwargs.items() if not isinstance(value, KeyDtype)}
    function = EXACT.get(name, function)
    result = wrap(
        function(
            *[unwrap(value) for value in args if not isinstance(value, KeyDtype)],
            **{key: unwrap(value) for key, value in kwargs.items()},
        )
    )
    return result if name in COMPARED else _as_keys(result)


def _as_keys(result: Any) -> Any:
    if isinstance(result, Array):
        return KeyArray(result.tensor)
    return type(result)([_as_keys(item) for item in result]) if isinstance(result, (tuple, list)) else result


def as_words(keys: Any) -> torch.Tensor:
    """Return the words of keys, typed or not, as a tensor of `uint32`."""
    if isinstance(keys, KeyArray):
        return unpack(keys.tensor)
    words = tensor(keys)
    if words.dtype is torch.int64:  # in which keys of `unified.next_rng_key` have their words on torch
        words = words.to(torch.uint32)
    if words.dtype is not torch.uint32:
        raise TypeError(f"the words of a key are of uint32, got {words.dtype}")
    if not words.dim() or words.shape[-1] != 2:
        raise TypeError(f"the last axis of a key's words has size 2, got the shape {tuple(words.shape)}")
    return words
