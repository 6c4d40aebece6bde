"""Other libraries' names: `unified.compat.haiku` and `unified.compat.jax` on either framework, `unified.compat.blaze`.

blaze is a library for PyTorch, and its names run on that alone.
"""
