"""What a copy of a library has as `jax`: the functions on torch, module by module, found when they are asked for."""

import contextlib
import importlib
import sys
from types import FunctionType, ModuleType
from typing import Any

from unified.compat.jax.implementations import implementation
from unified.compat.jax.names import NAMES
from unified.compat.loader.absent import Absent
from unified.compat.loader.jax_names import EXCEPTIONS, MODULES
from unified.compat.loader.packages import ROOT
from unified.compat.loader.stand_ins import STAND_INS

__all__ = ["JaxModule", "is_module"]

with contextlib.suppress(ImportError):  # by which NumPy knows `bfloat16` by name, as wherever JAX is imported
    import ml_dtypes as _  # noqa: F401

# JAX's own modules behind the public ones, of which libraries import some.
PUBLIC = {
    "jax._src.ad_checkpoint": "jax.ad_checkpoint",
    "jax._src.checkify": "jax.experimental.checkify",
    "jax._src.errors": "jax.errors",
    "jax._src.api": "jax",
    "jax._src.api_util": "jax.api_util",
    "jax._src.config": "jax",
    "jax._src.core": "jax.core",
    "jax._src.dtypes": "jax.dtypes",
    "jax._src.lax.control_flow": "jax.lax",
    "jax._src.lax.lax": "jax.lax",
    "jax._src.lib": "jaxlib",
    "jax._src.mesh": "jax.sharding",
    "jax._src.nn.functions": "jax.nn",
    "jax._src.nn.initializers": "jax.nn.initializers",
    "jax._src.numpy.linalg": "jax.numpy.linalg",
    "jax._src.partition_spec": "jax.sharding",
    "jax._src.random": "jax.random",
    "jax._src.sharding": "jax.sharding",
    "jax._src.tree_util": "jax.tree_util",
    "jax._src.typing": "jax.typing",
    "jax.extend.core": "jax.core",
    "jax.extend.random": "jax.random",
}
STOOD_IN = {name.rpartition(".")[0] for name in STAND_INS}
# Those that `unified.compat.jax` has beside JAX's public ones, such as `jax.experimental.mesh_utils`.
OURS = {f"jax.{name}" for name in (*NAMES, "experimental.pjit", "experimental.shard_map") if name}
KNOWN = frozenset({*MODULES, *PUBLIC, *STOOD_IN, *OURS, *(name.rpartition(".")[0] for name in STOOD_IN)})
OPEN = ("jax._src", "jax.experimental", "jax.extend", "jax.interpreters", "jax.lib", "jaxlib")


def is_module(path: str) -> bool:
    """Return whether `jax` has a module of this path, as far as copies see it."""
    return path in KNOWN or path.startswith(OPEN)


class JaxModule(ModuleType):
    """A module of `jax` on torch. What torch has not of JAX's names is `Absent`; what JAX has not is an error."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, f"`{path}`, on torch.")
        self.__path__: list[str] = []
        self._path = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__version__", "__version_info__"):
            raise AttributeError(f"module {self._path!r} has no attribute {name!r}")
        value = _find(self._path, name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*MODULES.get(self._path, "").split(), *vars(self)})


def _find(path: str, name: str) -> Any:
    public = PUBLIC.get(path, path)
    for where in (path, public):
        if f"{where}.{name}" in STAND_INS:
            return STAND_INS[f"{where}.{name}"]
    if f"{path}.{name}" in KNOWN:
        return importlib.import_module(f"{ROOT}.{path}.{name}")
    if public == "jax" or public.startswith("jax."):
        short = public[4:]
        if name in NAMES.get(short, ()):
            return getattr(implementation("torch", short), name)
        value = vars(_front(short)).get(name)
        if value is not None and not _is_dispatched(value) and not isinstance(value, ModuleType):
            return value
        if f"{public}.{name}" == "jax.config":
            return value
    full = f"{public}.{name}"
    if full in EXCEPTIONS:
        return type(name, (Exception,), {"__module__": public})
    if name in MODULES.get(public, "").split() or path.startswith(OPEN):
        return Absent(full)
    raise AttributeError(f"module {path!r} has no attribute {name!r}")


def _front(short: str) -> Any:
    """Return the module of `unified.compat.jax`, an empty one where there is none."""
    name = f"unified.compat.jax.{short}".rstrip(".")
    if name in sys.modules:
        return sys.modules[name]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise
        return ModuleType(name)


def _is_dispatched(value: Any) -> bool:
    return type(value) is FunctionType and hasattr(value, "_dispatched")
