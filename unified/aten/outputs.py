"""The output of a module as a tree of JAX."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = ["output_tree"]


def output_tree(spec: Any) -> Callable[[Sequence[Any]], Any]:
    """Return the function that makes a tree of its leaves, for a tree of torch.

    Tuples, lists and dicts stay what they are. A class of torch's trees whose parts have names, such as a `ModelOutput`
    of transformers, becomes a dict in its order, since `jax.jit` can return no other class.

    Raises:
        TypeError: the parts of a class have no names.
    """
    build = _builder(spec)
    return lambda leaves: build(iter(leaves))


def _builder(spec: Any) -> Callable[[Iterator[Any]], Any]:
    if spec.is_leaf():
        return next
    kind, context = spec.type, spec.context
    parts = [_builder(child) for child in spec.children()]
    if kind is tuple or kind is list:
        return lambda leaves: kind([part(leaves) for part in parts])
    if hasattr(context, "_fields"):  # a named tuple, whose class is the context
        return lambda leaves: context(*[part(leaves) for part in parts])
    if issubclass(kind, tuple):  # what torch.max and others return
        return lambda leaves: tuple([part(leaves) for part in parts])
    is_named = isinstance(context, (list, tuple)) and all(isinstance(name, str) for name in context)
    if kind in (dict, OrderedDict, defaultdict) or (is_named and len(context) == len(parts)):
        dictionary = OrderedDict if issubclass(kind, OrderedDict) else dict
        return lambda leaves: dictionary(zip(context, [part(leaves) for part in parts], strict=True))
    raise TypeError(
        f"the module returns a {kind.__name__}, whose parts have no names by which they could be a dict: return "
        "tuples, lists or dicts"
    )
