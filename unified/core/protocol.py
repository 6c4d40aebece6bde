"""All that the core asks of a framework: a `Backend`, and a `Frame` for each call that it runs.

A package that also has an `observe` module, with `observe(model, args, kwargs, rng, training, gradients)` that returns
a `unified.testing.observation.Observation`, can be given to `assert_parity`.

`transform` hands the user's function to `Backend.model`. To run it, the backend makes a `Frame` and calls
`Frame.run(fn, args, kwargs)`; each layer, module and variable that the body then asks for reaches the frame as one
of the questions below, with the place it stands. A *place* is whatever a backend keeps for a scope: the core only
passes it back. Each backend answers by its own means, and the core keeps names, order and errors the same.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from unified.core.distributions import Distribution
from unified.core.lanes import Lanes
from unified.core.policy import Policies
from unified.core.registry import Declared, Variable
from unified.core.sharding import Axes

__all__ = ["Backend", "Questions", "Transforms"]


class Backend(Protocol):
    """A framework, as the core sees it. `unified.backends.<name>.backend` is one."""

    @property
    def name(self) -> str:
        """How the framework is imported."""

    @property
    def functional(self) -> Any:
        """`torch.nn.functional`'s names, on this framework's arrays."""

    @property
    def transforms(self) -> "Transforms":
        """The framework's transforms, over parts of a body."""

    def model(self, fn: Callable[..., Any], *, rng: str | None, policies: Policies | None) -> Any:
        """What `transform` returns; see `unified.transform` for the methods it has."""

    def owns(self, value: Any) -> bool:
        """Whether `value` is one of this framework's arrays."""

    def native_name(self, value: object) -> str | None:
        """The `native_name` of the declarations whose layer `value` is; `None` if it is no layer."""

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


class Questions(Protocol):
    """What a body's calls ask of the running frame. `path` is for messages and for keys of random numbers."""

    def live(self, place: Any) -> Mapping[str, Any] | None:
        """The layers that stand at `place`, by name; `None` if each call makes its own."""

    def declared(self, place: Any) -> Declared | None:
        """What init wrote down for `place`; `None` if nobody knows (bare arrays were passed as parameters)."""

    def child(self, place: Any, name: str, path: str, create: bool) -> Any:
        """The place of the scope `name` in `place`, made if `create`; `None` if there is none."""

    def build(
        self, place: Any, name: str, path: str, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any], init_fn: Any
    ) -> Any:
        """The layer `cls(*args, **kwargs)` at `place`; in init its variables are new."""

    def path_of(self, value: Any) -> str | None:
        """The path of a layer that `build` has made; `None` for any other value."""

    def layer_at(self, path: str) -> Any:
        """The live layer at `path`, which may be within another."""

    def unplaced(self, cls: Any, path: str, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception) -> Any:
        """Something to give to a container layer in place of a layer; any other use raises `error`."""

    def wrap(self, place: Any, name: str, path: str, factory: Callable[[], Any]) -> Any:
        """The native module that `factory` makes, new at `place`."""

    def value(self, place: Any, name: str, path: str) -> Any:
        """The value of the variable `name` of `place`; `None` if there is none."""

    def create(self, place: Any, variable: Variable, path: str, init_fn: Any) -> Any:
        """The first value of a new variable."""

    def assign(self, place: Any, name: str, path: str, value: Any) -> None:
        """Stores new state."""

    def sample(self, distribution: Distribution, shape: tuple[int, ...], dtype: Any, path: str, index: int) -> Any:
        """Values of `distribution` for the `index`-th draw at `path` in this call."""

    def permutation(self, count: int, path: str, index: int) -> Any:
        """The numbers below `count` in random order, for the `index`-th draw at `path` in this call."""

    def next_key(self, path: str, index: int) -> Any:
        """A key of the framework's own generator for the `index`-th draw at `path` in this call."""

    def default_dtype(self) -> str:
        """The name of the dtype that a variable has if none is given."""


class Transforms(Protocol):
    """Transforms of parts of a body, as `unified.scan` and the others ask for them; see `unified.core.lifted`.

    A `piece` is such a part: the transform calls it within the frame, and brings out what it writes and captures.
    `number` counts the transforms of a scope: draws within have a key that is folded with it, and, if they are
    `split`, with the number of the step or lane. `lanes` are the variables that are stacked, a step or lane each.
    """

    def flatten(self, tree: Any) -> tuple[list[str], list[Any], Any]:
        """The labels of the leaves of a tree, the leaves, and its structure, which can be compared."""

    def unflatten(self, structure: Any, leaves: list[Any]) -> Any:
        """The tree of that structure."""

    def kind(self, leaf: Any) -> tuple[tuple[int, ...], str | None] | None:
        """An array's shape and the name of its dtype (`None` if that follows from others'); `None` for others."""

    def repeat(self, leaf: Any, size: int) -> Any:
        """The value `size` times along a new first axis."""

    def stack(self, trees: list[Any]) -> Any:
        """The trees as one, with the arrays stacked along a new first axis."""

    def zeros_like(self, leaf: Any) -> Any:
        """Zeros of the same shape and dtype."""

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:
        """Zeros of a shape, with the dtype of an array and where that is."""

    def where(self, mask: Any, x: Any, y: Any) -> Any:
        """The values of `x` where the mask is true, those of `y` elsewhere."""

    def concatenate(self, arrays: list[Any]) -> Any:
        """The arrays joined along their last axis."""

    def arange(self, lower: int, upper: int) -> Any:
        """The integers from `lower` up to and without `upper`."""

    def sizes(self, args: Any, axes: Any) -> list[tuple[str, int]]:
        """The label of each leaf that is mapped, and the size of its axis."""

    def scan(
        self,
        frame: Any,
        piece: Any,
        carry: Any,
        xs: Any,
        length: int,
        *,
        reverse: bool,
        unroll: Any,
        lanes: Lanes | None,
        split: bool,
        number: int,
    ) -> tuple[Any, Any]:
        """`(carry, ys)`, as `jax.lax.scan` gives."""

    def vmap(
        self,
        frame: Any,
        piece: Any,
        args: tuple[Any, ...],
        in_axes: Any,
        out_axes: Any,
        *,
        size: int,
        axis_name: Any,
        spmd_axis_name: Any,
        lanes: Lanes | None,
        split: bool,
        number: int,
    ) -> Any:
        """The outputs of all lanes; also asked in init."""

    def remat(self, frame: Any, piece: Any, args: Any, kwargs: Any, policy: Any, prevent_cse: bool) -> Any:
        """The output, of which the gradient computes intermediate values again."""

    def jit(self, frame: Any, piece: Any, args: Any, kwargs: Any, options: dict[str, Any]) -> Any:
        """The output, compiled as one function where the framework does that."""

    def value_and_grad(
        self, frame: Any, piece: Any, args: Any, kwargs: Any, argnums: Any, has_aux: bool, options: Any
    ) -> tuple[Any, Any, Any]:
        """The value, the auxiliary output, and the gradients by the chosen arguments."""

    def cond(self, frame: Any, pred: Any, pieces: list[Any], operands: Any, number: int) -> Any:
        """The output of the first piece if `pred` is true, else that of the second."""

    def switch(self, frame: Any, index: Any, pieces: list[Any], operands: Any, number: int) -> Any:
        """The output of the piece of that number, or of the nearest."""

    def while_loop(self, frame: Any, test: Any, body: Any, carry: Any, number: int) -> Any:
        """The carry for which the test fails."""

    def eval_shape(self, frame: Any, piece: Any, args: Any, kwargs: Any) -> Any:
        """The output as shapes and dtypes; what the piece writes is dropped."""

    def shape_of(self, leaf: Any) -> Any:
        """The shape and dtype of an array, as `eval_shape` gives it."""
