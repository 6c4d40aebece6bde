"""`jax.lax` on tensors, a module for each family of functions."""

from unified.compat.jax.on_torch.lax import collectives as _collectives
from unified.compat.jax.on_torch.lax import control as _control
from unified.compat.jax.on_torch.lax import convolution as _convolution
from unified.compat.jax.on_torch.lax import elementwise as _elementwise
from unified.compat.jax.on_torch.lax import further as _further
from unified.compat.jax.on_torch.lax import local_convolution as _local_convolution
from unified.compat.jax.on_torch.lax import shapes as _shapes
from unified.compat.jax.on_torch.lax.collectives import *  # noqa: F403
from unified.compat.jax.on_torch.lax.control import *  # noqa: F403
from unified.compat.jax.on_torch.lax.convolution import *  # noqa: F403
from unified.compat.jax.on_torch.lax.elementwise import *  # noqa: F403
from unified.compat.jax.on_torch.lax.further import *  # noqa: F403
from unified.compat.jax.on_torch.lax.local_convolution import *  # noqa: F403
from unified.compat.jax.on_torch.lax.shapes import *  # noqa: F403

_FAMILIES = (_collectives, _control, _convolution, _elementwise, _further, _local_convolution, _shapes)

__all__ = sorted(  # noqa: PLE0605
    {name for family in _FAMILIES for name in family.__all__}
)
