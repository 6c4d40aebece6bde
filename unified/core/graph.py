"""The graph of a model (`params.graph`): a `Node` for each module and layer."""

from collections.abc import Iterator, Mapping
from typing import Any

from unified.core.classes import same_class
from unified.core.layer import Layer, Spec
from unified.core.node import Node
from unified.core.node_text import describe_node
from unified.core.record import LayerPlaceholder
from unified.core.structure import Structure, VariableInfo

__all__ = ["Graph"]


class Graph:
    """The modules and layers of a model: `walk()` visits all, `find(unified.Linear)` returns those of a class."""

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
        """Yield `(path, node)` of the node at `path` and all below it, depth first, in the order of the model."""
        node = self._nodes[path]
        yield path, node
        for child in node.children:
            yield from self.walk(child)

    def find(self, cls: type) -> dict[str, Node]:
        """Return the nodes whose class is `cls` or derives from it, by path."""
        return {path: node for path, node in self.walk() if any(same_class(base, cls) for base in _bases(node.cls))}

    def __repr__(self) -> str:
        lines = []
        for path, node in self.walk():
            depth = path.count("/") + 1 if path else 0
            lines.append(f"{'  ' * depth}{path.rpartition('/')[2] or '(the function)'}{describe_node(node)}")
        return "\n".join(lines)


def _bases(cls: Any) -> tuple[Any, ...]:
    return cls.__mro__ if isinstance(cls, type) else (cls,)


def _nodes(structure: Structure) -> dict[str, Node]:
    """Return all nodes by path: the declared modules and layers, and the parents of variables."""
    classes: dict[str, Any] = {}
    arguments: dict[str, Mapping[str, Any]] = {}
    references: dict[str, Mapping[str, str]] = {}
    for scope, record in structure.scopes.by_path.items():
        arguments.setdefault(scope, record.arguments)  # a layer's are in the record of the scope around it
        references[scope] = record.references
        for path, cls, args, kwargs in record.calls(scope):
            classes[path] = cls
            if isinstance(cls, type) and issubclass(cls, Layer):
                arguments[path] = _arguments(cls, args, kwargs)
                for name, spec in _inner_specs(cls._declaration, arguments[path]).items():
                    classes[f"{path}/{name}"], arguments[f"{path}/{name}"] = spec.declaration, spec.arguments
    variables: dict[str, list[VariableInfo]] = {}
    for info in structure.infos:
        variables.setdefault(info.path.rpartition("/")[0], []).append(info)
    children: dict[str, dict[str, None]] = {"": {}}
    # Variables come first, because they are in the order of the model.
    for path in [*variables, *structure.scopes.by_path, *classes]:
        names = path.split("/") if path else []
        for depth in range(len(names)):
            inner = "/".join(names[: depth + 1])
            children.setdefault(inner, {})
            children["/".join(names[:depth])][inner] = None
    ordered = _sort_children(children, structure)
    return {
        path: Node(
            path,
            classes.get(path),
            arguments.get(path, {}),
            tuple(variables.get(path, ())),
            tuple(ordered[path]),
            references.get(path, {}),
        )
        for path in ordered
    }


def _arguments(cls: type[Layer], args: Any, kwargs: Any) -> Mapping[str, Any]:
    """Return the constructor arguments by name."""
    kwargs = {key: value for key, value in kwargs.items() if key not in ("name", "init_fn", "metadata")}
    try:
        bound = cls._declaration.own_signature.bind(*args, **kwargs)
    except TypeError:  # a subclass with other arguments
        return {**{str(position): value for position, value in enumerate(args)}, **kwargs}
    bound.apply_defaults()
    return dict(bound.arguments)


def _inner_specs(cls: type[Layer], arguments: Mapping[str, Any]) -> dict[str, Spec]:
    """Return the specs of a layer's inner layers at any depth; none if its arguments contain layers or lack a size."""
    lacks_size = any(arguments.get(size, 0) is None for size in cls.optional_sizes)
    is_other = not arguments.keys() >= cls.own_signature.parameters.keys()  # a subclass takes arguments of its own
    if lacks_size or is_other or _holds_layers(arguments):
        return {}
    specs = {}
    for name, spec in cls.inner(**arguments).items():
        specs[name] = spec
        below = _inner_specs(spec.declaration, spec.arguments)
        specs.update({f"{name}/{inner}": inner_spec for inner, inner_spec in below.items()})
    return specs


def _holds_layers(value: Any) -> bool:
    """Return whether an argument is a layer or contains one."""
    if isinstance(value, Mapping):
        return any(map(_holds_layers, value.values()))
    return any(map(_holds_layers, value)) if isinstance(value, tuple) else isinstance(value, LayerPlaceholder)


def _sort_children(children: dict[str, dict[str, None]], structure: Structure) -> dict[str, list[str]]:
    """Return the children of each path in the order in which the body declared them."""
    ordered = {}
    for path, paths in children.items():
        record = structure.scopes.by_path.get(path)
        names = [] if record is None else [entry[3] for entry in record.recording[:-1]]
        rank = {f"{path}/{name}" if path else name: position for position, name in enumerate(names)}
        ordered[path] = sorted(paths, key=lambda child: rank.get(child, len(rank)))
    return ordered
