"""Functions as initializers: those of `jax.nn.initializers` and of `torch.nn.init`, on either framework.

Which kind a function is its first parameter says: `key` or `rng` for JAX's, `tensor` for one that fills a tensor in
place, as torch's do. It runs on its own framework, with a key or a seed that follows from the path of the variable, so
that its values are the same on both.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unified.core import backends, initializers
from unified.core.errors import BackendError
from unified.core.initializers import Initializer

__all__ = ["Called", "as_initializer"]


@dataclass(frozen=True)
class Called:
    """A draw whose values a function of a framework computes."""

    fn: Callable[..., Any]
    framework: str

    def values(self, words: tuple[int, int], shape: tuple[int, ...], dtype: str) -> np.ndarray:
        """Return the values for the key of a variable; raise `ValueError` if they have another shape."""
        values = np.asarray(backends.load(self.framework).call_initializer(self.fn, words, shape, dtype))
        if values.shape != shape:
            raise ValueError(f"{self.fn!r} made values of shape {values.shape}, where {shape} was asked for")
        return values

    def refuse_traced_key(self) -> BackendError:
        """Return the error of a key that has no values, which the function cannot take."""
        return BackendError(
            f"{self.fn!r} runs on {self.framework}, and init has a key without values, as within jax.jit, "
            "torch.compile and vmap: call init outside of them, or use an initializer of unified.initializers"
        )


@dataclass(frozen=True)
class FunctionInitializer(Initializer):
    """The initializer that a function of a framework is."""

    fn: Callable[..., Any]
    framework: str

    def draw(self, shape: tuple[int, ...]) -> Any:
        return Called(self.fn, self.framework)


def as_initializer(init: Any) -> Any:
    """Return the initializer that `init` stands for; what is none, such as a function of `(shape, dtype=)`, as it is.

    `unified.initializers.normal` stands for `normal()`.

    Raises:
        TypeError: it is a function of `unified.initializers` that needs arguments.
    """
    if isinstance(init, Initializer) or not callable(init) or isinstance(init, type):
        return init
    if getattr(init, "__module__", None) == initializers.__name__:
        try:
            return init()
        except TypeError:
            raise TypeError(f"unified.initializers.{init.__name__} needs its argument: {init.__name__}(...)") from None
    try:
        first = next(iter(inspect.signature(init).parameters), "")
    except (TypeError, ValueError):  # a function of C
        return init
    framework = {"key": "jax", "rng": "jax", "tensor": "torch"}.get(first)
    return init if framework is None else FunctionInitializer(init, framework)
