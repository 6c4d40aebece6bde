"""Saving a module with its hyperparameters, and loading it on either framework."""

from collections.abc import Callable, Sequence
from typing import Any

from unified.core import backends
from unified.core.annotations import Device, Path
from unified.trees.variables import params

__all__ = ["load", "save"]

# What writes and reads files is imported when it is called, as unified.core.checkpoint does.


def save(path: Path, model: Any, *, max_bytes: int | None = None) -> None:
    """Write a module to a file: its variables, and its structure with all static values, or nothing if that fails.

    It is a checkpoint as `unified.save` writes it, with the module in its header: `unified.load` reads the variables,
    and any other style loads them. Wrappers (`Jit(VMap(model))`), bound methods, functions that a module defines, and
    dtypes are saved by name. An array that stands in two fields becomes two.

    Raises:
        TypeError: a field holds what a file cannot, such as a lambda; it is named.
        ValueError: a variable has no value, or there is none.
        OSError: the disk does not take the file.

    >>> import pathlib, tempfile, unified.trees as ut
    >>> model = ut.fill(ut.Linear(2, 1), backend="torch")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ut.save(pathlib.Path(folder) / "model.safetensors", model)
    ...     ut.load(pathlib.Path(folder) / "model.safetensors", "torch") == model
    True
    """
    from unified.core.checkpoint import writing
    from unified.trees.encoding import encode

    variables = params(model)
    writing.save(path, variables, max_bytes=max_bytes, tree=encode(model))


def load(
    path: Path,
    backend: str | None = None,
    *,
    trust: Sequence[str | type | Callable[..., Any]] = (),
    device: Device = None,
) -> Any:
    """Return the module of a file that `save` wrote, with arrays of either framework.

    Nothing in a file is trusted: it is no pickle, classes are found by name, and none is imported that `trust` does not
    name. Layers and wrappers of this package, and functions of `unified.functional`, need no trust. No `__init__` runs;
    `__check_init__` does.

    Args:
        path: the file.
        backend: the framework; the default one if `None`.
        trust: the packages whose classes and functions may be imported (`["mypackage"]`), or those themselves
            (`[Net]`).
        device: where the arrays are put.

    Raises:
        CheckpointError: the file is damaged, names something that is not trusted or is not there, or its fields are not
            those of the class. The message names the field.

    >>> import tempfile, torch, unified.trees as ut
    >>> model = ut.fill(ut.Sequential((ut.Linear(2, 3), ut.ReLU())), backend="torch")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ut.save(f"{folder}/model.safetensors", model)
    ...     ut.load(f"{folder}/model.safetensors", "torch") == model
    True
    """
    from unified.core.checkpoint import reading
    from unified.core.errors import CheckpointError
    from unified.trees import registry
    from unified.trees.decoding import Decoder

    name = backends.default_name() if backend is None else backend
    values = reading.load(path, name, device=device)
    tree = reading.describe(path).tree
    if tree is None:
        raise CheckpointError(
            f"{path} holds variables, and no module: make one and load them, "
            "unified.trees.load_params(model, unified.load(path))"
        ).with_page("trees")
    registry.ready()
    decoder = Decoder(values, backends.load(name), trust, str(path))
    model = decoder.decode(tree)
    if left := [path for path in values if path not in decoder.used]:
        raise CheckpointError(f"{path} holds {left[0]!r}, which is no field of its module").with_page("trees")
    return model
