"""JAX's libraries on the default backend: `import unified.compat.libraries.optax as optax`.

On JAX a name below this package is the library itself. On torch it is the library's installed source over
`unified.compat.jax`, which needs no JAX; docs/libraries.md lists what is tested. The backend is looked for when a
module is imported: `unified.compat.load(name, backend)` says which.
"""

from unified.compat.loader.libraries import install as _install

_install()
