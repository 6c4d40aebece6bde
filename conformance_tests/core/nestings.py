"""Random bodies: nestings of modules, methods, layers and variables, with the paths that they must have.

`nestings()` is a hypothesis strategy of steps. `body(steps)` runs them against the public `unified` API, so any backend
can be given it; `paths(steps)` names their variables by a naming of its own, written straight from the rules.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

import unified as u

__all__ = ["SHAPE", "body", "nestings", "paths"]

SHAPE = (2, 3)
WIDTH = SHAPE[1]

# Explicit names that look like default ones, so that they meet.
NAMES = [None, None, None, "linear", "linear_1", "block", "block_1", "http_net", "head", "rng", "train"]


@dataclass(frozen=True)
class Linear:
    """A layer, called `times` times."""

    name: str | None = None
    bias: bool = True
    times: int = 1


@dataclass(frozen=True)
class Variable:
    """A parameter or state of the scope itself."""

    name: str
    trainable: bool


@dataclass(frozen=True)
class Group:
    """A module: what its `__init__` builds, what each of its methods does, and which of them are called."""

    kind: str
    name: str | None
    built: tuple[Linear, ...]
    methods: dict[str, tuple[Any, ...]] = field(hash=False)
    calls: tuple[str, ...] = ("__call__",)


Step = Linear | Variable | Group


def _extend(inner: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    steps = st.lists(inner, max_size=3).map(tuple)
    methods = st.fixed_dictionaries({"__call__": steps, "encode": steps, "decode": steps, "_tail": steps})
    return st.builds(
        Group,
        st.sampled_from(["Block", "HTTPNet"]),
        st.sampled_from(NAMES),
        st.lists(layers, max_size=2).map(tuple),
        methods,
        st.lists(st.sampled_from(["__call__", "encode", "decode", "_tail"]), max_size=4).map(tuple),
    )


layers = st.builds(Linear, st.sampled_from(NAMES), st.booleans(), st.integers(1, 2))
# A name is a parameter's or a state's, never both: asking for the other is an error, which has tests of its own.
variables = st.sampled_from([Variable("scale", True), Variable("shift", True), Variable("mean", False)])


def nestings(max_leaves: int = 12) -> st.SearchStrategy[tuple[Step, ...]]:
    """Bodies of up to about `max_leaves` layers and variables."""
    step = st.recursive(layers | variables, _extend, max_leaves=max_leaves)
    return st.lists(step, max_size=5).map(tuple)


def _run(steps: tuple[Step, ...], x: Any) -> Any:
    for step in steps:
        match step:
            case Linear(name, bias, times):
                layer = u.Linear(WIDTH, WIDTH, bias=bias, **_named(name))
                for _ in range(times):
                    x = layer(x)
            case Variable(name, True):
                x = x + u.get_parameter(name, (WIDTH,), u.initializers.normal())
            case Variable(name, False):
                x = x + u.get_state(name, (WIDTH,))
            case Group():
                group = KINDS[step.kind](step, **_named(step.name))
                for method in step.calls:
                    x = getattr(group, method)(x)
    return x


def _named(name: str | None) -> dict[str, str]:
    return {} if name is None else {"name": name}


class Block(u.Module):
    """Does what its `Group` says."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.built = [u.Linear(WIDTH, WIDTH, bias=layer.bias, **_named(layer.name)) for layer in group.built]

    def __call__(self, x: Any) -> Any:
        for layer in self.built:
            x = layer(x)
        return _run(self.group.methods["__call__"], x)

    def encode(self, x: Any) -> Any:
        return _run(self.group.methods["encode"], x)

    def decode(self, x: Any) -> Any:
        return _run(self.group.methods["decode"], x)

    def _tail(self, x: Any) -> Any:
        return _run(self.group.methods["_tail"], x)


class HTTPNet(Block):
    """A module of another name."""


KINDS = {"Block": Block, "HTTPNet": HTTPNet}
BASES = {"Block": "block", "HTTPNet": "http_net"}


def body(steps: tuple[Step, ...]) -> Callable[[Any], Any]:
    """The function of one array that takes these steps."""

    def forward(x: Any) -> Any:
        return _run(steps, x)

    return forward


@dataclass
class _Scope:
    """One scope of the reference naming: its own variables, and what it contains."""

    params: list[str] = field(default_factory=list)
    state: list[str] = field(default_factory=list)
    children: dict[str, "_Scope"] = field(default_factory=dict)
    called: float = math.inf  # the number of the first call

    def call(self, calls: "Iterator[int]") -> None:
        self.called = min(self.called, next(calls))

    def first(self) -> float:
        return min(self.called, *(child.first() for child in self.children.values()), math.inf)

    def flat(self, prefix: str = "") -> list[str]:
        found = [prefix + name for name in self.params + self.state]
        for name, child in sorted(self.children.items(), key=lambda item: item[1].first()):
            found += child.flat(f"{prefix}{name}/")
        return found


def _first_free(base: str, taken: set[str]) -> str:
    """Rule 2: `base`, else `base_1`, `base_2`, ..."""
    candidates = [base, *(f"{base}_{count}" for count in range(1, len(taken) + 2))]
    name = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(name)
    return name


def _add_layer(scope: _Scope, layer: Linear, taken: set[str]) -> _Scope:
    name = _first_free(layer.name or "linear", taken)
    scope.children[name] = _Scope(params=["weight", "bias"] if layer.bias else ["weight"])
    return scope.children[name]


def _name(scope: _Scope, steps: tuple[Step, ...], taken: set[str], calls: Iterator[int]) -> None:
    """Names what one run of `scope` declares; `taken` are the names given out in this run."""
    for step in steps:
        match step:
            case Linear():
                _add_layer(scope, step, taken).call(calls)
            case Variable(name, trainable):
                own = scope.params if trainable else scope.state
                if name not in own:
                    own.append(name)
            case Group():
                child = scope.children[_first_free(step.name or BASES[step.kind], taken)] = _Scope()
                after_init: set[str] = set()
                built = [_add_layer(child, layer, after_init) for layer in step.built]
                for method in step.calls:
                    if method == "__call__":
                        for called in (child, *built):
                            called.call(calls)
                    _name_call(scope, child, step, method, taken, set(after_init), calls)


def _name_call(
    scope: _Scope,
    child: _Scope,
    group: Group,
    method: str,
    taken: set[str],
    after_init: set[str],
    calls: Iterator[int],
) -> None:
    """Rule 3: a call has the module's own scope, a public method one below it, a private one its caller's."""
    if method == "_tail":
        _name(scope, group.methods[method], taken, calls)
    elif method == "__call__":
        again = _Scope()
        _name(again, group.methods[method], after_init, calls)
        _merge(child, again)
    else:
        again = _Scope(called=next(calls))
        _name(again, group.methods[method], set(), calls)
        _merge(child.children.setdefault(method, _Scope()), again)


def _merge(scope: _Scope, again: _Scope) -> None:
    """A second run of a scope declares the same again, which shares."""
    for own, new in ((scope.params, again.params), (scope.state, again.state)):
        own += [name for name in new if name not in own]
    scope.called = min(scope.called, again.called)
    for name, child in again.children.items():
        _merge(scope.children.setdefault(name, _Scope()), child)


def paths(steps: tuple[Step, ...]) -> list[str]:
    """The paths of the variables of `body(steps)`, in the order of a `state_dict`."""
    root = _Scope()
    _name(root, steps, {"rng"}, itertools.count())
    return root.flat()
