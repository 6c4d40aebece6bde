"""Every declared layer as a module: `Linear(2, 5)`, `BatchNorm2d(3)`, ...; `layers.pyi` is what type checkers see."""

from typing import Any

from unified import functional
from unified.core import layers as declared
from unified.trees.layer import layer_class

globals().update({name: layer_class(getattr(declared, name)) for name in declared.__all__ if name != "Sequential"})


def _attend(self: Any, query: Any) -> Any:
    """Return the product of `query`, `(*, embedding_dim)`, with each row of the table: `(*, num_embeddings)`."""
    return functional.linear(query, self.weight)


globals()["Embedding"].attend = _attend

__all__ = [name for name in declared.__all__ if name != "Sequential"]
