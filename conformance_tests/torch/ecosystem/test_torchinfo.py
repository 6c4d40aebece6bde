"""torchinfo's table of a model, beside that of a hand-written module."""

import pytest

from conformance_tests.torch.ecosystem.models import MARKS, X, pair

pytestmark = MARKS


@pytest.fixture(scope="module")
def torchinfo():
    return pytest.importorskip("torchinfo")


def test_the_table_has_the_rows_of_the_hand_written_module(torchinfo):
    tables = []
    for model in pair():
        table = torchinfo.summary(model, input_data=(X,), verbose=0, depth=4)
        kinds = [row.class_name.removeprefix("Hand") for row in table.summary_list[1:]]
        places = [(row.var_name, row.depth) for row in table.summary_list]
        sizes = [(row.input_size, row.output_size) for row in table.summary_list]
        counts = [(row.num_params, row.trainable_params, row.macs) for row in table.summary_list]
        totals = (table.total_params, table.trainable_params, table.total_mult_adds, table.total_output_bytes)
        tables.append((kinds, places[1:], sizes, counts, totals))
        assert table.summary_list[0].class_name == type(model).__name__
    assert tables[0] == tables[1] and len(tables[0][0]) == 14


def test_it_runs_the_model_on_a_size_alone(torchinfo):
    one, other = (str(torchinfo.summary(model, input_size=X.shape, verbose=0)) for model in pair())
    assert one.replace("loop", "Hand").split() == other.replace("HandBlock", "Block").split()
