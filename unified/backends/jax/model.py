"""What `transform` returns on JAX: pure functions."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Generic, NoReturn, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax import init
from unified.backends.jax.bound import BoundModel
from unified.backends.jax.frame import JaxFrame
from unified.backends.jax.layers.base import converted
from unified.core import backends
from unified.core.capture import Call, CallLog, Capture
from unified.core.errors import BackendError
from unified.core.filters import Filter
from unified.core.keys import as_key
from unified.core.model import Model
from unified.core.naming import function_name
from unified.core.params import Params
from unified.core.policy import Policies

__all__ = ["JaxModel"]

R = TypeVar("R")  # what the function returns
S = TypeVar("S")


@Model.register
class JaxModel(Generic[R]):
    """A model as pure functions over `Params`; see `unified.transform`. It holds no state of its own."""

    def __init__(self, fn: Callable[..., Any], policies: Policies | None = None) -> None:
        self._fn = fn
        self._policies = policies

    def init(self, *args: Any, rng: Any = None, **kwargs: Any) -> Params:
        """The initial variables of the function for these arguments.

        Args:
            *args, **kwargs: what the function is called with; of arrays only shapes and dtypes matter, unless its
                body looks at values. Shapes can be given as `jax.ShapeDtypeStruct`.
            rng: an integer or a JAX key, which may be traced: `init` runs under `jax.jit`.
        """
        if rng is None:
            raise TypeError("init needs rng= on jax: an integer seed, or a key such as jax.random.key(0)")
        _refuse_foreign(args, kwargs)
        return self._kept(init.initialize(self._fn, args, kwargs, _key(rng)))

    def apply(
        self,
        params: Mapping[str, Any],
        *args: Any,
        training: bool = False,
        capture: Filter | None = None,
        **kwargs: Any,
    ) -> tuple[R, Params]:
        """Runs the function over `params`: `(output, changes)`, where `params | changes` are the next params.

        `capture`, a filter of paths, puts intermediate values among the changes, in the collection `intermediates`:
        what the body sows, and what layers and modules return (`"encoder/*"`; `...` for all of them).

        If `params` are unlocked, variables that they lack are made and are among the changes.

        Pure, so that `jax.jit`, `jax.grad`, `jax.vmap` and all others apply to it. `training` is a Python bool: under
        `jax.jit` make it static (`static_argnames="training"`) or bind it (`functools.partial`).
        """
        if isinstance(training, jax.core.Tracer):
            raise TypeError("training must be a Python bool: jax.jit(net.apply, static_argnames='training')")
        params = _as_params(params)
        _refuse_foreign(args, kwargs)
        added: frozenset[str] = frozenset()
        if params.growth is not None:
            initial = self.init(*args, rng=params.growth, **kwargs)
            added = frozenset(initial.keys() - params.keys())
            params = params.grown(initial)
        frame = JaxFrame(params, bool(training))
        frame.policies = self._policies
        captured = None if capture is None else Capture(capture, frame.check_boundary)
        frame.recorder = frame.layer_recorder = captured
        frame.records_inner_layers = captured is not None
        try:
            output = frame.run(self._fn, args, kwargs)
        except Exception:
            _refuse_foreign(params._values, {})
            raise
        if self._policies is not None:
            output = converted(output, self._policies.of("").output)
        changes = frame.changes(added)
        return output, changes if captured is None else changes | captured.params()

    def eval_shape(self, *args: Any, **kwargs: Any) -> Params:
        """The `Params` that `init` would make, as `jax.ShapeDtypeStruct`s; allocates nothing."""
        _refuse_foreign(args, kwargs)
        frame = init.discover(self._fn, args, kwargs)
        declarations = frame.declarations()
        structure = init.structure_of(frame, declarations)
        leaves = (jax.ShapeDtypeStruct(i.shape, jax.dtypes.canonicalize_dtype(i.dtype)) for i in structure.infos)
        return self._kept(Params._make(structure, tuple(leaves)))

    def _kept(self, params: Params) -> Params:
        """Initial params, in the dtypes that the policy keeps them in."""
        dtypes = {} if self._policies is None else self._policies.kept(params.info.values())
        infos = tuple(replace(info, dtype=dtypes.get(path, info.dtype)) for path, info in params.info.items())
        values = (value if path not in dtypes else _converted(value, dtypes[path]) for path, value in params.items())
        return Params._make(params._structure.with_infos(infos), tuple(values)) if dtypes else params

    def calls(self, *args: Any, **kwargs: Any) -> tuple[Params, list[Call]]:
        """What `eval_shape` gives, and the calls of layers and modules, by shapes; computes nothing."""
        params = self.eval_shape(*args, **kwargs)
        log = CallLog()

        def run(args: Any, kwargs: Any, params: Params) -> None:
            frame = JaxFrame(params, False)
            frame.policies = self._policies
            frame.recorder = frame.layer_recorder = log
            frame.run(self._fn, args, kwargs)

        init.on_shapes(run, args, kwargs, params)
        return params, log.calls

    def bind(self, params: Mapping[str, Any]) -> BoundModel[R]:
        """The model with these variables, as one pytree: `output, bound = bound(x)`."""
        return BoundModel(self, _as_params(params))

    def method(self, fn: Callable[..., S]) -> "JaxModel[S]":
        """Another function over the same variables; see `BoundModel.method`."""
        return JaxModel(fn, self._policies)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JaxModel) and (self._fn, self._policies) == (other._fn, other._policies)

    def __hash__(self) -> int:
        return hash(self._fn)

    def restored(self, params: Params, args: Any, kwargs: Any) -> BoundModel[R]:
        """The model bound to variables of a file, for example inputs; random numbers start anew if it has none."""
        expected = self.eval_shape(*args, **kwargs)
        known = params.info
        infos = tuple(
            replace(info, trainable=known[path].trainable, metadata=known[path].metadata) if path in known else info
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


def _converted(value: Any, dtype: str) -> Any:
    """An array, or only its shape, in another dtype."""
    return jax.ShapeDtypeStruct(value.shape, dtype) if isinstance(value, jax.ShapeDtypeStruct) else value.astype(dtype)


def _as_params(params: Any) -> Params:
    """`params`, or a bare dict of arrays as `Params`; says what else was given."""
    if isinstance(params, Params):
        return params
    if not isinstance(params, Mapping):
        raise TypeError(
            f"apply takes params first, as init returned them: apply(params, *args), got {type(params).__name__}"
        )
    for path, value in params.items():
        if not hasattr(value, "shape"):
            raise TypeError(
                f"params map whole paths, such as 'linear/weight', to arrays, and {path!r} is a {type(value).__name__}"
            )
    return Params(params)


def _key(rng: Any) -> Any:
    """Two Python integers, or an array of two words if `rng` is traced."""
    if isinstance(rng, jax.core.Tracer):
        if jnp.issubdtype(rng.dtype, jax.dtypes.prng_key):
            rng = jax.random.key_data(rng)
        if rng.shape != (2,):
            raise TypeError(
                f"a traced rng must be a key of two 32-bit words, got {rng.dtype}{list(rng.shape)}: "
                "make one with jax.random.key(seed)"
            )
        return rng
    return as_key(rng)


def _refuse_foreign(args: Any, kwargs: Any) -> None:
    """Raises `BackendError` if there is an array of another framework among the arguments."""
    if not any(name in sys.modules for name in backends.known() if name != "jax"):
        return
    for leaf in jax.tree_util.tree_leaves((args, kwargs)):
        owner = backends.of_array(leaf)
        if owner is not None and owner.name != "jax":
            raise BackendError(
                f"a jax model was called with a {type(leaf).__name__}, an array of {owner.name}: convert it with "
                "jnp.asarray(x.numpy()), or params with params.to('jax')"
            )
