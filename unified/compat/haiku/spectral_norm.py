"""Spectral normalisation of one matrix or of all parameters.

Source: Miyato et al., "Spectral normalization for generative adversarial networks" (2018),
https://arxiv.org/abs/1802.05957
"""

import re
from typing import Any

from unified.compat.haiku import initializers
from unified.compat.haiku.data_structures import to_haiku_dict
from unified.compat.haiku.module import Module
from unified.compat.haiku.variables import get_state, set_state
from unified.compat.jax import lax
from unified.compat.jax import numpy as jnp

__all__ = ["SNParamsTree", "SpectralNorm"]


def _normalise(x: Any, eps: float) -> Any:
    return x * lax.rsqrt((x * x).sum(keepdims=True) + eps)


class SpectralNorm(Module):
    """Division of a matrix by its largest singular value, estimated by power iteration.

    Args:
        eps: a constant added to squared norms.
        n_steps: the number of iterations in each call.
        name: the module's name.

    A call takes `(value, update_stats=True)`.

    Shapes: `[rows, columns]`, or any with two or more axes, whose last one counts the columns, to the same. State is
    `u0` `[1, columns]`, which starts standard normal, and `sigma` `[]`.

    Source: Miyato et al., "Spectral normalization for generative adversarial networks" (2018),
    https://arxiv.org/abs/1802.05957

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     return hk.SpectralNorm(n_steps=20)(x)
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> params, state = net.init(0, 4 * torch.eye(2))
    >>> net.apply(params, state, None, 4 * torch.eye(2))[0].round(decimals=2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, eps: float = 1e-4, n_steps: int = 1, name: str | None = None) -> None:
        super().__init__(name=name)
        self.eps, self.n_steps = eps, n_steps

    def __call__(self, value: Any, update_stats: bool = True, error_on_non_matrix: bool = False) -> Any:
        """Return the normalised value; for the norm, all axes but the last are merged into one."""
        value = jnp.asarray(value)
        shape = value.shape
        if value.ndim <= 1:
            raise ValueError(
                f"{self.module_name} got shape {shape}, for which a spectral norm is not well defined: pass a matrix"
            )
        if value.ndim > 2:
            if error_on_non_matrix:
                raise ValueError(
                    f"Input is {value.ndim}D but {self.module_name} was called to take matrices only; with "
                    "error_on_non_matrix=False all axes but the last count as one"
                )
            value = jnp.reshape(value, [-1, value.shape[-1]])
        u0 = get_state("u0", [1, value.shape[-1]], value.dtype, init=initializers.RandomNormal())
        for _ in range(self.n_steps):
            v0 = _normalise(jnp.matmul(u0, value.transpose([1, 0])), self.eps)
            u0 = _normalise(jnp.matmul(v0, value), self.eps)
        u0, v0 = lax.stop_gradient(u0), lax.stop_gradient(v0)
        sigma = jnp.matmul(jnp.matmul(v0, value), jnp.transpose(u0))[0, 0]
        out = (value / sigma).reshape(shape)
        if update_stats:
            set_state("u0", u0)
            set_state("sigma", sigma)
        return out

    @property
    def u0(self) -> Any:
        """The vector that the next iteration starts from, `[1, columns]`."""
        return get_state("u0")

    @property
    def sigma(self) -> Any:
        """The largest singular value, as the last call estimated it."""
        return get_state("sigma", shape=(), init=jnp.ones)


class SNParamsTree(Module):
    """Spectral normalisation of all values of a dict of dicts, such as parameters.

    Args:
        eps: as in `SpectralNorm`.
        n_steps: as in `SpectralNorm`.
        ignore_regex: values whose path matches at its beginning are returned unchanged.
        name: the module's name.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     return hk.SNParamsTree(n_steps=20)({"linear": {"w": x}})
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> tree, _ = net.apply(*net.init(0, 4 * torch.eye(2)), None, 4 * torch.eye(2))
    >>> tree["linear"]["w"].round(decimals=2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, eps: float = 1e-4, n_steps: int = 1, ignore_regex: str = "", name: str | None = None) -> None:
        super().__init__(name=name)
        self.eps, self.n_steps, self.ignore_regex = eps, n_steps, ignore_regex

    def __call__(self, tree: Any, update_stats: bool = True) -> Any:
        def normalise(path: str, value: Any) -> Any:
            if self.ignore_regex and re.match(self.ignore_regex, path):
                return value
            name = path.replace("/", "__").replace("~", "_tilde")
            return SpectralNorm(self.eps, self.n_steps, name=name)(value, update_stats=update_stats)

        return to_haiku_dict(
            {m: {k: normalise(f"{m}/{k}", v) for k, v in bundle.items()} for m, bundle in tree.items()}
        )
