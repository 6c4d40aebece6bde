"""The packages that unified needs or works with: what they are for, how they are installed, which are there."""

import importlib.metadata
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from unified.doctor.versions import Requirement, parse

__all__ = [
    "DISTRIBUTION",
    "PACKAGES",
    "Installed",
    "Package",
    "absent_package",
    "how_to_install",
    "installed",
    "requirements",
]

DISTRIBUTION = "unified-nn"


@dataclass(frozen=True)
class Package:
    """A package that unified needs or works with.

    Attributes:
        module: the name that is imported.
        distribution: the name that pip knows.
        purpose: what unified does with it.
        tested: the release that the test suite runs with; a test compares it with constraints.txt.
        extra: the extra of unified that installs it; empty if none does.
        least: the oldest release that works beside the tested frameworks; empty where that is not known.
        broken: later releases that do not.
    """

    module: str
    distribution: str
    purpose: str
    tested: str
    extra: str = ""
    least: str = ""
    broken: tuple[str, ...] = ()


# `least` and `broken` were found by running each release of the last two years with the tested frameworks: dm-haiku
# 0.0.14 asks for jax.lib.xla_extension, nnx of flax 0.12.6 on torch for jax.core.Effect, and optax 0.2.7 sets an option
# that JAX 0.10 has no more.
PACKAGES = (
    Package("numpy", "numpy", "arrays on the host", "2.4.6", least="2.0"),
    Package("array_api_compat", "array-api-compat", "unified.numpy, u.array_namespace", "1.16.0"),
    Package("safetensors", "safetensors", "u.save and u.load", "0.8.0"),
    Package("torch", "torch", 'backend="torch"', "2.13.0", "torch"),
    Package("jax", "jax", 'backend="jax"', "0.10.2", "jax"),
    Package("jaxlib", "jaxlib", "JAX's compiled half", "0.10.2", "jax"),
    Package("ml_dtypes", "ml_dtypes", "bfloat16 in files and on JAX", "0.6.0", "jax"),
    Package("libcst", "libcst", "unified port", "1.9.0", "port"),
    Package("haiku", "dm-haiku", "unified port --check, sides of unified compare", "0.0.17", least="0.0.15"),
    Package("flax", "flax", "Flax on torch, sides of unified compare, .msgpack files", "0.12.8", least="0.12.7"),
    Package("optax", "optax", "optimizers of bodies on JAX, optax on torch", "0.2.8", broken=("0.2.7",)),
    Package("equinox", "equinox", "sides of unified compare", "0.13.8"),
    Package("orbax", "orbax-checkpoint", "folders of Orbax in unified convert", "0.12.8"),
    Package("chex", "chex", "chex on torch", "0.1.92"),
    Package("einops", "einops", "einops on the arrays of JAX code on torch", "0.8.2"),
    Package("treescope", "treescope", "u.display in notebooks", "0.1.10"),
)


@dataclass(frozen=True)
class Installed:
    """A package that was found.

    Attributes:
        version: of its distribution; empty where no distribution has the module, as in a source tree.
        location: the folder or the file that `import` would take.
    """

    version: str
    location: str


def installed(package: Package) -> Installed | None:
    """Return what is installed of a package without importing it; `None` if nothing is."""
    try:
        spec = importlib.util.find_spec(package.module)
    except (ImportError, ValueError):  # a finder refuses it, or a module without a spec stands in sys.modules
        spec = None
    if spec is None:
        return None
    try:
        version = importlib.metadata.version(package.distribution)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    folders = list(spec.submodule_search_locations or ())
    location = spec.origin if spec.origin not in (None, "namespace") else (folders[0] if folders else "")
    path = Path(location or "")
    return Installed(version, str(path.parent if path.name == "__init__.py" else path))


def requirements() -> Mapping[str, Requirement]:
    """Return the requirements of users by distribution: the dependencies, and those of the extras for users.

    They are empty where unified runs from a source tree that is not installed.
    """
    try:
        texts = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    extras = {"", *(package.extra for package in PACKAGES)}
    found = [requirement for requirement in map(parse, texts) if requirement.extra in extras]
    return {requirement.name: requirement for requirement in found if requirement.name != DISTRIBUTION}


def how_to_install(module: str) -> str:
    """Return the command that installs what a module belongs to.

    >>> how_to_install("libcst"), how_to_install("haiku.nets")
    ('pip install "unified-nn[port]"', 'pip install dm-haiku')
    """
    top = module.partition(".")[0]
    package = next((package for package in PACKAGES if package.module == top), None)
    if package is None:
        return f"pip install {top}"
    return f'pip install "{DISTRIBUTION}[{package.extra}]"' if package.extra else f"pip install {package.distribution}"


def absent_package(error: BaseException | None) -> str | None:
    """Return the module of `PACKAGES` whose absence caused an error, itself or by its causes; `None` if none did."""
    modules = {package.module: package for package in PACKAGES}
    while error is not None:
        top = (error.name or "").partition(".")[0] if isinstance(error, ImportError) else ""
        if top in modules and installed(modules[top]) is None:
            return top
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return None
