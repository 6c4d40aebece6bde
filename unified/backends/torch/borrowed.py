"""What a body must not use: parameters and layers that are no part of its model; and what it must not overwrite.

Init sees all functions of torch that the body calls (`ValueWatch`). A parameter among their arguments that init did not
make belongs to a layer of another model, to a copy of a layer, or to a module that the body built itself: it would be
neither trained nor saved. Layers without parameters, such as dropout, would not follow the model's mode.
"""

import functools
import inspect
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils import _pytree as pytree

from unified.core.errors import StructureChangedError
from unified.core.scope import current

__all__ = ["Ownership"]

# Functions whose result depends on the mode of the layer that calls them.
BY_MODE = frozenset(
    {F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout, F.feature_alpha_dropout, F.rrelu, F.batch_norm}
    | {F.instance_norm}
)
# Methods that read no values, and attributes that are other tensors over the same values.
READERS = (
    "size dim numel nelement stride storage_offset is_floating_point is_complex is_contiguous element_size __len__ "
    "__hash__ get_device ndimension"
)
METADATA = frozenset(getattr(torch.Tensor, name) for name in READERS.split(" "))
VALUES = frozenset({"data", "grad", "T", "mT", "H", "mH", "real", "imag"})


# Functions that read or change values of parameters in ways of their own.
GET_DATA, SET_DATA = torch.Tensor.data.__get__, torch.Tensor.data.__set__  # type: ignore[attr-defined]

SPECIAL = frozenset({GET_DATA, SET_DATA, F.embedding, F.embedding_bag})


class Ownership:
    """The tensors and modules of one model, while init runs its body.

    Attributes:
        frame: the frame of init.
        allowed: the ids of parameters and modules that the body may use: those of its arguments, and of its tree.
        copies: the results of `tensor.data` for variables, which do not count changes together with them.
        versions: the count of changes of each parameter that init has made, by its id.
    """

    def __init__(self, frame: Any) -> None:
        self.frame = frame
        self.allowed: set[int] = set()
        self.copies: list[tuple[str, torch.Tensor, int]] = []
        self.versions: dict[int, int] = {}

    def allow(self, fn: Any, args: Any, kwargs: Any) -> None:
        """Allow the body to use what is among its arguments, also those that transform has fixed."""
        while isinstance(fn, functools.partial):
            args, kwargs, fn = (args, fn.args), (kwargs, fn.keywords), fn.func
        for leaf in pytree.tree_leaves((args, kwargs)):
            if isinstance(leaf, nn.Module):
                self.allowed.update(map(id, (*leaf.modules(), *leaf.parameters())))
            elif isinstance(leaf, torch.Tensor):
                self.allowed.add(id(leaf))

    def note(self, tensor: torch.Tensor) -> None:
        """Note the values that a parameter has now as those of init."""
        if _is_parameter(tensor):
            self.versions[id(tensor)] = _version(tensor)

    def is_unchanged(self, tensor: torch.Tensor) -> bool:
        """Return whether a tensor has the values of init."""
        return self.versions.get(id(tensor), _version(tensor)) == _version(tensor)

    def check(self, func: Any, args: Any, kwargs: Any) -> None:
        """Raise if the body uses a parameter or a layer that is no part of its model."""
        made = self.frame.made
        for value in (*args, *kwargs.values()) if kwargs else args:
            if type(value) in (tuple, list):
                for item in value:
                    if _is_parameter(item) and id(item) not in made:
                        self._check_parameter(func, item)
            elif _is_parameter(value) and id(value) not in made:
                self._check_parameter(func, value)
        if func in BY_MODE:
            self._check_layer()

    def _is_elsewhere(self) -> bool:
        """Return whether the running code belongs to another model, which its caller gave explicit parameters."""
        scope: Any = current.scope
        if scope is None or scope.frame is self.frame:
            return False
        return scope.frame.initializing or scope.frame.root.__dict__.get("_is_replica", False)

    def _is_ours(self, value: Any) -> bool:
        """Return whether a parameter or module is in the tree of the model."""
        if id(value) not in self.allowed:
            for module in _modules(self.frame.root):
                self.allowed.add(id(module))
                self.allowed.update(map(id, module._parameters.values()))
        return id(value) in self.allowed

    def _check_parameter(self, func: Any, parameter: nn.Parameter) -> None:
        getter = getattr(func, "__self__", None) if getattr(func, "__name__", "") == "__get__" else None
        if func in METADATA or (getter is not None and getattr(getter, "__name__", "") not in VALUES):
            return
        if self._is_ours(parameter):
            return
        if self._is_elsewhere():
            self.allowed.add(id(parameter))
            return
        owner = _calling(lambda module: any(parameter is p for p in module.__dict__.get("_parameters", {}).values()))
        _refuse(owner, f"a parameter of shape {tuple(parameter.shape)}")

    def _check_layer(self) -> None:
        layer = _calling(lambda module: True)
        if layer is None or "_path" in layer.__dict__:
            return
        if not (self._is_ours(layer) or self._is_elsewhere()):
            _refuse(layer, "")

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Return `func(*args, **kwargs)`, after a check of its arguments."""
        self.check(func, args, kwargs)
        if func not in SPECIAL:
            return func(*args, **kwargs) if kwargs else func(*args)
        kwargs = kwargs or {}
        if func == SET_DATA and id(args[0]) in self.versions:
            self.versions[id(args[0])] = -1
        if func not in (F.embedding, F.embedding_bag):
            result = func(*args, **kwargs)
            if func == GET_DATA:
                self._note_data(args[0], result)
            return result
        weights = [value for value in (*args, *kwargs.values()) if _is_parameter(value)]
        weights = [weight for weight in weights if self.is_unchanged(weight)]
        result = func(*args, **kwargs)
        for weight in weights:  # max_norm scales rows of the weight down
            self.note(weight)
        return result

    def _note_data(self, tensor: torch.Tensor, data: torch.Tensor) -> None:
        """Note that `data` is the `tensor.data` of a tensor."""
        if id(tensor) in self.versions:
            self.copies.append((self.frame.made[id(tensor)][0], data, _version(data)))

    def check_unchanged(self) -> None:
        """Raise if the body has overwritten the values of a parameter."""
        changed = [path for path, data, version in self.copies if _version(data) != version]
        for key, version in self.versions.items():
            if key in self.frame.made:
                path, tensor, *_ = self.frame.made[key]
                if _version(tensor) != version:
                    changed.append(path)
        if changed:
            raise StructureChangedError(
                f"the body overwrote the values of {changed[0]!r} in place: every call would do so, and undo training. "
                "For other initial values pass init_fn= to the layer or to u.get_parameter; to compute with other "
                "values make a new tensor"
            ).with_page("state#what-a-body-must-not-do")


def _is_parameter(value: Any) -> bool:
    """Return whether a value is a parameter; most are tensors or parameters, which takes no `isinstance`."""
    kind = type(value)
    return kind is nn.Parameter or (kind is not torch.Tensor and isinstance(value, nn.Parameter))


def _version(tensor: torch.Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version


def _modules(module: Any) -> Any:
    """Yield the modules of a tree, of which a `LazyLayer` is none yet."""
    yield module
    for child in getattr(module, "_modules", {}).values():
        if isinstance(child, nn.Module):
            yield from _modules(child)


def _calling(accepts: Any) -> nn.Module | None:
    """Return the innermost running module that is accepted."""
    frame: Any = inspect.currentframe()
    for _ in range(24):
        frame = frame and frame.f_back
        if frame is None:
            return None
        if frame.f_code.co_name in ("forward", "reset_parameters", "_reset_parameters", "__init__"):
            module = frame.f_locals.get("self")
            if isinstance(module, nn.Module) and accepts(module):
                return module
    return None


def _refuse(layer: nn.Module | None, what: str) -> None:
    path = None if layer is None else layer.__dict__.get("_path")
    if path is not None:
        what = f"the layer {path!r} of another model or of an earlier call, or a copy of a layer ({_line(layer)})"
    elif layer is not None:
        what = f"the module {_line(layer)}"
    raise StructureChangedError(
        f"the body used {what}, which is no part of this model: it would be neither trained nor saved nor moved with "
        "the model, nor follow its mode. Build it by u.wrap(lambda: ...), or declare a layer and copy the values with "
        "init_fn=; or pass the module to the body as an argument"
    ).with_page("state#what-a-body-must-not-do")


def _line(layer: Any) -> str:
    try:
        return type(layer).__name__ if layer._modules else repr(layer).partition("\n")[0]
    except AttributeError:  # its constructor still runs
        return type(layer).__name__
