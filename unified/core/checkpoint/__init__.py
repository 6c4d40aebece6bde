"""Saving and loading: safetensors files with a model's variables, their metadata, and its graph.

```python
u.save("model.safetensors", net)                       # a torch model, or Params of either framework
params = u.load("model.safetensors", "jax")            # Params of either framework
net = u.load_model("model.safetensors", forward, x)    # a model with these values
```

A file is never trusted: nothing in it is unpickled, and nothing is imported that the caller does not name.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from unified.core.annotations import Array, Device, HasParams, Path
from unified.core.params import Params

if TYPE_CHECKING:
    from unified.core.checkpoint.header import Header
    from unified.core.checkpoint.saving import Saving

__all__ = ["describe", "load", "load_model", "save"]

# What writes and reads is imported when it is called: it would take a third of the time of `import unified`.


@overload
def save(
    path: Path,
    saved: Mapping[str, Array] | HasParams,
    *,
    fn: Callable[..., Any] | None = None,
    max_bytes: int | None = None,
    background: Literal[False] = False,
    timeout: float = 600.0,
) -> None: ...
@overload
def save(
    path: Path,
    saved: Mapping[str, Array] | HasParams,
    *,
    fn: Callable[..., Any] | None = None,
    max_bytes: int | None = None,
    background: Literal[True],
    timeout: float = 600.0,
) -> "Saving": ...
def save(
    path: Path,
    saved: Mapping[str, Array] | HasParams,
    *,
    fn: Callable[..., Any] | None = None,
    max_bytes: int | None = None,
    background: bool = False,
    timeout: float = 600.0,
) -> "Saving | None":
    """Write variables to a file; if that fails, the old file stays whole.

    If several processes hold parts of the variables (`DTensor`s, those of `fully_shard`, arrays of a mesh of several
    processes), all of them call this together, with a path in a folder that all of them see. Each writes what it holds
    into a file of its own, and process 0 the index last.

    Args:
        path: the file, usually `*.safetensors`.
        saved: a torch model, a bound one, `Params`, or a mapping from path to array, of any framework.
        fn: the function that the model was made of, if `saved` does not know: its import path is recorded, and the
            arguments that `functools.partial` bound to it.
        max_bytes: the most bytes of a file. Above, there are several files, and `path` with `.index.json` after it,
            which is written last, names them; `load` takes either name.
        background: whether a thread writes, from a copy that is made before this returns. `wait()` of the result
            returns when the checkpoint is whole, or raises what went wrong.
        timeout: how many seconds processes wait for one another.

    Raises:
        TypeError: `saved` is none of these, or metadata holds something that JSON has no form for.
        ValueError: there are no variables, one is larger than `max_bytes`, or several processes give `max_bytes`; or
            `path` ends in `.pt`, `.pth`, `.bin` or `.ckpt`, as files of `torch.save` do.
        CheckpointError: another process failed, or did not finish in time.
        OSError: the disk does not take the file; the old one is as it was.

    >>> import numpy as np, tempfile, unified as u
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     u.save(f"{folder}/a.safetensors", u.Params({"linear/bias": np.ones(2)}))
    ...     u.load(f"{folder}/a.safetensors")["linear/bias"].tolist()
    [1.0, 1.0]
    """
    from unified.core.checkpoint import writing

    return writing.save(path, saved, fn=fn, max_bytes=max_bytes, background=background, timeout=timeout)


def load(path: Path, framework: str = "numpy", *, device: Device = None, like: Any = None) -> Params:
    """Return the variables of a file, or of the files of several processes.

    Args:
        path: what `save` wrote (the file, or its index); a safetensors file of other origin; or a PyTorch file of a
            `state_dict` (`*.pt`, `*.pth`), which is read without unpickling anything but tensors, and needs torch. The
            dots in names of other origin become `/`.
        framework: `"torch"`, `"jax"` or `"numpy"`: whose arrays.
        device: where they are put.
        like: a model, or `Params` of arrays or of shardings (`net.shardings(mesh, rules, x)`), of the same variables:
            each array is placed as the one there, and each process reads only what it holds. Checksums are compared of
            the parts that it reads all of.

    Raises:
        CheckpointError: the file is not there, damaged, or none of these; or its variables are not those of `like`.
            Nothing is returned then.

    >>> import pathlib, tempfile, torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     u.save(pathlib.Path(folder) / "net.safetensors", net)
    ...     u.load(pathlib.Path(folder) / "net.safetensors")["linear/bias"].shape
    (3,)
    """
    from unified.core.checkpoint import reading

    return reading.load(path, framework, device=device, like=like)


def describe(path: Path) -> "Header":
    """Return the header of a checkpoint, and read nothing else of it: the variables, the graph, the function.

    Args:
        path: what `save` wrote: the file, or its index.

    Returns:
        A `Header` with `infos`, a `VariableInfo` for each variable; `graph`; and `function`, the import path and the
        arguments of the model's function, or `None`.

    Raises:
        CheckpointError: the file is not there, damaged, or none of `save`.

    >>> import pathlib, tempfile, torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     u.save(pathlib.Path(folder) / "net.safetensors", net)
    ...     [info.path for info in u.describe(pathlib.Path(folder) / "net.safetensors").infos]
    ['linear/weight', 'linear/bias']
    """
    from unified.core.checkpoint import reading

    return reading.describe(path)


def load_model(
    path: Path,
    fn: Callable[..., Any] | None = None,
    *args: Any,
    backend: str | None = None,
    trust: Sequence[str] = (),
    stacks: str | None = None,
    **kwargs: Any,
) -> Any:
    """Make a model with the variables of a file; see `unified.load_model`."""
    from unified.core.checkpoint import reading

    return reading.load_model(path, fn, *args, backend=backend, trust=trust, stacks=stacks, **kwargs)
