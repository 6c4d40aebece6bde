"""The JAX backend, as the core sees it."""

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax import exported, functional, layer_call, numpy, pytree
from unified.backends.jax.frame import JaxFrame
from unified.backends.jax.layers.base import JaxLayer
from unified.backends.jax.memory import aligned
from unified.backends.jax.trees import TREES
from unified.core.distributions import Distribution
from unified.core.dtypes import dtype_name
from unified.core.layer_call import FirstValue, LayerCall, LayerResult
from unified.core.lifted.subfunction import Subfunction
from unified.core.params import Params
from unified.core.policy import Policies
from unified.core.protocol import Calls, FunctionTransforms, Transforms
from unified.core.ranges import naming_set
from unified.core.sharding import Axes

__all__ = ["JaxBackend", "backend"]


class JaxBackend:
    """The JAX backend; see `unified.core.protocol.Backend`."""

    name = "jax"
    functional = functional
    numpy = numpy
    array_types = ()  # JAX makes its class of arrays when it makes the first

    trees = TREES

    @functools.cached_property
    def transforms(self) -> Transforms[JaxFrame, Subfunction]:
        from unified.backends.jax.lifted import JaxTransforms

        return JaxTransforms()

    @functools.cached_property
    def function_transforms(self) -> FunctionTransforms:
        from unified.backends.jax.function_transforms import JaxFunctionTransforms

        return JaxFunctionTransforms()

    def empty_frame(self) -> JaxFrame:
        frame = JaxFrame(Params({}), training=False)
        frame.refuses_objects = False
        return frame

    @functools.cached_property
    def calls(self) -> Calls:
        from unified.backends.jax.calls import JaxCalls

        return JaxCalls()

    def register_node(self, cls: Any, flatten: Any, unflatten: Any, names: Any, to_json: Any, of_json: Any) -> None:
        pytree.register_node(cls, flatten, unflatten, names)
        exported.register_node(cls, to_json, of_json, unflatten)

    @functools.cached_property
    def objects(self) -> Any:
        from unified.backends.jax.objects import OBJECTS

        return OBJECTS

    def model(
        self, fn: Callable[..., Any], *, rng: str | None, policies: Policies | None, separate_stacks: bool
    ) -> Any:
        from unified.backends.jax.model import JaxModel

        return JaxModel(fn, policies, separate_stacks)

    def first_values(self, key: Any, variables: Sequence[FirstValue]) -> list[jax.Array]:
        return layer_call.first_values(key, variables)

    def run_layer(self, call: LayerCall) -> LayerResult:
        return layer_call.run_layer(call)

    def sample(self, key: Any, distribution: Distribution, shape: tuple[int, ...], dtype: str | None) -> jax.Array:
        from unified.backends.jax import prng

        return prng.sample((key[0], key[1]), distribution, shape, dtype or "float32")

    def call_initializer(
        self, fn: Callable[..., Any], words: tuple[int, int], shape: tuple[int, ...], dtype: str
    ) -> np.ndarray:
        from unified.backends.jax import prng

        wide = jax.dtypes.canonicalize_dtype("float64" if dtype == "float64" else "float32")
        return np.asarray(fn(prng.typed_key(words), shape, wide))

    def random_key(self, words: tuple[int, int]) -> jax.Array:
        from unified.backends.jax import prng

        return prng.typed_key(words)

    def derive_keys(self, key: jax.Array, high: Any, low: Any) -> jax.Array:
        from unified.backends.jax import prng

        words, is_typed = prng.key_words(key), jnp.issubdtype(key.dtype, jax.dtypes.prng_key)
        pair = prng.fold_in((words[0], words[1]), (low ^ low if np.ndim(low) == 0 else high, low))
        return prng.typed_key(pair, -1) if is_typed else jnp.stack(pair, -1).astype(words.dtype)

    def permutation(self, key: jax.Array, count: int) -> jax.Array:
        from unified.backends.jax import prng

        return jnp.argsort(prng.random_bits((key[0], key[1]), (count,)), stable=True)

    def named_ranges(self, model: Any) -> AbstractContextManager[None] | None:
        return naming_set(True) if getattr(model, "_framework", None) == self.name else None

    def owns(self, value: Any) -> bool:
        return isinstance(value, jax.Array)

    def computes_with(self, value: object) -> bool:
        return hasattr(type(value), "__jax_array__")

    def is_native_module(self, value: object) -> bool:
        return False

    def native_name(self, value: object) -> str | None:
        return value.native_name if isinstance(value, JaxLayer) else None

    def to_numpy(self, array: Any) -> np.ndarray:
        if jnp.issubdtype(array.dtype, jax.dtypes.prng_key):
            with jax.ensure_compile_time_eval():  # a key from outside of the running trace has a value in it too
                array = jax.random.key_data(array)
        return np.array(array)

    def from_numpy(self, array: np.ndarray, device: Any, *, owned: bool = False) -> jax.Array:
        copy = aligned(np.shape(array), array.dtype)
        copy[...] = array
        return jax.device_put(copy, device)

    def astype(self, array: Any, dtype: str) -> Any:
        return array.astype(jax.dtypes.canonicalize_dtype(dtype))

    def dtype(self, dtype: Any) -> Any:
        return jax.dtypes.canonicalize_dtype(dtype_name(dtype))

    def with_gradient(self, array: Any, requires_grad: bool) -> Any:
        return array  # on JAX each call chooses what it differentiates

    def mesh_sizes(self, mesh: Any) -> Mapping[str, int]:
        return dict(mesh.shape)

    def sharding(self, mesh: Any, axes: Axes) -> jax.sharding.NamedSharding:
        return jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*(names or None for names in axes)))

    def distribute(self, model: Any, mesh: Any, rules: Mapping[str, Any] | None) -> Any:
        if isinstance(model, Params):
            return jax.device_put(model, model.shardings(mesh, rules))
        return model.replace(self.distribute(model.params, mesh, rules))

    def own_parts(self, path: str, array: Any) -> Any:
        if isinstance(array, jax.core.Tracer) or not isinstance(array, jax.Array) or array.is_fully_addressable:
            return None
        return [
            (tuple(index.start or 0 for index in shard.index), shard.data)
            for shard in array.addressable_shards
            if shard.replica_id == 0
        ]

    def from_parts(self, shape: tuple[int, ...], dtype: str, like: Any, read: Any) -> jax.Array:
        kept = jax.dtypes.canonicalize_dtype(dtype_name(dtype))
        sharding = like if isinstance(like, jax.sharding.Sharding) else getattr(like, "sharding", None)

        def values(index: Any) -> np.ndarray:
            start, stop = [], []
            for one, size in zip(index, shape, strict=True):
                begin, end, _ = one.indices(size)
                start.append(begin)
                stop.append(end)
            part = read(tuple(start), tuple(end - begin for begin, end in zip(start, stop, strict=True)))
            return np.asarray(part).astype(kept, copy=False)

        if sharding is None:  # a ShapeDtypeStruct
            return jnp.asarray(values((slice(None),) * len(shape)))
        return jax.make_array_from_callback(shape, sharding, values)

    def processes(self, token: int) -> tuple[int, int, int]:
        from jax.experimental import multihost_utils

        if jax.process_count() > 1:
            token = int(multihost_utils.broadcast_one_to_all(np.uint32(token)))
        return jax.process_index(), jax.process_count(), token

    def host_view(self, array: Any) -> np.ndarray:
        return np.asarray(array)

    def key_words(self, key: Any) -> jax.Array:
        from unified.backends.jax import prng

        return prng.key_words(key)

    def fold_in(self, key: Any, number: Any) -> jax.Array:
        from unified.backends.jax import prng

        return jnp.stack(prng.step_key((key[0], key[1]), number))

    def placement(self, array: Any) -> Any:
        return None if isinstance(array, jax.core.Tracer) else array.sharding


backend = JaxBackend()
JaxFrame.backend = backend
