"""Every layer of the table with explicit params against the inline style: names, infos, bits and outputs."""

from typing import Any

import numpy as np
import pytest

import unified as u
import unified.explicit as bx
from conformance_tests.explicit.models import ARRAYS, BACKENDS, bits, numbers
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.cases.recipes import Case
from conformance_tests.parity.layer_runner import arguments, given_inputs, layer_inputs

FIRST = list({case.layer: case for case in reversed(CASES)}.values())[::-1]
GIVEN = [case for case in CASES if "Encoder(" in repr(case) or "Decoder(" in repr(case) or "Sequential(" in repr(case)]

pytestmark = [
    pytest.mark.filterwarnings("ignore:enable_nested_tensor"),
    pytest.mark.filterwarnings("ignore:.*dim"),
    pytest.mark.filterwarnings("ignore:Using padding='same'"),
    pytest.mark.filterwarnings("ignore:reduction.*'mean' divides"),
]


class Layers:
    """The layers as a library whose constructors take no graph: each makes a child of its own."""

    def __init__(self, graph: bx.Graph, rng: bx.Rng) -> None:
        self.graph, self.rng, self.count = graph, rng, 0

    def __getattr__(self, name: str) -> Any:
        self.count += 1
        graph = self.graph.child(f"given{self.count}")
        return lambda *args, **kwargs: getattr(bx.layers, name)(graph, *args, **kwargs)


def listed(output: Any) -> list[np.ndarray]:
    if isinstance(output, (tuple, list)):
        return [array for item in output for array in listed(item)]
    return [] if output is None else [numbers(output)]


@pytest.mark.parametrize("backend", [BACKENDS[0], pytest.param(BACKENDS[1], marks=pytest.mark.full)])
@pytest.mark.parametrize("case", list({id(case): case for case in FIRST + GIVEN}.values()), ids=repr)
def test_layers(case: Case, backend: str) -> None:
    convert = ARRAYS[backend]

    def forward(*inputs: Any, **options: Any) -> Any:
        args, kwargs = arguments(case, convert, u)
        return getattr(u, case.layer)(*args, **kwargs, name="layer")(*inputs, **options)

    inputs, options = given_inputs(case, [*map(convert, layer_inputs(case, 0))])
    net = u.transform(forward, backend=backend, rng="portable" if backend == "torch" else None)
    initial = net.init(*inputs, rng=3, **options)
    inline = initial.params if backend == "torch" else initial

    graph = bx.Graph()
    rng = bx.Rng(graph / "rng")
    args, kwargs = arguments(case, convert, Layers(graph / "others", rng))
    layer = getattr(bx.layers, case.layer)(graph / "layer", *args, rng=rng, **kwargs)
    empty = rng.seed(bx.params(backend=backend), seed=3)  # first values follow from it too
    y, params = layer(empty, *inputs, **options)
    params = rng.seed(params, counter=0).locked()

    names = [path for path in inline if not path.startswith("rng/")]
    assert [path for path in params if not path.startswith("rng/")] == names
    assert [params.info[path] for path in names] == [inline.info[path] for path in names]
    assert bits(params.pick(set(names))) == bits(inline.pick(set(names)))
    for training in (False, True):
        expected, changes = net.apply(inline, *inputs, training=training, **options)
        y, after = layer(params, *inputs, is_training=training, **options)
        for one, other in zip(listed(y), listed(expected), strict=True):
            np.testing.assert_allclose(one, other, rtol=case.tolerance, atol=case.tolerance)
        for path in changes:
            np.testing.assert_allclose(
                numbers(after[path]), numbers(changes[path]), rtol=case.tolerance, atol=case.tolerance, err_msg=path
            )
