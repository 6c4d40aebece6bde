"""The tree of a model's variables: as text, in colour, or in a notebook."""

import sys
from typing import Any

from unified.core.graph import Graph
from unified.core.node import Node
from unified.core.node_text import describe_node, describe_variable
from unified.core.params import Params

__all__ = ["draw", "lines", "nested_for_treescope", "print_tree"]

MAX_LINES = 2000  # longer trees are cut, and end with the number of missing lines


def draw(shown: Any) -> None:
    """Print or display a tree; see `unified.display`."""
    params = shown if isinstance(shown, Params) else getattr(shown, "params", None)
    if not isinstance(params, Params):
        raise TypeError(f"display takes Params or a model that holds them, got {type(shown).__name__}")
    if _in_notebook():
        try:
            import treescope
        except ImportError:
            pass
        else:
            treescope.display(nested_for_treescope(params))
            return
    print_tree(lines(params))


def print_tree(shown: list[str]) -> None:
    """Print the lines of a tree, in colour if rich is installed."""
    text = "\n".join(shown)
    try:
        from rich.console import Console
        from rich.text import Text
    except ImportError:
        print(text)
    else:
        styled = Text(text)
        styled.highlight_regex(r"\w+\[[^\]]*\]", "cyan")
        styled.highlight_regex(r": (\w+)", "bold")
        styled.highlight_regex(r"frozen|state", "yellow")
        Console().print(styled, soft_wrap=True)


def _in_notebook() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return type(shell).__name__ == "ZMQInteractiveShell"


def lines(params: Params) -> list[str]:
    """Return the lines of the tree as text, cut after `MAX_LINES` lines."""
    graph = params.graph
    count = sum(info.size for info in params.info.values())
    result = [f"Params, {count:,} values"]
    _append_children(params, graph, graph[""], "", result)
    if len(result) > MAX_LINES:
        result[MAX_LINES:] = [f"... and {len(result) - MAX_LINES:,} lines more"]
    return result


def _append_children(params: Params, graph: Graph, node: Node, indent: str, result: list[str]) -> None:
    entries: list[Any] = [*node.variables, *node.children]
    for position, entry in enumerate(entries):
        last = position == len(entries) - 1
        branch, further = ("└── ", "    ") if last else ("├── ", "│   ")
        if isinstance(entry, str):
            child = graph[entry]
            result.append(f"{indent}{branch}{entry.rpartition('/')[2]}{describe_node(child)}")
            _append_children(params, graph, child, indent + further, result)
        else:
            result.append(f"{indent}{branch}{describe_variable(entry, params[entry.path])}")


def nested_for_treescope(params: Params) -> dict[str, Any]:
    """Return nested dicts of NumPy arrays, whose keys describe the modules and layers.

    treescope 0.1.10 cannot display a tensor of torch 2.13, because it reads its `names`, which no longer exist.
    """
    graph, params = params.graph, params.to("numpy")

    def visit(path: str) -> dict[str, Any]:
        node = graph[path]
        variables = {info.path.rpartition("/")[2]: params[info.path] for info in node.variables}
        return variables | {
            child.rpartition("/")[2] + describe_node(graph[child]): visit(child) for child in node.children
        }

    return visit("")
