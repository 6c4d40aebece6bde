"""The examples in the docstrings of public classes' methods run.

`pytest --doctest-modules` runs those of functions and of classes, and takes methods for another module's: a class is
written in `unified.core.params`, say, and its name is `unified.Params`.
"""

import doctest
import inspect
from collections.abc import Iterator

import pytest

import unified as u


def examples() -> Iterator[doctest.DocTest]:
    """The examples of each method, with the names of the file that it is written in."""
    for name in u.__all__:
        cls = getattr(u, name)
        members = vars(cls) if isinstance(cls, type) and cls.__module__ == "unified" else {}
        for attribute, member in members.items():
            function = inspect.unwrap(getattr(member, "fget", None) or getattr(member, "__func__", member))
            if inspect.isfunction(function) and ">>>" in (function.__doc__ or ""):
                parser = doctest.DocTestParser()
                where = f"{name}.{attribute}"
                yield parser.get_doctest(function.__doc__ or "", dict(function.__globals__), where, None, None)


EXAMPLES = list(examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example_runs(example: doctest.DocTest) -> None:
    report: list[str] = []
    doctest.DocTestRunner().run(example, out=report.append)
    assert not report, "".join(report)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 7
