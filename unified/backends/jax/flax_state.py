"""`flax.serialization` of `Params`, bound models and modules of `unified.trees`.

Flax looks a class up by itself, and takes what nobody registered for a leaf: `from_bytes` would return bare dicts
without a word. It is told when it is imported, before or after unified.
"""

from collections.abc import Callable
from typing import Any

from unified.core.bound import BoundModel, TransformedModel
from unified.core.imported import when_imported
from unified.core.params import Params

__all__ = ["register", "register_node"]

MODULE = "flax.serialization"


def _check_keys(kind: str, expected: Any, state: Any) -> None:
    if not isinstance(state, dict) or set(expected) != set(state):
        found = set(state) if isinstance(state, dict) else set()
        raise ValueError(
            f"the state does not fit {kind}: missing {sorted(set(expected) - found) or 'nothing'}, unexpected "
            f"{sorted(found - set(expected)) or 'nothing'}. Its keys are whole paths, as to_state_dict writes them; "
            "nested dicts become params by unified.Params.from_nested"
        )


def register() -> None:
    """Register `Params` and bound models with Flax, now or when it is imported."""

    def then(flax: Any) -> None:
        def params_to_state(params: Params) -> dict[str, Any]:
            return {path: flax.to_state_dict(value) for path, value in params.items()}

        def params_of_state(params: Params, state: Any) -> Params:
            _check_keys("the Params", params, state)
            values = {path: flax.from_state_dict(value, state[path], name=path) for path, value in params.items()}
            arrays = {path: value for path, value in values.items() if hasattr(params[path], "shape")}
            rest = {path: value for path, value in values.items() if path not in arrays}
            return params.replaced(rest).update(arrays)

        def bound_to_state(bound: Any) -> dict[str, Any]:
            return {"params": flax.to_state_dict(bound.params)}

        def bound_of_state(bound: Any, state: Any) -> Any:
            _check_keys("the bound model", ("params",), state)
            return bound.replace(flax.from_state_dict(bound.params, state["params"], name="params"))

        flax.register_serialization_state(Params, params_to_state, params_of_state)
        for cls in (BoundModel, TransformedModel):
            flax.register_serialization_state(cls, bound_to_state, bound_of_state)

    when_imported(MODULE, then)


def register_node(
    cls: type,
    flatten: Callable[[Any], tuple[list[Any], Any]],
    unflatten: Callable[[Any, Any], Any],
    names: Callable[[Any], tuple[Any, ...]],
) -> None:
    """Register a class of nodes, whose state is that of its children by name; see `pytree.register_node`."""

    def named(value: Any) -> tuple[dict[str, Any], Any]:
        children, rest = flatten(value)
        keys = (str(*name) if isinstance(name, tuple) else name for name in names(rest))
        return dict(zip(keys, children, strict=True)), rest

    def then(flax: Any) -> None:
        def to_state(value: Any) -> dict[str, Any]:
            return {name: flax.to_state_dict(child) for name, child in named(value)[0].items()}

        def of_state(value: Any, state: Any) -> Any:
            children, rest = named(value)
            _check_keys(cls.__name__, children, state)
            return unflatten(rest, [restored(name, child, state[name]) for name, child in children.items()])

        def restored(name: str, child: Any, state: Any) -> Any:
            value = flax.from_state_dict(child, state, name=name)
            is_array = hasattr(child, "shape") and hasattr(child, "dtype")
            return Params({name: child}).update({name: value})[name] if is_array else value

        flax.register_serialization_state(cls, to_state, of_state)

    when_imported(MODULE, then)
