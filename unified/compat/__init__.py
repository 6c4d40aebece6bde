"""Other libraries' names: `unified.compat.haiku` and `unified.compat.jax` on either framework, `unified.compat.blaze`.

`load` is for the libraries that are written in JAX, such as optax and Flax: `unified.compat.load("optax")`. blaze is a
library for PyTorch, and its names run on that alone.
"""

from unified.compat.loader import load

__all__ = ["load"]
