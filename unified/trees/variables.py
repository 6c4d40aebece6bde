"""Variables of a tree by their paths: `fill` gives them first values, and `Params` are how all styles meet."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from unified.core import backends
from unified.core.annotations import Array, Device
from unified.core.conversion import convert
from unified.core.dtypes import dtype_name, is_floating, is_same_dtype
from unified.core.errors import BackendError
from unified.core.filters import Filter, as_predicate
from unified.core.keys import as_key
from unified.core.layer_call import FirstValue
from unified.core.naming import different_paths, join
from unified.core.params import Params
from unified.core.pending import PendingVariable
from unified.core.protocol import Backend
from unified.core.structure import VariableInfo
from unified.trees import registry
from unified.trees.layer import Layer
from unified.trees.nodes import PARAMETER, Kind, Node, child_items, foreign, is_array, leaves
from unified.trees.running import Run, map_nodes, within

__all__ = ["combine", "fill", "layers_of", "load_params", "params", "partition", "variables"]

ModuleT = TypeVar("ModuleT")
MOST_LEVELS = 200  # of modules within modules: a list that holds itself has no end


def variables(value: Any, path: str = "") -> Iterator[tuple[str, Any, Kind]]:
    """Yield the path, the array and the kind of each variable of a tree, in the order of its fields."""
    seen: set[str] = set()
    for name, leaf, kind in _below(value, path, None, "", 0):
        _check_path(name, seen)
        yield name, leaf, kind


def _below(value: Any, path: str, owner: Node | None, name: str, level: int) -> Iterator[tuple[str, Any, Kind]]:
    """Yield the variables at `path`, which is at `name` below the module `owner`."""
    if is_array(value):
        yield path, value, PARAMETER if owner is None else owner._kind(name)
        return
    items = child_items(value)
    if items is None:
        return
    if level > MOST_LEVELS:
        raise ValueError(f"{path[:60]}... has more than {MOST_LEVELS} levels: does a list hold itself?")
    is_node = isinstance(value, Node)
    for part, item in items[0]:
        if is_node and part == value._inner:
            yield from _below(item, path, value, part, level + 1)
            continue
        below = join(path, part)
        if is_node:
            yield from _below(item, below, value, part, level + 1)
        else:
            yield from _below(item, below, owner, join(name, part), level + 1)


def _check_path(path: str, seen: set[str]) -> None:
    """Raise `ValueError` for a key of a dict that cannot be a name, and for two keys with one."""
    for name in path.split("/"):
        if not name.isdecimal() and not name.isidentifier() and path:
            raise ValueError(
                f"{path!r}: {name!r} cannot be a name: the keys of a dict with arrays in it are Python identifiers or "
                "numbers, so that a path joined by '/' or by '.' can always be split again"
            )
    if path in seen:
        raise ValueError(f"{path!r} is the path of two variables: give the keys of the dict different texts")
    seen.add(path)


def _replaced(value: Any, path: str, new: Mapping[str, Any], only: bool) -> Any:
    """Return a tree with the arrays at these paths replaced; with `only`, by `None` where there is no other."""
    if is_array(value):
        return new.get(path) if only else new.get(path, value)
    items = child_items(value)
    if items is None or not items[0]:
        return value
    inner = value._inner if isinstance(value, Node) else None
    return items[1](
        [_replaced(item, path if name == inner else join(path, name), new, only) for name, item in items[0]]
    )


def _check_not_shared(value: Any) -> None:
    """Raise if a module without values stands in two places, which would get values of their own."""
    seen: dict[int, str] = {}

    def visit(value: Any, path: str) -> None:
        items = child_items(value)
        if items is None:
            return
        if isinstance(value, Node) and any(type(leaf) is PendingVariable for _, leaf, _ in variables(value)):
            if id(value) in seen:
                raise ValueError(
                    f"one module stands at {seen[id(value)]!r} and at {path!r}, and has no values yet: a tree has a "
                    "variable for each path. Make two modules (`[Block() for _ in range(2)]`, not `[Block()] * 2`), or "
                    "keep it in one field and use it twice"
                )
            seen[id(value)] = path
        inner = value._inner if isinstance(value, Node) else None
        for name, item in items[0]:
            visit(item, path if name == inner else join(path, name))

    visit(value, "")


def fill(model: ModuleT, *inputs: Any, rng: Any = 0, backend: str | None = None, **kwargs: Any) -> ModuleT:
    """Return the model with first values for all variables that have none.

    A value follows from the seed and its path, the names of the fields that lead to it: it is the value that the
    variable of that path has in any other style, on either framework. Arrays that are there stay.

    Args:
        model: a module, or a tuple, list or dict of modules.
        *inputs: what the model is called with, needed only if a layer takes a size from its input
            (`Linear(None, 10)`).
        rng: the seed, or a key.
        backend: the framework whose arrays the values are; that of arrays that are
            there, of the inputs, or the default.
        **kwargs: inputs by keyword.

    Raises:
        ValueError: a module without values stands in two places, or a layer lacks a size.
        BackendError: the model holds arrays of another framework.

    >>> import unified.trees as ut
    >>> model = ut.fill(ut.Sequential((ut.Linear(2, 3), ut.ReLU(), ut.Linear(3, 1))), rng=0, backend="torch")
    >>> list(ut.params(model))
    ['layers/0/weight', 'layers/0/bias', 'layers/2/weight', 'layers/2/bias']
    """
    present = [leaf for _, leaf, _ in variables(model)]
    _check_not_shared(model)
    owner = backends.load(backend) if backend is not None else _framework((*present, *leaves((inputs, kwargs))))
    for path, leaf, _ in variables(model):
        other = backends.of_array(leaf)
        if other is not None and other is not owner:
            raise BackendError(
                f"{path!r} is an array of {other.name}, and the first values of others would be arrays of "
                f"{owner.name}: fill the model on {other.name}, and convert it, load_params(model, "
                f"params(model).to({owner.name!r}))"
            ).with_page("trees")
    registry.ready()
    key = _key(owner, rng)

    def first_values(wanted: list[FirstValue]) -> list[Any]:
        return owner.first_values(key, wanted)

    pending = [(path, leaf) for path, leaf, _ in variables(model) if type(leaf) is PendingVariable]
    values = first_values([leaf.first_value(path) for path, leaf in pending])
    filled = _replaced(model, "", dict(zip((path for path, _ in pending), values, strict=True)), False)
    lazy = [path for path, layer in layers_of(filled) if layer._spec.is_lazy]
    if not lazy:
        return filled
    if not inputs and not kwargs:
        raise ValueError(
            f"{lazy[0]!r} takes a size from its first input: call fill(model, x, rng=0) with an input of the model"
        )
    run = Run(owner, False, None, first_values)
    placed = map_nodes(filled, "", lambda node, path: node._at(run, path) if isinstance(node, Layer) else None)
    with within(run):
        placed(*inputs, **kwargs)
    if left := [path for path in lazy if path not in run.new]:
        raise ValueError(f"{left[0]!r} takes a size from its first input, and the call did not reach it")
    return map_nodes(filled, "", lambda node, path: run.new.get(path))


def layers_of(model: Any, path: str = "") -> list[tuple[str, Layer]]:
    """Return all layers of a tree at `path`, with their paths."""
    found: list[tuple[str, Layer]] = []

    def visit(node: Any, path: str) -> None:
        if isinstance(node, Layer):
            found.append((path, node))

    map_nodes(model, path, visit)
    return found


def _framework(values: tuple[Any, ...]) -> Any:
    for value in values:
        owner = backends.of_array(value)
        if owner is not None:
            return owner
    return backends.load(backends.default_name())


def _key(owner: Backend, rng: Any) -> Any:
    """Return two integers, or a key that is traced as two words."""
    try:
        return as_key(rng)
    except TypeError:
        if backends.of_array(rng) is not owner:
            raise
        return owner.key_words(rng)


def params(model: Any) -> Params:
    """Return the variables of a model by their paths: the names of its fields, joined by `/`.

    The parts of tuples and lists are numbered, and wrappers (`Jit`, `VMap`, bound methods, ...) have the paths of what
    they wrap. Arrays that are no floating-point numbers are state, which is not trained, unless their field says
    otherwise. An array that stands in two fields is two variables.

    Raises `ValueError` for a variable without a value, and for a key of a dict that cannot be a name.

    >>> import unified as u, unified.trees as ut
    >>> ut.params(ut.fill(ut.BatchNorm1d(3), backend="torch")).info["running_mean"].collection
    'state'
    """
    registry.ready()
    found, given = [], {}
    for path, value, kind in variables(model):
        if type(value) is PendingVariable:
            raise ValueError(
                f"{path!r} has no value: unified.trees.fill(model, rng=0) returns the model with first values"
            )
        name = dtype_name(value.dtype)
        if kind.dtype is not None and is_same_dtype(kind.dtype, name):
            name = kind.dtype
        is_number = is_floating(name) or name.startswith("complex")
        info = Kind("state", False) if kind is PARAMETER and not is_number else kind
        found.append(VariableInfo(path, tuple(value.shape), name, *info[:3]).fixed())
        given[path] = value
    plain = Params(given)  # with arrays of one framework
    return Params._of(list(zip(found, plain.values(), strict=True)))


def load_params(model: ModuleT, values: Mapping[str, Array], *, strict: bool = True, device: Device = None) -> ModuleT:
    """Return the model with the values of `Params`, of any framework, or of a mapping from path to array.

    Arrays become those of the framework of the variable that they replace, in its dtype; a variable without a value
    takes the array as it is. With tracers, inside of transforms, it is as pure as the model.

    Args:
        model: a module.
        values: arrays by path. Names of a `state_dict` may have `.` for `/`.
        strict: whether each variable must have a value, and each value a variable.
        device: where arrays of another framework are put.

    Raises:
        KeyError: names are missing or unexpected; the message lists them.
        ValueError: a shape differs.

    >>> import torch, unified.trees as ut
    >>> model = ut.fill(ut.Linear(2, 1), backend="torch")
    >>> ut.load_params(model, {"weight": torch.zeros(1, 2), "bias": torch.ones(1)})(torch.ones(1, 2)).tolist()
    [[1.0]]
    """
    registry.ready()
    named = {path.replace(".", "/"): value for path, value in values.items()}
    known = {path: leaf for path, leaf, _ in variables(model)}
    missing = [path for path in known if path not in named]
    unexpected = [path for path in named if path not in known and not path.startswith("rng/")]
    if strict and (missing or unexpected):
        raise different_paths("the values do not fit the model", missing, unexpected, known)
    new = {path: _fitted(path, named[path], old) for path, old in known.items() if path in named}
    return _replaced(model, "", new, False)


def _fitted(path: str, value: Any, old: Any) -> Any:
    """Return a value as an array of the framework and the dtype of the one that it replaces."""
    if not is_array(value) or tuple(value.shape) != tuple(old.shape):
        actual = f"an array of shape {tuple(value.shape)}" if is_array(value) else repr(value)
        raise ValueError(f"{path!r} has shape {tuple(old.shape)}, and cannot take {actual}")
    owner = backends.of_array(old)
    if owner is None:
        return value
    value = convert(path, value, owner, old)
    names = dtype_name(old.dtype), dtype_name(value.dtype)
    return value if is_same_dtype(*names) else owner.astype(value, names[0])


def partition(model: ModuleT, *filters: Filter) -> tuple[ModuleT, ModuleT]:
    """Return the model with the variables alone that any of `filters` accepts, and with the others alone.

    Without filters, these are the trainable ones. The others are `None` in each of the two; `combine` joins them again.
    Differentiate with respect to the first, and nothing else is.

    >>> import unified.trees as ut
    >>> model = ut.fill(ut.Sequential((ut.Linear(2, 3), ut.Linear(3, 1))), backend="torch")
    >>> head, rest = ut.partition(model, "layers/1/*")
    >>> list(ut.params(head)), list(ut.params(rest))
    (['layers/1/weight', 'layers/1/bias'], ['layers/0/weight', 'layers/0/bias'])
    >>> ut.combine(head, rest) == model
    True
    """
    accept = as_predicate(filters or (lambda info: info.trainable))
    infos = params(model).info
    chosen = {path: value for path, value, _ in variables(model) if accept(infos[path])}
    rest = {path: value for path, value, _ in variables(model) if path not in chosen}
    return _replaced(model, "", chosen, True), _replaced(model, "", rest, True)


def combine(*parts: ModuleT) -> ModuleT:
    """Return the model whose parts these are: each variable is that of the first part that has one.

    Args:
        *parts: models of one structure with `None` for some variables, as `partition` returns them.

    Raises:
        ValueError: the parts differ in structure.

    >>> import unified.trees as ut
    >>> model = ut.fill(ut.Linear(2, 3), backend="torch")
    >>> weight, bias = ut.partition(model, "weight")
    >>> weight.bias is None, ut.combine(weight, bias) == model
    (True, True)
    """
    registry.ready()
    first, *others = parts
    for other in others:
        first = _combined(first, other, "")
    return first


def _combined(one: Any, other: Any, path: str) -> Any:
    if one is None:
        return other
    if other is None or one is other:
        return one
    ours, theirs = child_items(one), child_items(other)
    if ours is None or theirs is None or is_array(one):
        return one
    trees = None if isinstance(one, (Node, tuple, list, dict)) else foreign(one)
    if trees is not None and type(one) is type(other):
        return trees.merge(one, other)
    if type(one) is not type(other) or [name for name, _ in ours[0]] != [name for name, _ in theirs[0]]:
        raise ValueError(f"the parts differ at {path or 'the root'!r}: {type(one).__name__}, {type(other).__name__}")
    pairs = zip(ours[0], theirs[0], strict=True)
    return ours[1]([_combined(left, right, join(path, name)) for (name, left), (_, right) in pairs])
