"""`Model`: what `transform` returns, on any backend."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, runtime_checkable

from unified.core.capture import Call
from unified.core.filters import Filter
from unified.core.params import Params

__all__ = ["Model"]

R_co = TypeVar("R_co", covariant=True)  # what the function returns


@runtime_checkable
class Model(Protocol[R_co]):
    """What `unified.transform` returns: an `nn.Module` on torch, an object with pure functions on JAX.

    Each backend registers its own class, so that `isinstance(net, unified.Model)` holds for all of them.
    """

    @abstractmethod
    def init(self, *args: Any, rng: Any = None, **kwargs: Any) -> Any:
        """Runs the function once to find its layers, and gives them values.

        On torch it returns the model, and without `rng` draws a seed from torch's generator. On JAX it returns
        `Params`, and `rng`, an integer or a JAX key, is required.
        """

    @abstractmethod
    def apply(
        self, params: Any, *args: Any, training: bool = False, capture: Filter | None = None, **kwargs: Any
    ) -> tuple[R_co, Params]:
        """Runs the function over `params`, purely: `(output, changes)`, where `params | changes` are the next.

        `capture`, a filter, puts what the body sows and what layers and modules return among the changes.
        """

    @abstractmethod
    def eval_shape(self, *args: Any, **kwargs: Any) -> Params:
        """The `Params` that `init` would give, as shapes and dtypes; allocates nothing."""

    @abstractmethod
    def bind(self, params: Any) -> Any:
        """The model with these variables: an `nn.Module` on torch, an immutable pytree on JAX."""

    @abstractmethod
    def method(self, fn: Callable[..., Any]) -> "Model[Any]":
        """Another function over the same variables."""

    @abstractmethod
    def restored(self, params: Params, args: Any, kwargs: Any) -> Any:
        """The model with variables of a file, initialised for these example inputs."""

    @abstractmethod
    def calls(self, *args: Any, **kwargs: Any) -> tuple[Params, list[Call]]:
        """What `eval_shape` gives, and the calls of layers and modules, by shapes; computes nothing."""
