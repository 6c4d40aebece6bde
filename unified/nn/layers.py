"""The layers of `torch.nn` as classes of objects, one for each declaration of `unified.core.layers`.

`layers.pyi` is what type checkers see of them, which `make generate` writes.
"""

from typing import Any, ClassVar

from unified import functional
from unified.core import backends, layers
from unified.core.annotations import LayerInitFn, Metadata
from unified.core.layer import Layer as Declaration
from unified.core.layer_docs import LayerDoc
from unified.core.signatures import LayerSignature
from unified.nn.layer_docs import STYLE
from unified.nn.module import Module

__all__ = ["Layer"]


class Layer(Module):
    """The base class of the layers. On torch `nn.Linear(3, 2)` is a `torch.nn.Linear`; on JAX an object of this class.

    All take `init_fn=` (an initialiser for `weight`, or a dict of them by variable) and `metadata=`, as in
    `unified.Linear`.

    >>> import unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 3, 2, backend="torch", rng=0)
    >>> isinstance(net, nn.Layer), isinstance(net, nn.Linear), isinstance(net, nn.Conv1d)
    (True, True, False)
    """

    _declaration: ClassVar[type[Declaration] | None] = None
    native_name: ClassVar[str] = ""
    __signature__: ClassVar[Any] = LayerSignature(init_fn=LayerInitFn | None, metadata=Metadata | None)

    @classmethod
    def native_instance(cls, value: Any) -> bool:  # type: ignore[override]
        """Return whether `value` is a layer of `torch.nn` of this class, or, for `Layer`, any."""
        name = backends.native_name(value)
        if cls is Layer:
            return name is not None and name in _NATIVE
        return "native_name" in cls.__dict__ and name == cls.native_name


def _layer_class(declaration: type[Declaration]) -> type[Layer]:
    name = declaration.__name__
    members = {
        "__doc__": LayerDoc.of(declaration, STYLE),
        "__module__": "unified.nn",
        "_declaration": declaration,
        "native_name": declaration.native_name,
    }
    if name == "Embedding":
        members["attend"] = _attend
    return type(Layer)(name, (Layer,), members)


def _attend(self: Any, query: Any) -> Any:
    """Return the product of `query`, `(*, embedding_dim)`, with each row of the table: `(*, num_embeddings)`."""
    return functional.linear(query, self.weight)


for _name in layers.__all__:
    if _name != "Sequential":  # of any modules here: see `unified.nn.containers`
        globals()[_name] = _layer_class(getattr(layers, _name))
        __all__.append(_name)

_NATIVE = frozenset(getattr(layers, name).native_name for name in layers.__all__)
