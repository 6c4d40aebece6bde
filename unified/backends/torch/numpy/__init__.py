"""The functions of `unified.numpy` on tensors, each with the arguments that it has there, in a file for each family.

Functions of JAX code on torch (`unified.compat.jax`) mean what JAX means by a name; these mean what the standard does.
"""

from unified.backends.torch.numpy import fft, linalg
from unified.backends.torch.numpy.creation import *
from unified.backends.torch.numpy.data_types import *
from unified.backends.torch.numpy.elementwise import *
from unified.backends.torch.numpy.indexing import *
from unified.backends.torch.numpy.positions import *
from unified.backends.torch.numpy.products import *
from unified.backends.torch.numpy.reductions import *
from unified.backends.torch.numpy.shapes import *
