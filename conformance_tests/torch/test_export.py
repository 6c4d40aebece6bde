"""torch.export and ONNX: the inputs are named and dynamic as those of the user's function."""

import pytest
import torch
from torch.export import Dim

import unified as u
import unified.functional as F


class Block(u.Module):
    def __call__(self, x):
        return x + u.Linear(16, 8)(F.gelu(u.Linear(8, 16)(x)))


def forward(tokens, scale=None):
    tokens = Block()(Block()(tokens))
    return u.Linear(8, 3)(tokens if scale is None else tokens * scale)


X, SCALE = torch.randn(4, 8), torch.randn(4, 1)


def model():
    return u.transform(forward, backend="torch").init(X, SCALE, rng=0).eval()


@pytest.mark.parametrize(
    ("args", "kwargs", "shapes"),
    [
        ((X,), {}, ({0: Dim.AUTO},)),
        ((X,), {}, {"tokens": {0: Dim.DYNAMIC}}),
        ((X,), {}, {"tokens": {0: Dim("batch", min=2)}}),
        ((X, SCALE), {}, ({0: Dim.AUTO}, {0: Dim.AUTO})),
        ((X,), {"scale": SCALE}, {"tokens": {0: Dim.AUTO}, "scale": {0: Dim.AUTO}}),
    ],
)
def test_dynamic_shapes_by_position_and_by_name(args, kwargs, shapes):
    net = model()
    program = torch.export.export(net, args, kwargs, dynamic_shapes=shapes)
    assert list(program.graph_signature.user_inputs) == ["tokens", "scale"][: len(args) + len(kwargs)]
    more = [torch.cat([value] * 3) for value in (*args, *kwargs.values())]
    outputs = program.module()(*more[: len(args)], **dict(zip(kwargs, more[len(args) :], strict=True)))
    torch.testing.assert_close(outputs, net(*more), rtol=1e-6, atol=1e-6)


@pytest.mark.full
@pytest.mark.filterwarnings("ignore::FutureWarning")  # of torch's exporter about itself
def test_onnx_runs_with_the_names_of_the_function(tmp_path):
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    net = model()
    program = torch.onnx.export(
        net, (X, SCALE), dynamo=True, verbose=False, dynamic_shapes=({0: Dim.AUTO}, {0: Dim.AUTO})
    )
    program.save(tmp_path / "net.onnx")
    session = runtime.InferenceSession(tmp_path / "net.onnx")
    assert [node.name for node in session.get_inputs()] == ["tokens", "scale"]
    x, scale = torch.randn(7, 8), torch.randn(7, 1)
    output = torch.from_numpy(session.run(None, {"tokens": x.numpy(), "scale": scale.numpy()})[0])
    torch.testing.assert_close(output, net(x, scale), rtol=1e-5, atol=1e-5)
