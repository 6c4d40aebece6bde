"""`jax.numpy` on tensors, a module for each family of functions."""

from unified.compat.jax.on_torch.numpy import creation as _creation
from unified.compat.jax.on_torch.numpy import elementwise as _elementwise
from unified.compat.jax.on_torch.numpy import fft, linalg
from unified.compat.jax.on_torch.numpy import files as _files
from unified.compat.jax.on_torch.numpy import indexing as _indexing
from unified.compat.jax.on_torch.numpy import polynomials as _polynomials
from unified.compat.jax.on_torch.numpy import products as _products
from unified.compat.jax.on_torch.numpy import questions as _questions
from unified.compat.jax.on_torch.numpy import reductions as _reductions
from unified.compat.jax.on_torch.numpy import sets as _sets
from unified.compat.jax.on_torch.numpy import shapes as _shapes
from unified.compat.jax.on_torch.numpy import sorting as _sorting
from unified.compat.jax.on_torch.numpy import statistics as _statistics
from unified.compat.jax.on_torch.numpy import vectorized as _vectorized
from unified.compat.jax.on_torch.numpy.creation import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.elementwise import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.files import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.indexing import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.polynomials import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.products import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.questions import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.reductions import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.sets import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.shapes import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.sorting import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.statistics import *  # noqa: F403
from unified.compat.jax.on_torch.numpy.vectorized import *  # noqa: F403

_FAMILIES = (
    _creation, _elementwise, _files, _indexing, _polynomials, _products, _questions, _reductions, _sets, _shapes,
    _sorting, _statistics, _vectorized,
)  # fmt: skip

__all__ = sorted(  # noqa: PLE0605
    {"fft", "linalg", *(name for family in _FAMILIES for name in family.__all__)}
)
