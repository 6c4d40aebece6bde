"""Weight and spectral normalisation on torch: the layer itself, parametrised by `torch.nn.utils.parametrize`.

Torch's own cannot be pickled, and its power iteration writes by `out=`, which `torch.func.vmap` does not follow.
"""

import functools
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from unified.core.reparametrized import called_before, kept_axis

__all__ = ["SpectralNormed", "WeightNormed"]


class WeightNormed(nn.Module):
    """What a layer with a normalised weight is constructed as; it becomes a layer of its own class."""

    def __init__(self, layer: Any, tensor: str = "weight", dim: int | None = 0) -> None:
        _become(self, layer)
        weight = getattr(self, tensor)
        axis = kept_axis(dim, tuple(weight.shape))
        norm = parametrizations._WeightNorm(axis)
        parametrize.register_parametrization(self, tensor, norm, unsafe=True)
        self._register_load_state_dict_pre_hook(functools.partial(_take_old_names, tensor))
        _let_pickle(self)


class SpectralNormed(nn.Module):
    """What a layer with a weight of a bounded norm is constructed as; it becomes a layer of its own class."""

    def __init__(
        self,
        layer: Any,
        tensor: str = "weight",
        n_power_iterations: int = 1,
        eps: float = 1e-12,
        dim: int | None = None,
    ) -> None:
        _become(self, layer)
        if dim is None:
            dim = 1 if isinstance(self, nn.modules.conv._ConvTransposeNd) else 0
        iteration = PowerIteration(getattr(self, tensor), n_power_iterations, dim, eps)
        parametrize.register_parametrization(self, tensor, iteration)
        _let_pickle(self)


class PowerIteration(parametrizations._SpectralNorm):
    """Torch's parametrisation, whose first vectors init draws."""

    _starts = True

    @torch.autograd.no_grad()
    def _power_method(self, weight_mat: torch.Tensor, n_power_iterations: int) -> None:
        if self._starts:  # in the constructor, where the weight has no values yet
            self._starts = False
            return
        u, v = self._u, self._v
        weight_mat = weight_mat.to(u.dtype)
        for _ in range(n_power_iterations):
            u = nn.functional.normalize(torch.mv(weight_mat, v), dim=0, eps=self.eps)
            v = nn.functional.normalize(torch.mv(weight_mat.mH, u), dim=0, eps=self.eps)
        if n_power_iterations:
            self._u.copy_(u)
            self._v.copy_(v)

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        if weight.ndim == 1 or weight.dtype == self._u.dtype:
            result: torch.Tensor = super().forward(weight)
            return result
        return super().forward(weight.to(self._u.dtype)).to(weight.dtype)  # a policy has cast the parameter


def _become(module: nn.Module, layer: nn.Module) -> None:
    """Make `module` the layer."""
    module.__class__ = type(layer)
    module.__dict__.update(layer.__dict__)
    module.__dict__.pop("attend", None)
    layer.__dict__["_compiled_call_impl"] = functools.partial(_refuse, layer.__dict__.get("_path", ""))


def _take_old_names(tensor: str, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
    """Load what torch's older `torch.nn.utils.weight_norm` has saved, as its parametrisation does."""
    for number, old in enumerate((f"{prefix}{tensor}_g", f"{prefix}{tensor}_v")):
        if old in state_dict:
            state_dict[f"{prefix}parametrizations.{tensor}.original{number}"] = state_dict.pop(old)


def _refuse(path: str, *inputs: Any, **kwargs: Any) -> None:
    raise called_before(path)


def _let_pickle(module: nn.Module) -> None:
    """Let pickles keep the class of a parametrised module, which torch makes for this one alone."""
    cls: Any = type(module)
    names = tuple(module.parametrizations)  # type: ignore[arg-type]

    def __reduce_ex__(self: nn.Module, protocol: Any) -> Any:
        return _remade, (cls.__bases__[0], names), self.__dict__.copy()

    cls.__reduce_ex__ = __reduce_ex__


def _remade(base: type[nn.Module], names: Iterable[str]) -> nn.Module:
    """Return a parametrised module without state."""
    module = object.__new__(base)
    nn.Module.__init__(module)
    parametrize._inject_new_class(module)
    for name in names:
        parametrize._inject_property(module, name)
    module.__dict__["parametrizations"] = dict.fromkeys(names)  # until the state comes
    _let_pickle(module)
    del module.__dict__["parametrizations"]
    return module
