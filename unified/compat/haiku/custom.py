"""Creators, getters and setters: functions of the user's that create, read and store variables.

A creator creates a variable in place of its initializer, a getter changes the value that is read, a setter the value
that is stored. Each takes the next one to call, and a context that names the variable.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#parameters
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, final

from unified.compat.haiku.frame import Stack, assert_inside

__all__ = [
    "DO_NOT_STORE",
    "GetterContext",
    "SetterContext",
    "compose",
    "custom_creator",
    "custom_getter",
    "custom_setter",
    "param_creators",
    "param_getters",
    "push_creator",
    "state_creators",
    "state_getters",
    "state_setters",
]

param_creators, state_creators = Stack(), Stack()
param_getters, state_getters = Stack(), Stack()
state_setters = Stack()


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


def compose(stack: list[Any], last: Callable[..., Any], context: Any) -> Callable[..., Any]:
    """Return a function that runs the first of a stack; each takes the next as an argument, the last takes `last`."""

    def call(index: int) -> Callable[..., Any]:
        if index == len(stack):
            return last
        return lambda *values: stack[index](call(index + 1), *values, context)

    return call(0)


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
