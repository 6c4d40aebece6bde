"""The tests of the libraries that do not apply on torch, with the reasons."""

from tools.haiku_suite import not_applicable as haiku
from tools.suite_outcomes import first_reason

__all__ = ["reason_for"]

# By suite, then by a pattern in the name of the test.
BY_NAME: dict[str, dict[str, str]] = {
    "chex": {
        r"restrict_backends_test": "forbids compilation by XLA for a kind of device",
        r"IsTraceableTest|OnCallOfTransformed|AssertMaxTracesTest": "looks at names in JAX's own source",
        r"DevicesAssertTest::test_(gpu|tpu|not_less)|set_n_cpu_devices": "needs several devices, or a GPU or TPU",
    },
    "dm-haiku": {
        r"integration__to_dot_test|_src__dot_test": "hk.to_dot reads JAX's traces and is not supported",
        r"shim_hk_test|no_flax_test": "tests that one module of dm-haiku is another, and imports it a second time",
        r"checkpoint_test|data_structures_test.*pickle|test_(nested|empty)": "reads files by a path from the source",
        r"jaxpr_info": "looks at a jaxpr, which is JAX's own form of a function",
        r"doctest_test": "runs the examples in the docstrings, which print what JAX prints",
    },
    "flax-linen": {r"Fp8Test": "computes in 8-bit floating point, by XLA's operations"},
}
# Of every suite, by a pattern in the text of the failure.
BY_TEXT: dict[str, str] = {
    r"a mesh of \d+ devices was asked for": "needs several devices: JAX code on torch has one",
    r"jax\.make_jaxpr is not supported on torch": "looks at a jaxpr, which is JAX's own form of a function",
    r"BackendError: (the operation '\w+' is defined for JAX's traces|jax\.experimental\.hijax\.\w+)": (
        "defines types and operations of JAX's own traces (hijax)"
    ),
    r"jax\.lib\.xla_bridge": "uses jax.lib.xla_bridge, which JAX 0.10 has no more",
    r"cannot import name 'optim' from 'unified.compat.on_torch.flax'": "uses flax.optim, which Flax has no more",
    r"has no attribute 'compiler_ir'": "reads XLA's code of a compiled function",
    r"\"Dict key mismatch\" does not match": "compares the text of an error of JAX",
    r"No module named '(tensorflow|torch_xla|cloudpickle|sklearn|dm_env|pandas)\b": r"needs \1, which is not installed",
}


def reason_for(suite: str, nodeid: str, text: str) -> str | None:
    """Return the reason why a test that did not pass does not apply, or `None` if it does apply."""
    if suite == "unified.compat.haiku":
        reason = haiku.reason_for(nodeid, text)
        if reason is not None:
            return reason
    return first_reason(nodeid, text, BY_NAME.get(suite, {}), BY_TEXT)
