"""A line about a module, a layer or a variable, as trees show it."""

from unified.core.graph import Node
from unified.core.structure import VariableInfo

__all__ = ["describe_node", "describe_variable"]


def describe_node(node: Node) -> str:
    """Return the class and the arguments of a module or layer; nothing for a scope without a class."""
    if node.cls is None:
        return ""
    arguments = ", ".join(
        f"{key}=<{node.references[key]}>" if key in node.references else f"{key}={value!r}"
        for key, value in node.arguments.items()
        if value is not None
    )
    return f": {getattr(node.cls, '__name__', node.cls)}{f'({arguments})' if arguments else ''}"


def describe_variable(info: VariableInfo) -> str:
    """Return the name, the dtype and the shape of a variable, and what else is known of it."""
    notes = [info.collection] if info.collection != "params" else [] if info.trainable else ["frozen"]
    notes += [f"{key}={value!r}" for key, value in info.metadata.items()]
    name = info.path.rpartition("/")[2]
    return f"{name}  {info.dtype}{list(info.shape)}{'  ' * bool(notes)}{' '.join(notes)}"
