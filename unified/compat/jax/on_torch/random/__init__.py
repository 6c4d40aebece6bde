"""`jax.random` on tensors: keys, the draws that all rest on, and the families of distributions over them."""

from unified.compat.jax.on_torch.random import draws as _draws
from unified.compat.jax.on_torch.random import families as _families
from unified.compat.jax.on_torch.random import keys as _keys
from unified.compat.jax.on_torch.random.draws import *  # noqa: F403
from unified.compat.jax.on_torch.random.families import *  # noqa: F403
from unified.compat.jax.on_torch.random.keys import *  # noqa: F403

__all__ = sorted({*_draws.__all__, *_families.__all__, *_keys.__all__})  # noqa: PLE0605
