"""The pages that list the layers are up to date, and nothing of `torch.nn` is missing without a reason."""

import pytest

from conformance_tests.parity import layer_table


def test_page_is_current() -> None:
    assert layer_table.PAGE.read_text() == layer_table.page(), "run: make docs"


def test_readme_is_current() -> None:
    text = layer_table.README.read_text()
    assert layer_table.BEGIN in text
    assert text == layer_table.with_summary(text), "run: make docs"


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
