"""A line about a module, a layer or a variable, as trees show it."""

from typing import Any

from unified.core.layer import Layer
from unified.core.node import Node
from unified.core.structure import VariableInfo, describe_value

__all__ = ["describe_node", "describe_variable"]


def describe_node(node: Node) -> str:
    """Return the class of a module or layer, and its arguments but a layer's defaults; nothing without a class."""
    if node.cls is None:
        return ""
    defaults = _defaults(node.cls)
    arguments = ", ".join(
        f"{key}=<{node.references[key]}>" if key in node.references else f"{key}={value!r}"
        for key, value in node.arguments.items()
        if value is not None and not _is_default(value, defaults.get(key))
    )
    return f": {getattr(node.cls, '__name__', node.cls)}{f'({arguments})' if arguments else ''}"


def _defaults(cls: Any) -> dict[str, Any]:
    """Return the defaults of a layer's arguments; of a module only those that were given are known."""
    if not (isinstance(cls, type) and issubclass(cls, Layer)):
        return {}
    return {name: parameter.default for name, parameter in cls._declaration.own_signature.parameters.items()}


def _is_default(value: Any, default: Any) -> bool:
    """Whether a plain value is the default: `True` is not the default 1, and the `==` of arrays is no truth."""
    return type(value) is type(default) and isinstance(value, bool | int | float | str) and value == default


def describe_variable(info: VariableInfo, value: Any) -> str:
    """Return the name of a variable, the dtype and the shape of its array, and what else is known of it."""
    notes = [info.collection] if info.collection != "params" else [] if info.trainable else ["frozen"]
    notes += [f"{key}={value!r}" for key, value in info.metadata.items()]
    name = info.path.rpartition("/")[2]
    return f"{name}  {describe_value(info, value)}{'  ' * bool(notes)}{' '.join(notes)}"
