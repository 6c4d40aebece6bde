"""Objects of `unified.nn` on torch: real modules of `torch.nn`."""

import copy
import functools
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from unified.backends.torch import prng
from unified.backends.torch.first_values import first_values
from unified.backends.torch.model import to_meta
from unified.backends.torch.objects import calls, completion, module, portable
from unified.backends.torch.objects.pending import Pending, declare, settle
from unified.core import threefry
from unified.core.distributions import Normal
from unified.core.initializers import Constant
from unified.core.params import Params
from unified.core.pending import PendingVariable
from unified.nn.construction import current
from unified.nn.variable import Variable

__all__ = ["OBJECTS"]


class TorchObjects:
    """See `unified.nn.protocol.Objects`."""

    name = "torch"

    @functools.cached_property
    def transforms(self) -> Any:
        from unified.backends.torch.objects.transforms import TRANSFORMS

        return TRANSFORMS

    def construct(self, cls: Any, construction: Any, args: Any, kwargs: Any) -> Any:
        return module.construct(cls, construction, args, kwargs)

    def declare(self, pending: PendingVariable) -> Any:
        if current.construction is not None:
            return declare(pending)
        if not isinstance(pending.initializer, Constant) or pending.collection not in ("params", "state"):
            return Variable(pending)  # until it is assigned to a module, which gives it its path
        tensor = declare(pending)
        (value,) = first_values((0, 0), [pending.first_value("")])
        settle(tensor, value)
        return tensor

    def complete(self, made: Any, construction: Any) -> None:
        key = construction.key if construction.key is not None else completion.draw_key()
        completion.complete(made, key)
        if construction.portable:
            portable.make_portable(made, key)

    def draw_key(self) -> threefry.Key:
        return completion.draw_key()

    def is_module(self, value: object) -> bool:
        return isinstance(value, nn.Module)

    def is_variable(self, value: object) -> bool:
        return isinstance(value, (nn.Parameter, Pending))

    def fill(self, tensor: Any, name: str, *args: Any) -> None:
        getattr(nn.init, name)(tensor, *args)

    def observe(self, *run: Any) -> Any:
        from unified.backends.torch.objects.parity import observe

        return observe(*run)

    def params(self, model: Any) -> Params:
        return calls.params_of(model)

    def store(self, model: Any, params: Params) -> None:
        """Copy values into a module, which has variables of these paths and kinds."""
        own = calls.params_of(model)
        with torch.no_grad():
            for path, value in params.items():
                own[path].copy_(value)

    def copy(self, model: Any, values: Mapping[str, Any]) -> Any:
        return calls.copy_with(model, values)

    def run_on_shapes(self, model: Any, run: Any, args: Any, kwargs: Any) -> None:
        values = {id(t): torch.empty_like(t, device="meta") for t in (*model.parameters(), *model.buffers())}
        values |= {id(p): nn.Parameter(values[id(p)], p.requires_grad) for p in model.parameters()}
        with torch.device("meta"), torch.no_grad():
            run(copy.deepcopy(model, values), *to_meta((args, kwargs)))

    def forget(self, model: Any, params: Params) -> None:
        """Remove the collections of variables that were removed."""
        for path in params:
            scope, _, name = path.rpartition("/")
            model.get_submodule(scope.replace("/", ".")).__dict__.get("_collections", {}).pop(name, None)

    def draw_key_of(self, key: Any, counter: Any) -> Any:
        """Return the key of a stream's next draw."""
        words = key.to(torch.int64)
        return prng.call_key((words[0], words[1]), counter.to(torch.int64))

    def sample(self, key: Any, distribution: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        return prng.sample(key, distribution, shape, dtype, key[0].device)

    def draw_like(self, like: torch.Tensor, distribution: Any) -> torch.Tensor:
        """Draw by torch's generator."""
        return torch.randn_like(like) if isinstance(distribution, Normal) else torch.rand_like(like)


OBJECTS = TorchObjects()
