"""Layers with a weight that is computed of others in each call: weight and spectral normalisation.

Each is a layer that another moves into and that takes its name, as `torch.nn.utils.parametrizations` changes a layer
in place: names, shapes and numbers are torch's, `linear/parametrizations/weight/original0`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import numpy as np

from unified.core.classes import same_class
from unified.core.derived import Derived, Source
from unified.core.errors import StructureChangedError
from unified.core.initializers import Initializer, normal
from unified.core.layer import Layer, LayerVariable, Spec
from unified.core.record import MovedInto
from unified.core.scope import current_scope

__all__ = ["SpectralNormed", "WeightNormed", "spectral_norm", "weight_norm"]

LayerT = TypeVar("LayerT")

# Iterations by which torch starts the vectors of the power method.
FIRST_ITERATIONS = 15


def weight_norm(layer: LayerT, name: str = "weight", dim: int | None = 0) -> LayerT:
    """Return a layer whose weight is `g * v / norm(v)`, with the length `g` and the direction `v` as parameters.

    Args:
        layer: a layer of the body, which moves into the new one; call what this returns.
        name: the parameter of the layer that is computed.
        dim: the axis of the parameter that keeps norms of its own (0: one for each output); `None` for one norm of
            all.

    The layer keeps its name. In the place of `linear/weight` the model has `linear/parametrizations/weight/original0`
    (`g`, with size 1 in all axes but `dim`, and no axis for `dim=None`) and `.../original1` (`v`, of the weight's
    shape), as `torch.nn.utils.parametrizations.weight_norm` has, so that its checkpoints load. `v` starts with the
    values that `init_fn` of the layer says, drawn at its own path, and `g` is its norm.

    Raises:
        TypeError: `layer` is not a layer of the body, is of a user's class, or one of torch's recurrent layers, whose
            weights torch keeps in a list of its own.
        ValueError: the layer has no such parameter, or the parameter no such axis.

    Source: Salimans and Kingma, "Weight normalization" (2016); `torch.nn.utils.parametrizations.weight_norm`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.weight_norm(u.Linear(3, 4))(x), backend="torch").init(torch.ones(1, 3), rng=0)
    >>> {name: tuple(value.shape) for name, value in net.state_dict().items()}  # doctest: +NORMALIZE_WHITESPACE
    {'linear.bias': (4,), 'linear.parametrizations.weight.original0': (4, 1),
     'linear.parametrizations.weight.original1': (4, 3)}
    """
    normed: Any = WeightNormed(layer, name, dim, name=_name_of(layer, WeightNormed, "u.weight_norm"))
    return normed  # an instance of the layer's class, as `isinstance` sees it


def spectral_norm(
    layer: LayerT, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> LayerT:
    """Return a layer whose weight is divided by its largest singular value, which a power iteration follows.

    Args:
        layer: a layer of the body, which moves into the new one; call what this returns.
        name: the parameter of the layer that is divided.
        n_power_iterations: how often a call in training iterates; a call in evaluation does not.
        eps: the least norm that a vector is divided by.
        dim: the axis of the outputs, which the rows of the matrix are; by default 1 for transposed convolutions, else
            0.

    The layer keeps its name. In the place of `linear/weight` the model has the parameter
    `linear/parametrizations/weight/original` and the state `linear/parametrizations/weight/0/_u` and `.../_v`, the
    singular vectors, as `torch.nn.utils.parametrizations.spectral_norm` has, so that its checkpoints load. A parameter
    of one axis is divided by its norm, and has no state.

    Raises:
        TypeError: as `unified.weight_norm`.
        ValueError: likewise; or `n_power_iterations` is not positive.

    Source: Miyato et al., "Spectral normalization for generative adversarial networks" (2018);
    `torch.nn.utils.parametrizations.spectral_norm`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.spectral_norm(u.Linear(3, 4))(x), backend="torch").init(torch.ones(1, 3), rng=0)
    >>> bool(torch.linalg.matrix_norm(net.linear.weight, 2) < 1.01)
    True
    """
    own_name = _name_of(layer, SpectralNormed, "u.spectral_norm")
    normed: Any = SpectralNormed(layer, name, n_power_iterations, eps, dim, name=own_name)
    return normed  # as in weight_norm


def _name_of(layer: Any, cls: type[Layer], what: str) -> Any:
    """Return the name of the layer, which is that of the one that it moves into."""
    scope = current_scope(what)
    recorded, _, kwargs, *_ = scope.recording[scope.cursor]
    if same_class(recorded.cls if type(recorded) is MovedInto else recorded, cls):
        return kwargs["name"]  # a replay: the layer may stand elsewhere by now
    path = scope.frame.path_of(layer)
    if path is None:
        raise TypeError(
            f"{what} takes a layer of the body, such as unified.Linear(3, 4), got {type(layer).__name__}: for a module "
            "of torch use torch.nn.utils.parametrizations"
        )
    name = str(path).rpartition("/")[2]
    return int(name) if name.isdigit() else name


class _Reparametrized(Layer):
    """The base of the two. The first argument is a layer, the second the name of its parameter that is computed."""

    takes_layers = True
    compound = True
    what: ClassVar[str]

    @classmethod
    def spec(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Spec:
        arguments = cls.own_signature.bind(*args, **kwargs)
        arguments.apply_defaults()
        layer = arguments.arguments["layer"]
        if isinstance(layer, Spec) and layer.is_lazy:
            return Spec(cls, arguments.arguments, (), is_lazy=True)
        return super().spec(args, kwargs)

    @classmethod
    def sizes_with(cls, arguments: dict[str, Any], inputs: tuple[Any, ...]) -> dict[str, Any]:
        layer: Spec = arguments["layer"]
        return {
            "layer": replace(
                layer.with_sizes(inputs).with_initializers(layer.init_fn, takes_function=True), instance=layer.instance
            )
        }

    @classmethod
    def is_random_with(cls, **arguments: Any) -> bool:
        return bool(arguments["layer"].is_random)

    @classmethod
    def _split(cls, layer: Any, tensor: str) -> tuple[list[LayerVariable], LayerVariable]:
        """Return the layer's other variables, and the one of that name."""
        if not isinstance(layer, Spec):
            raise TypeError(f"{cls.what} takes a layer of the body, got {type(layer).__name__}")
        kind = layer.declaration.__name__
        user = getattr(layer.instance, "user_class", None) or _user_class(layer.instance)
        if user is not None and user is not layer.declaration:
            raise TypeError(
                f"{cls.what} takes the layers of unified, and {user.__name__} is a class of yours, whose own methods "
                f"would see another weight: call it on the {kind} that {user.__name__} uses"
            )
        if kind in ("RNN", "LSTM", "GRU"):
            raise TypeError(
                f"{cls.what} does not take {kind}: torch computes it from a list of its weights, and would go on with "
                f"the weight as it was. Write the loop by unified.scan over {kind}Cell, which it takes"
            )
        if layer.init_fn is not None and callable(layer.init_fn):
            raise ValueError(
                f"{cls.what}: init_fn of the {kind} is a function of the layer, which has no {tensor!r} any more: use "
                "an initializer, or a dict of them"
            )
        own = [v for v in layer.variables if v.name == tensor and v.collection == "params"]
        if not own:
            names = sorted(v.name for v in layer.variables if v.collection == "params" and "/" not in v.name)
            raise ValueError(f"{cls.what}: {kind} has no parameter {tensor!r}, its parameters are {names}")
        if not isinstance(own[0].initializer, Initializer):
            raise ValueError(
                f"{cls.what}: the first values of {tensor!r} are those of a function, and their norm is not known "
                "before it is called: use an initializer of unified.initializers or of a framework"
            )
        return [v for v in layer.variables if v.name != tensor], own[0]


def _user_class(instance: Any) -> type[Layer] | None:
    """Return a user's class of layers that a module of torch is of."""
    return next((cls for cls in type(instance).__mro__ if isinstance(cls, type(Layer)) and cls is not Layer), None)


def _axis(what: str, dim: int, shape: tuple[int, ...]) -> int:
    if not -len(shape) <= dim < len(shape):
        raise ValueError(f"{what}: dim={dim} is no axis of a parameter of shape {shape}")
    return dim % len(shape)


class WeightNormed(_Reparametrized):
    """What `weight_norm` returns."""

    what = "u.weight_norm"

    @staticmethod
    def variables(layer: Any, tensor: str = "weight", dim: int | None = 0) -> Iterable[LayerVariable]:
        rest, weight = WeightNormed._split(layer, tensor)
        axis = kept_axis(dim, weight.shape)
        shape = () if axis is None else tuple(n if i == axis else 1 for i, n in enumerate(weight.shape))
        names = [f"parametrizations/{tensor}/original{number}" for number in range(2)]
        source = Source(names[1], weight.shape, weight.initializer)
        yield from rest
        yield weight._replace(
            name=names[0], shape=shape, initializer=Derived(names[0], (source,), norm_except, (axis,))
        )
        yield weight._replace(name=names[1])


def called_before(path: str) -> StructureChangedError:
    """Return the error for a call of a layer that has moved into one of these."""
    return StructureChangedError(
        f"{path!r} was called as it was before its weight was normalised: call the layer that u.weight_norm or "
        "u.spectral_norm returned"
    )


def kept_axis(dim: int | None, shape: tuple[int, ...]) -> int | None:
    """Return the axis that keeps norms of its own; `None` for one norm of all values, which -1 asks for in torch."""
    return None if dim is None or dim == -1 else _axis("u.weight_norm", dim, shape)


def norm_except(weight: np.ndarray, axis: int | None) -> np.ndarray:
    """Return the norms of a weight over all axes but one."""
    axes = tuple(number for number in range(weight.ndim) if number != axis)
    result: np.ndarray = np.sqrt((weight * weight).sum(axis=axes, keepdims=axis is not None))
    return result


class SpectralNormed(_Reparametrized):
    """What `spectral_norm` returns."""

    what = "u.spectral_norm"

    @staticmethod
    def variables(
        layer: Any, tensor: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
    ) -> Iterable[LayerVariable]:
        rest, weight = SpectralNormed._split(layer, tensor)
        if n_power_iterations <= 0:
            raise ValueError(f"u.spectral_norm: n_power_iterations must be positive, got {n_power_iterations}")
        axis = rows_axis(layer, dim, weight.shape)
        yield from rest
        base = f"parametrizations/{tensor}"
        yield weight._replace(name=f"{base}/original")
        if len(weight.shape) > 1:
            yield from _vectors(base, weight, axis, eps)


def rows_axis(layer: Spec, dim: int | None, shape: tuple[int, ...]) -> int:
    """Return the axis of the outputs."""
    if dim is None:
        dim = 1 if layer.declaration.native_name.startswith("ConvTranspose") else 0
    return _axis("u.spectral_norm", dim, shape)


def _vectors(base: str, weight: LayerVariable, axis: int, eps: float) -> Iterator[LayerVariable]:
    """Yield the singular vectors, of which each starts at random and is iterated with the other."""
    rows = weight.shape[axis]
    columns = int(np.prod([size for number, size in enumerate(weight.shape) if number != axis]))
    starts = [Source(f"{base}/0/{name}", (size,), normal()) for name, size in (("_u", rows), ("_v", columns))]
    sources = (Source(f"{base}/original", weight.shape, weight.initializer), *starts)
    for number, (name, shape, _) in enumerate(starts):
        initializer = Derived(name, sources, singular_vector, (axis, eps, number))
        yield LayerVariable(name, shape, initializer, weight.dtype, "state", False)


def singular_vector(weight: np.ndarray, u: np.ndarray, v: np.ndarray, axis: int, eps: float, number: int) -> np.ndarray:
    """Return the first left (`number` 0) or right singular vector, as near as the power method comes."""
    matrix = np.moveaxis(weight, axis, 0).reshape(len(u), len(v))

    def normalized(vector: np.ndarray) -> np.ndarray:
        return vector / max(float(np.sqrt((vector * vector).sum())), eps)

    u, v = normalized(u), normalized(v)
    for _ in range(FIRST_ITERATIONS):
        u = normalized(matrix @ v)
        v = normalized(matrix.T @ u)
    return (u, v)[number]
