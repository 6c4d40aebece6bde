"""Writing checkpoints."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from unified.core.checkpoint.files import atomic_write, write_tensors
from unified.core.checkpoint.header import checksum, header_of
from unified.core.checkpoint.index import INDEX, files_of
from unified.core.params import Params

__all__ = ["save"]


def save(path: Any, saved: Any, *, fn: Any = None, max_bytes: int | None = None, tree: Any = None) -> None:
    """Write a checkpoint; see `unified.save`. `tree` describes a module of `unified.trees`."""
    path = Path(path)
    params, fn = _params_of(saved, fn)
    if not params:
        raise ValueError("there are no variables to save")
    arrays = {name: _host(array, params.info[name].dtype) for name, array in params.to("numpy").items()}
    hosts = Params._make(params._structure, tuple(arrays.values()))
    header = header_of(hosts, tuple(checksum(array) for array in arrays.values()), fn, tree)
    metadata = header.metadata()
    if max_bytes is None or sum(array.nbytes for array in arrays.values()) <= max_bytes:
        with atomic_write(path) as temporary:
            write_tensors(temporary, arrays, metadata)
    else:
        _save_shards(path, arrays, metadata, max_bytes)


def _host(array: np.ndarray, declared: str) -> np.ndarray:
    """Return a contiguous array, whose integers have their declared width even if JAX narrowed them."""
    if array.dtype.kind in "iu" and declared in ("int64", "uint64"):
        array = array.astype(declared)
    return np.ascontiguousarray(array).reshape(array.shape)


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
