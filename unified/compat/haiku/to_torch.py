"""`to_torch`: a transformed function as an `nn.Module`."""

from typing import Any

__all__ = ["to_torch"]


def to_torch(transformed: Any, params: Any, state: Any = None, *, rng: Any = None) -> Any:
    """Return the result of `hk.transform` or `hk.transform_with_state` as an `nn.Module` over copies of `params`.

    >>> import unified.compat.haiku as hk, torch
    >>> net = hk.transform(lambda x: hk.nets.MLP([8, 2])(x), backend="torch")
    >>> module = hk.to_torch(net, net.init(0, torch.ones(1, 4)))
    >>> [name for name, _ in module.named_parameters()]
    ['mlp.~.linear_0.w', 'mlp.~.linear_0.b', 'mlp.~.linear_1.w', 'mlp.~.linear_1.b']
    >>> module(torch.ones(3, 4)).shape
    torch.Size([3, 2])

    A `/` in a name is a `.` in the module's `state_dict`. State becomes buffers, which a call updates in place. If
    `apply` takes a key, `rng` starts a sequence of keys, one for each call; without `rng` the key is `None`.

    Args:
        transformed: the pair of functions, also from `hk.without_apply_rng`.
        params: the parameters, arrays of any framework or of NumPy.
        state: the state, for a pair with state.
        rng: a key or seed, if the function draws random numbers in `apply`.
    """
    from unified.compat.haiku.torch_module import to_torch as to_module

    return to_module(transformed, params, state, rng)
