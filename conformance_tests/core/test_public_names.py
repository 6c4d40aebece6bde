"""What `unified` offers: the names of `__all__`, and classes that are called by these names."""

import importlib
import inspect
import pickle
import pkgutil

import pytest

import unified as u

CLASSES = [name for name in u.__all__ if inspect.isclass(getattr(u, name)) and name != "Array"]


def test_dir_is_all():
    assert dir(u) == sorted(u.__all__)
    assert len(set(u.__all__)) == len(u.__all__)
    assert all(hasattr(u, name) for name in u.__all__)


@pytest.mark.parametrize("name", CLASSES)
def test_a_public_class_has_its_public_name(name):
    cls = getattr(u, name)
    assert cls.__module__ == "unified"
    assert pickle.loads(pickle.dumps(cls)) is cls
    assert cls.__doc__


def test_old_pickles_find_the_classes():
    """Which have the module where a class is written."""
    assert pickle.loads(b"cunified.core.params\nParams\n.") is u.Params
    assert pickle.loads(b"cunified.core.layers.linear\nLinear\n.") is u.Linear


def test_every_file_has_its_names_written_out():
    for module in pkgutil.walk_packages(u.core.__path__, "unified.core."):
        names = importlib.import_module(module.name).__dict__.get("__all__", [])
        assert isinstance(names, list) and all(isinstance(name, str) for name in names), module.name
