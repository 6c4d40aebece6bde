"""`display`: the tree of a graph's modules, with the variables that params have of them."""

from collections.abc import Iterator
from dataclasses import replace

from unified.core.dtypes import dtype_name
from unified.core.params import Params
from unified.core.structure import VariableInfo
from unified.core.summary import amount, bytes_of
from unified.core.tree_text import print_tree
from unified.explicit.graph import Graph

__all__ = ["display", "lines"]


def display(graph: Graph | tuple[Graph, ...], params: Params | None = None) -> None:
    """Print the modules of a graph as a tree: their arguments, variables, and how many values they have.

    Args:
        graph: a graph, or a tuple of graphs, which are shown one below the other.
        params: the params; without them, modules and arguments alone are shown.

    Source: `blox.display`.

    >>> import torch, unified.explicit as bx
    >>> graph = bx.Graph("net")
    >>> layer = bx.Linear(graph.child("out"), None, 2)
    >>> _, params = layer(bx.params(seed=0), torch.ones(1, 3))
    >>> bx.display(graph, params)  # doctest: +SKIP
    net  8 values, 32 B
    └── out: Linear(in_features=None, out_features=2)  8 values, 32 B
        ├── weight  float32[2, 3]
        └── bias  float32[2]
    """
    print_tree(lines(graph, params))


def lines(graph: Graph | tuple[Graph, ...], params: Params | None = None) -> list[str]:
    """Return the lines of `display`."""
    graphs = (graph,) if isinstance(graph, Graph) else tuple(graph)
    infos = {} if params is None else _infos_of(params)
    result: list[str] = []
    for root in graphs:
        below = [info for path, info in infos.items() if _is_below(path, root.path)]
        kind = "" if root.module is None else f": {root.module!r}"
        result.append(f"{root.path or '(the root)'}{kind}{'' if params is None else _size(below)}")
        result += _below(root, below, params is not None, "")
    shown = {path for path in infos for root in graphs if _is_below(path, root.path)}
    if others := len(infos) - len(shown):
        result.append(f"... and {others} variables of other graphs")
    return result


def _infos_of(params: Params) -> dict[str, VariableInfo]:
    """Return the infos with the dtypes of the arrays that are there: JAX keeps the integers of torch in 32 bits."""
    return {
        path: replace(info, dtype=dtype_name(getattr(params[path], "dtype", info.dtype)))
        for path, info in params.info.items()
    }


def _is_below(path: str, graph: str) -> bool:
    return not graph or path.startswith(f"{graph}/")


def _size(infos: list[VariableInfo]) -> str:
    return f"  {sum(info.size for info in infos):,} values, {amount(sum(map(bytes_of, infos)), 1024, 'B')}"


def _below(graph: Graph, infos: list[VariableInfo], has_params: bool, indent: str) -> Iterator[str]:
    """Yield the lines of the variables and the children of a graph."""
    parts = {child: [info for info in infos if _is_below(info.path, child.path)] for child in graph.children.values()}
    of_children = {info.path for part in parts.values() for info in part}
    own = [info for info in infos if info.path not in of_children]
    entries: list[VariableInfo | Graph] = [*own, *parts]
    for position, entry in enumerate(entries):
        branch, further = ("└── ", "    ") if position == len(entries) - 1 else ("├── ", "│   ")
        if isinstance(entry, Graph):
            kind = "" if entry.module is None else f": {entry.module!r}"
            yield f"{indent}{branch}{entry.name}{kind}{_size(parts[entry]) if has_params and parts[entry] else ''}"
            yield from _below(entry, parts[entry], has_params, indent + further)
        else:
            notes = [entry.collection] if entry.collection != "params" else [] if entry.trainable else ["frozen"]
            notes += [f"{key}={value!r}" for key, value in entry.metadata.items()]
            name = entry.path.removeprefix(f"{graph.path}/")
            text = f"{name}  {entry.dtype}{list(entry.shape)}{'  ' * bool(notes)}{' '.join(notes)}"
            yield f"{indent}{branch}{text}"
