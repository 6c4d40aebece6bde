"""What a model is made of, as `params.graph` shows it: a `Node` for each module and layer."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from unified.core.layer import Layer, Spec
from unified.core.record import LayerPlaceholder, MovedInto, ScopeRecord
from unified.core.structure import Structure, VariableInfo

__all__ = ["Graph", "Node"]


class Node(NamedTuple):
    """A module or a layer.

    Attributes:
        path: where it stands.
        cls: its class: a layer such as `unified.Linear`, or a `unified.Module`; `None` for the function itself, and for
            a method of a module, which has a scope of its own.
        arguments: the constructor's arguments by name, for a layer also those that were left out. A layer that was
            given to it reads `<a layer>`, and is among its children or its references.
        variables: what is known of its own variables.
        children: the paths of what stands directly below.
        references: for each argument of a module that is a layer or module standing elsewhere, its path.
    """

    path: str
    cls: Any
    arguments: Mapping[str, Any]
    variables: tuple[VariableInfo, ...]
    children: tuple[str, ...]
    references: Mapping[str, str] = MappingProxyType({})

    @property
    def parameters(self) -> int:
        """How many numbers its own trainable variables hold."""
        return sum(info.size for info in self.variables if info.collection == "params")


class Graph:
    """The modules and layers of a model: `walk()` goes through them, `find(unified.Linear)` picks some."""

    __slots__ = ("_nodes",)

    def __init__(self, structure: Structure) -> None:
        self._nodes = _nodes(structure)

    def __getitem__(self, path: str) -> Node:
        return self._nodes[path]

    def __contains__(self, path: object) -> bool:
        return path in self._nodes

    def __len__(self) -> int:
        return len(self._nodes)

    def __eq__(self, other: object) -> bool:
        return self._nodes == other._nodes if isinstance(other, Graph) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def walk(self, path: str = "") -> Iterator[tuple[str, Node]]:
        """`(path, node)` of the node at `path` and all below it, depth first, in the order of the model."""
        node = self._nodes[path]
        yield path, node
        for child in node.children:
            yield from self.walk(child)

    def find(self, cls: type) -> dict[str, Node]:
        """The nodes whose class is `cls` or derives from it, by path."""
        return {path: node for path, node in self.walk() if isinstance(node.cls, type) and issubclass(node.cls, cls)}

    def __repr__(self) -> str:
        lines = []
        for path, node in self.walk():
            depth = path.count("/") + 1 if path else 0
            name = path.rpartition("/")[2] or "(the function)"
            kind = "" if node.cls is None else f": {getattr(node.cls, '__name__', node.cls)}"
            given = ", ".join(f"{key}={value!r}" for key, value in node.arguments.items())
            lines.append(f"{'  ' * depth}{name}{kind}{f'({given})' if node.arguments else ''}")
        return "\n".join(lines)


def _nodes(structure: Structure) -> dict[str, Node]:
    """All nodes, by path: those that were declared, and those that variables lie in."""
    classes: dict[str, Any] = {}
    arguments: dict[str, Mapping[str, Any]] = {}
    references: dict[str, Mapping[str, str]] = {}
    for scope, record in structure.scopes.by_path.items():
        arguments[scope], references[scope] = record.arguments, record.references
        for path, cls, args, kwargs in _layers_of(scope, record):
            classes[path] = cls
            if isinstance(cls, type) and issubclass(cls, Layer):
                arguments[path] = _arguments(cls, args, kwargs)
                for name, spec in _inner(cls.declaration, arguments[path]).items():
                    classes[f"{path}/{name}"], arguments[f"{path}/{name}"] = spec.declaration, spec.arguments
    owned: dict[str, list[VariableInfo]] = {}
    for info in structure.infos:
        owned.setdefault(info.path.rpartition("/")[0], []).append(info)
    children: dict[str, dict[str, None]] = {"": {}}
    # Variables first: they are in the order of the model.
    for path in [*owned, *structure.scopes.by_path, *classes]:
        names = path.split("/") if path else []
        for depth in range(len(names)):
            inner = "/".join(names[: depth + 1])
            children.setdefault(inner, {})
            children["/".join(names[:depth])][inner] = None
    ordered = _in_order(children, structure)
    return {
        path: Node(
            path,
            classes.get(path),
            arguments.get(path, {}),
            tuple(owned.get(path, ())),
            tuple(ordered[path]),
            references.get(path, {}),
        )
        for path in ordered
    }


def _layers_of(scope: str, record: ScopeRecord) -> Iterator[tuple[str, Any, Any, Any]]:
    for cls, args, kwargs, name, _ in record.recording[:-1]:
        if type(cls) is MovedInto:
            yield cls.path, cls.cls, args, kwargs
        else:
            yield f"{scope}/{name}" if scope else name, cls, args, kwargs


def _arguments(cls: type[Layer], args: Any, kwargs: Any) -> Mapping[str, Any]:
    """The constructor arguments by name."""
    own = {key: value for key, value in kwargs.items() if key not in ("name", "init_fn", "metadata")}
    try:
        bound = cls.declaration.__signature__.bind(*args, **own)
    except TypeError:  # a subclass with arguments of its own
        return {**{str(position): value for position, value in enumerate(args)}, **own}
    bound.apply_defaults()
    return dict(bound.arguments)


def _inner(cls: type[Layer], arguments: Mapping[str, Any]) -> dict[str, Spec]:
    """The layers that a layer is made of, at any depth; none where its arguments leave a size open, or hold layers."""
    if any(arguments.get(size, 0) is None for size in cls.optional_sizes) or _holds_layers(arguments):
        return {}
    found = {}
    for name, spec in cls.inner(**arguments).items():
        found[name] = spec
        found.update({f"{name}/{inner}": below for inner, below in _inner(spec.declaration, spec.arguments).items()})
    return found


def _holds_layers(value: Any) -> bool:
    """Whether a layer stands among the arguments of another."""
    if isinstance(value, Mapping):
        return any(map(_holds_layers, value.values()))
    return any(map(_holds_layers, value)) if isinstance(value, tuple) else isinstance(value, LayerPlaceholder)


def _in_order(children: dict[str, dict[str, None]], structure: Structure) -> dict[str, list[str]]:
    """The children of each path in the order in which the body declared them."""
    ordered = {}
    for path, found in children.items():
        record = structure.scopes.by_path.get(path)
        names = [] if record is None else [entry[3] for entry in record.recording[:-1]]
        rank = {f"{path}/{name}" if path else name: position for position, name in enumerate(names)}
        ordered[path] = sorted(found, key=lambda child: rank.get(child, len(rank)))
    return ordered
