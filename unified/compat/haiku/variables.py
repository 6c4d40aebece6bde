"""Parameters and state of the running transform.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#parameters
"""

from typing import Any

from unified.compat.haiku.custom import (
    DO_NOT_STORE,
    GetterContext,
    SetterContext,
    compose,
    param_creators,
    param_getters,
    state_creators,
    state_getters,
    state_setters,
)
from unified.compat.haiku.frame import Pair, assert_inside, current, local
from unified.compat.haiku.jax_usage import assert_jax_usage
from unified.compat.haiku.keys import MissingRNGError
from unified.compat.haiku.running import current_module, current_name, lifted_prefix
from unified.compat.jax import numpy as jnp
from unified.compat.jax import tree_util

__all__ = [
    "get_current_state",
    "get_initial_state",
    "get_parameter",
    "get_params",
    "get_state",
    "set_state",
]


def _no_init(shape: Any, dtype: Any) -> Any:
    raise ValueError(
        f"Initializer must be specified. A parameter of shape {tuple(shape)} has no value yet: pass init=, such as "
        "jnp.zeros"
    )


def get_parameter(name: str, shape: Any, dtype: Any = None, init: Any = None) -> Any:
    """Return the parameter `name` of the running module; in init its value is `init(shape, dtype)`.

    Args:
        name: the name.
        shape: the shape.
        dtype: the dtype, float32 by default.
        init: a function of shape and dtype.

    Returns:
        The parameter, an array of `shape`.

    Raises `ValueError` in `apply` if there is no such parameter, or if it has another shape, and in `init` without
    `init=`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: x * hk.get_parameter("scale", x.shape, init=hk.initializers.Constant(2.0)), backend="torch"
    ... )
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([2., 2.])
    """
    assert_inside("get_parameter")
    assert_jax_usage("get_parameter")
    init = _no_init if init is None else init
    dtype = jnp.float32 if dtype is None else dtype
    running = current()
    module_name = current_name()
    bundle = running.params.get(module_name)
    value = None if bundle is None else bundle.get(name)
    context = None
    if value is None or param_getters.items:
        context = GetterContext(f"{module_name}/{name}", current_module(), dtype, shape, init, lifted_prefix())
    if value is None:
        missing = ValueError(
            f"the params that apply was given lack {module_name}/{name}, and parameters must be created as part of "
            "`init`: pass those of an init that calls the same modules"
        )
        try:
            value = compose(param_creators.items, _call_init, context)(shape, dtype, init)
        except MissingRNGError as error:
            if running.frozen:
                raise missing from error
            raise
        if value is not DO_NOT_STORE:
            if running.frozen:
                raise missing
            if value is None:
                raise ValueError(f"the initializer of {module_name}/{name} returned None: let it return an array")
            running.params[module_name][name] = value
    if param_getters.items:
        value = compose(param_getters.items, _identity, context)(value)
    if value is None:
        raise ValueError(f"{module_name}/{name} is None after the custom getters: let them return an array")
    if value.shape != tuple(shape):
        raise ValueError(
            f"{module_name}/{name} has shape {tuple(value.shape)}, which does not match shape {tuple(shape)} in this "
            "call of get_parameter: two modules share the name, or the input has another size than in init"
        )
    return value


def _identity(value: Any) -> Any:
    return value


def _call_init(shape: Any, dtype: Any, init: Any) -> Any:
    return init(shape, dtype)


def get_state(name: str, shape: Any = None, dtype: Any = jnp.float32, init: Any = None) -> Any:
    """Return the state `name` of the running module; if it has no value yet, store and return `init(shape, dtype)`.

    Args:
        name: the name.
        shape: the shape; needed with `init`.
        dtype: the dtype.
        init: a function of shape and dtype; without it the state must exist.

    Returns:
        The state, an array of `shape`.

    Raises `ValueError` if the state has no value and there is no `init=`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     n = hk.get_state("n", [], init=hk.initializers.Constant(0.0))
    ...     hk.set_state("n", n + 1)
    ...     return n
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> params, state = net.init(None, torch.ones(1))
    >>> output, state = net.apply(params, state, None, torch.ones(1))
    >>> state["~"]["n"].item()
    1.0
    """
    assert_inside("get_state")
    assert_jax_usage("get_state")
    module_name = current_name()
    bundle = current().state[module_name]
    pair = bundle.get(name)
    context = None
    if pair is None or state_getters.items:
        context = GetterContext(f"{module_name}/{name}", current_module(), dtype, shape, init, lifted_prefix())
    if pair is None:
        if init is None:
            raise ValueError(
                f"the state {module_name}/{name} has no value yet: call hk.set_state before, or set an init function "
                "by init="
            )
        if shape is None or dtype is None:
            raise ValueError(
                f"init= of the state {module_name}/{name} takes a shape and a dtype: provide shape and dtype, got "
                f"{shape} and {dtype}"
            )
        value = compose(state_creators.items, _call_init, context)(shape, dtype, init)
        if value is not DO_NOT_STORE:
            bundle[name] = Pair(value, value)
    else:
        value = pair.current
    return compose(state_getters.items, _identity, context)(value) if state_getters.items else value


def set_state(name: str, value: Any) -> None:
    """Store the state `name` of the running module, for `get_state` and for what `apply` returns.

    Args:
        name: the name.
        value: an array, or a tree of arrays.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     hk.set_state("last", x)
    ...     return x
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> params, state = net.init(None, torch.zeros(1))
    >>> net.apply(params, state, None, torch.ones(1))[1]["~"]["last"].tolist()
    [1.0]
    """
    assert_inside("set_state")
    assert_jax_usage("set_state")
    module_name = current_name()
    bundle = current().state[module_name]
    if state_setters.items:
        shape = tree_util.tree_map(lambda leaf: getattr(leaf, "shape", None), value)
        dtype = tree_util.tree_map(lambda leaf: getattr(leaf, "dtype", None), value)
        context = SetterContext(f"{module_name}/{name}", current_module(), dtype, shape, lifted_prefix())
        value = compose(state_setters.items, _identity, context)(value)
        if value is DO_NOT_STORE:
            return
    bundle[name] = Pair(bundle[name].initial if name in bundle else value, value)


def get_params() -> Any:
    """Return a copy of the parameters as a dict of dicts: in init, of those created so far.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: (hk.Linear(1)(x), list(hk.get_params()))[1], backend="torch")
    >>> net.apply(net.init(0, torch.ones(1, 2)), None, torch.ones(1, 2))
    ['linear']
    """
    assert_inside("get_params")
    return local.contexts[-1].collect_params()


def get_initial_state() -> Any:
    """Return a copy of the state at the beginning of the call, as a dict of dicts.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     n = hk.get_state("n", [], init=hk.initializers.Constant(1.0))
    ...     hk.set_state("n", x)
    ...     return hk.get_initial_state()["~"]["n"].item()
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> params, state = net.init(None, torch.tensor(1.0))
    >>> net.apply(params, state, None, torch.tensor(5.0))[0]
    1.0
    """
    assert_inside("get_initial_state")
    return local.contexts[-1].collect_initial_state()


def get_current_state() -> Any:
    """Return a copy of the state as it is now, as a dict of dicts.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     n = hk.get_state("n", [], init=hk.initializers.Constant(1.0))
    ...     hk.set_state("n", x)
    ...     return hk.get_current_state()["~"]["n"].item()
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> params, state = net.init(None, torch.tensor(1.0))
    >>> net.apply(params, state, None, torch.tensor(5.0))[0]
    5.0
    """
    assert_inside("get_current_state")
    return local.contexts[-1].collect_state()
