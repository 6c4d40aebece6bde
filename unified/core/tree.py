"""The tree of a model's variables: as text, in colour, or in a notebook."""

import sys
from html import escape
from typing import Any

from unified.core.graph import Graph, Node
from unified.core.params import Params
from unified.core.structure import VariableInfo

__all__ = ["draw", "html", "lines", "nested_for_treescope", "print_tree", "render_bound", "render_params"]

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
    _append_children(graph, graph[""], "", result)
    if len(result) > MAX_LINES:
        result[MAX_LINES:] = [f"... and {len(result) - MAX_LINES:,} lines more"]
    return result


def _append_children(graph: Graph, node: Node, indent: str, result: list[str]) -> None:
    entries: list[Any] = [*node.variables, *node.children]
    for position, entry in enumerate(entries):
        last = position == len(entries) - 1
        branch, further = ("└── ", "    ") if last else ("├── ", "│   ")
        if isinstance(entry, str):
            child = graph[entry]
            result.append(f"{indent}{branch}{entry.rpartition('/')[2]}{_describe(child)}")
            _append_children(graph, child, indent + further, result)
        else:
            result.append(f"{indent}{branch}{_describe_variable(entry)}")


def _describe_variable(info: VariableInfo) -> str:
    notes = [info.collection] if info.collection != "params" else [] if info.trainable else ["frozen"]
    notes += [f"{key}={value!r}" for key, value in info.metadata.items()]
    name = info.path.rpartition("/")[2]
    return f"{name}  {info.dtype}{list(info.shape)}{'  ' * bool(notes)}{' '.join(notes)}"


def _describe(node: Node) -> str:
    if node.cls is None:
        return ""
    arguments = ", ".join(
        f"{key}=<{node.references[key]}>" if key in node.references else f"{key}={value!r}"
        for key, value in node.arguments.items()
        if value is not None
    )
    return f": {getattr(node.cls, '__name__', node.cls)}{f'({arguments})' if arguments else ''}"


def nested_for_treescope(params: Params) -> dict[str, Any]:
    """Return nested dicts of NumPy arrays, whose keys describe the modules and layers.

    treescope 0.1.10 cannot display a tensor of torch 2.13, because it reads its `names`, which no longer exist.
    """
    graph, params = params.graph, params.to("numpy")

    def visit(path: str) -> dict[str, Any]:
        node = graph[path]
        variables = {info.path.rpartition("/")[2]: params[info.path] for info in node.variables}
        return variables | {child.rpartition("/")[2] + _describe(graph[child]): visit(child) for child in node.children}

    return visit("")


def html(params: Params, title: str = "Params") -> str:
    """Return the tree as HTML, in which modules can be folded; cut after `MAX_LINES` of modules and variables."""
    graph = params.graph
    count = sum(info.size for info in params.info.values())
    shown = 0

    def inside(node: Node) -> str:
        nonlocal shown
        parts = []
        for entry in (*node.variables, *node.children):
            shown += 1
            if shown > MAX_LINES:
                return "".join([*parts, "<div>...</div>"])
            if isinstance(entry, str):
                child = graph[entry]
                parts.append(_folded(entry.rpartition("/")[2] + _describe(child), inside(child)))
            else:
                parts.append(f"<div>{escape(_describe_variable(entry))}</div>")
        return "".join(parts)

    head = f"{title}, {len(params)} variables, {count:,} values"
    return f'<div style="font-family: monospace; white-space: pre-wrap">{_folded(head, inside(graph[""]))}</div>'


def _folded(head: str, content: str) -> str:
    return (
        f"<details open><summary>{escape(head)}</summary>"
        f'<div style="margin-left: 0.4em; padding-left: 1.2em; border-left: 1px solid #8888">{content}</div></details>'
    )


def render_params(params: Params, path: str | None, subtree_renderer: Any) -> Any:
    """Return what treescope shows of params: a mapping from paths to arrays."""
    from treescope import repr_lib

    host = {name: array for name, array in params.items() if hasattr(array, "data_ptr")}  # see nested_for_treescope
    values = {**params, **(params.pick(host).to("numpy") if host else {})}
    return repr_lib.render_dictionary_wrapper(type(params), values, path, subtree_renderer)


def render_bound(bound: Any, path: str | None, subtree_renderer: Any) -> Any:
    """Return what treescope shows of a bound model: its model and its params."""
    from treescope import repr_lib

    shown = {"model": bound.model, "params": bound.params}
    return repr_lib.render_object_constructor(type(bound), shown, path, subtree_renderer)
