"""The tests of dm-haiku that do not test its public interface, with the reasons."""

from tools.suite_outcomes import first_reason

__all__ = ["reason_for"]

# Reasons by a pattern in the name of the test, and by a pattern in the text of its failure.
BY_NAME = {
    r"_src__flax__": "joins Haiku to Flax: hk.experimental.flax is not supported",
    r"no_flax_test": "tests dm-haiku's own shim for Flax",
    r"dot_test": "hk.to_dot reads JAX's traces and is not supported",
    r"jaxpr_info": "hk.experimental.jaxpr_info reads jaxprs and is not supported",
    r"jax2tf": "needs TensorFlow",
    r"shim_hk_test": "tests the source code of dm-haiku itself",
    r"doctest_test": "runs the examples in the docstrings of dm-haiku itself",
    r"descriptors_test.*test_coverage": "counts the classes in the source code of dm-haiku itself",
    r"test_signature_(without_apply_rng|transform)": "compares annotations with jax.Array, which ours do not use",
    r"checkpoint_test": "reads checkpoint files that are not in the installed package",
}
BY_TEXT = {
    r"(haiku\._src[\w.]*) is private to dm-haiku": r"uses the private name \1",
    r"hk\.([\w.]+) is not offered": r"uses hk.\1, which is not supported",
    r"No module named '(tensorflow|tree|dill)\b": r"needs \1, which is not installed",
}


def reason_for(nodeid: str, text: str) -> str | None:
    """Return the reason why a test that did not pass does not apply, or `None` if it does apply."""
    return first_reason(nodeid, text, BY_NAME, BY_TEXT)
