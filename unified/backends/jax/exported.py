"""Nodes of trees in the programs of `jax.export`: their static halves as JSON, and what a loaded program takes.

A program is compiled: all that it needs of its arguments is how many arrays they have and in which order. The records
of a body, which refer to classes, and the function of a bound model are therefore not in it. In the tree of a loaded
program an `Accepted` stands for them, which is equal to any static half that the program can take: that of `net.init`,
which has the records, and that of `u.load`, which has none.

It is a part of such trees alone. `unflatten` takes it off, for JAX's caches compare static halves by `==`, and the
params that a program returns must not be taken for those of a model.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from jax import export
from jax._src.export._export import deserialization_registry, serialization_registry

from unified.core.bound import BoundModel, TransformedModel
from unified.core.checkpoint.header import decode, decode_info, encode, encode_info, parse_json
from unified.core.errors import CheckpointError
from unified.core.model import Model
from unified.core.naming import function_name
from unified.core.params import Params
from unified.core.structure import Growth, Structure

__all__ = ["Accepted", "ProgramModel", "register", "register_serialization"]

FORMAT = 1
LOADED = "import unified.backends.jax"  # a part of each name, which JAX's error shows where nobody has registered it


class Accepted:
    """The static half of a node in the tree of a loaded program.

    Attributes:
        value: the static half of what the program returns.
        part: what of a static half the program depends on.
    """

    __slots__ = ("part", "value")

    def __init__(self, value: Any, part: Callable[[Any], Any]) -> None:
        self.value = value
        self.part = part

    def __eq__(self, other: object) -> bool:
        return bool(self.part(self.value) == self.part(other.value if isinstance(other, Accepted) else other))

    __hash__ = None  # type: ignore[assignment]  # of equal objects, which are not all equal to each other

    def __repr__(self) -> str:
        return repr(self.value)


class ProgramModel:
    """The model of the bound models that a loaded program returns: it has no code."""

    _framework = "jax"

    def __init__(self, name: str) -> None:
        self.name = name

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(
            f"this bound model of {self.name!r} was returned by a program of jax.export, which has no code: give it to "
            "a program again, or bind its variables to the model, net.bind(bound.params)"
        )

    apply = init = eval_shape = method = _module_of = _refuse

    @property
    def _fn(self) -> None:
        return None

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, ProgramModel) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"ProgramModel({self.name})"


def _paths(structure: Any) -> Any:
    return tuple(structure.index) if isinstance(structure, Structure) else structure


def _is_model(model: Any) -> Any:
    return isinstance(model, (Model, ProgramModel)) or model


def _known(shape: Any) -> tuple[int, ...]:
    """Return a shape with 0 for the sizes that are symbols: `Params.info` shows those of the arrays."""
    return tuple(size if type(size) is int else 0 for size in shape)


def _params_to_json(structure: Structure) -> Any:
    growth = structure.growth
    return {
        "variables": [encode_info(replace(info, shape=_known(info.shape))) for info in structure.infos],
        "order": list(structure.order),
        "growth": None if growth is None else [growth.seed, growth.framework],
    }


def _params_of_json(content: Any) -> Accepted:
    growth = None if content["growth"] is None else Growth(*content["growth"])
    infos = tuple(map(decode_info, content["variables"]))
    return Accepted(Structure.of(infos, tuple(map(str, content["order"])), growth=growth), _paths)


def _model_to_json(model: Any) -> Any:
    return model.name if isinstance(model, ProgramModel) else function_name(model._fn)


def register_serialization(
    cls: type, name: str, to_json: Callable[[Any], Any], of_json: Callable[[Any], Any], build: Any, module: str = ""
) -> None:
    """Register how programs keep the static halves of a class of nodes: `of_json` may return an `Accepted`.

    `module` has to be imported too for a program that is loaded.
    """

    def serialize(static: Any) -> bytes:
        value = static.value if isinstance(static, Accepted) else static
        return json.dumps([FORMAT, to_json(value)], separators=(",", ":")).encode()

    def deserialize(data: Any) -> Any:
        content = parse_json(bytes(data).decode("utf-8", "replace"), f"a program that takes {name}")
        if type(content) is not list or content[:1] != [FORMAT] or len(content) != 2:
            raise CheckpointError(
                f"a program holds {name} in a form that this version of unified does not read: it reads {FORMAT}"
            )
        try:
            return of_json(content[1])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CheckpointError(f"a program holds {name} that does not follow the format: {error!r}") from None

    export.register_pytree_node_serialization(
        cls,
        serialized_name=f"{name}: {LOADED}{', ' if module else ''}{module}",
        serialize_auxdata=serialize,
        deserialize_auxdata=deserialize,
        from_children=build,
    )


def register_node(cls: type, to_json: Callable[[Any], Any], of_json: Callable[[Any], Any], unflatten: Any) -> None:
    """Register a class of nodes; see `unified.core.protocol.Backend.register_node`.

    A class of the same name, as of a notebook's cell that runs again, takes the place of the one before it, for which
    JAX has no public function.
    """
    package, module = cls.__module__.split(".")[:2], cls.__module__
    if package[0] == "unified":  # its classes are called by the package once it is imported
        module = ".".join(package)
    name = f"{module}:{cls.__qualname__}"
    previous = deserialization_registry.pop(f"{name}: {LOADED}, {module}", None)
    if previous is not None:
        serialization_registry.pop(previous[0], None)

    def build(static: Any, children: Any) -> Any:
        try:
            return unflatten(static, children)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CheckpointError(f"a program holds {name} with other children than it has: {error!r}") from None

    register_serialization(cls, name, to_json, of_json, build, module)


def register() -> None:
    """Register `Params` and bound models, which are nodes of JAX's trees."""
    register_serialization(
        Params,
        "unified.Params",
        _params_to_json,
        _params_of_json,
        lambda static, children: Params._make(static, tuple(children)),
    )
    register_serialization(
        BoundModel,
        "unified.BoundModel",
        _model_to_json,
        lambda name: Accepted(ProgramModel(str(name)), _is_model),
        lambda static, children: BoundModel(static, *children),
    )
    register_serialization(
        TransformedModel,
        "unified.TransformedModel",
        lambda static: encode(static, "the transform of a bound model"),
        decode,
        lambda static, children: TransformedModel(next(iter(children)), *static),
    )
