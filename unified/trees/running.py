"""`Run`: one call of a model with a mode and a key, by which its layers find their paths and keep what they write.

A call of a model alone evaluates, and needs none of this. `apply` makes copies of the layers that know where they
stand; a layer that a transform of the framework has put together again inside the call does not, and refuses to draw
random numbers or to write state: either would get lost, or be the same in each step.
"""

import threading
from collections.abc import Callable
from typing import Any

from unified.core.layer_call import FirstValue
from unified.core.naming import join
from unified.core.protocol import Backend
from unified.trees.nodes import Node, child_items

__all__ = ["Placed", "Run", "current", "map_nodes", "within"]


class Run:
    """One call: its mode, its key, and the modules that replace those of the model afterwards, by path.

    Attributes:
        training: whether layers behave as in training.
        rng: the key and the number of the call, from which layers draw; `None` if there is none.
        draws: how often was drawn at each path.
        new: the modules that replace those at these paths.
        first_values: the first values of variables, in a call that completes layers whose sizes are not known.
    """

    def __init__(
        self,
        backend: Backend,
        training: bool,
        rng: tuple[Any, Any] | None,
        first_values: Callable[[list[FirstValue]], list[Any]] | None = None,
    ) -> None:
        self.backend = backend
        self.training = training
        self.rng = rng
        self.first_values = first_values
        self.draws: dict[str, int] = {}
        self.calls: dict[str, int] = {}
        self.new: dict[str, Any] = {}
        self.trace = backend.calls.trace_state()

    def store(self, path: str, module: Any) -> None:
        """Keep a module for the tree that `apply` returns; raise if its arrays could not leave a transform."""
        if self.backend.calls.trace_state() != self.trace:
            raise ValueError(
                f"{path!r} writes its state inside a transform of the framework (jax.vmap, jax.lax.scan, jax.jit, ...) "
                "that began in the call: its new values cannot leave it. Call the layer there with "
                "`y, layer = unified.trees.apply(layer, x, training=True)` and return the new layer, or use VMap, Jit "
                "or Checkpoint of unified.trees"
            )
        self.new[path] = module


class _Current(threading.local):
    def __init__(self) -> None:
        self.run: Run | None = None


current = _Current()


class within:  # noqa: N801
    """A context in which a run is the thread's current one."""

    def __init__(self, run: Run | None) -> None:
        self.run = run

    def __enter__(self) -> None:
        self.outer = current.run
        current.run = self.run

    def __exit__(self, *error: Any) -> None:
        current.run = self.outer


class Placed(Node):
    """A module that a run copies, with its path: a layer, or a wrapper that runs a part of the model by itself."""

    def _at(self, run: Run, path: str) -> Any:
        """Return a copy that knows its run and its path."""
        copy = self._bare()
        object.__setattr__(copy, "_run", run)
        object.__setattr__(copy, "_path", path)
        return copy

    def _bare(self) -> Any:
        """Return a copy that knows of no run."""
        copy = object.__new__(type(self))
        for name, value in self.__dict__.items():
            if name not in ("_run", "_path"):
                object.__setattr__(copy, name, value)
        return copy

    def _place(self, run: Run) -> str | None:
        """Return the path in this run; `None` if the module is none of those that the run was given."""
        return self._path if self.__dict__.get("_run") is run else None  # type: ignore[attr-defined]


def map_nodes(value: Any, path: str, change: Callable[[Any, str], Any], compiling: bool = False) -> Any:
    """Return a tree with each module at `path` for which `change` returns one replaced by that.

    A module that stands in two places is changed once, at the first of its paths, and stays one module. `compiling`
    says that a compiler reads this code, which would guard each identity that it takes.
    """
    return _mapped(value, path, change, _Pairs() if compiling else {})[0]


class _Pairs:
    """A dict from modules to what they became, by their identity, without their `id`."""

    def __init__(self) -> None:
        self.pairs: list[tuple[Any, Any]] = []

    def find(self, value: Any) -> Any:
        """Return what was kept for a value, or `None`."""
        for known, result in self.pairs:
            if known is value:
                return result
        return None


def _mapped(value: Any, path: str, change: Callable[[Any, str], Any], known: Any) -> tuple[Any, bool]:
    """Return the new tree, and whether it is another one: torch.compile knows no `is` between tuples."""
    items = child_items(value)
    if items is None:
        return value, False
    is_node, by_identity = isinstance(value, Node), isinstance(known, _Pairs)
    if is_node:
        found = known.find(value) if by_identity else known.get(id(value))
        if found is not None:
            return found
    new = change(value, path) if is_node else None
    if new is not None:
        result = new, True
    else:
        inner = value._inner if is_node else None
        parts = [_mapped(item, path if name == inner else join(path, name), change, known) for name, item in items[0]]
        is_new = any(changed for _, changed in parts)
        result = (items[1]([part for part, _ in parts]) if is_new else value), is_new
    if is_node and by_identity:
        known.pairs.append((value, result))
    elif is_node:
        known[id(value)] = result
    return result
