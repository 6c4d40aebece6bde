"""The pages that list the layers are up to date, and nothing of `torch.nn` is missing without a reason."""

import pytest

from conformance_tests.parity import layer_table
from tools.generate import outdated


def test_generated_files_are_current() -> None:
    """The pages, the stub of the layers, `unified.functional` and all else that `make generate` writes."""
    assert [str(path) for path in outdated()] == [], "run: make generate"


def test_readme_lists_the_layers() -> None:
    assert layer_table.BEGIN in layer_table.README.read_text()


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
