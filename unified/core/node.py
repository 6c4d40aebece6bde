"""`Node`: a module or a layer of a model, as `params.graph` holds it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from unified.core.structure import VariableInfo

__all__ = ["Node"]


class Node(NamedTuple):
    """A module or a layer.

    Attributes:
        path: its path in the model.
        cls: its class: a layer such as `unified.Linear`, or a `unified.Module`; `None` for the function itself, and for
            a method of a module, which is a scope too.
        arguments: the constructor arguments by name; for a layer, defaults are included. An argument that is a layer
            is shown as `<a layer>`, and is among the children or references.
        variables: the infos of its variables, without those of its children.
        children: the paths of its direct children.
        references: the path of each argument of a module that is a layer or module declared elsewhere; and,
            relative to this node, the path of the variable of each name that is tied to another (`head/weight`).
    """

    path: str
    cls: Any
    arguments: Mapping[str, Any]
    variables: tuple[VariableInfo, ...]
    children: tuple[str, ...]
    references: Mapping[str, str] = MappingProxyType({})

    @property
    def parameters(self) -> int:
        """The number of elements of its parameters, without those of its children."""
        return sum(info.size for info in self.variables if info.collection == "params")
