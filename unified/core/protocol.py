"""All that the core asks of a framework: a `Backend`, and a `Frame` for each call that it runs.

`transform` passes the user's function to `Backend.model`. To run it, the backend makes a `unified.core.frame.Frame` and
calls `unified.core.scope.run_body`. For each layer, module and variable that the body then declares, a method of the
frame is called with the node of the current scope. A *node* is whatever a backend keeps for a scope (a module on torch,
a path on JAX): the core only passes it back. The core keeps names, order and errors the same on all backends.

A package with a module `parity`, whose `run_for_parity(model, args, kwargs, rng, training, gradients)` returns a
`unified.testing.observation.Observation`, can be given to `assert_parity`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from unified.core.distributions import Distribution
from unified.core.policy import Policies
from unified.core.record import ScopeRecord, VariableRecord
from unified.core.sharding import Axes
from unified.core.stacks import StackedScope
from unified.core.trees import Trees

__all__ = ["Backend", "FrameProtocol", "Transforms"]

NodeT = TypeVar("NodeT")
ArrayT = TypeVar("ArrayT")


class Backend(Protocol):
    """A framework, as the core sees it. `unified.backends.<name>.backend` is one."""

    @property
    def name(self) -> str:
        """How the framework is imported."""

    @property
    def functional(self) -> Any:
        """`torch.nn.functional`'s names, on this framework's arrays."""

    @property
    def trees(self) -> Trees[Any]:
        """Trees of the framework's arrays."""

    @property
    def transforms(self) -> "Transforms":
        """The framework's transforms, over parts of a body."""

    def model(self, fn: Callable[..., Any], *, rng: str | None, policies: Policies | None) -> Any:
        """What `transform` returns; see `unified.transform` for the methods it has."""

    def owns(self, value: Any) -> bool:
        """Whether `value` is one of this framework's arrays."""

    def to_numpy(self, array: Any) -> Any:
        """A NumPy copy of `array`."""

    def from_numpy(self, array: Any, device: Any) -> Any:
        """A copy of a NumPy array, of the same dtype if the framework has it, on `device` (`None`: the default)."""

    def with_gradient(self, array: Any, wanted: bool) -> Any:
        """`array`, over the same memory, of which gradients are taken or not if arrays say so themselves."""

    def mesh_sizes(self, mesh: Any) -> Mapping[str, int]:
        """The sizes of the axes of a mesh of devices, by name."""

    def sharding(self, mesh: Any, axes: Axes) -> Any:
        """How the framework says that each dimension is split over these axes of a mesh."""

    def distribute(self, model: Any, mesh: Any, rules: Mapping[str, Any] | None) -> Any:
        """See `unified.distribute`."""

    def fold_in(self, key: Any, number: Any) -> Any:
        """A key of two words for each number, from an array that is one."""

    def placement(self, array: Any) -> Any:
        """Where `array` is, as `from_numpy` takes it: a device or a sharding."""


class FrameProtocol(Protocol[NodeT, ArrayT]):
    """What a body's calls ask of the running frame. `path` is for messages and for keys of random numbers."""

    def live_layers(self, node: NodeT) -> Mapping[str, Any] | None:
        """Return the layers at `node`, by name; `None` if each call makes its own."""

    def record_of(self, node: NodeT) -> ScopeRecord | None:
        """Return what init recorded of `node`; `None` if nothing is known (bare arrays were passed as parameters)."""

    def child(self, node: NodeT, name: str, path: str, create: bool) -> NodeT | None:
        """Return the node of the scope `name` in `node`, made if `create`; `None` if there is none."""

    def build(
        self, node: NodeT, name: str, path: str, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any], init_fn: Any
    ) -> Any:
        """Return the layer `cls(*args, **kwargs)` at `node`; in init its variables are new."""

    def path_of(self, value: Any) -> str | None:
        """Return the path of a layer that `build` made; `None` for any other value."""

    def layer_at(self, path: str) -> Any:
        """Return the live layer at `path`, which may be within another."""

    def unregistered(self, cls: Any, path: str, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception) -> Any:
        """Return a value that a container layer accepts in place of a layer; any other use of it raises `error`."""

    def wrap(self, node: NodeT, name: str, path: str, factory: Callable[[], Any]) -> Any:
        """Return the native module that `factory` makes, new at `node`."""

    def value(self, node: NodeT, name: str, path: str) -> ArrayT | None:
        """Return the value of the variable `name` of `node`; `None` if there is none."""

    def create(self, node: NodeT, variable: VariableRecord, path: str, init_fn: Any) -> ArrayT:
        """Make a new variable, and return its first value."""

    def assign(self, node: NodeT, name: str, path: str, value: ArrayT) -> None:
        """Store new state."""

    def sample(self, distribution: Distribution, shape: tuple[int, ...], dtype: Any, path: str, index: int) -> ArrayT:
        """Return values of `distribution` for the `index`-th draw at `path` in this call."""

    def permutation(self, count: int, path: str, index: int) -> ArrayT:
        """Return the numbers below `count` in random order, for the `index`-th draw at `path` in this call."""

    def next_key(self, path: str, index: int) -> ArrayT:
        """Return a key of the framework's own generator for the `index`-th draw at `path` in this call."""

    def default_dtype(self) -> str:
        """Return the name of the dtype of a variable that is made without one."""


class Transforms(Protocol):
    """Transforms of parts of a body, as `unified.scan` and the others ask for them; see `unified.core.lifted`.

    A `subfunction` is such a part: the transform calls it within the frame, and brings out what it writes and captures.
    `number` counts the transforms of a scope: draws within have a key that is folded with it, and, if they are
    `split`, with the number of the step or lane. `stack` are the variables that are stacked, a step or lane each.
    """

    def scan(
        self,
        frame: Any,
        subfunction: Any,
        carry: Any,
        xs: Any,
        length: int,
        *,
        reverse: bool,
        unroll: Any,
        stack: StackedScope | None,
        split: bool,
        number: int,
    ) -> tuple[Any, Any]:
        """`(carry, ys)`, as `jax.lax.scan` gives."""

    def vmap(
        self,
        frame: Any,
        subfunction: Any,
        args: tuple[Any, ...],
        in_axes: Any,
        out_axes: Any,
        *,
        size: int,
        axis_name: Any,
        spmd_axis_name: Any,
        stack: StackedScope | None,
        split: bool,
        number: int,
    ) -> Any:
        """The outputs of all lanes; also asked in init."""

    def remat(self, frame: Any, subfunction: Any, args: Any, kwargs: Any, policy: Any, prevent_cse: bool) -> Any:
        """The output, of which the gradient computes intermediate values again."""

    def jit(self, frame: Any, subfunction: Any, args: Any, kwargs: Any, options: dict[str, Any]) -> Any:
        """The output, compiled as one function where the framework does that."""

    def value_and_grad(
        self, frame: Any, subfunction: Any, args: Any, kwargs: Any, argnums: Any, has_aux: bool, options: Any
    ) -> tuple[Any, Any, Any]:
        """The value, the auxiliary output, and the gradients by the chosen arguments."""

    def cond(self, frame: Any, pred: Any, subfunctions: list[Any], operands: Any, number: int) -> Any:
        """The output of the first piece if `pred` is true, else that of the second."""

    def switch(self, frame: Any, index: Any, subfunctions: list[Any], operands: Any, number: int) -> Any:
        """The output of the piece of that number, or of the nearest."""

    def while_loop(self, frame: Any, test: Any, body: Any, carry: Any, number: int) -> Any:
        """The carry for which the test fails."""

    def eval_shape(self, frame: Any, subfunction: Any, args: Any, kwargs: Any) -> Any:
        """The output as shapes and dtypes; what the piece writes is dropped."""
