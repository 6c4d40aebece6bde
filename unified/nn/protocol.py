"""What `unified.nn` asks of a framework: `Backend.objects`. The classes of its modules are the framework's own."""

from collections.abc import Mapping
from typing import Any, Protocol

from unified.core import threefry
from unified.core.distributions import Distribution
from unified.core.params import Params
from unified.core.pending import PendingVariable
from unified.nn.construction import Construction

__all__ = ["Objects"]


class Objects(Protocol):
    """The framework's side of the object style. A framework without it runs bodies alone.

    A framework whose arrays cannot be written in place derives its modules from `unified.nn.twin.Twin`, which asks for
    more; `unified.backends.jax.objects` is one.
    """

    @property
    def name(self) -> str:
        """The import name of the framework."""

    @property
    def transforms(self) -> Any:
        """The transforms of `unified.nn.transforms`, by name."""

    def construct(self, cls: Any, construction: Construction, args: Any, kwargs: Any) -> Any:
        """Return an object of a class of `unified.nn`; its variables have no values yet."""

    def complete(self, made: Any, construction: Construction) -> None:
        """Give all variables of the outermost object their first values."""

    def declare(self, pending: PendingVariable) -> Any:
        """Return a variable without a value, as an attribute holds it."""

    def draw_key(self) -> threefry.Key:
        """Return a seed from the framework's generator; raise `TypeError` if it has none."""

    def is_module(self, value: object) -> bool:
        """Return whether `value` is a module of the framework."""

    def is_variable(self, value: object) -> bool:
        """Return whether `value` is a variable as an attribute holds it."""

    def fill(self, array: Any, name: str, *args: Any) -> None:
        """Fill an array that has its value by the framework's own `nn.init` function of that name."""

    def observe(self, cls: Any, args: Any, kwargs: Any, rng: int, training: bool, gradients: bool) -> Any:
        """Return one run of an object of a class, a `unified.testing.observation.Observation`."""

    def params(self, model: Any) -> Params:
        """Return the variables of a module."""

    def store(self, model: Any, params: Params) -> None:
        """Write values of some variables into a module."""

    def copy(self, model: Any, values: Mapping[str, Any]) -> Any:
        """Return a copy of a module with other values, which may be traced, for some variables."""

    def run_on_shapes(self, model: Any, run: Any, args: Any, kwargs: Any) -> None:
        """Call `run(copy, args, kwargs)` with a copy of a module and arguments that have shapes and no values."""

    def forget(self, model: Any, params: Params) -> None:
        """Drop what is kept of variables that were removed from a module."""

    def draw_key_of(self, key: Any, counter: Any) -> Any:
        """Return the key of a stream's draw with the number `counter`."""

    def sample(self, key: Any, distribution: Distribution, shape: tuple[int, ...], dtype: str) -> Any:
        """Return values of a distribution from a key."""

    def draw_like(self, like: Any, distribution: Distribution) -> Any:
        """Return values like an array from the framework's own generator."""
