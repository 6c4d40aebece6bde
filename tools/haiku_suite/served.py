"""An import hook that serves `unified.compat.haiku` where dm-haiku's tests import `haiku` and `haiku._src`.

The tests import modules of `haiku._src`, which are not Haiku's public interface. Each is replaced by a module that
looks a name up in our modules for the same purpose and then among the public names. A name that neither has is private
to dm-haiku and raises `Private`, which counts a test as not applicable. Helpers of the tests themselves (`test_utils`,
`integration.common`, `integration.descriptors`, ...) are loaded from dm-haiku's files.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

__all__ = ["Private", "install"]

HELPERS = ("test_utils", "integration.common", "integration.descriptors", "integration.checkpoint_utils", "base_test")
OURS = {
    "attention": ("attention",),
    "base": ("variables", "keys", "custom", "running", "jax_usage", "frame", "random", "typing"),
    "basic": ("linear", "functions"),
    "batch_norm": ("norm",),
    "bias": ("linear",),
    "config": ("config",),
    "conv": ("conv",),
    "data_structures": ("data_structures", "frame"),
    "deferred": ("deferred",),
    "depthwise_conv": ("depthwise_conv",),
    "embed": ("embed",),
    "eval_shape": ("summaries",),
    "filtering": ("data_structures",),
    "group_norm": ("norm",),
    "initializers": ("initializers",),
    "layer_norm": ("norm",),
    "layer_stack": ("layer_stack",),
    "lift": ("lift",),
    "mixed_precision": ("mixed_precision",),
    "module": ("module",),
    "moving_averages": ("moving_averages",),
    "multi_transform": ("multi_transform",),
    "nets.mlp": ("nets.mlp",),
    "nets.mobilenetv1": ("nets.mobilenet",),
    "nets.resnet": ("nets.resnet",),
    "nets.vqvae": ("nets.vqvae",),
    "pad": ("pad",),
    "pool": ("pool",),
    "random": ("random",),
    "recurrent": ("recurrent", "conv_lstm", "deep_rnn"),
    "reshape": ("reshape",),
    "rms_norm": ("norm",),
    "spectral_norm": ("spectral_norm",),
    "stateful": ("stateful", "control_flow", "internal_state"),
    "summarise": ("summaries",),
    "transform": ("transform", "variables", "running"),
    "typing": ("typing",),
    "utils": ("utils",),
}  # fmt: skip


def _with_config(**options: Any) -> Any:
    """Return the decorator by which tests set options."""
    import functools

    from unified.compat.haiku import config

    def decorate(test: Any) -> Any:
        @functools.wraps(test)
        def run(*args: Any, **kwargs: Any) -> Any:
            with config.context(**options):
                return test(*args, **kwargs)

        return run

    return decorate


def _fixtures() -> dict[str, Any]:
    from unified.compat.haiku import frame, initializers, internal_state, running
    from unified.compat.haiku.transform import NonEmptyStateError

    return {
        "config.with_config": _with_config,
        "base.params_frozen": lambda: not running.running_init(),
        "base.StatePair": frame.Pair,
        "base.NonEmptyStateError": NonEmptyStateError,
        "base.assert_no_new_parameters": internal_state.assert_no_new_parameters,
        "initializers._compute_fans": lambda shape, fan_in_axes=None: initializers._fans(shape, fan_in_axes),
    }


FIXTURES: dict[str, Any] = {}  # private names that tests use in their set-up


class Private(AttributeError):  # noqa: N818
    """A name that is private to dm-haiku."""


def haiku_folder() -> Path:
    """Return the folder in which dm-haiku is installed, without importing it."""
    for entry in sys.path:
        folder = Path(entry) / "haiku" / "_src"
        if folder.is_dir():
            return folder.parent
    raise ImportError("the suite runs the tests of dm-haiku, which is not installed: pip install dm-haiku")


class _Served(types.ModuleType):
    """A module of `haiku._src`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []
        short = name.removeprefix("haiku._src.")
        self._ours = [importlib.import_module(f"unified.compat.haiku.{module}") for module in OURS.get(short, ())]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if f"{self.__name__}.{name}" in _module_names():
            return importlib.import_module(f"{self.__name__}.{name}")
        private = f"{self.__name__.removeprefix('haiku._src.')}.{name}"
        FIXTURES.update(FIXTURES or _fixtures())
        if private in FIXTURES:
            return FIXTURES[private]
        import unified.compat.haiku as hk

        for module in [*self._ours, hk, hk.experimental, hk.data_structures]:
            if name in vars(module) and not isinstance(vars(module)[name], types.ModuleType):
                return vars(module)[name]
        raise Private(f"{self.__name__}.{name} is private to dm-haiku")


def _module_names() -> set[str]:
    names = {f"haiku._src.{name}" for name in (*OURS, *HELPERS)}
    return names | {"haiku._src", "haiku._src.nets", "haiku._src.integration"}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "haiku" and not name.startswith("haiku."):
            return None
        helper = name.removeprefix("haiku._src.")
        if helper in HELPERS:
            file = haiku_folder() / "_src" / Path(*helper.split(".")).with_suffix(".py")
            return importlib.util.spec_from_file_location(name, file, loader=LOADERS[0](name, str(file)))
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> Any:
        name = spec.name
        if name == "haiku" or not name.startswith("haiku._src"):
            public = importlib.import_module("unified.compat.haiku")
            for part in name.split(".")[1:]:
                public = getattr(public, part)
            module = types.ModuleType(name)
            module.__dict__.update({k: v for k, v in vars(public).items() if not k.startswith("__")})
            module.__path__ = []
            module.__file__ = str(haiku_folder() / "__init__.py")
            return module
        if name not in _module_names():
            raise Private(f"{name} is private to dm-haiku")
        return _Served(name)

    def exec_module(self, module: Any) -> None:
        if module.__name__ == "haiku":
            module.__version__ = "0.0.17"


LOADERS: list[Any] = [importlib.machinery.SourceFileLoader]  # what loads the helpers


def install(backend: str = "jax", loader: Any = None) -> None:
    """Serve `haiku` from now on, on a backend; `loader(name, path)` loads the helpers of the tests."""
    import unified

    if loader is not None:
        LOADERS[0] = loader

    unified.set_backend(backend)
    sys.meta_path.insert(0, _Finder())
    if importlib.util.find_spec("tensorflow") is None:
        sys.modules["tensorflow"] = _Uninstalled("tensorflow")
        sys.modules["tensorflow"].__spec__ = importlib.machinery.ModuleSpec("tensorflow", None)  # which others look for


class _Uninstalled(types.ModuleType):
    """A stand-in for a package that only some tests of a file need, so that the others run without it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ModuleNotFoundError(f"No module named {self.__name__!r}")
