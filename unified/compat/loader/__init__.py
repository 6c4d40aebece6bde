"""A second copy of a pure-JAX library, whose `jax` is `unified.compat.jax` on torch.

`packages` says which packages are loaded again, `rewriting` binds their imports to the copies, `bytecode` keeps what
was compiled, `finder` is where Python asks for a copy, `jax_modules` is what a copy has as `jax`, `stand_ins` what it
uses of JAX's machinery, `absent` stands for a name that torch has not, `flags` lets copies define absl's flags once
more, and `view` is a library as code with tensors sees it, which `libraries` gives to import statements. `script` runs
a program (`unified run`).
"""

from unified.compat.loader.loading import load

__all__ = ["load"]
