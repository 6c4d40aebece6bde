"""The functions of `unified.numpy` on JAX arrays, each with the arguments that it has there, a file for each family."""

from unified.backends.jax.numpy import fft, linalg
from unified.backends.jax.numpy.creation import *
from unified.backends.jax.numpy.data_types import *
from unified.backends.jax.numpy.elementwise import *
from unified.backends.jax.numpy.indexing import *
from unified.backends.jax.numpy.positions import *
from unified.backends.jax.numpy.products import *
from unified.backends.jax.numpy.reductions import *
from unified.backends.jax.numpy.shapes import *
