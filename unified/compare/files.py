"""Files of weights: safetensors, PyTorch, msgpack as Flax writes it, and Orbax, by their names' endings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from unified.compare.nesting import flattened, nested
from unified.core.errors import ExplainedError

__all__ = ["FileError", "read", "write"]

TORCH = (".pt", ".pth", ".bin")
KINDS = "weights are in .safetensors, .pt, .pth or .bin (PyTorch), .msgpack (Flax), or a folder (Orbax)"


class FileError(ExplainedError, ValueError):
    """Raised if a file holds no weights, or cannot be written: the message names it, and says what to do."""

    page = "compare#what-goes-wrong"


def read(path: str | Path, library: str, key: str | None = None) -> dict[str, np.ndarray]:
    """Return the arrays of a file by path; nothing that a file contains is run.

    Args:
        path: the file, or the folder of an Orbax checkpoint.
        library: what the weights belong to, which says how trees become paths.
        key: the entry of a PyTorch file that has the weights, where it is a dict of several things.

    Raises:
        FileError: the file cannot be read, or holds something else.
    """
    path = Path(path)
    if not path.exists():
        raise FileError(f"{path} does not exist")
    try:
        tree = _reader(path)(path)
    except FileError:
        raise
    except Exception as error:
        raise FileError(f"{path} cannot be read: {type(error).__name__}: {error}") from error
    for part in key.split(".") if key else ():
        if not isinstance(tree, Mapping) or part not in tree:
            raise FileError(f"{path} has no entry {key!r}; it has {_keys(tree)}")
        tree = tree[part]
    arrays = _without_tensors(tree, path)
    return arrays if library == "torch" else flattened(nested(arrays, "flax"), library)


def write(path: str | Path, values: Mapping[str, np.ndarray], library: str) -> None:
    """Write arrays to a file, whole or not at all.

    Raises:
        FileError: the ending is of no known kind, or the folder of an Orbax checkpoint is there already.
    """
    path = Path(path)
    arrays = {name: np.ascontiguousarray(value) for name, value in values.items()}
    if path.suffix == ".safetensors":
        from safetensors.numpy import save_file

        _whole(path, lambda temporary: save_file(arrays, temporary))
    elif path.suffix in TORCH:
        import torch

        _whole(path, lambda temporary: torch.save({n: torch.as_tensor(a) for n, a in arrays.items()}, temporary))
    elif path.suffix == ".msgpack":
        from flax.serialization import msgpack_serialize

        data = msgpack_serialize(nested(arrays, library))
        _whole(path, lambda temporary: Path(temporary).write_bytes(data))
    elif path.suffix == "":
        import orbax.checkpoint

        if path.exists():
            raise FileError(f"{path} is there already: an Orbax checkpoint is written to a new folder")
        orbax.checkpoint.PyTreeCheckpointer().save(path.absolute(), nested(arrays, library))
    else:
        raise FileError(f"{path}: {KINDS}")


def _reader(path: Path) -> Callable[[Path], Any]:
    if path.is_dir():
        return _read_orbax
    if path.suffix == ".safetensors":
        return _read_safetensors
    if path.suffix in TORCH:
        return _read_torch
    if path.suffix == ".msgpack":
        return _read_msgpack
    raise FileError(f"{path}: {KINDS}")


def _read_safetensors(path: Path) -> Any:
    from safetensors.numpy import load_file

    return load_file(path)


def _read_torch(path: Path) -> Any:
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


def _read_msgpack(path: Path) -> Any:
    from flax.serialization import msgpack_restore

    return msgpack_restore(path.read_bytes())


def _read_orbax(path: Path) -> Any:
    import orbax.checkpoint

    return orbax.checkpoint.PyTreeCheckpointer().restore(path.absolute())


def _without_tensors(tree: Any, path: Path, name: str = "") -> dict[str, np.ndarray]:
    """Return the arrays of nested dicts and lists by path.

    Raises:
        FileError: a leaf is no array, or two have the same path.
    """
    if isinstance(tree, Mapping | list | tuple):
        result: dict[str, np.ndarray] = {}
        for key, value in tree.items() if isinstance(tree, Mapping) else enumerate(tree):
            for inner, array in _without_tensors(value, path, f"{name}/{key}" if name else str(key)).items():
                if inner in result:
                    raise FileError(f"{path} has two arrays with the path {inner!r}")
                result[inner] = array
        return result
    if hasattr(tree, "detach"):
        tree = tree.detach().cpu()
        tree = tree.float().numpy() if str(tree.dtype) == "torch.bfloat16" else tree.numpy()
    if not hasattr(tree, "shape"):
        raise FileError(
            f"{path}: {name or 'the file'} is a {type(tree).__name__} and no array: say with --key which entry has the "
            f"weights"
        )
    array = np.asarray(tree)
    if array.dtype.kind == "O":
        raise FileError(f"{path}: {name or 'the file'} holds Python objects")
    return {name: array}


def _keys(tree: Any) -> str:
    return ", ".join(map(str, list(tree)[:8])) if isinstance(tree, Mapping) else f"a {type(tree).__name__}"


def _whole(path: Path, save: Callable[[str], Any]) -> None:
    """Call `save` with the name of a new file beside the file, and move it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    os.close(handle)
    try:
        save(temporary)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
