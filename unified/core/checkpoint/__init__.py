"""Saving and loading: safetensors files with a model's variables, their metadata, and its graph.

```python
u.save("model.safetensors", net)                       # a torch model, or Params of either framework
params = u.load("model.safetensors", "jax")            # Params of either framework
net = u.load_model("model.safetensors", forward, x)    # a model with these values
```

A file is never trusted: nothing in it is unpickled, and nothing is imported that the caller does not name.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from unified.core.annotations import Array, Device, HasParams, Path
from unified.core.params import Params

if TYPE_CHECKING:
    from unified.core.checkpoint.header import Header

__all__ = ["describe", "load", "load_model", "save"]

# What writes and reads is imported when it is called: it would take a third of the time of `import unified`.


def save(
    path: Path,
    saved: Mapping[str, Array] | HasParams,
    *,
    fn: Callable[..., Any] | None = None,
    max_bytes: int | None = None,
) -> None:
    """Write variables to a file; if that fails, the old file stays whole.

    Args:
        path: the file, usually `*.safetensors`.
        saved: a torch model, a bound one, `Params`, or a mapping from path to array, of any framework.
        fn: the function that the model was made of, if `saved` does not know: its import path is recorded, and the
            arguments that `functools.partial` bound to it.
        max_bytes: the most bytes of a file. Above, there are several files, and `path` with `.index.json` after it,
            which is written last, names them; `load` takes either name.

    Raises:
        TypeError: `saved` is none of these, or metadata holds something that JSON has no form for.
        ValueError: there are no variables, or one is larger than `max_bytes`.
        OSError: the disk does not take the file; the old one is as it was.

    >>> import numpy as np, tempfile, unified as u
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     u.save(f"{folder}/a.safetensors", u.Params({"linear/bias": np.ones(2)}))
    ...     u.load(f"{folder}/a.safetensors")["linear/bias"].tolist()
    [1.0, 1.0]
    """
    from unified.core.checkpoint import writing

    writing.save(path, saved, fn=fn, max_bytes=max_bytes)


def load(path: Path, framework: str = "numpy", *, device: Device = None) -> Params:
    """Return the variables of a file.

    Args:
        path: what `save` wrote (the file, or its index); a safetensors file of other origin; or a PyTorch file of a
            `state_dict` (`*.pt`, `*.pth`), which is read without unpickling anything but tensors, and needs torch. The
            dots in names of other origin become `/`.
        framework: `"torch"`, `"jax"` or `"numpy"`: whose arrays.
        device: where they are put.

    Raises:
        CheckpointError: the file is not there, damaged, or none of these. Nothing is returned then.
    """
    from unified.core.checkpoint import reading

    return reading.load(path, framework, device=device)


def describe(path: Path) -> "Header":
    """Return the header of a checkpoint: the variables, the graph, the function. Raises `CheckpointError`."""
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
