"""`jax.numpy` on tensors, a module for each family of functions."""

from unified.backends.torch.compat.numpy import creation as _creation
from unified.backends.torch.compat.numpy import elementwise as _elementwise
from unified.backends.torch.compat.numpy import fft, linalg  # noqa: F401
from unified.backends.torch.compat.numpy import indexing as _indexing
from unified.backends.torch.compat.numpy import products as _products
from unified.backends.torch.compat.numpy import reductions as _reductions
from unified.backends.torch.compat.numpy import shapes as _shapes
from unified.backends.torch.compat.numpy import sorting as _sorting
from unified.backends.torch.compat.numpy import vectorized as _vectorized
from unified.backends.torch.compat.numpy.creation import *  # noqa: F403
from unified.backends.torch.compat.numpy.elementwise import *  # noqa: F403
from unified.backends.torch.compat.numpy.indexing import *  # noqa: F403
from unified.backends.torch.compat.numpy.products import *  # noqa: F403
from unified.backends.torch.compat.numpy.reductions import *  # noqa: F403
from unified.backends.torch.compat.numpy.shapes import *  # noqa: F403
from unified.backends.torch.compat.numpy.sorting import *  # noqa: F403
from unified.backends.torch.compat.numpy.vectorized import *  # noqa: F403

_FAMILIES = (_creation, _elementwise, _indexing, _products, _reductions, _shapes, _sorting, _vectorized)

__all__ = sorted(  # noqa: PLE0605
    {"fft", "linalg", *(name for family in _FAMILIES for name in family.__all__)}
)
