"""Random words on torch: the `Words` of `unified.core.distributions` on `int64` tensors.

Words are `int64` because torch's `uint32` has no arithmetic; every operation of the core masks what exceeds 32 bits.
Compiled code draws by operators of torch (`unified::draw`): inductor takes most of a minute for the 110 operations of
Threefry's rounds, and dynamo cannot follow the tables of quantiles.
"""

import dataclasses
import inspect
import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from unified.backends.torch import staging
from unified.core import distributions, gamma, threefry
from unified.core.distributions import Distribution, Words
from unified.core.dtypes import dtype_name
from unified.core.quantiles import FRACTION_BITS, SEGMENTS

__all__ = [
    "WORDS",
    "TorchWords",
    "call_key",
    "draw_key",
    "encrypt",
    "fill_by",
    "from_words",
    "operator_call",
    "path_words",
    "random_bits",
    "sample",
    "step_key",
    "to_torch_dtype",
]

_SEEDING = threading.Lock()


def to_torch_dtype(dtype: Any) -> torch.dtype:
    """Return the torch dtype of a name, such as `"float32"`, or of any framework's dtype."""
    if isinstance(dtype, torch.dtype):
        return dtype
    found = getattr(torch, dtype_name(dtype), None)
    if not isinstance(found, torch.dtype):
        raise TypeError(f"{dtype!r} is no dtype that torch has: pass a name such as 'float32', or a dtype")
    return found


class TorchWords(Words):
    """`Words` on `int64` tensors."""

    def word(self, number: int) -> int:
        return number

    def wrap(self, words: torch.Tensor) -> torch.Tensor:
        return words & threefry.MASK

    def signed(self, words: torch.Tensor) -> torch.Tensor:
        return words

    def floating(self, integers: torch.Tensor, scale: float, dtype: str) -> torch.Tensor:
        wide = torch.float64 if dtype == "float64" else torch.float32
        return (integers.to(wide) * torch.tensor(scale, dtype=wide, device=integers.device)).to(to_torch_dtype(dtype))

    def octave(self, words: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        # A double represents a word exactly: both results are bits of its exponent and mantissa.
        pattern = words.to(torch.float64).view(torch.int64)
        return (pattern >> 44) - 1023 * SEGMENTS, (pattern >> 31) & ((1 << FRACTION_BITS) - 1)

    def take(self, table: np.ndarray, index: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(table.astype(np.int64), device=index.device)[index]

    def take_floats(self, table: np.ndarray, index: torch.Tensor, dtype: str) -> torch.Tensor:
        return torch.as_tensor(table.astype(dtype), device=index.device)[index]

    def take_numbers(self, table: np.ndarray, index: torch.Tensor) -> torch.Tensor:
        return self.take(table, index)

    def numbers(self, array: np.ndarray, like: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(array.astype(np.int64), device=like.device)

    def largest(self, integers: torch.Tensor) -> torch.Tensor:
        return integers.amax(-1, keepdim=True)

    def count_below(self, sorted_words: np.ndarray, words: torch.Tensor) -> torch.Tensor:
        return torch.searchsorted(self.numbers(sorted_words, words), words, right=True)

    def where(self, condition: Any, x: Any, y: Any) -> torch.Tensor:
        return torch.where(condition, x, y)

    def clip(self, integers: Any, low: int, high: int) -> torch.Tensor:
        return torch.clamp(integers, low, high)


WORDS = TorchWords()


def _is_compiling() -> bool:
    """Return whether the running code is compiled; exported code is of torch's own operators."""
    return torch.compiler.is_compiling() and not torch.compiler.is_exporting()


def _tensor(word: Any) -> torch.Tensor:
    return word if isinstance(word, torch.Tensor) else torch.tensor(word, dtype=torch.int64)


def path_words(path: str) -> tuple[int, int]:
    """Return `threefry.path_words`; see below."""
    return threefry.path_words(path)


# What torch.compiler.assume_constant_result sets, which takes half a second to import dynamo: the words depend on the
# path alone, and dynamo calls the function instead of following it into hashlib.
path_words._dynamo_marked_constant = True  # type: ignore[attr-defined]


@torch.library.custom_op("unified::threefry2x32", mutates_args=())
def _threefry2x32(
    k0: torch.Tensor, k1: torch.Tensor, x0: torch.Tensor, x1: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    return threefry.threefry2x32((k0, k1), (x0, x1))


@_threefry2x32.register_fake
def _(k0: torch.Tensor, k1: torch.Tensor, x0: torch.Tensor, x1: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    shape = torch.broadcast_shapes(k0.shape, k1.shape, x0.shape, x1.shape)
    return x0.new_empty(shape), x0.new_empty(shape)


@_threefry2x32.register_vmap
def _(info: Any, in_dims: tuple[int | None, ...], *words: torch.Tensor) -> Any:
    """Return the words of all lanes, from operands that are aligned at their last axes."""
    ranks = [word.dim() - (axis is not None) for word, axis in zip(words, in_dims, strict=True)]
    aligned = [
        word if axis is None else word.movedim(axis, 0).reshape(info.batch_size, *[1] * (max(ranks) - rank), *rest)
        for word, axis, rank in zip(words, in_dims, ranks, strict=True)
        for rest in [word.movedim(axis or 0, 0).shape[1:]]
    ]
    return _threefry2x32(*aligned), (0, 0)


def encrypt(key: threefry.Key, words: tuple[Any, Any]) -> threefry.Key:
    """Encrypt two words under `key`, as `threefry.threefry2x32` does; compiled, by one operator."""
    if _is_compiling():
        first, second = _threefry2x32(*(_tensor(word) for word in (*key, *words)))
        return first, second
    if all(map(_is_number, (*key, *words))) and staging.watcher() is None and torch._C._get_tracing_state() is None:
        # A hundred operations of torch on one number each take 0.3 ms, those of Python 0.01.
        (k0, k1), (x0, x1) = map(int, key), map(int, words)
        first, second = threefry.threefry2x32((k0, k1), (x0, x1))
        is_python = all(isinstance(word, int) for word in (*key, *words))
        return (first, second) if is_python else (torch.tensor(first), torch.tensor(second))
    return threefry.threefry2x32(key, words)


def _is_number(word: Any) -> bool:
    """Return whether a word is one number whose value can be read without waiting for a device."""
    return isinstance(word, int) or (type(word) is torch.Tensor and not word.dim() and word.device.type == "cpu")


def call_key(root: threefry.Key, counter: Any, stream: str = "") -> threefry.Key:
    """Return `threefry.call_key`, computed on tensors."""
    root = encrypt(root, path_words(threefry.stream_path(stream))) if stream else root
    return encrypt(encrypt(root, (0, threefry.STREAM_CALLS)), (0, counter))


def step_key(call: threefry.Key, step: Any) -> threefry.Key:
    """Return `threefry.step_key`, computed on tensors."""
    return encrypt(encrypt(call, (0, threefry.STREAM_STEPS)), (0, step))


def draw_key(call: threefry.Key, path: str, index: int) -> threefry.Key:
    """Return `threefry.draw_key`, computed on tensors."""
    return encrypt(encrypt(call, path_words(path)), (0, index))


def random_bits(key: threefry.Key, count: int, device: torch.device) -> torch.Tensor:
    """Return the first `count` words of the stream of `key`."""
    positions = torch.arange(count, dtype=torch.int64, device=device)
    x0, x1 = encrypt(key, (positions >> 32, positions & threefry.MASK))
    return x0 ^ x1


def sample(
    key: threefry.Key, distribution: Distribution, shape: tuple[int, ...], dtype: str, device: torch.device
) -> torch.Tensor:
    """Return values of `distribution`, the same as on every backend."""
    if _is_compiling():
        k0, k1 = (_tensor(word).to(device) for word in key)
        return _draw(k0, k1, type(distribution).__name__, _numbers(distribution), list(shape), dtype)
    return from_words(random_bits(key, math.prod(shape), device), distribution, dtype).reshape(shape)


def from_words(words: torch.Tensor, distribution: Distribution, dtype: str) -> torch.Tensor:
    """Return the value of `distribution` for each of the words; compiled, by one operator."""
    if _is_compiling():
        operator, *arguments = operator_call(words, distribution, dtype)
        values: torch.Tensor = operator(*arguments)
        return values
    return _values(words, distribution, dtype)


def _values(words: torch.Tensor, distribution: Distribution, dtype: str) -> torch.Tensor:
    values: torch.Tensor = distribution(WORDS, words, dtype)
    return values.to(to_torch_dtype(dtype))


def operator_call(words: torch.Tensor, distribution: Distribution, dtype: str) -> tuple[Any, ...]:
    """Return an operator of torch that does so, and its arguments."""
    return torch.ops.unified.from_words, words, type(distribution).__name__, _numbers(distribution), dtype


def _numbers(distribution: Any) -> list[float]:
    """Return the parameters of a distribution."""
    is_sequence = isinstance(distribution, gamma.Dirichlet)
    return [float(n) for n in (distribution.alpha if is_sequence else dataclasses.astuple(distribution))]


def _made(name: str, numbers: list[float]) -> Distribution:
    """Return the distribution of this name with these parameters."""
    cls: Any = getattr(distributions, name, None) or getattr(gamma, name)
    if cls is gamma.Dirichlet:
        return gamma.Dirichlet(tuple(numbers))
    made: Distribution = cls(*(map(int, numbers) if cls is distributions.Randint else numbers))
    return made


@torch.library.custom_op("unified::from_words", mutates_args=())
def _from_words(words: torch.Tensor, distribution: str, arguments: list[float], dtype: str) -> torch.Tensor:
    return _values(words, _made(distribution, arguments), dtype)


@_from_words.register_fake
def _(words: torch.Tensor, distribution: str, arguments: list[float], dtype: str) -> torch.Tensor:
    return words.new_empty(words.shape, dtype=to_torch_dtype(dtype))


@_from_words.register_vmap
def _(info: Any, in_dims: Any, words: torch.Tensor, *rest: Any) -> Any:
    return _from_words(words.movedim(in_dims[0], 0), *rest), 0


@torch.library.custom_op("unified::draw", mutates_args=())
def _draw(
    k0: torch.Tensor, k1: torch.Tensor, distribution: str, arguments: list[float], shape: list[int], dtype: str
) -> torch.Tensor:
    """Return values from one key, or from arrays of keys, whose axes come before those of `shape`."""
    bits = random_bits((k0[..., None], k1[..., None]), math.prod(shape), k0.device)
    return _values(bits, _made(distribution, arguments), dtype).reshape((*k0.shape, *shape))


@_draw.register_fake
def _(
    k0: torch.Tensor, k1: torch.Tensor, distribution: str, arguments: list[float], shape: list[int], dtype: str
) -> torch.Tensor:
    return k0.new_empty((*k0.shape, *shape), dtype=to_torch_dtype(dtype))


@_draw.register_vmap
def _(info: Any, in_dims: Any, k0: torch.Tensor, k1: torch.Tensor, *rest: Any) -> Any:
    keys = (
        key.expand(info.batch_size, *key.shape) if axis is None else key.movedim(axis, 0)
        for key, axis in zip((k0, k1), in_dims, strict=False)
    )
    return _draw(*keys, *rest), 0


def fill_by(fn: Callable[..., Any], words: tuple[int, int], tensor: torch.Tensor) -> torch.Tensor:
    """Fill a tensor by a function such as those of `torch.nn.init`, whose random numbers follow from a key."""
    seed = words[0] << 32 | words[1]
    with torch.no_grad():
        if "generator" in inspect.signature(fn).parameters:
            fn(tensor, generator=torch.Generator().manual_seed(seed))
            return tensor
        with _SEEDING:  # the generator is the process's own
            state = torch.default_generator.get_state()
            try:
                torch.default_generator.manual_seed(seed)
                fn(tensor)
            finally:
                torch.default_generator.set_state(state)
    return tensor
