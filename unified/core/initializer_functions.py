"""Functions as initializers: those of `jax.nn.initializers` and of `torch.nn.init`, on either framework.

Which kind a function is its first parameter says: `key` or `rng` for JAX's, `tensor` for one that fills a tensor in
place, as torch's do. It runs on its own framework, with a key or a seed that follows from the path of the variable, so
that its values are the same on both.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unified.core import backends, initializers
from unified.core.errors import BackendError
from unified.core.initializers import Initializer
from unified.core.naming import closest

__all__ = ["Called", "as_initializer", "as_layer_init_fn", "unknown_attribute"]


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


def as_layer_init_fn(init_fn: Any, layer: str, no_function: str = "") -> Any:
    """Return the `init_fn` of a layer: an initializer, a dict of them by variable, or a function of the whole layer.

    Args:
        init_fn: what the user gave.
        layer: the path or the class of the layer, for the message.
        no_function: what to do instead, where no function may change the layer, as it may in a body.

    Raises:
        TypeError: it is none of these.
    """
    init_fn = as_initializer(init_fn)
    if isinstance(init_fn, Mapping):
        named = {name: as_initializer(value) for name, value in init_fn.items()}
        for name, value in named.items():
            if not (isinstance(value, Initializer) or (callable(value) and not isinstance(value, type))):
                raise TypeError(
                    f"{layer!r}: init_fn[{name!r}] is an initializer of unified.initializers, got {value!r}"
                    f"{_constant_hint(value)}"
                )
        return named
    is_function = callable(init_fn) and not isinstance(init_fn, type)
    if init_fn is None or isinstance(init_fn, Initializer) or (is_function and not no_function):
        return init_fn
    of_the_layer = "" if no_function else ", or a function of the new layer"
    hint = f": {no_function}" if is_function else _constant_hint(init_fn)
    raise TypeError(
        f"{layer!r}: init_fn is an initializer of unified.initializers for weight, a dict of them by variable"
        f"{of_the_layer}, got {init_fn!r}{hint}"
    )


def unknown_attribute(path: str, name: str, known: Iterable[str]) -> AttributeError:
    """Return the error for an attribute that a layer lacks, and that its `init_fn` has set in vain."""
    public = [other for other in known if not other.startswith("_")]
    return AttributeError(
        f"{path!r}: init_fn set {name!r}, which the layer does not have, and no call would see it"
        f"{closest(name, public, 'attributes')}"
    )


def _constant_hint(value: Any) -> str:
    """Return what to write for a number or an array, which `get_parameter` takes as it is."""
    is_value = isinstance(value, (int, float)) or hasattr(value, "shape")
    return ": unified.initializers.constant(value) starts from a value" if is_value else ""
