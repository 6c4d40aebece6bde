"""Writing checkpoints."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.checkpoint import together
from unified.core.checkpoint.files import atomic_write, write_tensors
from unified.core.checkpoint.header import checksum, header_of
from unified.core.checkpoint.index import INDEX, files_of
from unified.core.checkpoint.saving import Saving
from unified.core.keys import with_key_words
from unified.core.params import Params

__all__ = ["save"]

PICKLES = frozenset({".pt", ".pth", ".bin", ".ckpt"})  # how files of `torch.save` are named


def save(
    path: Any,
    saved: Any,
    *,
    fn: Any = None,
    max_bytes: int | None = None,
    background: bool = False,
    timeout: float = 600.0,
    tree: Any = None,
) -> Saving | None:
    """Write a checkpoint; see `unified.save`. `tree` describes a module of `unified.trees`."""
    path = Path(path)
    _check_suffix(path)
    params, fn = _params_of(saved, fn)
    if not params:
        raise ValueError("there are no variables to save")
    Saving.wait_for(path)
    params = params.replaced(with_key_words(params))
    parts = {name: _own_parts(name, array) for name, array in params.items()}
    if any(own is not None for own in parts.values()):
        if max_bytes is not None:
            raise ValueError("max_bytes= is for one process: each of several processes writes a file of its own")
        write = together.writer(path, params, parts, fn, tree, background, timeout)
    else:
        write = _writer(path, params, fn, tree, max_bytes, background)
    if background:
        return Saving(path, write)
    write()
    return None


def _check_suffix(path: Path) -> None:
    """Raise `ValueError` if the name of a file says that it is a pickle, as whoever loads it will take it for."""
    if path.suffix.lower() in PICKLES:
        raise ValueError(
            f"save writes safetensors, and {path.name!r} is named as a file of torch.save: write "
            f"{path.with_suffix('.safetensors').name!r}, or torch.save(params.to('torch').state_dict(), path)"
        )


def _own_parts(path: str, array: Any) -> Any:
    backend = backends.of_array(array)
    return None if backend is None else backend.own_parts(path, array)


def _writer(path: Path, params: Params, fn: Any, tree: Any, max_bytes: int | None, copies: bool) -> Callable[[], None]:
    """Return a function that writes the variables of one process."""
    infos = params.info
    arrays = {name: together.host(array, infos[name].dtype, copies) for name, array in params.items()}

    def write() -> None:
        dtypes = {name: array.dtype.name for name, array in arrays.items()}
        header = header_of(params, dtypes, tuple(map(checksum, arrays.values())), fn, tree)
        metadata = header.metadata()
        if max_bytes is None or sum(array.nbytes for array in arrays.values()) <= max_bytes:
            with atomic_write(path) as temporary:
                write_tensors(temporary, arrays, metadata)
        else:
            _save_shards(path, arrays, metadata, max_bytes)

    return write


def _params_of(saved: Any, fn: Any) -> tuple[Params, Any]:
    if isinstance(saved, Mapping):
        return Params(saved), fn
    params = getattr(saved, "params", None)
    if not isinstance(params, Params):
        raise TypeError(f"save takes a model that holds its params, Params, or a mapping, got {type(saved).__name__}")
    return params, getattr(saved, "_fn", None) if fn is None else fn


def _save_shards(path: Path, arrays: dict[str, np.ndarray], metadata: dict[str, str], max_bytes: int) -> None:
    """Write the files under new names, then the index, and then remove the files of the previous index."""
    groups: list[dict[str, np.ndarray]] = [{}]
    size = 0
    for name, array in arrays.items():
        if array.nbytes > max_bytes:
            raise ValueError(f"{name!r} has {array.nbytes} bytes, which is more than max_bytes={max_bytes}")
        if size + array.nbytes > max_bytes and groups[-1]:
            groups.append({})
            size = 0
        groups[-1][name] = array
        size += array.nbytes
    index = path.with_name(path.name + INDEX)
    old = files_of(index)
    tag = os.urandom(4).hex()
    names = [f"{path.stem}-{tag}-{i + 1:05}-of-{len(groups):05}{path.suffix}" for i in range(len(groups))]
    written = []
    try:
        for name, group in zip(names, groups, strict=True):
            with atomic_write(path.with_name(name)) as temporary:
                write_tensors(temporary, group, None)
            written.append(path.with_name(name))
        files = {variable: name for name, group in zip(names, groups, strict=True) for variable in group}
        with atomic_write(index) as temporary:
            temporary.write_text(json.dumps({**metadata, "files": files}))
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise
    for file in old:
        file.unlink(missing_ok=True)
