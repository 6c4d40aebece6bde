"""The state of objects as `Params`, out of them and into them: `state`, `update`, `merge`, `partition`, `pop`."""

from collections.abc import Mapping
from typing import Any, TypeVar

from unified.core.annotations import Array
from unified.core.filters import Filter
from unified.core.naming import closest
from unified.core.params import Params
from unified.nn.construction import objects_of
from unified.nn.module import Module

__all__ = ["filter", "merge", "partition", "pop", "state", "update"]

M = TypeVar("M", bound=Any)


def _objects(model: Any, what: str) -> Any:
    if not isinstance(model, Module):
        raise TypeError(f"nn.{what} takes an object of unified.nn, got {type(model).__name__}")
    return next(objects_of(model))


def state(model: Module, *filters: Filter) -> Params:
    """Return the variables of an object that any of `filters` accepts, by default all, as `Params`.

    >>> import unified as u, unified.nn as nn
    >>> net = u.build(nn.BatchNorm1d, 3, backend="jax", rng=0)
    >>> list(nn.state(net, "state")), list(nn.state(net, "*/bias", "bias"))
    (['running_mean', 'running_var', 'num_batches_tracked'], ['bias'])
    """
    params: Params = _objects(model, "state").params(model)
    return params.filter(*filters) if filters else params


def update(model: M, params: Mapping[str, Array]) -> M:
    """Take the values of some of an object's variables from `params`; return the object.

    Raises `KeyError` for a path that the object does not have, and `ValueError` for another shape or dtype.

    Args:
        model: an object.
        params: `Params`, or arrays by path, of any framework.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 2, 1, backend="torch", rng=0)
    >>> nn.update(net, {"bias": torch.ones(1)}).bias.tolist()
    [1.0]
    """
    objects = _objects(model, "update")
    own = objects.params(model)
    for path in params:
        if path not in own:
            raise KeyError(f"the network has no variable {path!r}{closest(path, own)}")
    objects.store(model, own.update(params).pick(set(params)))
    return model


def merge(model: M, params: Mapping[str, Array], *others: Mapping[str, Array]) -> M:
    """Return a copy of an object with the values of `params` where they have some; it shares no state with the object.

    The values may be traced: in a function under `jax.jit` or `torch.func` the copy is called like any object.

    >>> import numpy as np, unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 2, 1, backend="jax", rng=0)
    >>> copy = nn.merge(net, {"bias": np.ones(1, np.float32)})
    >>> float(copy.bias[0]), float(net.bias[0]) == 1.0
    (1.0, False)
    """
    objects = _objects(model, "merge")
    given: dict[str, Array] = {}
    for values in (params, *others):
        given.update(values)
    own = objects.params(model)
    for path, value in given.items():
        if path not in own and not path.startswith("rng/"):
            raise KeyError(f"the network has no variable {path!r}{closest(path, own)}")
        if path in own and tuple(value.shape) != tuple(own[path].shape):
            raise ValueError(f"{path!r} has shape {tuple(own[path].shape)}, got {tuple(value.shape)}")
    return objects.copy(model, given)


def partition(model: Module, *filters: Filter) -> tuple[Params, ...]:
    """Return `Params` for each filter: the variables that it is the first to accept; see `Params.partition`.

    Args:
        model: an object.
        *filters: `True`, `...`, a pattern of paths, a collection's name, a function of a `VariableInfo`, or a list of
            these, as `Params.partition` takes them.

    Raises:
        ValueError: no filter accepts some variable.

    >>> import unified as u, unified.nn as nn
    >>> net = u.build(nn.BatchNorm1d, 2, backend="torch", rng=0)
    >>> [list(part) for part in nn.partition(net, "params", ...)]
    [['weight', 'bias'], ['running_mean', 'running_var', 'num_batches_tracked']]
    """
    return state(model).partition(*filters)


def filter(model: Module, *filters: Filter) -> tuple[Params, ...]:
    """Return for each filter the variables that it accepts, and that none before it does; others are left out.

    Args:
        model: an object.
        *filters: `True`, `...`, a pattern of paths, a collection's name, a function of a `VariableInfo`, or a list of
            these, as `Params.partition` takes them.

    >>> import unified as u, unified.nn as nn
    >>> net = u.build(nn.BatchNorm1d, 2, backend="torch", rng=0)
    >>> [list(part) for part in nn.filter(net, "weight", "*mean")]
    [['weight'], ['running_mean']]
    """
    return state(model).partition(*filters, ...)[: len(filters)]


def pop(model: Module, *filters: Filter) -> Params:
    """Remove the variables that any of `filters` accepts from an object, and return them.

    `nn.pop(net, "intermediates")` takes what calls have sown.

    Args:
        model: an object.
        *filters: as in `filter`.

    >>> import torch, unified as u, unified.nn as nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.cache = nn.var("cache", [1.0])
    >>> net = u.build(Net, backend="torch", rng=0)
    >>> list(nn.pop(net, "cache")), list(nn.state(net))
    (['cache'], [])
    """
    objects = _objects(model, "pop")
    taken: Params = state(model, *filters)
    for path in taken:
        scope, _, name = path.rpartition("/")
        delattr(model.get_submodule(scope.replace("/", ".")), name)
    objects.forget(model, taken)
    return taken
