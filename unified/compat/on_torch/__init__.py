"""JAX's libraries on torch: each module below this package is the installed source of a library, loaded once more.

    import unified.compat.on_torch.optax       # optax, whose `jax` is unified.compat.jax on torch

`unified.compat.load("optax")` and `unified.compat.libraries` are how users reach these modules, which see `Array`s
alone. `sys.modules["optax"]` and `["jax"]` stay what they are.
"""

from unified.compat.loader.finder import install as _install

_install()
