"""The tree of a model's variables, as text, in colours, or in a notebook."""

import sys
from typing import Any

from unified.core.graph import Graph, Node
from unified.core.params import Params

__all__ = ["draw", "lines", "nested_for_treescope"]

MOST = 2000  # lines of a tree: what is longer is cut, and says so


def draw(shown: Any) -> None:
    """See `unified.display`."""
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
    text = "\n".join(lines(params))
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
    """The tree as text, cut after `MOST` lines."""
    graph = params.graph
    count = sum(info.size for info in params.info.values())
    found = [f"Params, {count:,} values"]
    _below(graph, graph[""], "", found)
    if len(found) > MOST:
        found[MOST:] = [f"... and {len(found) - MOST:,} lines more"]
    return found


def _below(graph: Graph, node: Node, indent: str, found: list[str]) -> None:
    entries: list[Any] = [*node.variables, *node.children]
    for position, entry in enumerate(entries):
        last = position == len(entries) - 1
        branch, further = ("└── ", "    ") if last else ("├── ", "│   ")
        if isinstance(entry, str):
            child = graph[entry]
            found.append(f"{indent}{branch}{entry.rpartition('/')[2]}{_described(child)}")
            _below(graph, child, indent + further, found)
        else:
            notes = [entry.collection] if entry.collection != "params" else [] if entry.trainable else ["frozen"]
            notes += [f"{key}={value!r}" for key, value in entry.metadata.items()]
            name = entry.path.rpartition("/")[2]
            found.append(
                f"{indent}{branch}{name}  {entry.dtype}{list(entry.shape)}{'  ' * bool(notes)}{' '.join(notes)}"
            )


def _described(node: Node) -> str:
    if node.cls is None:
        return ""
    given = ", ".join(
        f"{key}=<{node.references[key]}>" if key in node.references else f"{key}={value!r}"
        for key, value in node.arguments.items()
        if value is not None
    )
    return f": {getattr(node.cls, '__name__', node.cls)}{f'({given})' if given else ''}"


def nested_for_treescope(params: Params) -> dict[str, Any]:
    """Dicts within dicts, whose keys say what stands there, with NumPy arrays.

    treescope 0.1.10 cannot show a tensor of torch 2.13: it asks for its `names`, which are gone.
    """
    graph, params = params.graph, params.to("numpy")

    def visit(path: str) -> dict[str, Any]:
        node = graph[path]
        own = {info.path.rpartition("/")[2]: params[info.path] for info in node.variables}
        return own | {child.rpartition("/")[2] + _described(graph[child]): visit(child) for child in node.children}

    return visit("")
