"""A plugin of `pytest --doctest-modules unified`: the examples that have tests of their own are left to them.

Docstrings of the layers of `unified.nn`, `.explicit` and `.trees` are those of the declarations, rewritten
(`unified/core/layer_docs.py`); `package/test_layer_examples.py` runs their examples.
"""

import pytest

from unified.core.layer_docs import BODY, LayerDoc

__all__ = ["pytest_collection_modifyitems"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left = [item for item in items if isinstance(item, pytest.DoctestItem) and is_rewritten(item)]
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


def is_rewritten(item: pytest.DoctestItem) -> bool:
    """Return whether the docstring of an example is that of a layer in another style than a body's."""
    member = item.dtest.globs.get(item.name.rpartition(".")[2])
    doc = vars(member).get("__doc__") if isinstance(member, type) else None
    return isinstance(doc, LayerDoc) and doc.style is not BODY
