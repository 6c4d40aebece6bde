"""Weight and spectral normalisation on JAX: the layer that moved in, with a weight that is computed in each call."""

from typing import Any

import jax.numpy as jnp
from jax import Array, lax

from unified.backends.jax.layers.base import HALVES, JaxLayer
from unified.core.reparametrized import called_before, kept_axis, rows_axis

__all__ = ["SpectralNormed", "WeightNormed"]


class _Reparametrized(JaxLayer):
    tensor: str

    def _bind(self, spec: Any) -> None:
        super()._bind(spec)
        instance = spec.arguments["layer"].instance
        if "_error" not in self.__dict__ and instance is not None and "_error" not in instance.__dict__:
            instance.__dict__["_error"] = called_before(self._path)

    @property
    def native_name(self) -> str:
        name: str = self._spec.arguments["layer"].declaration.native_name
        return name

    def _weight(self, updates: bool) -> Array:
        """Return the computed weight; with `updates`, store the state of a call in training."""
        raise NotImplementedError

    def _layer(self, updates: bool) -> JaxLayer:
        """Return the layer with its computed weight, and with those that layers around this one have computed."""
        spec = self._spec.arguments["layer"]
        layer: JaxLayer = object.__new__(type(spec.instance))
        members = {key: value for key, value in spec.instance.__dict__.items() if key not in ("_error", "_computed")}
        arguments = {k: v for k, v in spec.arguments.items() if k not in spec.declaration.variable_names}
        layer.__dict__.update(members | arguments)
        layer.__dict__.update(_path=self._path, _frame=self._frame, _spec=spec, _inner_layers={})
        layer.__dict__.update({key: self.__dict__[key] for key in ("_dtype", "_mode") if key in self.__dict__})
        computed = {**self.__dict__.get("_computed", {}), self.tensor: self._weight(updates)}
        layer.__dict__.update(computed)
        if isinstance(layer, _Reparametrized):
            layer.__dict__["_computed"] = computed
        return layer

    def __getattr__(self, name: str) -> Any:
        spec = self.__dict__.get("_spec")
        if name.startswith("_") or spec is None or spec.is_lazy or any(v.name == name for v in spec.variables):
            return super().__getattr__(name)
        return self._weight(False) if name == self.tensor else getattr(self._layer(False), name)

    def _original(self, name: str) -> Any:
        return self._value(f"parametrizations/{self.tensor}/{name}")


class WeightNormed(_Reparametrized):
    dim: int | None

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self._layer(True).forward(*inputs, **kwargs)

    def _weight(self, updates: bool) -> Array:
        g, v = self._original("original0"), self._original("original1")
        axis = kept_axis(self.dim, v.shape)
        axes = tuple(number for number in range(v.ndim) if number != axis)
        wide = v.astype(jnp.float32) if v.dtype.name in HALVES else v
        norm = jnp.sqrt(jnp.sum(wide * wide, axis=axes, keepdims=axis is not None))
        weight: Array = (wide * (g.astype(wide.dtype) / norm)).astype(v.dtype)
        return weight


class SpectralNormed(_Reparametrized):
    n_power_iterations: int
    eps: float
    dim: int | None

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self._layer(True).forward(*inputs, **kwargs)

    def _weight(self, updates: bool) -> Array:
        weight: Array = self._original("original")
        if weight.ndim == 1:
            return _normalized(weight, self.eps)
        dtype = weight.dtype
        weight = weight.astype(self._original("0/_u").dtype)  # a policy may have cast the parameter
        axis = rows_axis(self._spec.arguments["layer"], self.dim, weight.shape)
        matrix = jnp.moveaxis(weight, axis, 0)
        matrix = matrix.reshape(matrix.shape[0], -1) if matrix.size else matrix.reshape(matrix.shape[0], 0)
        u, v = self._original("0/_u"), self._original("0/_v")
        if self.training and updates:
            still = lax.stop_gradient(matrix)
            for _ in range(self.n_power_iterations):
                u = _normalized(still @ v, self.eps)
                v = _normalized(still.T @ u, self.eps)
            self._store(f"parametrizations/{self.tensor}/0/_u", u)
            self._store(f"parametrizations/{self.tensor}/0/_v", v)
        return (weight / jnp.vdot(u, matrix @ v)).astype(dtype)


def _normalized(x: Array, eps: float) -> Array:
    return x / jnp.maximum(jnp.linalg.norm(x), eps)
