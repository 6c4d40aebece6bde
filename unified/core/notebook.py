"""What notebooks and treescope show of `Params` and bound models."""

from html import escape
from typing import Any

from unified.core.node import Node
from unified.core.node_text import describe_node, describe_variable

__all__ = ["html", "render_bound", "render_params"]

MAX_ENTRIES = 2000  # of modules and variables, after which a tree is cut


def html(params: Any, title: str = "Params") -> str:
    """Return the tree as HTML, in which modules can be folded; cut after `MAX_ENTRIES` modules and variables."""
    graph = params.graph
    count = sum(info.size for info in params.info.values())
    shown = 0

    def inside(node: Node) -> str:
        nonlocal shown
        parts: list[str] = []
        entries: list[Any] = [*node.variables, *node.children]
        for entry in entries:
            shown += 1
            if shown > MAX_ENTRIES:
                return "".join([*parts, "<div>...</div>"])
            if isinstance(entry, str):
                child = graph[entry]
                parts.append(_folded(entry.rpartition("/")[2] + describe_node(child), inside(child)))
            else:
                parts.append(f"<div>{escape(describe_variable(entry, params[entry.path]))}</div>")
        return "".join(parts)

    head = f"{title}, {len(params)} variables, {count:,} values"
    return f'<div style="font-family: monospace; white-space: pre-wrap">{_folded(head, inside(graph[""]))}</div>'


def _folded(head: str, content: str) -> str:
    if not content:  # a layer without variables has nothing to unfold
        return f"<div>{escape(head)}</div>"
    return (
        f"<details open><summary>{escape(head)}</summary>"
        f'<div style="margin-left: 0.4em; padding-left: 1.2em; border-left: 1px solid #8888">{content}</div></details>'
    )


def render_params(params: Any, path: str | None, subtree_renderer: Any) -> Any:
    """Return what treescope shows of params: a mapping from paths to arrays."""
    from treescope import repr_lib

    host = {
        name: array for name, array in params.items() if hasattr(array, "data_ptr")
    }  # of torch 2.13, which treescope cannot show
    values = {**params, **(params.pick(host).to("numpy") if host else {})}
    return repr_lib.render_dictionary_wrapper(type(params), values, path, subtree_renderer)


def render_bound(bound: Any, path: str | None, subtree_renderer: Any) -> Any:
    """Return what treescope shows of a bound model: its model and its params."""
    from treescope import repr_lib

    shown = {"model": bound.model, "params": bound.params}
    return repr_lib.render_object_constructor(type(bound), shown, path, subtree_renderer)
