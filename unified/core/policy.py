"""Mixed precision: the dtypes of a model's variables, of its computation, and of its outputs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unified.core.annotations import DType
from unified.core.dtypes import dtype_name
from unified.core.filters import of_path
from unified.core.structure import VariableInfo
from unified.core.unmatched import nothing_matches

__all__ = ["Policies", "Policy"]

FLOATS = ("float16", "bfloat16", "float32", "float64")


@dataclass(frozen=True)
class Policy:
    """The dtypes of a model or a part of it; `None` leaves a dtype unchanged.

    Args:
        param: the dtype of the parameters that `init` creates.
        compute: the dtype of layers: floating-point inputs and parameters are converted to it before a layer computes,
            and its outputs afterwards. Norms compute in at least float32, and state (such as running statistics) is not
            converted.
        output: the dtype of the model's outputs. Only the policy of the whole model may set it.

    Variables that the body itself declares are not converted.

    `unified.transform(fn, policy=Policy(compute="bfloat16", output="float32"))` applies to the whole model;
    with `policy={"head": Policy(), "*": Policy(compute="bfloat16")}` the first pattern that matches a layer's path
    applies. `init` raises `ValueError` for a pattern that matches no layer or module.

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
        if not isinstance(policy, (Policy, Mapping)):
            raise TypeError(
                f"policy is a Policy, or a dict of them by pattern, got {policy!r}: "
                'write unified.Policy(compute="bfloat16"), for example'
            )
        self.by_pattern = {"*": policy} if isinstance(policy, Policy) else dict(policy)
        for pattern, value in self.by_pattern.items():
            if not isinstance(pattern, str) or not isinstance(value, Policy):
                raise TypeError(f"policy is a Policy, or a dict of them by pattern, got {pattern!r}: {value!r}")
        self._by_path: dict[str, Policy] = {}

    def of(self, path: str) -> Policy:
        """Return the policy of the layer at `path`, or of the whole model if `path` is empty."""
        policy = self._by_path.get(path)
        if policy is None:
            matching = (policy for pattern, policy in self.by_pattern.items() if of_path(pattern, path))
            policy = self._by_path[path] = next(matching, NONE)
        return policy

    def check(self, paths: Iterable[str]) -> None:
        """Raise `ValueError` for a pattern that matches none of the paths of a model's layers and modules."""
        known = ["", *paths]
        for pattern in self.by_pattern:
            if not any(of_path(pattern, path) for path in known):
                raise nothing_matches((pattern,), known[1:], "layer of the model that has this policy")

    def param_of(self, info: VariableInfo) -> str | None:
        """Return the dtype that a policy sets for a variable, or `None`."""
        dtype = self.of(info.path.rpartition("/")[0]).param
        return dtype if info.collection == "params" and info.dtype in FLOATS else None

    def kept(self, infos: Iterable[VariableInfo]) -> dict[str, str]:
        """Return the dtypes that policies set for variables, by path, where they differ from the present ones."""
        dtypes = {info.path: (self.param_of(info), info.dtype) for info in infos}
        return {path: new for path, (new, old) in dtypes.items() if new is not None and new != old}
