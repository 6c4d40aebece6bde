"""`JaxModel`: what `transform` returns on JAX, a model as pure functions."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Generic, NoReturn, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax import init, prng
from unified.backends.jax.frame import JaxFrame, NotingFrame
from unified.backends.jax.layers.base import cast_floats
from unified.core import backends
from unified.core.body import ModeArgument, check_body, mode_argument
from unified.core.bound import BoundModel
from unified.core.capture import Call, CallLog, Capture, check_captured
from unified.core.errors import BackendError
from unified.core.filters import Filter
from unified.core.keys import as_key, check_random_state, named_streams
from unified.core.model import Model
from unified.core.naming import check_known, function_name
from unified.core.params import Params, as_params
from unified.core.policy import Policies
from unified.core.reseed import reseed
from unified.core.scope import run_body
from unified.core.streams import FIRST_VALUES, seeds_of

__all__ = ["JaxModel"]

R = TypeVar("R")  # what the function returns
S = TypeVar("S")


@Model.register
class JaxModel(Generic[R]):
    """A model as pure functions over `Params`; see `unified.transform`. It has no state itself."""

    _framework = "jax"
    _mode: ModeArgument | None = None  # the argument by which the function receives the mode
    _separate_stacks = False
    _is_method = False  # whether it is a part of another model
    _declared: frozenset[str] = frozenset()  # paths for which init is known to ask

    def __init__(self, fn: Callable[..., Any], policies: Policies | None = None, separate_stacks: bool = False) -> None:
        self._fn = fn
        self._mode = mode_argument(fn)
        self._policies = policies
        self._separate_stacks = separate_stacks

    def init(self, *args: Any, rng: Any = None, **kwargs: Any) -> Params:
        """Return the initial variables of the function for these arguments.

        Args:
            *args, **kwargs: the function's arguments. Only the shapes and dtypes of arrays matter, unless the body
                looks at values; a `jax.ShapeDtypeStruct` may take the place of an array.
            rng: an integer or a JAX key, which may be traced: `init` runs under `jax.jit`. A mapping has one for each
                stream of random numbers, `{"params": 0, "dropout": 1}`; see `unified.transform`.

        Returns:
            `Params` of JAX's arrays.

        Raises `TypeError` without `rng`.

        >>> import jax.numpy as jnp, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="jax")
        >>> params = net.init(jnp.ones((1, 2)), rng=0)
        >>> list(params)
        ['linear/weight', 'linear/bias']
        """
        if rng is None:
            raise TypeError("init needs rng= on jax: an integer seed, or a key such as jax.random.key(0)")
        _refuse_foreign(args, kwargs)
        options = self._separate_stacks, *self._in_init(args, kwargs), seeds_of(rng, _key)
        return self._apply_policy(init.initialize(self._fn, *options))

    def apply(
        self,
        params: Mapping[str, Any],
        *args: Any,
        training: bool = False,
        capture: Filter | None = None,
        **kwargs: Any,
    ) -> tuple[R, Params]:
        """Run the function over `params` and return `(output, changes)`; `params | changes` are the next params.

        `capture`, a filter of paths, adds intermediate values to the changes, in the collection `intermediates`:
        values that the body sows, and outputs of layers and modules (`"encoder/*"`; `...` for all of them).

        If `params` are unlocked, variables that they lack are created and are among the changes.

        `apply` is pure, so that `jax.jit`, `jax.grad`, `jax.vmap` and all other transforms apply to it. `training` is a
        Python bool: under `jax.jit` make it static (`static_argnames="training"`) or bind it (`functools.partial`).

        Args:
            params: `Params`, or arrays by path.
            *args, **kwargs: the arguments of the function.
            training: the mode of the call.
            capture: a filter of intermediate values, or `None`.

        >>> import jax.numpy as jnp, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="jax")
        >>> params = net.init(jnp.ones((1, 2)), rng=0)
        >>> output, changes = net.apply(params, jnp.ones((4, 2)))
        >>> output.shape, len(changes)
        ((4, 3), 0)
        """
        if isinstance(training, jax.core.Tracer):
            raise TypeError(TRACED_MODE)
        given, params = params, as_params(params)
        _refuse_foreign(args, kwargs)
        inputs = args, kwargs
        added: frozenset[str] = frozenset()
        if params.growth is not None:
            initial = self.init(*args, rng=params.growth, **kwargs)
            added = frozenset(initial.keys() - params.keys())
            params = params.grown(initial)
        check_random_state(params)
        if self._mode is not None:
            training, args, kwargs = self._resolve_mode(args, kwargs, bool(training), is_apply=True)
        frame = self._frame(params, bool(training), JaxFrame if given is params else NotingFrame)
        captured = None if capture is None else Capture(capture, frame.check_boundary)
        frame.recorder = frame.layer_recorder = captured
        frame.records_inner_layers = captured is not None
        try:
            output = run_body(frame, self._fn, args, kwargs)
        except Exception:
            _refuse_foreign(params._values, {})
            raise
        if isinstance(frame, NotingFrame):
            self._check_known([path for path in params if path not in frame.asked], *inputs)
        if self._policies is not None:
            output = cast_floats(output, self._policies.of("").output)
        changes = frame.changes(added)
        if captured is None or capture is None:
            return output, changes
        check_captured(capture, [captured])
        return output, changes | captured.params()

    def eval_shape(self, *args: Any, rng: Any = 0, **kwargs: Any) -> Params:
        """Return the `Params` that `init` would return, as `jax.ShapeDtypeStruct`s, without allocating an array.

        Args:
            *args, **kwargs: the arguments of the function, arrays or such shapes.
            rng: as in `init`: it decides which streams of random numbers there are.

        >>> import jax.numpy as jnp, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="jax")
        >>> params = net.init(jnp.ones((1, 2)), rng=0)
        >>> net.eval_shape(jnp.ones((1, 2)))["linear/weight"].shape
        (3, 2)
        """
        _refuse_foreign(args, kwargs)
        options = self._separate_stacks, *self._in_init(args, kwargs), seeds_of(rng, _key)
        frame = init.run_abstractly(self._fn, *options)
        declarations = frame.declarations()
        structure = init.structure_of(frame, declarations)
        leaves = (jax.ShapeDtypeStruct(i.shape, jax.dtypes.canonicalize_dtype(i.dtype)) for i in structure.infos)
        return self._apply_policy(Params._make(structure, tuple(leaves)))

    def shardings(self, mesh: Any, rules: Mapping[str, Any] | None = None, /, *args: Any, **kwargs: Any) -> Params:
        """Return the sharding of each variable that `init` would make for these arguments; see `Params.shardings`.

        Args:
            mesh: a `jax.sharding.Mesh`.
            rules: as in `Params.shardings`.
            *args, **kwargs: those of `init`.

        Returns:
            `Params` with a `NamedSharding` for each variable, for `out_shardings` of a jitted `init`.
        """
        return self.eval_shape(*args, **kwargs).shardings(mesh, rules)

    def _frame(self, params: Params, training: bool, kind: type[JaxFrame] = JaxFrame) -> JaxFrame:
        """Return the frame of one call."""
        frame = kind(params, training)
        frame.policies, frame.separate_stacks = self._policies, self._separate_stacks
        return frame

    def _check_known(self, unasked: list[str], args: Any, kwargs: Any) -> None:
        """Raise `KeyError` if init too would ask for no such variable as those of a dict that a call left alone."""
        unknown = [path for path in unasked if path not in self._declared and not path.startswith("rng/")]
        if not unknown or self._is_method:  # a method uses some of its model's variables
            return
        try:
            self._declared |= self.eval_shape(*args, **kwargs).keys()
        except Exception:  # inputs of a call need not do for init, and the call itself has succeeded
            return
        check_known(unknown, self._declared, "this model", self._declared)

    def _resolve_mode(self, args: Any, kwargs: Any, training: bool, is_apply: bool = False) -> tuple[bool, Any, Any]:
        """Return the mode of a call, and the arguments with which the function receives it."""
        if self._mode is None:
            return training, args, kwargs
        try:
            return self._mode.resolve(args, kwargs, training, is_apply=is_apply)
        except jax.errors.ConcretizationTypeError:
            raise TypeError(TRACED_MODE) from None

    def _in_init(self, args: Any, kwargs: Any) -> tuple[Any, Any, bool]:
        """Return the arguments of the function in init, and the mode."""
        training, args, kwargs = self._resolve_mode(args, kwargs, True)
        return args, kwargs, training

    def _apply_policy(self, params: Params) -> Params:
        """Return initial params in the dtypes that the policy keeps them in."""
        if self._policies is not None:
            self._policies.check(path for path, _ in params.graph.walk())
        dtypes = {} if self._policies is None else self._policies.kept(params.info.values())
        infos = tuple(replace(info, dtype=dtypes.get(path, info.dtype)) for path, info in params.info.items())
        values = (value if path not in dtypes else _cast(value, dtypes[path]) for path, value in params.items())
        return Params._make(params._structure.with_infos(infos), tuple(values)) if dtypes else params

    def calls(self, *args: Any, **kwargs: Any) -> tuple[Params, list[Call]]:
        """Return the result of `eval_shape`, and the calls of layers and modules, by shapes; nothing is computed.

        Args:
            *args, **kwargs: those of `init`.

        Returns:
            `(params, calls)`; `unified.summary` shows them as a table.
        """
        params = self.eval_shape(*args, **kwargs)
        log = CallLog()

        training, args, kwargs = self._resolve_mode(args, kwargs, False)

        def run(args: Any, kwargs: Any, params: Params) -> None:
            frame = self._frame(params, training)
            frame.recorder = frame.layer_recorder = log
            run_body(frame, self._fn, args, kwargs)

        init.run_on_shapes(run, args, kwargs, params)
        return params, log.calls

    def bind(self, params: Mapping[str, Any]) -> BoundModel[R]:
        """Return the model bound to these variables, as one pytree: `output, bound = bound(x)`.

        Args:
            params: `Params` of this model, or arrays by path.

        Arrays of other frameworks are converted. A call raises `StructureChangedError` if they lack a variable that it
        asks for.

        >>> import jax.numpy as jnp, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="jax")
        >>> params = net.init(jnp.ones((1, 2)), rng=0)
        >>> output, bound = net.bind(params)(jnp.ones((4, 2)))
        >>> output.shape, bound.params == params
        ((4, 3), True)
        """
        params = as_params(params)
        owners = {getattr(backends.of_array(value), "name", "jax") for value in params.values()}
        return BoundModel(self, params if owners <= {"jax"} else params.to("jax"))

    def _module_of(self, params: Params) -> NoReturn:
        raise TypeError("a model on jax has no module: a bound model of the torch backend has")

    def reseed(self, params: Params, seed: Any) -> Params:
        """Return the params with random draws that start anew from `seed`, an integer or a key, which may be traced.

        Args:
            params: the params of this model.
            seed: an integer or a key.
        """
        return reseed(as_params(params), seed)

    def method(self, fn: Callable[..., S]) -> "JaxModel[S]":
        """Return a model of another function over the same variables; see `BoundModel.method`.

        Args:
            fn: the other function, which uses some of the layers.

        >>> import jax.numpy as jnp, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="jax")
        >>> params = net.init(jnp.ones((1, 2)), rng=0)
        >>> net.method(lambda x: 2 * u.Linear(2, 3)(x)).apply(params, jnp.ones((4, 2)))[0].shape
        (4, 3)
        """
        check_body(fn)
        twin: JaxModel[Any] = JaxModel(fn, self._policies, self._separate_stacks)
        twin._is_method = True
        return twin

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JaxModel):
            return NotImplemented  # what a loaded program accepts compares itself with models
        return (self._fn, self._policies, self._separate_stacks) == (
            other._fn,
            other._policies,
            other._separate_stacks,
        )

    def __hash__(self) -> int:
        return hash(self._fn)

    def restored(self, params: Params, args: Any, kwargs: Any) -> BoundModel[R]:
        """Return the model bound to variables of a file, for example inputs.

        A state of random numbers that the file lacks starts from zero.

        Args:
            params: the variables.
            args, kwargs: the example inputs, as `init` takes them.
        """
        seeds = dict.fromkeys((FIRST_VALUES, *named_streams(params)), 0)
        expected = self.eval_shape(*args, rng=seeds, **kwargs)
        params = params.in_form_of(expected)
        stored = params.info
        infos = tuple(
            replace(info, trainable=stored[path].trainable, metadata=stored[path].metadata) if path in stored else info
            for path, info in expected.info.items()
        )
        values = (
            jnp.asarray(params[path] if path in params else np.zeros(leaf.shape), leaf.dtype)
            for path, leaf in expected.items()
        )
        return self.bind(Params._make(expected._structure.with_infos(infos), tuple(values)))

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(
            "a model on jax holds no parameters: call net.apply(params, ...), with params = net.init(..., rng=0)"
        )

    def __repr__(self) -> str:
        return f"JaxModel({function_name(self._fn)})"


TRACED_MODE = "training must be a Python bool: jax.jit(net.apply, static_argnames='training')"


def _cast(value: Any, dtype: str) -> Any:
    """Return an array, or a `jax.ShapeDtypeStruct`, in another dtype."""
    return jax.ShapeDtypeStruct(value.shape, dtype) if isinstance(value, jax.ShapeDtypeStruct) else value.astype(dtype)


def _key(rng: Any) -> Any:
    """Return the key of `rng` as two Python integers, or as an array of two words if it is traced."""
    if isinstance(rng, jax.core.Tracer):
        words = prng.key_words(rng)
        if words.shape != (2,) or not jnp.issubdtype(words.dtype, jnp.integer):
            raise TypeError(
                f"a traced rng must be a key of two 32-bit words, got {rng.dtype}{list(rng.shape)}: "
                "make one with jax.random.key(seed)"
            )
        return words
    return as_key(rng)


def _refuse_foreign(args: Any, kwargs: Any) -> None:
    """Raise `BackendError` if an argument is an array of another framework."""
    if not any(name in sys.modules for name in backends.known() if name != "jax"):
        return
    for leaf in jax.tree_util.tree_leaves((args, kwargs)):
        owner = backends.of_array(leaf)
        if owner is not None and owner.name != "jax":
            raise BackendError(
                f"a jax model was called with a {type(leaf).__name__}, an array of {owner.name}: convert it with "
                "jnp.asarray(x.numpy()), or params with params.to('jax')"
            )
