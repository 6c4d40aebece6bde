"""Reading checkpoints."""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.checkpoint.files import open_tensors, restored
from unified.core.checkpoint.header import Header, checksum
from unified.core.checkpoint.index import INDEX, read_index
from unified.core.errors import CheckpointError
from unified.core.params import Params
from unified.core.structure import Structure
from unified.core.transform import transform

__all__ = ["describe", "load", "load_model"]


def load(path: Any, framework: str = "numpy", *, device: Any = None) -> Params:
    """See `unified.load`."""
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
    return _checked(arrays, header, str(path)).to(framework, device)


def describe(path: Any) -> Header:
    """See `unified.describe`."""
    path = Path(path)
    index = _index_of(path)
    metadata = open_tensors(path, values=False)[1] if index is None else read_index(index)[0]
    if index is None and not _is_ours(metadata):
        raise CheckpointError(f"{path} was not written by unified.save: it holds values alone")
    return Header.of_metadata(metadata, str(path))


def load_model(
    path: Any,
    fn: Callable[..., Any] | None = None,
    *args: Any,
    backend: str | None = None,
    trust: Sequence[str] = (),
    **kwargs: Any,
) -> Any:
    """See `unified.load_model`."""
    if fn is None:
        fn = _trusted(describe(path), trust, str(path))
    params = load(path)
    model = transform(fn, backend=backend)
    _compare(model.eval_shape(*args, **kwargs), params, str(path))
    return model.restored(params, args, kwargs)


def _index_of(path: Path) -> Path | None:
    """The index of a checkpoint in several files, by its name or by that of the checkpoint; `None` if there is none."""
    if path.name.endswith(INDEX):
        return path
    index = path.with_name(path.name + INDEX)
    return index if not path.exists() and index.exists() else None


def _read_shards(index: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    metadata, files = read_index(index)
    arrays: dict[str, np.ndarray] = {}
    for file in dict.fromkeys(files.values()):
        found, _ = open_tensors(file)
        expected = {variable for variable, where in files.items() if where == file}
        if found.keys() != expected:
            raise CheckpointError(f"{file} does not hold what {index} says")
        arrays.update(found)
    return arrays, metadata


def _checked(arrays: dict[str, np.ndarray], header: Header, where: str) -> Params:
    paths = [info.path for info in header.infos]
    if set(paths) != arrays.keys():
        raise CheckpointError(f"{where} does not hold the variables that its header says")
    values = []
    for info, crc in zip(header.infos, header.checksums, strict=True):
        array = restored(arrays[info.path], info.dtype, info.shape, f"{where}: {info.path!r}")
        if checksum(array) != crc:
            raise CheckpointError(f"{where}: the values of {info.path!r} are damaged: their checksum is another")
        values.append(array)
    return Params._make(Structure.of(header.infos, tuple(paths)), tuple(values))


def _is_ours(metadata: dict[str, str]) -> bool:
    """Whether `save` wrote a file, which a damaged name in its metadata does not hide."""
    return any("unified" in key or value.startswith('{"format":') for key, value in metadata.items())


def _starts_as_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error


def _state_dict(path: Path) -> dict[str, Any]:
    torch: Any = backends.load("torch")
    found = torch.read_state_dict(path)
    return {name.replace(".", "/"): value for name, value in found.items()}


def _trusted(header: Header, trust: Sequence[str], where: str) -> Callable[..., Any]:
    """The function that a file names, if its module is one that the caller trusts."""
    function = header.function
    if function is None:
        raise CheckpointError(f"{where} names no function that could be imported: pass the function to load_model")
    module, _, name = function["name"].partition(":")
    trusted = [trust] if isinstance(trust, str) else list(trust)
    if not any(module == prefix or module.startswith(f"{prefix}.") for prefix in trusted):
        raise CheckpointError(
            f"{where} names the function {function['name']!r}, and importing it runs code: pass the function itself, "
            f"or trust=[{module.partition('.')[0]!r}] if you trust whoever wrote the file with that package"
        )
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise CheckpointError(f"{where} names the function {function['name']!r}: {error}") from error
    if not callable(found):
        raise CheckpointError(f"{where} names {function['name']!r}, which is no function")
    args, kwargs = function["args"], function["kwargs"]
    return (lambda *more, **named: found(*args, *more, **{**kwargs, **named})) if args or kwargs else found


def _compare(expected: Params, found: Params, where: str) -> None:
    """Raises `CheckpointError` that names the first difference between a model and a file."""
    infos = found.info
    for path, info in expected.info.items():
        if info.collection == "rng":
            continue
        if path not in infos:
            raise CheckpointError(
                f"{where} does not hold {path!r}, which the model has as {info.dtype}{list(info.shape)}"
            )
        if infos[path].shape != info.shape:
            raise CheckpointError(
                f"{where} holds {path!r} with shape {infos[path].shape}, and the model has shape {info.shape} there"
            )
    for path, info in infos.items():
        if path not in expected and info.collection != "rng":
            raise CheckpointError(f"{where} holds {path!r}, which the model does not have")
