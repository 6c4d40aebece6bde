"""Reading checkpoints."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from unified.core import backends
from unified.core.checkpoint.files import TensorFile
from unified.core.checkpoint.header import Header
from unified.core.checkpoint.index import INDEX, read_index
from unified.core.checkpoint.source import Source, compare, is_ours, load_like
from unified.core.errors import CheckpointError
from unified.core.params import Params
from unified.core.transform import transform

__all__ = ["describe", "load", "load_model"]


def load(path: Any, framework: str = "numpy", *, device: Any = None, like: Any = None) -> Params:
    """Return the `Params` of a file; see `unified.load`."""
    path = Path(path)
    index = _index_of(path)
    if index is None and _starts_as_zip(path):
        if like is not None:
            raise ValueError(f"{path} is a file of torch.save, which is read as a whole: load it without like=")
        return Params(_state_dict(path)).to(framework, device)
    source = Source.open(path, index)
    if like is not None:
        return load_like(source, framework, _placements(like))
    structure = source.structure()
    target = None if framework == "numpy" else backends.load(framework)
    values = []
    for info in structure.infos:  # one by one, so that there is no second copy of all
        array = source.read(info.path)
        values.append(array if target is None else target.from_numpy(array, device, owned=True))
    return Params._make(structure, tuple(values))


def _placements(like: Any) -> Mapping[str, Any]:
    placements = like if isinstance(like, Mapping) else getattr(like, "params", None)
    if not isinstance(placements, Mapping):
        raise TypeError(f"like= takes a model with its variables, or Params of arrays or shardings, got {like!r}")
    return placements


def describe(path: Any) -> Header:
    """Return the header of a checkpoint; see `unified.describe`."""
    path = Path(path)
    index = _index_of(path)
    metadata = TensorFile(path).metadata if index is None else read_index(index)[0]
    if index is None and not is_ours(metadata):
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
    compare(expected.info, params.info, str(path))
    return model.restored(params, args, kwargs)


def _index_of(path: Path) -> Path | None:
    """Return the index of a checkpoint in several files, from its path or the checkpoint's; `None` if there is none."""
    if path.name.endswith(INDEX):
        return path
    index = path.with_name(path.name + INDEX)
    return index if not path.exists() and index.exists() else None


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
