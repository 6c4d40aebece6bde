"""`jax.lax` on tensors, a module for each family of functions."""

from unified.backends.torch.compat.lax import collectives as _collectives
from unified.backends.torch.compat.lax import control as _control
from unified.backends.torch.compat.lax import convolution as _convolution
from unified.backends.torch.compat.lax import elementwise as _elementwise
from unified.backends.torch.compat.lax import shapes as _shapes
from unified.backends.torch.compat.lax.collectives import *  # noqa: F403
from unified.backends.torch.compat.lax.control import *  # noqa: F403
from unified.backends.torch.compat.lax.convolution import *  # noqa: F403
from unified.backends.torch.compat.lax.elementwise import *  # noqa: F403
from unified.backends.torch.compat.lax.shapes import *  # noqa: F403

_FAMILIES = (_collectives, _control, _convolution, _elementwise, _shapes)

__all__ = sorted(  # noqa: PLE0605
    {name for family in _FAMILIES for name in family.__all__}
)
