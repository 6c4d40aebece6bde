"""Calls of objects on JAX, with the state that they hold, and pure ones over `Params`."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.frame import trace_state
from unified.backends.jax.objects import layer
from unified.backends.jax.objects.frame import ObjectFrame, covering
from unified.backends.jax.objects.layer import LayerObject
from unified.core.capture import Capture, check_captured
from unified.core.errors import BackendError, NoActiveTransformError, StructureChangedError, TransformBoundaryError
from unified.core.filters import Filter
from unified.core.keys import check_random_state
from unified.core.naming import check_known, join, lacking
from unified.core.pages import end_with_link
from unified.core.params import Params
from unified.core.scope import Scope, current, run_body
from unified.core.structure import VariableInfo
from unified.nn import construction
from unified.nn.overlay import Overlay, active, laid, read
from unified.nn.twin_state import info_of, state_dict, variables
from unified.nn.variable import Variable
from unified.nn.versions import structure_version

__all__ = ["apply", "call", "paths", "run_layer", "sow"]


def paths(module: Any) -> dict[int, str]:
    """Return the path of each module below one, by its id, from where the outermost constructor made it."""
    version = structure_version()
    known = module.__dict__.get("_paths")
    if known is None or known[0] != version:
        place = module.__dict__.get("_place")
        prefix = "" if place is None else place.path
        found = {
            id(inner): construction.path_below(prefix, name.replace(".", "/")) for name, inner in module.named_modules()
        }
        known = module.__dict__["_paths"] = version, found
    return known[1]


def call(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return what a module computes; the outermost call of a thread makes the frame."""
    scope: Any = current.scope
    if scope is not None:
        frame = scope.frame
        if type(frame) is not ObjectFrame:
            if not frame.params and not frame.initializing:
                return _outermost(module, args, kwargs)  # within a transform of a function, which is no body
            raise NoActiveTransformError(
                f"an object, {type(module).__name__}, was called in the body of a function of unified.transform, which "
                "would not own its variables: call layers of the body there, or write the function as a method"
            ).with_page("objects")
        path = frame.paths.get(id(module))  # there is none for a module that is an argument, or a reference
        if path is not None:
            return _inside(module, frame, path, args, kwargs)
    return _outermost(module, args, kwargs)


def _outermost(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return what a module computes in a frame of its own."""
    if construction.current.construction is not None:
        raise ValueError(
            end_with_link(
                f"{type(module).__name__} was called in a constructor, when variables have no values yet: call it in a "
                "method",
                "objects",
            )
        )
    frame = ObjectFrame(module)
    if frame.trace != module.__dict__.get("_origin"):
        _check_constant(module)
    path = frame.paths[id(module)]
    overlay = active.overlay
    if overlay is not None:
        frame.recorder = frame.layer_recorder = recorder = overlay.recorder
        frame.records_inner_layers = recorder is not None
        if isinstance(recorder, Capture):
            recorder.check_boundary = frame.check_boundary
        frame.steps = overlay.steps
    try:
        output = run_body(frame, lambda: _inside(module, frame, path, args, kwargs), (), {})
    except Exception:
        _refuse_foreign(args, kwargs)
        raise
    frame.finish()
    return output


def _inside(module: Any, frame: ObjectFrame, path: str, args: Any, kwargs: Any) -> Any:
    """Run a module in a frame."""
    frame.training = module.training
    if not (module._pre_hooks or module._post_hooks) and "_declaration" in type(module)._user_class.__dict__:
        return layer.run(module, frame, path, args, kwargs)  # a layer of torch.nn itself
    outer: Any = current.scope
    mode = frame.training
    current.scope = Scope(frame, path, path)
    try:
        if module._pre_hooks or module._post_hooks:
            output = module._with_hooks(module.forward, args, kwargs)
        else:
            output = module.forward(*args, **kwargs)
    finally:
        current.scope, frame.training = outer, mode
    if frame.recorder is not None and not isinstance(module, LayerObject):  # a layer has recorded itself
        frame.recorder.record_call(path, (*args, *kwargs.values()), output)
    return output


def run_layer(module: Any, args: Any, kwargs: Any) -> Any:
    """Run the layer that a user's subclass derives from."""
    scope: Any = current.scope
    frame = scope.frame
    frame.training = module.training
    return layer.run(module, frame, frame.paths[id(module)], args, kwargs)


def _check_constant(module: Any) -> None:
    """Raise if `jax.jit` would keep the arrays of a module as constants of what it compiles."""
    first = next((variable for _, variable in variables(module)), None)
    if first is None or covering(first) is not None or not isinstance(jnp.zeros(()), jax.core.Tracer):
        return
    if first.origin == trace_state():
        return
    raise TransformBoundaryError(
        f"the network {type(module).__name__} was called inside of jax.jit (or scan, cond, ...), which would keep its "
        "arrays as constants and lose its state: use u.jit over a function that takes the network as an argument, or "
        "jax.jit over the pure call net.apply(params, ...)"
    ).with_page("objects")


def _refuse_foreign(args: Any, kwargs: Any) -> None:
    from unified.core import backends

    for leaf in jax.tree_util.tree_leaves((args, kwargs)):
        owner = backends.of_array(leaf)
        if owner is not None and owner.name != "jax":
            raise BackendError(
                f"a network on jax was called with a {type(leaf).__name__}, an array of {owner.name}: convert it with "
                "jnp.asarray(x.numpy())"
            ).with_page("objects")


def sow(module: Any, name: str, value: Any) -> None:
    """Keep an intermediate value of a module."""
    overlay = active.overlay
    if overlay is not None:
        overlay.sown[module, name] = value
        return
    if isinstance(value, jax.core.Tracer) and trace_state() != module.__dict__.get("_origin"):
        raise TransformBoundaryError(
            f"{name!r} was sown inside of a transform of JAX, whose tracers must not leave it: use the transforms of "
            "unified.nn, or net.apply"
        ).with_page("objects")
    variable = module._buffers.get(name)
    if variable is None:
        module.register_buffer(name, jnp.asarray(value), persistent=False)
        variable = module._buffers[name]
        variable.collection = "intermediates"
        variable.metadata = {}
    variable.value = jnp.asarray(value)


def apply(
    module: Any, params: Any, args: Any, kwargs: Any, training: bool, capture: Filter | None
) -> tuple[Any, Params]:
    """Call a module purely over `params`: `(output, changes)`."""
    if isinstance(training, jax.core.Tracer):
        raise TypeError("training must be a Python bool: jax.jit(net.apply, static_argnames='training')")
    given, params = params, Params(params)
    check_random_state(params)
    own = dict(variables(module))
    values: dict[Variable, Any] = {}
    for path, variable in own.items():
        if path not in params:
            raise StructureChangedError(f"this network asks for the variable {lacking(path, params)}").with_page(
                "objects"
            )
        if tuple(params[path].shape) != variable.shape:
            raise StructureChangedError(
                f"{path!r} has shape {tuple(params[path].shape)} in the params, and the network has {variable.shape}"
            ).with_page("objects")
        values[variable] = params[path]
    if not isinstance(given, Params):
        names = (name.replace(".", "/") for name in state_dict(module))  # also those of variables that are tied
        check_known(given, {*own, *names}, "this network", own)
    random = module.__dict__.get("_random")
    if random is not None and "rng/key" in params:
        own = {**own, "rng/key": random.key, "rng/counter": random.counter}
        values |= {random.key: params["rng/key"], random.counter: params["rng/counter"]}
    captured = None if capture is None else Capture(capture, lambda path, what: None)
    with laid(Overlay(values, bool(training), trace_state(), captured)) as overlay:
        output = module(*args, **kwargs)
        written = [
            (info_of(path, variable), read(variable)) for path, variable in own.items() if variable in overlay.written
        ]
    where = paths(module)
    for (owner, name), sown in overlay.sown.items():
        value = jnp.asarray(sown)
        info = VariableInfo(join(where[id(owner)], name), value.shape, str(value.dtype), "intermediates", False)
        written.append((info.fixed(), value))
    changes = Params._of(written)
    if captured is None or capture is None:
        return output, changes
    check_captured(capture, [captured])
    return output, changes | captured.params()
