"""Which tests of dm-haiku say nothing about its public interface, and why."""

import re

__all__ = ["reason_for"]

# By what is in the name of the test, or in the text of its failure.
BY_NAME = {
    r"_src__flax__": "joins Haiku to Flax: hk.experimental.flax is not offered",
    r"no_flax_test": "tests dm-haiku's own shim for Flax",
    r"dot_test": "hk.to_dot reads JAX's traces and is not offered",
    r"jaxpr_info": "hk.experimental.jaxpr_info reads jaxprs and is not offered",
    r"jax2tf": "needs TensorFlow",
    r"shim_hk_test": "tests how dm-haiku's own source is written",
    r"doctest_test": "runs the examples in dm-haiku's own docstrings",
    r"descriptors_test.*test_coverage": "counts the classes of dm-haiku's own source",
    r"test_signature_(without_apply_rng|transform)": "compares annotations with jax.Array, which ours do not name",
    r"checkpoint_test": "reads checkpoint files that are not in the installed package",
}
BY_TEXT = {
    r"(haiku\._src[\w.]*) is private to dm-haiku": r"uses the private name \1",
    r"hk\.([\w.]+) is not offered": r"uses hk.\1, which is not offered",
    r"No module named '(tensorflow|tree|dill)\b": r"needs \1, which is not installed",
}


def reason_for(nodeid: str, text: str) -> str | None:
    """Why a test that did not pass does not apply; `None` if it does."""
    for pattern, reason in BY_NAME.items():
        if re.search(pattern, nodeid):
            return reason
    for pattern, reason in BY_TEXT.items():
        found = re.search(pattern, text)
        if found:
            return found.expand(reason)
    return None
