"""Functions for bodies: variables, wrapped modules, random keys, and the current mode, path and backend."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar, overload

from unified.core.annotations import Array, ArrayLike, DType, InitFn, Metadata, PyTree, ShapeLike
from unified.core.naming import check_name, join, name_or_number
from unified.core.scope import current_scope
from unified.core.variable_trees import VariableOptions, assign, declared

__all__ = [
    "array_namespace",
    "backend",
    "current_path",
    "get_parameter",
    "get_state",
    "is_initializing",
    "is_training",
    "next_rng_key",
    "set_state",
    "sow",
    "wrap",
]

T = TypeVar("T")


Shapes: TypeAlias = Mapping[str, Any] | list[Any] | tuple[Any, ...]


@overload
def get_parameter(
    name: str,
    shape: ShapeLike,
    init_fn: InitFn | ArrayLike | None = None,
    dtype: DType = None,
    metadata: Metadata | None = None,
    *,
    trainable: bool = True,
) -> Array: ...
@overload
def get_parameter(
    name: str,
    shape: Shapes | None = None,
    init_fn: InitFn | PyTree = None,
    dtype: DType = None,
    metadata: Metadata | None = None,
    *,
    trainable: bool = True,
) -> Any: ...
def get_parameter(
    name: str,
    shape: ShapeLike | Shapes | None = None,
    init_fn: InitFn | PyTree = None,
    dtype: DType = None,
    metadata: Metadata | None = None,
    *,
    trainable: bool = True,
) -> Any:
    """Return a variable of the current scope that is trained; during init, create it.

    Args:
        name: a Python identifier; the path is the scope's and this name.
        shape: a tuple of sizes, or one size; or a tree of shapes (dicts, lists, tuples), for a tree of variables whose
            paths go on with the keys: `name/key`. `None` for the shape that the variable has already, or that of
            `init_fn` if it is an array.
        init_fn: an initializer of `unified.initializers`, an array or a number, a function of `(shape, dtype=)` that
            returns an array (`torch.ones`, `jnp.ones`), or a tree of these as `shape` is. Zeros if `None`.
        dtype: any framework's, or its name; the framework's default if `None`.
        metadata: further information, such as `{"sharding": (None, "model")}`.
        trainable: whether an optimizer changes it. A frozen parameter is in the second half of `params.split()`, and
            does not require gradients on torch.

    Raises:
        StructureChangedError: init registered no such variable, or one of another shape or dtype.
        ValueError: there is no shape.

    >>> import torch, unified as u
    >>> def body(x):
    ...     weights = u.get_parameter("weights", {"scale": 3, "mix": (3, 3)}, {"scale": 1.0, "mix": u.initializers.eye})
    ...     return x @ weights["mix"] * weights["scale"]
    >>> net = u.transform(body, backend="torch").init(torch.ones(2, 3), rng=0)
    >>> list(net.params)
    ['weights/scale', 'weights/mix']
    """
    options = VariableOptions("params", trainable, dtype, metadata)
    return declared(current_scope("get_parameter"), name, shape, init_fn, options)


@overload
def get_state(
    name: str,
    shape: ShapeLike,
    init_fn: InitFn | ArrayLike | None = None,
    dtype: DType = None,
    collection: str = "state",
    metadata: Metadata | None = None,
) -> Array: ...
@overload
def get_state(
    name: str,
    shape: Shapes | None = None,
    init_fn: InitFn | PyTree = None,
    dtype: DType = None,
    collection: str = "state",
    metadata: Metadata | None = None,
) -> Any: ...
def get_state(
    name: str,
    shape: ShapeLike | Shapes | None = None,
    init_fn: InitFn | PyTree = None,
    dtype: DType = None,
    collection: str = "state",
    metadata: Metadata | None = None,
) -> Any:
    """Return a variable of the current scope that no optimizer changes (a buffer on torch); during init, create it.

    Args:
        name: a Python identifier; the path is the scope's and this name.
        shape: sizes, or a tree of shapes, as in `get_parameter`; `None` for those that the variable has.
        init_fn: its first value, as in `get_parameter`; zeros if `None`.
        dtype: any framework's, or its name; the framework's default if `None`.
        collection: what sorts it in `Params`.
        metadata: further information, such as `{"sharding": (None, "model")}`.

    Raises:
        StructureChangedError: init registered no such variable, or one of another shape or dtype.
        ValueError: there is no shape.

    >>> import torch, unified as u
    >>> def count(x):
    ...     n = u.get_state("n", ())
    ...     u.set_state("n", n + 1)
    ...     return n.item()
    >>> net = u.transform(count, backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.ones(1)), net(torch.ones(1))
    (0.0, 1.0)
    """
    options = VariableOptions(check_name(collection), False, dtype, metadata)
    return declared(current_scope("get_state"), name, shape, init_fn, options)


def set_state(name: str, value: Array | PyTree) -> None:
    """Set a state variable of the current scope, or a tree of them (dicts, lists, tuples).

    During init a variable of `get_state` keeps its initial value; a variable that does not exist yet is created with
    `value`.
    On torch the buffer is changed in place; on JAX the new value is among the changes that `apply` returns.

    Args:
        name: the variable's own name.
        value: its new value, of its shape and dtype, or a tree of them.

    Raises:
        StructureChangedError: the variable has another shape or dtype, or init registered none.

    >>> import torch, unified as u
    >>> def latest(x):
    ...     u.set_state("last", x)
    ...     return x
    >>> net = u.transform(latest, backend="torch").init(torch.zeros(1), rng=0)
    >>> _, changes = net.apply(net.params, torch.ones(1))
    >>> changes["last"].tolist()
    [1.0]
    """
    assign(current_scope("set_state"), check_name(name), value)


def sow(name: str, value: PyTree) -> None:
    """Record an intermediate value of the current scope: an array, or tuples, lists and dicts of arrays.

    `net.apply(params, x, capture="*/attention")` returns those that its filter accepts among the changes, in the
    collection `intermediates`; other calls, and init, drop them.

    >>> import torch, unified as u
    >>> def body(x):
    ...     hidden = u.Linear(2, 3)(x)
    ...     u.sow("hidden", hidden)
    ...     return hidden.sum()
    >>> net = u.transform(body, backend="torch").init(torch.ones(1, 2), rng=0)
    >>> _, changes = net.apply(net.params, torch.ones(1, 2), capture="hidden")
    >>> intermediates, changes = changes.pop("intermediates")
    >>> intermediates["hidden"].shape
    torch.Size([1, 3])
    """
    scope = current_scope("sow")
    check_name(name)
    if scope.frame.recorder is not None:
        scope.frame.recorder.record_value(join(scope.path, name), value)


def wrap(factory: Callable[[], T], *, name: str | int | None = None) -> T:
    """Return a native module of the framework, which `factory()` makes during init; later calls return the same one.

    On torch `factory` returns an `nn.Module`; on JAX any callable pytree (an Equinox module), whose floating-point
    arrays become parameters. `name` defaults to `wrapped`.

    Args:
        factory: a function without arguments that makes the module.
        name: the name of its variables' scope.

    Raises `NoActiveTransformError` outside of a body.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.wrap(lambda: torch.nn.Linear(2, 3), name="native")(x), backend="torch")
    >>> list(net.init(torch.ones(1, 2), rng=0).state_dict())
    ['native.weight', 'native.bias']
    """
    module: T = current_scope("wrap").wrap(wrap, factory, "wrapped" if name is None else name_or_number(name))
    return module


def next_rng_key(*, stream: str = "") -> Array:
    """Return a new key for the framework's random functions, different for each call, path and draw.

    `stream` names the stream of random numbers that it comes from, if the model was initialised with one of that name
    (`rng={"params": 0, "noise": 1}`); otherwise it comes from the default one.

    On JAX a typed Threefry key, which `jax.random` takes whatever `jax_default_prng_impl` is; on torch two words drawn
    from torch's generator, or with `rng="portable"` the same words as on JAX (`jax.random.key_data(key)`).

    Raises `NoActiveTransformError` outside of a body.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: (u.next_rng_key() == u.next_rng_key()).all().item(), backend="torch")
    >>> net.init(torch.ones(1), rng=0)(torch.ones(1))
    False
    """
    scope = current_scope("next_rng_key")
    return scope.frame.next_key(scope.frame.next_draw(scope.path, stream))


def is_training() -> bool:
    """Return whether this call trains. True during init, so that variables that only training uses are created too.

    Raises `NoActiveTransformError` outside of a body.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.is_training(), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.ones(1)), net.eval()(torch.ones(1))
    (True, False)
    """
    return current_scope("is_training").frame.training


def is_initializing() -> bool:
    """Return whether this is the call of init, which creates the variables.

    Raises `NoActiveTransformError` outside of a body.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.is_initializing(), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.ones(1))
    False
    """
    return current_scope("is_initializing").frame.initializing


def current_path() -> str:
    """Return the path of the current scope, `""` in the function itself: the names of its modules, joined by `/`.

    Raises `NoActiveTransformError` outside of a body.

    >>> import torch, unified as u
    >>> class Block(u.Module):
    ...     def __call__(self, x):
    ...         return u.current_path()
    >>> u.transform(lambda x: Block()(x), backend="torch").init(torch.ones(1), rng=0)(torch.ones(1))
    'block'
    """
    return current_scope("current_path").path


def backend() -> str:
    """Return the name of the backend that runs this body, `"torch"` or `"jax"`.

    Raises `NoActiveTransformError` outside of a body.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.backend(), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.ones(1))
    'torch'
    """
    return current_scope("backend").frame.backend.name


def array_namespace(*arrays: Array) -> Any:
    """Return the array API namespace of `arrays`, array-api-compat's: `torch` or `jax.numpy` by one set of names.

    Args:
        *arrays: arrays of one framework; without any, the framework of the running body.

    Returns:
        A module with the functions of the array API standard; `unified.numpy` has the same without asking for it.

    >>> import torch, unified as u
    >>> xp = u.array_namespace(torch.ones(2))
    >>> xp.concat([torch.ones(2), torch.zeros(1)]).tolist()
    [1.0, 1.0, 0.0]
    """
    import array_api_compat

    return array_api_compat.array_namespace(*arrays)
