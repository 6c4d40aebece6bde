"""`transform`, `from_torch` and `load_model`: models of functions, of modules and of files, as users call them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from unified.core import backends, checkpoint
from unified.core import transform as core
from unified.core.annotations import Path
from unified.core.policy import Policy

if TYPE_CHECKING:
    from unified.aten.module import ExportedModel
    from unified.typing import BoundModel, JaxModel, TorchModel

__all__ = ["build", "from_torch", "load_model", "transform"]

R = TypeVar("R")
Policies = Policy | Mapping[str, Policy]
Randomness = Literal["portable"]
Stacks = Literal["stacked", "separate"]


@overload
def transform(
    fn: Callable[..., R],
    *args: Any,
    backend: Literal["torch"],
    rng: Randomness | None = None,
    policy: Policies | None = None,
    stacks: Stacks | None = None,
    **kwargs: Any,
) -> "TorchModel[R]": ...
@overload
def transform(
    fn: Callable[..., R],
    *args: Any,
    backend: Literal["jax"],
    rng: Randomness | None = None,
    policy: Policies | None = None,
    stacks: Stacks | None = None,
    **kwargs: Any,
) -> "JaxModel[R]": ...
@overload
def transform(
    fn: Callable[..., Any],
    *args: Any,
    backend: str | None = None,
    rng: Randomness | None = None,
    policy: Policies | None = None,
    stacks: Stacks | None = None,
    **kwargs: Any,
) -> Any: ...
def transform(
    fn: Callable[..., Any],
    *args: Any,
    backend: str | None = None,
    rng: Randomness | None = None,
    policy: Policies | None = None,
    stacks: Stacks | None = None,
    **kwargs: Any,
) -> Any:
    """Return a model of a function whose body uses layers.

    Args:
        fn: the function. It must declare the same layers in every call. Its argument `training`, if it has one,
            receives the mode of each call.
        *args, **kwargs: applied to `fn` before the arguments of each call.
        backend: `"torch"` gives an `nn.Module`, `"jax"` an object with pure `init` and `apply`. Defaults to
            `set_backend`'s choice, then the environment variable `UNIFIED_BACKEND`, then the only framework that is
            installed, then `"torch"`. Type checkers know the model if it is written out.
        rng: `"portable"` makes random numbers during a call on torch (dropout, `unified.random`) equal to JAX's;
            by default torch's own generator is used. JAX always draws the portable ones.
        policy: dtypes for mixed precision, a `unified.Policy` or a dict of them by patterns of layers' paths.
        stacks: `"separate"` gives each layer of a `unified.layer_stack` variables of its own (`layer_stack.0...`; on
            torch a module each), which tools that rewrite layers need; by default they are stacked. A stack that says
            `stacked=` keeps to it.

    Returns:
        A model with these methods, on either backend:

        * `init(*args, rng=None, **kwargs)` runs `fn` once to find its layers, and gives them values. On torch it
          returns the model, and without `rng` draws a seed from torch's generator; on JAX it returns `Params`, and
          `rng`, an integer or a JAX key, is required. A mapping, `{"params": 0, "dropout": 1}`, has one for each stream
          of random numbers: `params` for first values, `dropout` for all that is dropped at random, a name of your own
          for draws with `stream=`, `default` (or `params`) for all other draws. On torch it needs `rng="portable"`.
        * `apply(params, *args, training=False, **kwargs)` runs `fn` as a pure function: `(output, changes)`, where
          `changes` holds the variables that the call wrote (`params | changes` are the next ones).
        * `eval_shape(*args, **kwargs)` gives the `Params` that `init` would, as shapes and dtypes; with `rng=` those
          of its streams.

        On torch the model is called like any module, and has `params` and `load_params(params)`.

    Raises:
        BackendError: there is no such backend, or its framework is not installed.
        TypeError: `fn` is no function that can run (a class, a generator or async function), or has an argument
            `params`, `capture` or `rng`, which `init` and `apply` take themselves; or `fn` does not take one of
            `**kwargs`.

    >>> import torch, unified as u
    >>> def forward(x, width):
    ...     x = u.Linear(None, width)(x)
    ...     return u.Linear(width, 1)(u.ReLU()(x))
    >>> net = u.transform(forward, width=8, backend="torch").init(torch.ones(4, 2), rng=0)
    >>> list(net(torch.ones(4, 2)).shape), list(net.state_dict())[:2]
    ([4, 1], ['linear.weight', 'linear.bias'])
    >>> net = u.transform(forward, width=8, backend="jax")
    >>> import jax.numpy as jnp
    >>> output, changes = net.apply(net.init(jnp.ones((4, 2)), rng=0), jnp.ones((4, 2)))
    >>> output.shape, dict(changes)
    ((4, 1), {})
    """
    return core.transform(fn, *args, backend=backend, rng=rng, policy=policy, stacks=stacks, **kwargs)


def build(
    cls: Callable[..., R],
    *args: Any,
    backend: str | None = None,
    rng: Any = None,
    portable: bool = False,
    **kwargs: Any,
) -> R:
    """Return `cls(*args, **kwargs)`, a network of `unified.nn`, for one framework and one seed.

    Args:
        cls: a class that derives from `unified.nn.Module`, or a function that returns an object of one.
        *args, **kwargs: arguments of the constructor.
        backend: as in `transform`. On torch the object is a `torch.nn.Module`; on JAX it holds its arrays.
        rng: an integer or a JAX key, from which all first values follow: they are equal bit for bit on both
            frameworks, and to those of `transform` at the same paths. `None` takes `unified.nn.seed`'s, or draws one
            from torch's generator; on JAX it raises without a seed.
        portable: makes random numbers during calls on torch (dropout) equal to JAX's; by default torch's own generator
            is used.

    Raises:
        TypeError: what `cls` returned is no object of `unified.nn`, or there is no seed.
        BackendError: there is no such backend, or its framework is not installed.

    >>> import unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 3, 2, backend="torch", rng=0)
    >>> net
    Linear(in_features=3, out_features=2, bias=True)
    >>> list(net.state_dict())
    ['weight', 'bias']
    """
    from unified.nn import construction  # which defines a class for each layer

    return construction.build(cls, *args, backend=backend, rng=rng, portable=portable, **kwargs)


def from_torch(module: Any, *example_inputs: Any, **example_kwargs: Any) -> "ExportedModel":
    """Return an `nn.Module` as it is, its source untouched, as a model of the jax backend.

    >>> import torch, numpy as np, unified as u
    >>> module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.5))
    >>> net = u.from_torch(module, torch.ones(8, 3))
    >>> params = net.init(rng=0)
    >>> list(params)[:3], params["0/weight"].shape
    (['0/weight', '0/bias', '1/weight'], (4, 3))
    >>> y, changes = net.apply(params, np.ones((5, 3), np.float32), training=True)
    >>> y.shape, list(changes)
    ((5, 4), ['1/running_mean', '1/running_var', '1/num_batches_tracked', 'rng/counter'])

    `torch.export` writes the operators of a call, each of which is a function of JAX. Each mode, each dtype of the
    params, and each kind of inputs has a program of its own, which is exported when it is first needed and kept; one
    program serves all batches from two on, where the module allows it.

    Args:
        module: the module. It is not changed: programs are exported from a copy that shares its tensors.
        *example_inputs, **example_kwargs: arguments of its `forward`, tensors or other arrays, of which shapes and
            dtypes matter. The call is exported in evaluation at once; without any, when the model is first called.

    Returns:
        A model as `transform(..., backend="jax")` returns it, with `init`, `apply`, `eval_shape` and `bind`.

        * `init(rng=0)` returns `Params` of the module's own values, by the paths of its `state_dict`; buffers outside
          of it are constants, unless a call writes them. Tied parameters are one variable, at their first name.
        * `apply(params, *args, training=False)` returns the output and the variables that the call wrote. Random
          numbers are drawn by the path of the module that draws, so that dropout has the masks of `u.Dropout` there.
          Trees of tuples, lists and dicts are returned as they are, and other classes, such as a `ModelOutput` of
          transformers, as dicts. What a module writes into its arguments is lost, as arrays never change.

    Raises:
        BackendError: torch or JAX is not installed.
        TypeError: `module` is no `nn.Module`, or an argument or a result cannot be one of JAX.
        NotImplementedError: a call runs operators that have no function of JAX, each of which the message names with
            its line in the source; its control flow follows from the values of arrays; or it keeps a tensor in an
            attribute that is no buffer.
    """
    for name in ("torch", "jax"):
        backends.load(name)
    from unified.aten.module import ExportedModel

    return ExportedModel(module, example_inputs, example_kwargs)


@overload
def load_model(
    path: Path,
    fn: Callable[..., R],
    *args: Any,
    backend: Literal["torch"],
    trust: Sequence[str] = (),
    stacks: Stacks | None = None,
    **kwargs: Any,
) -> "TorchModel[R]": ...
@overload
def load_model(
    path: Path,
    fn: Callable[..., R],
    *args: Any,
    backend: Literal["jax"],
    trust: Sequence[str] = (),
    stacks: Stacks | None = None,
    **kwargs: Any,
) -> "BoundModel[R]": ...
@overload
def load_model(
    path: Path,
    fn: Callable[..., Any] | None = None,
    *args: Any,
    backend: str | None = None,
    trust: Sequence[str] = (),
    stacks: Stacks | None = None,
    **kwargs: Any,
) -> Any: ...
def load_model(
    path: Path,
    fn: Callable[..., Any] | None = None,
    *args: Any,
    backend: str | None = None,
    trust: Sequence[str] = (),
    stacks: Stacks | None = None,
    **kwargs: Any,
) -> Any:
    """Return a model with the variables of a file.

    Args:
        path: as in `load`.
        fn: the function of the model. `None` imports the one that the file names, if `trust` allows it.
        *args, **kwargs: example inputs, as `init` takes them.
        backend: as in `transform`.
        trust: the packages and modules that the file may name a function of: `["mypackage"]` allows `mypackage` and
            `mypackage.models`, and nothing else. What is imported runs.
        stacks: as in `transform`; the file may have the other form.

    Returns:
        On torch the model; on JAX the model bound to its params: `output, bound = bound(x)`.

    Raises:
        CheckpointError: as `load`; the file names no function, or one that is not trusted; or the model has other
            variables than the file, of which the message names the first.

    >>> import pathlib, tempfile, torch, unified as u
    >>> def forward(x):
    ...     return u.Linear(2, 3)(x)
    >>> net = u.transform(forward, backend="torch").init(torch.ones(1, 2), rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     u.save(pathlib.Path(folder) / "net.safetensors", net)
    ...     same = u.load_model(pathlib.Path(folder) / "net.safetensors", forward, torch.ones(1, 2), backend="torch")
    >>> torch.equal(same(torch.ones(1, 2)), net(torch.ones(1, 2)))
    True
    """
    return checkpoint.load_model(path, fn, *args, backend=backend, trust=trust, stacks=stacks, **kwargs)
