"""The interface of a framework for the core: a `Backend`, and a `Frame` for each call that it runs.

`transform` passes the user's function to `Backend.model`. To run it, the backend makes a `unified.core.frame.Frame` and
calls `unified.core.scope.run_body`. For each layer, module and variable that the body declares, the core calls a method
of the frame with the node of the current scope. A *node* is whatever a backend keeps for a scope (a module on torch, a
path on JAX): the core only passes it back. The core makes names, order and errors the same on all backends.

A package with a module `parity`, whose `run_for_parity(model, args, kwargs, rng, training, gradients)` returns a
`unified.testing.observation.Observation`, can be passed to `assert_parity`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from unified.core.annotations import Array, PyTree
from unified.core.distributions import Distribution
from unified.core.draws import Draw
from unified.core.layer_call import FirstValue, LayerCall, LayerResult
from unified.core.policy import Policies
from unified.core.record import ScopeRecord, VariableRecord
from unified.core.sharding import Axes
from unified.core.stacks import StackedScope
from unified.core.trees import Trees

__all__ = ["Backend", "Calls", "FrameProtocol", "FunctionTransforms", "Transforms"]

NodeT = TypeVar("NodeT")
ArrayT = TypeVar("ArrayT")
FrameT_contra = TypeVar("FrameT_contra", contravariant=True)
SubfunctionT = TypeVar("SubfunctionT")


class Backend(Protocol):
    """The interface of a framework. `unified.backends.<name>.backend` implements it."""

    @property
    def name(self) -> str:
        """The import name of the framework."""

    @property
    def functional(self) -> Any:
        """The functions of `torch.nn.functional` for arrays of this framework."""

    @property
    def numpy(self) -> Any:
        """The functions of `unified.numpy`, with the arguments of each there."""

    @property
    def array_types(self) -> tuple[type, ...]:
        """The classes of most arrays of this framework; `owns` knows all."""

    @property
    def trees(self) -> Trees[Any]:
        """The trees of the framework's arrays."""

    @property
    def transforms(self) -> "Transforms[Any, Any]":
        """The framework's transforms of parts of a body."""

    @property
    def function_transforms(self) -> "FunctionTransforms":
        """The framework's transforms of functions outside of a body."""

    def empty_frame(self) -> Any:
        """Return a frame without variables, for transforms outside of a body."""

    @property
    def objects(self) -> Any:
        """The framework's side of `unified.nn`, a `unified.nn.protocol.Objects`."""

    def model(
        self, fn: Callable[..., Any], *, rng: str | None, policies: Policies | None, separate_stacks: bool
    ) -> Any:
        """Return the model that `unified.transform` returns, with the methods listed there."""

    def first_values(self, key: Any, variables: Sequence[FirstValue]) -> list[Any]:
        """Return the values that init gives to variables at these paths under `key`, without a body.

        `key` is two integers (`unified.core.keys.as_key`), or an array of two words that is traced.
        """

    def run_layer(self, call: LayerCall) -> LayerResult:
        """Return what a layer computes from given values of its variables; nothing that is passed is changed."""

    def sample(self, key: Any, distribution: Distribution, shape: tuple[int, ...], dtype: str | None) -> Any:
        """Return values of `distribution` from a key of two words, which may be traced; `None` is the default dtype."""

    def call_initializer(
        self, fn: Callable[..., Any], words: tuple[int, int], shape: tuple[int, ...], dtype: str
    ) -> Any:
        """Return what an initializer function of this framework makes, a NumPy array, under a key of two words."""

    def random_key(self, words: tuple[int, int]) -> Any:
        """Return a key of the framework's own kind from two words."""

    def derive_keys(self, key: Any, high: Any, low: Any) -> Any:
        """Return the keys that Threefry makes of a key and pairs of words (integers or arrays), of the key's kind."""

    def permutation(self, key: Any, count: int) -> Any:
        """Return the integers below `count` in random order, from a key of two words."""

    def named_ranges(self, model: Any) -> AbstractContextManager[None] | None:
        """Return a context in which calls of layers have names in profiles; `None` if `model` is no model of this."""

    def register_node(
        self,
        cls: type,
        flatten: Callable[[Any], tuple[list[Any], Any]],
        unflatten: Callable[[Any, Any], Any],
        names: Callable[[Any], tuple[Any, ...]],
        to_json: Callable[[Any], Any],
        of_json: Callable[[Any], Any],
    ) -> None:
        """Make a class a node of the framework's trees.

        `flatten(value)` returns its children and the rest, which has `==` and a hash; `unflatten(rest, children)` is
        the inverse; and `names(rest)` are the attributes by which key paths name the children, or tuples of one key.
        `to_json(rest)` and `of_json(content)` are how programs that the framework writes keep the rest.
        """

    @property
    def calls(self) -> "Calls":
        """The framework's transforms of pure functions of trees."""

    def owns(self, value: Any) -> bool:
        """Return whether `value` is an array of this framework."""

    def computes_with(self, value: object) -> bool:
        """Return whether the framework's functions take `value`, which is no array, in the place of one."""

    def native_name(self, value: object) -> str | None:
        """The `native_name` of the declarations whose layer `value` is; `None` if it is no layer."""

    def is_native_module(self, value: object) -> bool:
        """Return whether `value` is a module of the framework that holds its variables, as torch's do."""

    def to_numpy(self, array: Any) -> Any:
        """Return a NumPy copy of `array`."""

    def from_numpy(self, array: Any, device: Any, *, owned: bool = False) -> Any:
        """Return a copy of a NumPy array on `device` (`None`: the default), with its dtype if the framework has it.

        An array that is `owned`, which nobody else has, need not be copied.
        """

    def astype(self, array: Any, dtype: str) -> Any:
        """Return `array` in the dtype of that name."""

    def dtype(self, dtype: Any) -> Any:
        """Return the framework's dtype for any framework's, or for its name."""

    def with_gradient(self, array: Any, requires_grad: bool) -> Any:
        """Return `array` over the same memory, with `requires_grad` set if the framework's arrays have such a flag."""

    def mesh_sizes(self, mesh: Any) -> Mapping[str, int]:
        """Return the sizes of the axes of a device mesh, by name."""

    def sharding(self, mesh: Any, axes: Axes) -> Any:
        """Return the framework's sharding of an array whose dimensions are split over these axes of a mesh."""

    def distribute(self, model: Any, mesh: Any, rules: Mapping[str, Any] | None) -> Any:
        """Return the model split over a mesh; see `unified.distribute`."""

    def own_parts(self, path: str, array: Any) -> list[tuple[tuple[int, ...], Any]] | None:
        """Return the parts of an array that this process stores for all, each with where it begins in the whole.

        `None` means that the process has all of the array by itself. Each part is one process's.
        """

    def from_parts(
        self, shape: tuple[int, ...], dtype: str, like: Any, read: Callable[[tuple[int, ...], tuple[int, ...]], Any]
    ) -> Any:
        """Return an array placed as `like`, an array or a sharding; `read(start, shape)` returns NumPy values of it."""

    def processes(self, token: int) -> tuple[int, int, int]:
        """Return the number of this process, how many there are, and the token that process 0 has passed."""

    def host_view(self, array: Any) -> Any:
        """Return a NumPy array of the same values, over the same memory where that is possible."""

    def key_words(self, key: Any) -> Any:
        """Return a random key, typed or of two or four words, as an array of two words."""

    def fold_in(self, key: Any, number: Any) -> Any:
        """Return the keys that `fold_in` derives from a key of two words and each number."""

    def placement(self, array: Any) -> Any:
        """Return the device or sharding of `array`, as `from_numpy` accepts it."""


class FrameProtocol(Protocol[NodeT, ArrayT]):
    """The methods that the core calls on a frame. Their `path` is for error messages and random keys."""

    def live_layers(self, node: NodeT) -> Mapping[str, Any] | None:
        """Return the layers at `node` by name; `None` if each call creates new ones."""

    def record_of(self, node: NodeT) -> ScopeRecord | None:
        """Return the record of `node` from init; `None` if there is none (bare arrays were passed as parameters)."""

    def child(self, node: NodeT, name: str, path: str, create: bool) -> NodeT | None:
        """Return the node of the scope `name` in `node`, created if `create`; `None` if there is none."""

    def build(
        self, node: NodeT, name: str, path: str, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any], init_fn: Any
    ) -> Any:
        """Return the layer `cls(*args, **kwargs)` at `node`; during init, create its variables."""

    def path_of(self, value: Any) -> str | None:
        """Return the path of a layer that `build` returned; `None` for any other value."""

    def layer_at(self, path: str) -> Any:
        """Return the live layer at `path`, which may be within another."""

    def redefine(self, layer: Any, cls: Any) -> Any:
        """Return a live layer with the methods of `cls`, a new definition of the class that init registered."""

    def unregistered(self, cls: Any, path: str, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception) -> Any:
        """Return a value that a container layer accepts in place of a layer; any other use of it raises `error`."""

    def wrap(self, node: NodeT, name: str, path: str, factory: Callable[[], Any]) -> Any:
        """Register the native module that `factory` creates at `node`, and return it."""

    def value(self, node: NodeT, name: str, path: str) -> ArrayT | None:
        """Return the value of the variable `name` of `node`; `None` if there is none."""

    def create(self, node: NodeT, variable: VariableRecord, path: str, init_fn: Any) -> ArrayT:
        """Create a variable, and return its initial value."""

    def assign(self, node: NodeT, name: str, path: str, value: ArrayT) -> None:
        """Store a new value of a variable."""

    def sample(self, distribution: Distribution, shape: tuple[int, ...], dtype: Any, draw: Draw) -> ArrayT:
        """Return random values of `distribution` for a draw of this call."""

    def permutation(self, count: int, draw: Draw) -> ArrayT:
        """Return the integers below `count` in random order, for a draw of this call."""

    def next_key(self, draw: Draw) -> ArrayT:
        """Return a key of the framework's own generator for a draw of this call."""

    def default_dtype(self) -> str:
        """Return the dtype name of variables that are created without a dtype."""

    def array_defaults(self) -> tuple[Any, Any]:
        """Return the device and the floating-point dtype of the model's arrays, those of `unified.numpy.zeros`."""


class FunctionTransforms(Protocol):
    """A framework's transforms of functions outside of a body, which have no variables to thread."""

    def value_and_grad(
        self, fun: Callable[[Any], tuple[Any, Any]], tree: PyTree, options: dict[str, Any]
    ) -> tuple[Array, PyTree, PyTree]:
        """Return the value of `fun(tree)`, which returns `(scalar, auxiliary)`, the auxiliary, and the gradients."""

    def jit(self, fun: Callable[..., Any], options: dict[str, Any]) -> Callable[..., Any]:
        """Return `fun` compiled, once for each kind of arguments; where nothing is compiled, `fun` as a pure step."""

    def vmap(
        self,
        fun: Callable[..., Any],
        *,
        in_axes: PyTree,
        out_axes: PyTree,
        axis_name: Any = None,
        axis_size: int | None = None,
    ) -> Callable[..., Any]:
        """Return `fun` mapped over an axis of its positional arguments, as `jax.vmap` does."""


class Calls(Protocol):
    """A framework's transforms of pure functions, for modules that are trees."""

    def vmap(self, fn: Callable[..., Any], in_axes: Any, out_axes: Any, axis_name: Any) -> Callable[..., Any]:
        """Return the function mapped over an axis of its arguments."""

    def jit(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return `fn(*args, **kwargs)`, compiled if the framework compiles functions; what is no array is static."""

    def value_and_grad(self, fn: Callable[..., Any], has_aux: bool) -> Callable[..., tuple[Any, Any]]:
        """Return a function that returns the value of `fn` and its gradient for the first argument."""

    def remat(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function whose gradient computes intermediate values again."""

    def trace_state(self) -> Any:
        """Return a value that differs between the inside and the outside of a transform; `None` if none matters."""

    def is_compiling(self) -> bool:
        """Return whether a compiler reads the Python code that runs, and guards what it reads."""

    def key_words(self, rng: Any) -> Any:
        """Return a seed or a key as an array of two words."""

    def zero(self) -> Any:
        """Return the number of the first call, as an array."""


class Transforms(Protocol[FrameT_contra, SubfunctionT]):
    """A framework's transforms of parts of a body, for `unified.scan` and the others of `unified.core.lifted`.

    A `subfunction` is such a part: the transform calls it within the frame, and returns the variables that it writes
    and the values that it captures to the frame. `number` counts the transforms of a scope: it is folded into the keys
    of draws within, and so is the number of the step or mapped element if keys are `split`. `stack` is the scope whose
    variables are stacked, with one slice for each step or element.
    """

    def scan(
        self,
        frame: FrameT_contra,
        subfunction: SubfunctionT,
        carry: PyTree,
        xs: PyTree,
        length: int,
        *,
        reverse: bool,
        unroll: int | bool,
        stack: StackedScope | None,
        split: bool,
        number: int,
    ) -> tuple[PyTree, PyTree]:
        """Return `(carry, ys)`, as `jax.lax.scan` does."""

    def vmap(
        self,
        frame: FrameT_contra,
        subfunction: SubfunctionT,
        args: tuple[PyTree, ...],
        in_axes: PyTree,
        out_axes: PyTree,
        *,
        size: int,
        axis_name: Any,
        spmd_axis_name: Any,
        stack: StackedScope | None,
        split: bool,
        number: int,
    ) -> PyTree:
        """Return the outputs for all elements along the mapped axis; also called during init."""

    def remat(
        self,
        frame: FrameT_contra,
        subfunction: SubfunctionT,
        args: tuple[PyTree, ...],
        kwargs: dict[str, PyTree],
        policy: Any,
        prevent_cse: bool,
    ) -> PyTree:
        """Return the output; its gradient recomputes intermediate values."""

    def jit(
        self,
        frame: FrameT_contra,
        subfunction: SubfunctionT,
        args: tuple[PyTree, ...],
        kwargs: dict[str, PyTree],
        options: dict[str, Any],
    ) -> PyTree:
        """Return the output of one compiled function, if the framework compiles functions."""

    def value_and_grad(
        self,
        frame: FrameT_contra,
        subfunction: SubfunctionT,
        args: tuple[PyTree, ...],
        kwargs: dict[str, PyTree],
        argnums: int | tuple[int, ...],
        has_aux: bool,
        options: dict[str, Any],
    ) -> tuple[Array, PyTree, PyTree]:
        """Return the value, the auxiliary output, and the gradients with respect to the arguments `argnums`."""

    def cond(
        self, frame: FrameT_contra, pred: Array, subfunctions: list[SubfunctionT], operands: PyTree, number: int
    ) -> PyTree:
        """Return the output of the first subfunction if `pred` is true, else that of the second."""

    def switch(
        self, frame: FrameT_contra, index: Array, subfunctions: list[SubfunctionT], operands: PyTree, number: int
    ) -> PyTree:
        """Return the output of the subfunction at `index`, clamped to a valid position."""

    def while_loop(
        self, frame: FrameT_contra, test: SubfunctionT, body: SubfunctionT, carry: PyTree, number: int
    ) -> PyTree:
        """Return the first carry for which the test is false."""

    def eval_shape(
        self, frame: FrameT_contra, subfunction: SubfunctionT, args: tuple[PyTree, ...], kwargs: dict[str, PyTree]
    ) -> PyTree:
        """Return the shapes and dtypes of the output; variables that the subfunction writes are discarded."""
