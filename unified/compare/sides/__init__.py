"""Sides of a comparison: implementations in PyTorch, Flax, Haiku, Equinox, unified and plain JAX.

A framework is imported when one of its sides is made.
"""

from collections.abc import Callable, Mapping
from typing import Any

from unified.compare.side import Side

__all__ = ["equinox", "flax", "function", "haiku", "nnx", "torch", "unified"]


def torch(module: Any, state_dict: Mapping[str, Any] | None = None, call: Callable[..., Any] | None = None) -> Side:
    """Return a PyTorch module as a side; the module itself is not changed.

    Args:
        module: an `nn.Module`, or a function without arguments that returns one.
        state_dict: values that it is given first, all of them.
        call: a function of the module and the inputs, instead of `module(*inputs)`.

    Raises:
        SideError: the state dict does not fit.

    >>> import numpy as np, torch as th
    >>> from unified.testing import sides
    >>> list(sides.torch(th.nn.Linear(2, 3)).values())
    ['weight', 'bias']
    """
    from unified.compare.sides.torch_module import TorchSide

    return TorchSide.of(module, state_dict, call)


def flax(
    module: Any,
    variables: Mapping[str, Any],
    method: Any = None,
    rngs: Any = None,
    training: str | None = None,
) -> Side:
    """Return a module of Flax linen and its variables as a side.

    Args:
        module: a `flax.linen.Module`.
        variables: what its `init` returned, by collection.
        method: the method to call, or its name.
        rngs: keys by name for `apply`; a fixed key for `dropout` by default in training.
        training: the argument that says whether it trains; by default the first of `train`, `training`,
            `is_training`, and, negated, `deterministic`, `use_running_average`, that the method has.

    >>> import jax, flax.linen as nn
    >>> from unified.testing import sides
    >>> dense = nn.Dense(3)
    >>> list(sides.flax(dense, dense.init(jax.random.key(0), jax.numpy.ones((1, 2)))).values())
    ['params/bias', 'params/kernel']
    """
    from unified.compare.sides.linen import LinenSide

    return LinenSide.of(module, variables, method, rngs, training)


def nnx(module: Any, method: str = "__call__", training: str | None = None) -> Side:
    """Return a module of Flax nnx as a side; the module itself is not changed.

    Args:
        module: an `nnx.Module`; `train()` and `eval()` set its mode.
        method: the name of the method to call.
        training: as for `flax`, if the method has such an argument.

    >>> from flax import nnx
    >>> from unified.testing import sides
    >>> list(sides.nnx(nnx.Linear(2, 3, rngs=nnx.Rngs(0))).values())
    ['bias', 'kernel']
    """
    from unified.compare.sides.nnx_module import NnxSide

    return NnxSide.of(module, method, training)


def haiku(transformed: Any, params: Any, state: Any = None, training: str | None = None, rng: Any = 0) -> Side:
    """Return what `hk.transform` or `hk.transform_with_state` returned, with its values, as a side.

    Args:
        transformed: the pair of functions.
        params: the parameters that its `init` returned.
        state: the state that it returned, for `hk.transform_with_state`.
        training: as for `flax`, an argument of the function that was transformed.
        rng: the seed, or the key, of its random draws.

    >>> import haiku as hk, jax
    >>> from unified.testing import sides
    >>> net = hk.transform(lambda x: hk.Linear(3)(x))
    >>> list(sides.haiku(net, net.init(jax.random.key(0), jax.numpy.ones((1, 2)))).values())
    ['params/linear/b', 'params/linear/w']
    """
    from unified.compare.sides.haiku_transformed import HaikuSide

    return HaikuSide.of(transformed, params, state, training, rng)


def function(fn: Callable[..., Any], params: Any, state: Any = None, training: str | None = None) -> Side:
    """Return a JAX function of a tree of parameters as a side.

    Args:
        fn: it is called as `fn(params, *inputs)` and returns the output; with `state` as
            `fn(params, state, *inputs)`, and returns `(output, state)`.
        params: a tree of arrays.
        state: a tree of arrays that are not trained.
        training: as for `flax`.

    >>> import numpy as np
    >>> from unified.testing import sides
    >>> side = sides.function(lambda params, x: x @ params["w"], {"w": np.ones((2, 3), "float32")})
    >>> list(side.values())
    ['w']
    """
    from unified.compare.sides.jax_function import FunctionSide

    return FunctionSide.of(fn, params, state, training)


def equinox(module: Any, state: Any = None, call: Callable[..., Any] | None = None) -> Side:
    """Return a module of Equinox as a side.

    Args:
        module: an `equinox.Module`; in evaluation it runs under `equinox.nn.inference_mode`.
        state: its `equinox.nn.State`, which is then its last argument and the last of what it returns.
        call: a function of the module and the inputs, such as `lambda module, x: jax.vmap(module)(x)`, since layers
            of Equinox take one example.

    >>> import equinox as eqx, jax
    >>> from unified.testing import sides
    >>> list(sides.equinox(eqx.nn.Linear(2, 3, key=jax.random.key(0))).values())
    ['weight', 'bias']
    """
    from unified.compare.sides.equinox_module import EquinoxSide

    return EquinoxSide.of(module, state, call)


def unified(model: Any, params: Any = None) -> Side:
    """Return a model of `unified.transform` as a side, on its backend.

    Args:
        model: the model; one on torch is an `nn.Module` too.
        params: its `Params`; by default those of an initialised model on torch.

    Raises:
        SideError: a model on JAX comes without params.

    >>> import torch as th, unified as u
    >>> from unified.testing import sides
    >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(th.ones(1, 2), rng=0)
    >>> list(sides.unified(net).values())
    ['linear.weight', 'linear.bias']
    """
    from unified.compare.sides.unified_model import unified_side

    return unified_side(model, params)
