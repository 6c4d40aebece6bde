"""Names that no call covers, and differences from JAX that are meant, each with its reason."""

from collections.abc import Callable
from typing import NamedTuple

from conformance_tests.compat.every_name.outcomes import Case

__all__ = ["ACCEPTED", "UNCALLED"]

SHARDED = "of arrays on several devices"
COLLECTIVE = "a collective, called within vmap: test_collectives"
UNCALLED: dict[str, str] = {
    "numpy.fft": "a module",
    "numpy.linalg": "a module",
    "nn.initializers": "a module",
    "numpy.fromfile": "JAX has it for files on disk alone: test_names",
    "lax.pcast": "of arrays on several devices",
    "numpy.fix": "JAX has it no longer",
    **{
        f"lax.{name}": COLLECTIVE
        for name in ("all_gather", "all_to_all", "axis_index", "axis_size", "pmax", "pmean", "pmin", "ppermute",
                     "pshuffle", "psum", "psum_scatter")
    },
    **{
        f"Array.{name}": SHARDED
        for name in ("addressable_data", "addressable_shards", "committed", "copy_to_host_async", "device",
                     "global_shards", "is_fully_addressable", "is_fully_replicated", "sharding", "to_device")
    },
    "Array.byteswap": "of bytes, which models do not see",
    "Array.flat": "an iterator over elements, which JAX only offers for NumPy's sake",
}  # fmt: skip


class Accepted(NamedTuple):
    """Calls of a name that may differ, and why."""

    holds: Callable[[Case], bool]
    reason: str


def _kinds(case: Case) -> list[str]:
    return [operand.kind for operand in case.operands]


ONE_BRANCH = Accepted(
    lambda case: True, "torch runs one branch alone, and does not look at the types that the others return"
)
NUMBER_WITH_AXIS = Accepted(
    lambda case: case.operands[0].rank == 0 and case.operands[0].kind.startswith("weak"),
    "JAX takes a weak array without axes for a vector of one element if an axis is named, and refuses a strong one",
)
ACCEPTED: dict[str, list[Accepted]] = {
    "lax.cond": [ONE_BRANCH],
    "lax.switch": [ONE_BRANCH],
    "lax.while_loop": [
        Accepted(lambda case: case.call.text == "#2", "a loop without steps does not look at what its body returns")
    ],
    **{
        name: [NUMBER_WITH_AXIS]
        for name in ("numpy.cumprod", "numpy.cumsum", "numpy.nancumprod", "numpy.nancumsum", "Array.cumprod",
                     "Array.cumsum")
    },
    "numpy.array_equiv": [Accepted(lambda case: case.call.text == "#2", "JAX raises for vectors of two lengths alone")],
    "numpy.array_repr": [Accepted(lambda case: True, "JAX writes the name of a class of its own")],
    "numpy.interp": [Accepted(lambda case: "bfloat16" in _kinds(case), "JAX has no interpolation in bfloat16")],
    "numpy.var": [
        Accepted(
            lambda case: "int32" in case.call.text or "bool" in case.call.text,
            "JAX gives a variance in integers as a weak array of float32",
        )
    ],
    **{
        name: [Accepted(lambda case: True, "JAX traces it, and refuses it when it is compiled")]
        for name in ("lax.cumlogsumexp", "lax.reduce_and", "lax.reduce_or", "lax.reshape")
    },
    **{
        f"scipy.linalg.{name}": [
            Accepted(lambda case: any("weak" in kind for kind in _kinds(case)), "some of JAX's results are weak")
        ]
        for name in ("lu", "lu_factor")
    },
    "numpy.linalg.lstsq": [
        Accepted(lambda case: any("weak" in kind for kind in _kinds(case)), "JAX's singular values alone are weak")
    ],
    "Array.at": [
        Accepted(lambda case: case.call.text == "#1", "JAX traces sums of booleans, and refuses them when compiled"),
        Accepted(lambda case: case.call.text == "#8", "JAX fails to compile a product of booleans"),
    ],
}  # fmt: skip
