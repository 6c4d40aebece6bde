"""Every layer of `unified.core.layers` as a module with explicit params: `Linear(graph, in_features, out_features)`.

`layers.pyi`, written by `make generate`, is what type checkers see of them.
"""

from typing import Any

from unified import functional
from unified.core import layers as declarations
from unified.core.layer_docs import LayerDoc
from unified.core.params import Params
from unified.explicit.layer import LayerModule
from unified.explicit.layer_docs import OTHERS, STYLE
from unified.explicit.variables import refuse_missing

__all__ = [name for name in declarations.__all__ if name not in OTHERS]


class Embedding(LayerModule):
    __doc__ = LayerDoc.of(declarations.Embedding, STYLE)
    _declaration = declarations.Embedding

    def attend(self, params: Params, input: Any) -> tuple[Any, Params]:
        """Return the products of the input with all rows of `weight`, the logits of tied embeddings, and the params.

        Shapes: `(*, embedding_dim)` to `(*, num_embeddings)`.

        Source: `blox.Embed.attend`.
        """
        path = self.param_path("weight")
        if path not in params:
            refuse_missing(params.locked(), path)
        return functional.linear(input, params[path]), params


def _module_class(name: str) -> type[LayerModule]:
    """Return the class of a layer."""
    declaration = getattr(declarations, name)
    members = {"_declaration": declaration, "__module__": __name__, "__doc__": LayerDoc.of(declaration, STYLE)}
    return type(name, (LayerModule,), members)


globals().update({name: _module_class(name) for name in declarations.__all__ if name not in globals()})
