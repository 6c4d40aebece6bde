"""`flax_to_torch`: a model of Flax, linen or nnx, as an `nn.Module`."""

from typing import Any

__all__ = ["flax_to_torch"]


def flax_to_torch(module: Any, variables: Any = None, *, rngs: Any = None, method: Any = None) -> Any:
    """Return a model of Flax as an `nn.Module` over copies of its variables.

    >>> import torch
    >>> from unified.compat import load
    >>> jax, nn = load("jax", "torch"), load("flax.linen", "torch")
    >>> model = nn.Dense(2)
    >>> net = flax_to_torch(model, model.init(jax.random.key(0), torch.ones(1, 3)))
    >>> [name for name, _ in net.named_parameters()]
    ['kernel', 'bias']
    >>> net(torch.ones(4, 3)).shape
    torch.Size([4, 2])

    Parameters (the collection `params`, or `nnx.Param`) are `nn.Parameter`s, named like Flax's modules; all other
    variables are buffers. In training mode a call updates them in place, as BatchNorm's averages.

    An argument `train`, `training`, `is_training`, `deterministic` or `use_running_average` of the model's `__call__`
    that a call does not give follows `net.train()` and `net.eval()`, as nnx models do.

    Args:
        module: a module of Flax that was loaded for torch.
        variables: what `init` of a linen module returned, with arrays of any framework or NumPy's; nnx models hold
            theirs.
        rngs: for linen, the first key, a seed, typed or raw key, or a `torch.Generator`, or a dict of these by stream:
            each call has the next key. Without it calls in training mode draw a key from torch's own generator.
            `net(x, rngs=...)` passes keys to one call, and `net(x, mutable=[...])` returns collections too, as `apply`.
        method: the name of the method that runs instead of `__call__`; for linen also the method itself.

    Raises:
        TypeError: `module` is of the Flax that was imported for JAX, or no module of Flax; a variable is no array.
        ValueError: a `state_dict` cannot hold the variables by their names.
    """
    from unified.compat.flax.torch_module import FlaxModule

    return FlaxModule(module, variables, rngs, method)
