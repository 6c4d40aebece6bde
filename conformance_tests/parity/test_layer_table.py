"""The pages that list the layers are up to date, and nothing of `torch.nn` is missing without a reason."""

import re

import pytest

import unified.functional as F
from conformance_tests.core import names_table
from conformance_tests.parity import layer_table
from conformance_tests.parity.calls import CALLS
from conformance_tests.parity.cases import CASES
from tools.generate import outdated
from unified.core import layers


def test_generated_files_are_current() -> None:
    """The pages, the stub of the layers, `unified.functional` and all else that `make generate` writes."""
    assert [str(path) for path in outdated()] == [], "run: make generate"


def test_figures_of_the_guarantees() -> None:
    """The counts that docs/guarantees.md and the README give are those of the suite."""
    text = "".join((layer_table.ROOT / name).read_text() for name in ("docs/guarantees.md", "README.md"))
    mistakes = (layer_table.ROOT / "conformance_tests" / "typing" / "mistakes.py").read_text()
    for figure in (
        f"a table of {len(names_table.CASES)} bodies",
        f"{len(CASES)} cases that cover every option of {len(layers.__all__)} layers",
        f"over {len(names_table.CASES)} bodies",
        f"{len(CASES)} cases for {len(layers.__all__)} layers",
        f"{len(CALLS)} calls of {len(F.__all__)} functions",
        f"{len(re.findall('# error$', mistakes, re.MULTILINE))} planted mistakes",
    ):
        assert figure in text, figure


@pytest.mark.parametrize(
    ("missing", "reasons"),
    [
        (layer_table.missing_layers(), layer_table.MISSING_LAYERS),
        (layer_table.missing_functions(), layer_table.MISSING_FUNCTIONS),
    ],
    ids=["layers", "functions"],
)
def test_what_is_missing_has_a_reason(missing: list[str], reasons: dict[str, str]) -> None:
    assert [name for name in missing if layer_table.reason(name, reasons) is None] == []
    unused = [key for key in reasons if not any(layer_table.reason(name, {key: "yes"}) for name in missing)]
    assert unused == []
