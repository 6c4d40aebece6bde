"""`Model`: the interface of models on all backends."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

from unified.core.annotations import Mesh
from unified.core.capture import Call
from unified.core.filters import Filter
from unified.core.params import Params

__all__ = ["Model"]

R_co = TypeVar("R_co", covariant=True)  # what the function returns


@runtime_checkable
class Model(Protocol[R_co]):
    """The model that `unified.transform` returns: an `nn.Module` on torch, an object with pure functions on JAX.

    Each backend registers its own class, so that `isinstance(net, unified.Model)` holds for all of them.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch")
    >>> isinstance(net, u.Model), isinstance(net, torch.nn.Module)
    (True, True)
    """

    @abstractmethod
    def init(self, *args: Any, rng: Any = None, **kwargs: Any) -> Any:
        """Run the function once to build its layers, and initialise their variables.

        On torch it returns the model, and without `rng` draws a seed from torch's generator. On JAX it returns
        `Params`, and `rng`, an integer or a JAX key, or a mapping from streams to them, is required.
        """

    @abstractmethod
    def apply(
        self, params: Any, *args: Any, training: bool = False, capture: Filter | None = None, **kwargs: Any
    ) -> tuple[R_co, Params]:
        """Run the function over `params`, purely: return `(output, changes)`; `params | changes` are the next params.

        `capture`, a filter, puts what the body sows and what layers and modules return among the changes.
        """

    @abstractmethod
    def eval_shape(self, *args: Any, rng: Any = 0, **kwargs: Any) -> Params:
        """Return the `Params` that `init` would return with this `rng`, as shapes and dtypes; allocate nothing."""

    @abstractmethod
    def shardings(self, mesh: Mesh, rules: Mapping[str, Any] | None = None, /, *args: Any, **kwargs: Any) -> Params:
        """Return the sharding of each variable that `init(*args, **kwargs)` would make; see `Params.shardings`.

        On JAX it serves as `out_shardings` of `init` itself. An initialised model on torch needs no arguments.

        >>> import jax, numpy as np, unified as u
        >>> net, x = u.transform(lambda x: u.Linear(4, 8)(x), backend="jax"), np.ones((1, 4), np.float32)
        >>> mesh = jax.make_mesh((1,), ("model",))
        >>> shardings = net.shardings(mesh, {"*/weight": ("model", None)}, x)
        >>> params = jax.jit(lambda: net.init(x, rng=0), out_shardings=shardings)()
        >>> tuple(params["linear/weight"].sharding.spec)
        ('model', None)
        """

    @abstractmethod
    def bind(self, params: Any) -> Any:
        """Return the model with these variables, one immutable tree: `output, bound = bound(x)`."""

    @abstractmethod
    def reseed(self, params: Params, seed: Any) -> Params:
        """Return the params with random draws that start anew from a seed, or from one for each stream."""

    @abstractmethod
    def method(self, fn: Callable[..., Any]) -> "Model[Any]":
        """Return a model of another function over the same variables."""

    @abstractmethod
    def restored(self, params: Params, args: Any, kwargs: Any) -> Any:
        """Return the model with the variables of a file, initialised for these example inputs."""

    @abstractmethod
    def calls(self, *args: Any, **kwargs: Any) -> tuple[Params, list[Call]]:
        """Return the params of `eval_shape`, and the calls of layers and modules, by shapes; compute nothing."""
