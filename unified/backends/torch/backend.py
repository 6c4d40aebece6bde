"""`TorchBackend`: torch, as the core sees it."""

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch

from unified.backends.torch import first_values, layer_call, numpy, prng, tree
from unified.backends.torch.arrays import from_numpy
from unified.backends.torch.container import Container
from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.init import LazyLayer
from unified.backends.torch.prng import to_torch_dtype
from unified.backends.torch.trees import TREES
from unified.core import backends, threefry
from unified.core.distributions import Distribution
from unified.core.dtypes import dtype_name
from unified.core.errors import CheckpointError
from unified.core.layer_call import FirstValue, LayerCall, LayerResult
from unified.core.lifted.subfunction import Subfunction
from unified.core.policy import Policies
from unified.core.protocol import Calls, FunctionTransforms, Transforms
from unified.core.sharding import Axes

__all__ = ["TorchBackend", "backend"]


class TorchBackend:
    """See `unified.core.protocol.Backend`."""

    name = "torch"
    functional = torch.nn.functional
    numpy = numpy
    array_types = (torch.Tensor, torch.nn.Parameter)

    trees = TREES

    @functools.cached_property
    def transforms(self) -> Transforms[TorchFrame, Subfunction]:
        from unified.backends.torch.lifted import TorchTransforms

        return TorchTransforms()

    @functools.cached_property
    def function_transforms(self) -> FunctionTransforms:
        from unified.backends.torch.function_transforms import TorchFunctionTransforms

        return TorchFunctionTransforms()

    def empty_frame(self) -> TorchFrame:
        frame = TorchFrame(Container(""), training=False, portable=False)
        frame.refuses_objects = False
        return frame

    @functools.cached_property
    def calls(self) -> Calls:
        from unified.backends.torch.calls import TorchCalls

        return TorchCalls()

    def register_node(self, cls: Any, flatten: Any, unflatten: Any, names: Any, to_json: Any, of_json: Any) -> None:
        tree.register_node(cls, flatten, unflatten, names)

    @functools.cached_property
    def objects(self) -> Any:
        from unified.backends.torch.objects import OBJECTS

        return OBJECTS

    def model(
        self, fn: Callable[..., Any], *, rng: str | None, policies: Policies | None, separate_stacks: bool
    ) -> Any:
        from unified.backends.torch.model import TorchModel

        return TorchModel(fn, portable=rng == "portable", policies=policies, separate_stacks=separate_stacks)

    def first_values(self, key: Any, variables: Sequence[FirstValue]) -> list[torch.Tensor]:
        return first_values.first_values(key, variables)

    def run_layer(self, call: LayerCall) -> LayerResult:
        return layer_call.run_layer(call)

    def sample(self, key: torch.Tensor, distribution: Distribution, shape: tuple[int, ...], dtype: str | None) -> Any:
        words = key.to(torch.int64)
        name = dtype or dtype_name(torch.get_default_dtype())
        return prng.sample((words[0], words[1]), distribution, shape, name, key.device)

    def call_initializer(
        self, fn: Callable[..., Any], words: tuple[int, int], shape: tuple[int, ...], dtype: str
    ) -> np.ndarray:
        wide = torch.float64 if dtype == "float64" else torch.float32
        return prng.fill_by(fn, words, torch.empty(shape, dtype=wide, device="cpu")).numpy()

    def random_key(self, words: tuple[int, int]) -> torch.Tensor:
        return torch.tensor(words, dtype=torch.int64).to(torch.uint32)

    def derive_keys(self, key: torch.Tensor, high: Any, low: Any) -> torch.Tensor:
        wide = self.key_words(key).to(torch.int64)
        words = [torch.as_tensor(word, device=key.device).to(torch.int64) & threefry.MASK for word in (high, low)]
        return torch.stack(prng.encrypt((wide[0], wide[1]), (words[0], words[1])), -1).to(key.dtype)

    def permutation(self, key: torch.Tensor, count: int) -> torch.Tensor:
        wide = key.to(torch.int64)
        return torch.argsort(prng.random_bits((wide[0], wide[1]), count, key.device), stable=True)

    def named_ranges(self, model: Any) -> AbstractContextManager[None] | None:
        from unified.backends.torch.ranges import named_ranges

        return named_ranges(model) if isinstance(model, torch.nn.Module) else None

    def owns(self, value: Any) -> bool:
        return isinstance(value, torch.Tensor)

    def computes_with(self, value: object) -> bool:
        return hasattr(type(value), "__torch_function__")

    def is_native_module(self, value: object) -> bool:
        return isinstance(value, torch.nn.Module)

    def native_name(self, value: object) -> str | None:
        if isinstance(value, LazyLayer):
            return value.spec.declaration.native_name
        classes = value.__class__.__mro__  # not those of its type, which may shadow a layer
        return next((cls.__name__ for cls in classes if getattr(torch.nn, cls.__name__, None) is cls), None)

    def to_numpy(self, array: torch.Tensor) -> np.ndarray:
        array = array.detach().cpu().resolve_conj().resolve_neg()
        if array.dtype is torch.bfloat16:
            import ml_dtypes  # installed with JAX, the only user of NumPy's bfloat16

            return array.view(torch.int16).numpy().view(ml_dtypes.bfloat16).copy()
        return array.numpy().copy()

    def from_numpy(self, array: np.ndarray, device: Any, *, owned: bool = False) -> torch.Tensor:
        return from_numpy(array, device, owned=owned)

    def astype(self, array: torch.Tensor, dtype: str) -> torch.Tensor:
        return array.to(to_torch_dtype(dtype))

    def dtype(self, dtype: Any) -> torch.dtype:
        return to_torch_dtype(dtype)

    def with_gradient(self, array: torch.Tensor, requires_grad: bool) -> torch.Tensor:
        requires_grad = requires_grad and (array.is_floating_point() or array.is_complex())
        return array if array.requires_grad == requires_grad else array.detach().requires_grad_(requires_grad)

    def own_parts(self, path: str, array: torch.Tensor) -> Any:
        from unified.backends.torch import shards

        return shards.own_parts(path, array) if shards.is_sharded(array) else None

    def from_parts(self, shape: tuple[int, ...], dtype: str, like: Any, read: Any) -> torch.Tensor:
        from unified.backends.torch import shards

        return shards.from_parts(self, shape, dtype, like, read)

    def processes(self, token: int) -> tuple[int, int, int]:
        import torch.distributed as dist

        if not (dist.is_available() and dist.is_initialized()):
            return 0, 1, token
        tokens = [token]
        dist.broadcast_object_list(tokens, src=0)
        return dist.get_rank(), dist.get_world_size(), tokens[0]

    def host_view(self, array: torch.Tensor) -> np.ndarray:
        array = array.detach()
        if not array.is_cpu or array.dtype is torch.bfloat16 or array.is_conj() or array.is_neg():
            return self.to_numpy(array)
        return array.numpy()

    def read_state_dict(self, path: Any) -> dict[str, torch.Tensor]:
        """Return the tensors of a file that `torch.save` wrote, by name; raise `CheckpointError` for other content."""
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # torch.load raises many types
            raise CheckpointError(f"{path} cannot be read as a state_dict: {error}") from None
        if not isinstance(content, dict) or not all(
            isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in content.items()
        ):
            raise CheckpointError(f"{path} is not a state_dict, which maps names to tensors: save model.state_dict()")
        return dict(content)

    def mesh_sizes(self, mesh: Any) -> Mapping[str, int]:
        if mesh.mesh_dim_names is None:
            raise ValueError("the dimensions of the mesh have no names: pass mesh_dim_names= to init_device_mesh")
        return dict(zip(mesh.mesh_dim_names, mesh.mesh.shape, strict=True))

    def sharding(self, mesh: Any, axes: Axes) -> tuple[Any, ...]:
        from torch.distributed.tensor import Replicate, Shard  # slow to import

        dimensions = {name: dimension for dimension, names in enumerate(axes) for name in names}
        return tuple(Shard(dimensions[name]) if name in dimensions else Replicate() for name in mesh.mesh_dim_names)

    def distribute(self, model: Any, mesh: Any, rules: Mapping[str, Any] | None) -> Any:
        from unified.backends.torch.distributed import distribute

        return distribute(model, mesh, rules)

    def key_words(self, key: torch.Tensor) -> torch.Tensor:
        if key.shape[-1:] != (4,):
            return key
        words = key.to(torch.int64).unbind(-1)
        return torch.stack(prng.encrypt((words[0], words[1]), (words[2], words[3])), -1).to(key.dtype)

    def fold_in(self, key: torch.Tensor, number: Any) -> torch.Tensor:
        wide = key.to(torch.int64)
        if isinstance(number, torch.Tensor):
            number = number.to(torch.int64)
        words = prng.step_key((wide[0], wide[1]), number)
        return torch.stack([torch.as_tensor(word) for word in words]).to(key.dtype)

    def placement(self, array: torch.Tensor) -> torch.device:
        return array.device


backend = TorchBackend()
TorchFrame.backend = backend
backends.FUNCTIONAL.update(dict.fromkeys((torch.Tensor, torch.nn.Parameter), torch.nn.functional))
backends.NUMPY.update(dict.fromkeys((torch.Tensor, torch.nn.Parameter, torch.dtype), numpy))
