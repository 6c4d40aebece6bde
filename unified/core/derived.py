"""`Derived`: initial values that follow from those of other variables of the same layer, such as the norm of a weight.

NumPy computes them on the host, so that they are the same on every backend, also where init has a key without values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unified.core import threefry
from unified.core.initializers import Initializer, resolve

__all__ = ["Derived", "Source"]


class Source(NamedTuple):
    """A variable of the layer, drawn again to compute from it; its name is that in the layer."""

    name: str
    shape: tuple[int, ...]
    initializer: Initializer


@dataclass(frozen=True)
class Derived(Initializer):
    """The values `compute(*values of the sources, *options)`, in float64; it is the draw of its variable too.

    Attributes:
        name: the name of the variable in the layer.
        sources: what it is computed from.
        compute: a function of NumPy arrays.
        options: further arguments of it.
    """

    name: str
    sources: tuple[Source, ...]
    compute: Callable[..., np.ndarray]
    options: tuple[Any, ...] = ()

    def draw(self, shape: tuple[int, ...]) -> Any:
        return self

    def values(self, fill: Callable[..., None], root: threefry.Key, path: str, dtype: Any) -> np.ndarray:
        """Return the values for the variable at `path`; `fill` is `unified.core.filling.fill`."""
        layer = path.removesuffix(self.name)
        wide = np.float64 if dtype == np.float64 else np.float32  # halves are rounded once, at the end
        arrays = [np.empty(source.shape, wide) for source in self.sources]
        draws = [resolve(source.initializer, source.shape) for source in self.sources]
        targets = zip(arrays, (layer + source.name for source in self.sources), draws, strict=True)
        fill(root, list(targets), 1)
        return self.compute(*(array.astype(np.float64) for array in arrays), *self.options)
