"""`jax.errors`: the classes of errors, those of the framework that runs.

>>> import unified as u, unified.compat.jax as jax
>>> u.set_backend("torch")
>>> try:
...     jax.jit(lambda x: 1 if x > 0 else 2)(3.0)
... except jax.errors.TracerBoolConversionError:
...     print("a condition of Python")
a condition of Python
>>> u.set_backend(None)
"""

from typing import Any

from unified.compat.jax import dispatch
from unified.compat.jax.active_backend import backend_for


def __getattr__(name: str) -> Any:
    if not name.startswith("_") and backend_for().name == "torch":
        from unified.compat.jax.on_torch import errors

        if name in errors.__all__:
            return getattr(errors, name)
    return dispatch.jax_attribute("errors", name)
