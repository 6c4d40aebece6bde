"""Mixed precision: the dtypes that variables are kept in, that layers compute in, and that a model returns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unified.core.annotations import DType
from unified.core.dtypes import dtype_name
from unified.core.filters import of_path
from unified.core.structure import VariableInfo

__all__ = ["Policies", "Policy"]

FLOATS = ("float16", "bfloat16", "float32", "float64")


@dataclass(frozen=True)
class Policy:
    """Dtypes of a model, or of a part of it; `None` leaves them as they are.

    Args:
        param: of parameters, as `init` makes them.
        compute: of layers: floating inputs and parameters are converted to it before a layer computes, and its outputs
            after. Norms compute in at least float32, and state (such as running statistics) is kept as it is.
        output: of what the model returns. Only the policy of the whole model says so.

    Variables that the body asks for itself are not converted.

    `unified.transform(fn, policy=Policy(compute="bfloat16", output="float32"))` is for the whole model;
    `policy={"head": Policy(), "*": Policy(compute="bfloat16")}` takes the first pattern that matches a layer's path.

    >>> import torch, unified as u
    >>> policy = u.Policy(compute="bfloat16", output="float32")
    >>> net = u.transform(lambda x: u.Linear(3, 2)(x), backend="torch", policy=policy).init(torch.ones(1, 3), rng=0)
    >>> net.linear.weight.dtype, net.linear(torch.ones(1, 3)).dtype, net(torch.ones(1, 3)).dtype
    (torch.float32, torch.bfloat16, torch.float32)
    """

    param: DType = None
    compute: DType = None
    output: DType = None

    def __post_init__(self) -> None:
        for name in ("param", "compute", "output"):
            dtype = getattr(self, name)
            if dtype is not None:
                if dtype_name(dtype) not in FLOATS:
                    raise ValueError(f"{name} must be one of {', '.join(FLOATS)}, got {dtype!r}")
                object.__setattr__(self, name, dtype_name(dtype))


NONE = Policy()


class Policies:
    """The policies of a model, by the paths of its layers."""

    def __init__(self, policy: Policy | Mapping[str, Policy]) -> None:
        self.by_pattern = {"*": policy} if isinstance(policy, Policy) else dict(policy)
        for pattern, each in self.by_pattern.items():
            if not isinstance(pattern, str) or not isinstance(each, Policy):
                raise TypeError(f"policy is a Policy, or a dict of them by pattern, got {pattern!r}: {each!r}")
        self._found: dict[str, Policy] = {}

    def of(self, path: str) -> Policy:
        """The policy of the layer at `path`; of the whole model if that is empty."""
        found = self._found.get(path)
        if found is None:
            matching = (policy for pattern, policy in self.by_pattern.items() if of_path(pattern, path))
            found = self._found[path] = next(matching, NONE)
        return found

    def param_of(self, info: VariableInfo) -> str | None:
        """The dtype that a variable is kept in, if a policy says so."""
        dtype = self.of(info.path.rpartition("/")[0]).param
        return dtype if info.collection == "params" and info.dtype in FLOATS else None

    def kept(self, infos: Iterable[VariableInfo]) -> dict[str, str]:
        """The dtypes of those variables that are kept in another than they have, by path."""
        wanted = {info.path: (self.param_of(info), info.dtype) for info in infos}
        return {path: kept for path, (kept, dtype) in wanted.items() if kept is not None and kept != dtype}
