"""`lift`: the variables of a transformed function as those of the function around it.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#lift
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from unified.compat.haiku.frame import Pair, assert_inside, current, local
from unified.compat.haiku.module import Module
from unified.compat.haiku.running import current_module, current_name, running_init
from unified.compat.haiku.transform import NonEmptyStateError

__all__ = ["LiftWithStateUpdater", "lift", "lift_with_state", "transparent_lift", "transparent_lift_with_state"]


def _pack(source: Any, target: Any, prefix: str, *, state: bool, fresh: bool) -> None:
    """Add a structure to another, under a prefix."""
    for key, bundle in source.items():
        name = f"{prefix}/{key}" if prefix else key
        if fresh and name in target:
            raise ValueError(
                f"Key '{name}' already exists in the destination params: two modules would share them unawares. Lift "
                "under another name=, or pass allow_reuse=True to share them"
            )
        target.setdefault(name, {}).update({k: Pair(v, v) if state else v for k, v in bundle.items()})


def _unpack(source: Any, prefix: str) -> dict[str, dict[str, Any]]:
    """Return the part of a structure under a prefix, without the prefix."""
    start = f"{prefix}/" if prefix else ""
    return {key[len(start) :]: dict(bundle) for key, bundle in source.items() if key.startswith(start)}


class LiftingModule(Module):
    """The module whose scope contains the lifted variables."""

    def __init__(
        self, init_fn: Any, transparent: bool = False, allow_reuse: bool = False, name: str = "lifted"
    ) -> None:
        super().__init__(name=name)
        self._init_fn, self._allow_reuse = init_fn, allow_reuse
        self.lifting_prefix = self.module_name.rpartition("/")[0] if transparent else self.module_name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        frame = current()
        params, state = frame.params, frame.state
        if running_init():
            new_params, new_state = self._init_fn(*args, **kwargs)
            _pack(new_params, params, self.lifting_prefix, state=False, fresh=not self._allow_reuse)
            _pack(new_state, state, self.lifting_prefix, state=True, fresh=not self._allow_reuse)
            return new_params, new_state
        pairs = _unpack(state, self.lifting_prefix)
        values = {m: {k: pair.current for k, pair in bundle.items()} for m, bundle in pairs.items()}
        return _unpack(params, self.lifting_prefix), values


class LiftWithStateUpdater:
    """What stores the new state of a lifted function: call `update(state)` or `ignore_update()`, once.

    `lift_with_state` returns it. A call that does neither raises at its end.

    Args:
        name: the path of the lifted state.

    >>> import unified.compat.haiku as hk
    >>> [name for name in dir(hk.LiftWithStateUpdater) if "update" in name and name[0] != "_"]
    ['ignore_update', 'update']
    """

    __slots__ = ("_context", "_name", "_used")

    def __init__(self, name: str | None) -> None:
        self._used, self._name = False, name
        context = local.contexts[-1]
        self._context = id(context)
        context.add_teardown_callback(self.assert_used)

    def assert_used(self) -> None:
        """Raise `ValueError` unless `update` or `ignore_update` has been called."""
        if not self._used:
            raise ValueError(
                f"the call is over, and the new state of {self._name or 'the lifted function'} is neither stored nor "
                "dropped: a LiftWithStateUpdater must be used once, by update(state) or ignore_update()"
            )

    def _use(self) -> None:
        if self._used:
            raise ValueError(
                "this updater has been called before: it must only be used once, with the last state; lift again for "
                "more"
            )
        if not local.frames:
            raise ValueError(
                "the updater stores state of a running call, and none is running: call it in the function that "
                "hk.transform_with_state takes"
            )
        if self._context != id(local.contexts[-1]):
            raise ValueError(
                "the updater comes from another call: it must be used within the same call to init/apply as the "
                "hk.lift_with_state that returned it"
            )
        self._used = True

    def ignore_update(self) -> None:
        """Record that there is no state to store."""
        self._use()

    def update(self, state: Any) -> None:
        """Store the state."""
        self._use()
        target = current().state
        for module_name, bundle in state.items():
            name = module_name if self._name is None else f"{self._name}/{module_name}"
            for key, value in bundle.items():
                initial = target[name][key].initial if key in target[name] else value
                target[name][key] = Pair(initial, value)


def _with_state(init_fn: Any) -> Any:
    def init(*args: Any, **kwargs: Any) -> Any:
        params = init_fn(*args, **kwargs)
        if not isinstance(params, Mapping):
            raise NonEmptyStateError(
                f"init_fn returned {type(params).__name__} where parameters, a dict of dicts, are wanted: if its "
                "function has state, use hk.lift_with_state"
            )
        return params, {}

    return init


def lift(init_fn: Callable[..., Any], *, allow_reuse: bool = False, name: str = "lifted") -> Callable[..., Any]:
    """Return `init_fn`, of a transformed function, as a function that stores its parameters here and returns them.

    >>> import unified as u, unified.compat.haiku as hk, unified.compat.jax as jax, torch
    >>> u.set_backend("torch")
    >>> def ensemble(x):
    ...     net = hk.transform(lambda x: hk.Linear(2)(x))
    ...     init = hk.lift(jax.vmap(net.init, in_axes=(0, None)), name="nets")
    ...     key = hk.maybe_next_rng_key()
    ...     params = init(None if key is None else jax.random.split(key, 3), x)
    ...     return jax.vmap(lambda one: net.apply(one, None, x))(params)
    >>> params = hk.transform(ensemble).init(0, torch.ones(5, 4))
    >>> tuple(params["nets/linear"]["w"].shape)
    (3, 4, 2)
    >>> u.set_backend(None)

    Args:
        init_fn: `hk.transform(f).init`, or a transform of it.
        allow_reuse: whether the names may exist already.
        name: the prefix of the names of its parameters.
    """
    assert_inside("lift")
    lifted, updater = lift_with_state(_with_state(init_fn), allow_reuse=allow_reuse, name=name)
    updater.ignore_update()
    return lambda *args, **kwargs: lifted(*args, **kwargs)[0]


def transparent_lift(init_fn: Callable[..., Any], *, allow_reuse: bool = False) -> Callable[..., Any]:
    """Return `lift(init_fn)` without a prefix of names: the parameters have the names that they have in `init_fn`.

    Args:
        init_fn: `hk.transform(f).init`, or a transform of it.
        allow_reuse: whether the names may exist already.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     net = hk.transform(lambda x: hk.Linear(2)(x))
    ...     params = hk.transparent_lift(net.init)(hk.maybe_next_rng_key(), x)
    ...     return net.apply(params, None, x)
    >>> net = hk.transform(forward, backend="torch")
    >>> list(net.init(0, torch.ones(1, 3)))
    ['linear']
    """
    assert_inside("transparent_lift")
    lifted = LiftingModule(_with_state(init_fn), transparent=True, allow_reuse=allow_reuse)

    def run(*args: Any, **kwargs: Any) -> Any:
        local.boundaries.append(current().number + 1)
        try:
            return lifted(*args, **kwargs)[0]
        finally:
            local.boundaries.pop()

    return run


def lift_with_state(
    init_fn: Callable[..., Any], *, allow_reuse: bool = False, name: str = "lifted"
) -> tuple[Callable[..., Any], LiftWithStateUpdater]:
    """Return `lift(init_fn)` for a function with state, and an updater that stores the new state of its `apply`.

    Args:
        init_fn: `hk.transform_with_state(f).init`, or a transform of it.
        allow_reuse: whether the names may exist already.
        name: the prefix of the names of its parameters and state.

    Returns:
        `(lifted, updater)`: `params, state = lifted(rng, ...)`, and a `LiftWithStateUpdater`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     net = hk.transform_with_state(lambda x: hk.BatchNorm(True, True, 0.9)(x, True))
    ...     lifted, updater = hk.lift_with_state(net.init, name="inner")
    ...     params, state = lifted(hk.maybe_next_rng_key(), x)
    ...     out, state = net.apply(params, state, None, x)
    ...     updater.update(state)
    ...     return out
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> list(net.init(None, torch.ones(2, 3))[0])
    ['inner/batch_norm']
    """
    assert_inside("lift_with_state")
    lifted = LiftingModule(init_fn, allow_reuse=allow_reuse, name=name)
    full = f"{current_name()}/{name}" if current_module() else name
    return functools.partial(_call, lifted), LiftWithStateUpdater(full)


def transparent_lift_with_state(
    init_fn: Callable[..., Any], *, allow_reuse: bool = False
) -> tuple[Callable[..., Any], LiftWithStateUpdater]:
    """Return `lift_with_state(init_fn)` without a prefix of names.

    Args:
        init_fn: `hk.transform_with_state(f).init`, or a transform of it.
        allow_reuse: whether the names may exist already.

    Returns:
        `(lifted, updater)`, as of `lift_with_state`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     net = hk.transform_with_state(lambda x: hk.BatchNorm(True, True, 0.9)(x, True))
    ...     lifted, updater = hk.transparent_lift_with_state(net.init)
    ...     params, state = lifted(hk.maybe_next_rng_key(), x)
    ...     updater.ignore_update()
    ...     return x
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> list(net.init(None, torch.ones(2, 3))[0])
    ['batch_norm']
    """
    assert_inside("transparent_lift_with_state")
    lifted = LiftingModule(init_fn, transparent=True, allow_reuse=allow_reuse)
    return functools.partial(_call, lifted), LiftWithStateUpdater(current_name() if current_module() else None)


def _call(module: Any, *args: Any, **kwargs: Any) -> Any:
    return module(*args, **kwargs)
