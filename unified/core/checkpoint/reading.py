"""Reading checkpoints."""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.checkpoint.files import open_tensors, restore_array
from unified.core.checkpoint.header import Header, checksum
from unified.core.checkpoint.index import INDEX, read_index
from unified.core.errors import CheckpointError
from unified.core.params import Params
from unified.core.structure import Structure
from unified.core.transform import transform

__all__ = ["describe", "load", "load_model"]


def load(path: Any, framework: str = "numpy", *, device: Any = None) -> Params:
    """Return the `Params` of a file; see `unified.load`."""
    path = Path(path)
    index = _index_of(path)
    if index is not None:
        arrays, metadata = _read_shards(index)
    elif _starts_as_zip(path):
        return Params(_state_dict(path)).to(framework, device)
    else:
        arrays, metadata = open_tensors(path)
    if index is None and not _is_ours(metadata):
        return Params({name.replace(".", "/"): array for name, array in arrays.items()}).to(framework, device)
    header = Header.of_metadata(metadata, str(path))
    return _check_arrays(arrays, header, str(path)).to(framework, device)


def describe(path: Any) -> Header:
    """Return the header of a checkpoint; see `unified.describe`."""
    path = Path(path)
    index = _index_of(path)
    metadata = open_tensors(path, values=False)[1] if index is None else read_index(index)[0]
    if index is None and not _is_ours(metadata):
        raise CheckpointError(f"{path} was not written by unified.save: it contains only values")
    return Header.of_metadata(metadata, str(path))


def load_model(
    path: Any,
    fn: Callable[..., Any] | None = None,
    *args: Any,
    backend: str | None = None,
    trust: Sequence[str] = (),
    stacks: str | None = None,
    **kwargs: Any,
) -> Any:
    """Return a model with the values of a checkpoint; see `unified.load_model`."""
    if fn is None:
        fn = _import_function(describe(path), trust, str(path))
    params = load(path)
    model = transform(fn, backend=backend, stacks=stacks)
    expected = model.eval_shape(*args, **kwargs)
    params = params.in_form_of(expected)
    _compare(expected, params, str(path))
    return model.restored(params, args, kwargs)


def _index_of(path: Path) -> Path | None:
    """Return the index of a checkpoint in several files, from its path or the checkpoint's; `None` if there is none."""
    if path.name.endswith(INDEX):
        return path
    index = path.with_name(path.name + INDEX)
    return index if not path.exists() and index.exists() else None


def _read_shards(index: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    metadata, files = read_index(index)
    arrays: dict[str, np.ndarray] = {}
    for file in dict.fromkeys(files.values()):
        tensors, _ = open_tensors(file)
        expected = {variable for variable, where in files.items() if where == file}
        if tensors.keys() != expected:
            raise CheckpointError(f"{file} does not hold the variables that {index} lists for it")
        arrays.update(tensors)
    return arrays, metadata


def _check_arrays(arrays: dict[str, np.ndarray], header: Header, where: str) -> Params:
    paths = [info.path for info in header.infos]
    if set(paths) != arrays.keys():
        raise CheckpointError(f"{where} does not hold the variables that its header lists")
    values = []
    for info, crc in zip(header.infos, header.checksums, strict=True):
        array = restore_array(arrays[info.path], info.dtype, info.shape, f"{where}: {info.path!r}")
        if checksum(array) != crc:
            raise CheckpointError(f"{where}: the values of {info.path!r} are damaged: their checksum does not match")
        values.append(array)
    return Params._make(Structure.of(header.infos, tuple(paths)), tuple(values))


def _is_ours(metadata: dict[str, str]) -> bool:
    """Return whether `unified.save` wrote a file, even if a key of its metadata is damaged."""
    return any("unified" in key or value.startswith('{"format":') for key, value in metadata.items())


def _starts_as_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error


def _state_dict(path: Path) -> dict[str, Any]:
    torch: Any = backends.load("torch")
    state = torch.read_state_dict(path)
    return {name.replace(".", "/"): value for name, value in state.items()}


def _import_function(header: Header, trust: Sequence[str], where: str) -> Callable[..., Any]:
    """Return the function that a file names; raise unless the caller trusts its module."""
    function = header.function
    if function is None:
        raise CheckpointError(f"{where} names no function that can be imported: pass the function to load_model")
    module, _, name = function["name"].partition(":")
    trusted = [trust] if isinstance(trust, str) else list(trust)
    if not any(module == prefix or module.startswith(f"{prefix}.") for prefix in trusted):
        raise CheckpointError(
            f"{where} names the function {function['name']!r}, and importing it runs code: pass the function itself, "
            f"or trust=[{module.partition('.')[0]!r}] if you trust whoever wrote the file with that package"
        )
    try:
        fn: Any = importlib.import_module(module)
        for part in name.split("."):
            fn = getattr(fn, part)
    except (ImportError, AttributeError) as error:
        raise CheckpointError(f"{where} names the function {function['name']!r}: {error}") from error
    if not callable(fn):
        raise CheckpointError(f"{where} names {function['name']!r}, which is not callable")
    args, kwargs = function["args"], function["kwargs"]
    return (lambda *more, **named: fn(*args, *more, **{**kwargs, **named})) if args or kwargs else fn


def _compare(expected: Params, params: Params, where: str) -> None:
    """Raise a `CheckpointError` that names the first difference between a model and a file, if there is one."""
    infos = params.info
    for path, info in expected.info.items():
        if info.collection == "rng":
            continue
        if path not in infos:
            raise CheckpointError(
                f"{where} does not hold {path!r}, which the model has as {info.dtype}{list(info.shape)}"
            )
        if infos[path].shape != info.shape:
            raise CheckpointError(
                f"{where} holds {path!r} with shape {infos[path].shape}, but in the model its shape is {info.shape}"
            )
    for path, info in infos.items():
        if path not in expected and info.collection != "rng":
            raise CheckpointError(f"{where} holds {path!r}, which the model does not have")
