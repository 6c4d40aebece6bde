"""The version of the API of JAX that `unified.compat.jax` follows."""

__all__ = ["__version__", "__version_info__"]

__version__ = "0.10.2"
__version_info__ = (0, 10, 2)
