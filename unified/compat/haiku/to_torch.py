"""`to_torch`: a transformed function as an `nn.Module`."""

from typing import Any

__all__ = ["to_torch"]


def to_torch(transformed: Any, params: Any, state: Any = None, *, rng: Any = None) -> Any:
    """What `hk.transform` or `hk.transform_with_state` gave, as an `nn.Module` over copies of these parameters.

    >>> import unified.compat.haiku as hk, torch
    >>> net = hk.transform(lambda x: hk.nets.MLP([8, 2])(x), backend="torch")
    >>> module = hk.to_torch(net, net.init(0, torch.ones(1, 4)))
    >>> [name for name, _ in module.named_parameters()]
    ['mlp.~.linear_0.w', 'mlp.~.linear_0.b', 'mlp.~.linear_1.w', 'mlp.~.linear_1.b']
    >>> module(torch.ones(3, 4)).shape
    torch.Size([3, 2])

    A name's `/` is a `.` in the module's `state_dict`. State are buffers, which a call changes in place. `apply` is
    called with `params`, and `state` if there is one, and with a key if it takes one: `rng`, a key or seed, begins the
    sequence of keys, one for each call; without it the key is `None`.

    Args:
        transformed: the pair of functions, also of `hk.without_apply_rng`.
        params: its parameters, of any framework's or NumPy's arrays.
        state: its state, of a pair with state.
        rng: a seed or key, if the function draws random numbers in `apply`.
    """
    from unified.compat.haiku.torch_module import to_torch as make

    return make(transformed, params, state, rng)
