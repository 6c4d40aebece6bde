"""The examples in the docstrings of public classes' methods run.

`pytest --doctest-modules` runs those of functions and of classes, and takes methods for another module's: a class is
written in `unified.core.params`, say, and its name is `unified.Params`.
"""

import doctest
import inspect
from collections.abc import Iterator

import pytest

import unified as u
from unified import explicit
from unified.backends.jax.model import JaxModel
from unified.backends.torch.model import TorchModel
from unified.core.bound import BoundModel

OTHERS = (TorchModel, JaxModel, BoundModel, explicit.Module, explicit.Graph)


def examples() -> Iterator[doctest.DocTest]:
    """The examples of each method, with the names of the file that it is written in."""
    public = (getattr(u, name) for name in u.__all__)
    classes = [cls for cls in public if isinstance(cls, type) and cls.__module__ == "unified"]
    for cls in (*classes, *OTHERS):
        for attribute, member in vars(cls).items():
            function = inspect.unwrap(getattr(member, "fget", None) or getattr(member, "__func__", member))
            if inspect.isfunction(function) and ">>>" in (function.__doc__ or ""):
                parser = doctest.DocTestParser()
                where = f"{cls.__name__}.{attribute}"
                yield parser.get_doctest(function.__doc__ or "", dict(function.__globals__), where, None, None)


EXAMPLES = list(examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example_runs(example: doctest.DocTest) -> None:
    report: list[str] = []
    doctest.DocTestRunner().run(example, out=report.append)
    assert not report, "".join(report)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 50
