"""Parameters, state and keys of the running transform, with custom creators, getters and setters.

A creator creates a variable in place of its initializer, a getter changes the value that is read, a setter the value
that is stored. Each takes the next one to call, and a context that names the variable.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#parameters
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, final

from unified.compat.haiku import config, frame
from unified.compat.haiku.frame import Pair, Stack, assert_inside, current, local
from unified.compat.haiku.random import PRNGSequence
from unified.compat.jax import numpy as jnp
from unified.compat.jax import tree_util

__all__ = [
    "DO_NOT_STORE",
    "GetterContext",
    "JaxUsageError",
    "MissingRNGError",
    "SetterContext",
    "current_name",
    "custom_creator",
    "custom_getter",
    "custom_setter",
    "get_current_state",
    "get_initial_state",
    "get_parameter",
    "get_params",
    "get_state",
    "maybe_get_rng_sequence_state",
    "maybe_next_rng_key",
    "next_rng_key",
    "next_rng_keys",
    "replace_rng_sequence_state",
    "reserve_rng_keys",
    "running_init",
    "set_state",
    "with_rng",
]

param_creators, state_creators = Stack(), Stack()
param_getters, state_getters = Stack(), Stack()
state_setters = Stack()


class MissingRNGError(ValueError):
    """Raised if a function needs a key and the transformed function got none."""


class JaxUsageError(ValueError):
    """Raised if a function of Haiku is called inside a transform of JAX itself, such as `jax.jit`.

    Names and keys would be counted while JAX traces, and leave the trace. `hk.jit`, `hk.vmap` and the others carry them
    through. Only checked with `hk.config.check_jax_usage(True)`.

    >>> import unified.compat.haiku as hk
    >>> issubclass(hk.JaxUsageError, ValueError)
    True
    """

    __module__ = "haiku"


@final
class DoNotStore:
    """The type of `DO_NOT_STORE`, which a creator or setter returns to leave a variable out.

    It has no `shape` and no `dtype`, which raise `ValueError`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.custom_setter(lambda next_setter, value, context: hk.DO_NOT_STORE):
    ...         hk.set_state("seen", x)
    ...     return x
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> params, state = net.init(0, torch.ones(2))
    >>> dict(state)
    {}
    """

    @property
    def shape(self) -> Any:
        raise ValueError(
            "DO_NOT_STORE marks a variable that is left out, and is no array with a shape: test for it by `is`"
        )

    @property
    def dtype(self) -> Any:
        raise ValueError(
            "DO_NOT_STORE marks a variable that is left out, and is no array with a dtype: test for it by `is`"
        )


DO_NOT_STORE = DoNotStore()


class GetterContext(NamedTuple):
    """The variable that is read or created, and how it was requested.

    Attributes:
        full_name: its path, such as `mlp/~/linear_0/w`.
        module: its module; `None` outside of modules.
        original_dtype: the `dtype` argument of `get_parameter` or `get_state`.
        original_shape: its `shape` argument.
        original_init: its `init` argument.
        lifted_prefix_name: in init, the names of the lifted modules around.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.custom_getter(lambda next_getter, value, context: print(context.full_name) or next_getter(value)):
    ...         return hk.Bias()(x)
    >>> net = hk.transform(forward, backend="torch")
    >>> _ = net.apply(net.init(0, torch.ones(1, 2)), None, torch.ones(1, 2))
    bias/b
    bias/b
    """

    full_name: str
    module: Any
    original_dtype: Any
    original_shape: Any
    original_init: Any
    lifted_prefix_name: str | None = None

    @property
    def module_name(self) -> str:
        """The path without the variable's own name."""
        return self.full_name.rpartition("/")[0]

    @property
    def name(self) -> str:
        """The variable's own name."""
        return self.full_name.rpartition("/")[2]


class SetterContext(NamedTuple):
    """The state that is stored, and how it was requested; `GetterContext` without an `init`.

    Attributes:
        full_name: its path, such as `counter/n`.
        module: its module; `None` outside of modules.
        original_dtype: the dtype of the value given to `set_state`.
        original_shape: the shape of that value.
        lifted_prefix_name: in init, the names of the lifted modules around.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.custom_setter(lambda next_setter, value, context: print(context.full_name) or next_setter(value)):
    ...         hk.set_state("seen", x)
    ...     return x
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> _ = net.init(0, torch.ones(1))
    ~/seen
    """

    full_name: str
    module: Any
    original_dtype: Any
    original_shape: Any
    lifted_prefix_name: str | None = None

    @property
    def module_name(self) -> str:
        """The path without the variable's own name."""
        return self.full_name.rpartition("/")[0]

    @property
    def name(self) -> str:
        """The variable's own name."""
        return self.full_name.rpartition("/")[2]


def assert_jax_usage(name: str) -> None:
    if config.get("check_jax_usage") and current().traces[-1] != frame.trace_level():
        raise JaxUsageError(
            f"hk.{name} was used inside of a transform of JAX, such as jax.jit or jax.vmap, within a hk.transform. Its "
            "effect would be lost or leak: use Haiku's own form of the transform (hk.jit, hk.vmap, hk.scan, ...)"
        )


def current_module() -> Any:
    calls = current().calls
    return calls[-1].module if calls else None


def module_name_of(module: Any) -> str:
    """Return a module's name; raise if it has none yet or is from outside a function that must not close over it."""
    if not hasattr(module, "module_name"):
        raise ValueError(
            f"{type(module).__name__} makes parameters or modules before it has a name: call "
            "`super().__init__(name=name)` first in its __init__"
        )
    if local.boundaries and module._frame_number < local.boundaries[-1]:
        raise ValueError(
            f"a function must not close over a module, here '{module.module_name}', that was made outside of it, if "
            "hk.transparent_lift or hk.layer_stack runs it: make the module in the function"
        )
    return module.module_name


def current_name() -> str:
    """Return the name of the running module or name scope; `~` outside of all.

    Returns:
        The path, joined by `/`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.name_scope("part"):
    ...         return hk.current_name()
    >>> hk.transform(forward, backend="torch").apply({}, None, torch.ones(1))
    'part'
    """
    assert_inside("current_name")
    module = current_module()
    return "~" if module is None else module_name_of(module)


def running_init() -> bool:
    """Return whether `init` runs, which creates the parameters; false in `apply`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.running_init(), backend="torch")
    >>> net.apply(net.init(0, torch.ones(1)), None, torch.ones(1))
    False
    """
    if not local.frames:
        raise ValueError("`running_init` must be used as part of a transform: `hk.transform` makes one")
    return not current().frozen


def lifted_prefix() -> str | None:
    """Return the joined names of all lifted modules around in init; `None` without any, and in apply."""
    if current().frozen:
        return None
    prefixes = []
    for outer in local.frames:
        module = outer.calls[-1].module if outer.calls else None
        prefix = getattr(module, "lifting_prefix", None)
        if prefix:
            prefixes.append(prefix)
    return "".join(f"{prefix}/" for prefix in prefixes) or None


def _compose(stack: list[Any], last: Callable[..., Any], context: Any) -> Callable[..., Any]:
    """Return a function that runs the first of a stack; each takes the next as an argument, the last takes `last`."""

    def call(index: int) -> Callable[..., Any]:
        if index == len(stack):
            return last
        return lambda *values: stack[index](call(index + 1), *values, context)

    return call(0)


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
            value = _compose(param_creators.items, _call_init, context)(shape, dtype, init)
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
        value = _compose(param_getters.items, _identity, context)(value)
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
        value = _compose(state_creators.items, _call_init, context)(shape, dtype, init)
        if value is not DO_NOT_STORE:
            bundle[name] = Pair(value, value)
    else:
        value = pair.current
    return _compose(state_getters.items, _identity, context)(value) if state_getters.items else value


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
        value = _compose(state_setters.items, _identity, context)(value)
        if value is DO_NOT_STORE:
            return
    bundle[name] = Pair(bundle[name].initial if name in bundle else value, value)


@contextlib.contextmanager
def _push(stacks: list[tuple[Stack, bool]], function: Any) -> Iterator[None]:
    with contextlib.ExitStack() as block:
        for stack, applies in stacks:
            if applies:
                block.enter_context(stack(function))
        yield


def custom_creator(creator: Any, *, params: bool = True, state: bool = False) -> Any:
    """Return a context manager in which a function of yours creates variables.

    Args:
        creator: `creator(next_creator, shape, dtype, init, context)`; it returns the value, mostly that of
            `next_creator(shape, dtype, init)`, or `DO_NOT_STORE`.
        params: whether it creates parameters.
        state: whether it creates state.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.custom_creator(lambda create, shape, dtype, init, context: create(shape, dtype, init) + 1):
    ...         return hk.Bias()(x)
    >>> net = hk.transform(forward, backend="torch")
    >>> net.init(0, torch.ones(1, 2))["bias"]["b"].tolist()
    [1.0, 1.0]
    """
    assert_inside("custom_creator")
    return push_creator(creator, params=params, state=state)


def push_creator(creator: Any, *, params: bool = True, state: bool = False) -> Any:
    """Return a context manager like `custom_creator`, also outside of a transform."""
    return _push([(param_creators, params), (state_creators, state)], creator)


def custom_getter(getter: Any, *, params: bool = True, state: bool = False) -> Any:
    """Return a context manager in which a function of yours reads variables, such as one that casts them.

    Args:
        getter: `getter(next_getter, value, context)`; it returns the value, mostly `next_getter(value)` or
            a change of it.
        params: whether it reads parameters.
        state: whether it reads state.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.custom_getter(lambda read, value, context: read(value) + 1):
    ...         return hk.Bias()(x)
    >>> net = hk.transform(forward, backend="torch")
    >>> net.apply(net.init(0, torch.ones(1, 2)), None, torch.ones(1, 2)).tolist()
    [[2.0, 2.0]]
    """
    assert_inside("custom_getter")
    return _push([(param_getters, params), (state_getters, state)], getter)


def custom_setter(setter: Any) -> Any:
    """Return a context manager in which a function of yours stores state.

    Args:
        setter: `setter(next_setter, value, context)`; it returns the value, mostly that of `next_setter(value)`, or
            `DO_NOT_STORE`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.custom_setter(lambda store, value, context: store(value + 1)):
    ...         hk.set_state("n", x)
    ...     return x
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> net.init(None, torch.ones(1))[1]["~"]["n"].tolist()
    [2.0]
    """
    assert_inside("custom_setter")
    return _push([(state_setters, True)], setter)


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


def rng_sequence() -> PRNGSequence:
    """Return the sequence of keys of the running transform."""
    sequence = current().rng
    if sequence is None:
        raise MissingRNGError(
            "random numbers are drawn, for which the caller must pass a non-None PRNGKey: pass a non-None PRNGKey to "
            "init or apply, whichever was called"
        )
    return sequence


def reserve_rng_keys(num: int) -> None:
    """Split several keys in advance, in one operation, from which `next_rng_key` then takes.

    Args:
        num: the number of keys.

    Raises `MissingRNGError` if the transformed function got no key.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     hk.reserve_rng_keys(2)
    ...     return hk.next_rng_key(), hk.next_rng_key()
    >>> net = hk.transform(forward, backend="torch")
    >>> len(net.apply({}, 0, torch.ones(1)))
    2
    """
    assert_inside("reserve_rng_keys")
    assert_jax_usage("reserve_rng_keys")
    rng_sequence().reserve(num)


def next_rng_key() -> Any:
    """Return a key that no other call in this run returns.

    Returns:
        A key of the framework that runs.

    Raises `MissingRNGError` if the transformed function got no key.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     one, other = hk.next_rng_key(), hk.next_rng_key()
    ...     return bool((one == other).all())
    >>> net = hk.transform(forward, backend="torch")
    >>> net.apply({}, 0, torch.ones(1))
    False
    """
    assert_inside("next_rng_key")
    assert_jax_usage("next_rng_key")
    return next(rng_sequence())


def next_rng_keys(num: int) -> Any:
    """Return several keys that no other call in this run returns.

    Args:
        num: the number of keys.

    Returns:
        An array `[num, 2]`.

    Raises `MissingRNGError` if the transformed function got no key.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.next_rng_keys(3), backend="torch")
    >>> list(net.apply({}, 0, torch.ones(1)).shape)
    [3, 2]
    """
    assert_inside("next_rng_keys")
    assert_jax_usage("next_rng_keys")
    return jnp.stack(rng_sequence().take(num))


def maybe_next_rng_key() -> Any:
    """Return a key as `next_rng_key` does, or `None` if the transformed function got none.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.maybe_next_rng_key(), backend="torch")
    >>> net.apply({}, None, torch.ones(1)) is None
    True
    """
    assert_inside("maybe_next_rng_key")
    if current().rng is None:
        return None
    assert_jax_usage("maybe_next_rng_key")
    return next(rng_sequence())


def maybe_get_rng_sequence_state() -> Any:
    """Return the state of the sequence of keys, for `replace_rng_sequence_state`, or `None` without one.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.maybe_get_rng_sequence_state(), backend="torch")
    >>> net.apply({}, None, torch.ones(1)) is None
    True
    """
    assert_inside("maybe_get_rng_sequence_state")
    sequence = current().rng
    return None if sequence is None else sequence.internal_state


def replace_rng_sequence_state(state: Any) -> None:
    """Replace the state of the sequence of keys: the keys that follow are those that followed it then.

    Args:
        state: what `maybe_get_rng_sequence_state` returned.

    Raises `MissingRNGError` if the transformed function got no key.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     state = hk.maybe_get_rng_sequence_state()
    ...     one = hk.next_rng_key()
    ...     hk.replace_rng_sequence_state(state)
    ...     return bool((one == hk.next_rng_key()).all())
    >>> net = hk.transform(forward, backend="torch")
    >>> net.apply({}, 0, torch.ones(1))
    True
    """
    assert_inside("replace_rng_sequence_state")
    sequence = current().rng
    if sequence is None:
        raise MissingRNGError(
            "there is no sequence of keys whose state could be replaced, which requires an RNG to be passed into the "
            "transformed function"
        )
    assert_jax_usage("replace_rng_sequence_state")
    sequence.replace_internal_state(state)


def with_rng(key: Any) -> Any:
    """Return a context manager in which keys are split from `key`.

    Args:
        key: a key.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     key = hk.next_rng_key()
    ...     with hk.with_rng(key):
    ...         one = hk.next_rng_key()
    ...     with hk.with_rng(key):
    ...         return bool((one == hk.next_rng_key()).all())
    >>> net = hk.transform(forward, backend="torch")
    >>> net.apply({}, 0, torch.ones(1))
    True
    """
    assert_inside("with_rng")
    assert_jax_usage("with_rng")
    return current().draw_from(PRNGSequence(key))
