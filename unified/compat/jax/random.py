"""`jax.random` on either framework, with JAX's own bits.

Keys are arrays of two words: `jax.random.PRNGKey`'s on JAX, of `uint32` on torch. `split`, `fold_in`,
`bits`, `randint`, `permutation`, and `uniform` and `bernoulli` give what JAX gives, bit for bit (its default
`jax_threefry_partitionable`); what is computed from these through logarithms and inverse error functions (`normal`,
`truncated_normal`, `gumbel`, ...) is equal within some units in the last place.

The framework is the active one (`unified.compat.jax.active_backend`), else that of the key; for `PRNGKey` the default.

>>> import unified.compat.jax.random as random, unified as u
>>> u.set_backend("torch")
>>> key = random.PRNGKey(42)
>>> random.split(key).tolist()
[[1832780943, 270669613], [64467757, 2916123636]]
>>> random.uniform(key, (2,)).tolist()
[0.48870956897735596, 0.6797971725463867]
>>> u.set_backend(None)

Source: https://docs.jax.dev/en/latest/jax.random.html
"""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch

_dispatch.define_functions(globals(), "random")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("random", name)
