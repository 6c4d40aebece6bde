"""ONNX files of a model, in onnxruntime, beside those of a hand-written module."""

import numpy as np
import pytest
import torch

from conformance_tests.torch.ecosystem.models import MARKS, X, pair

pytestmark = MARKS


@pytest.fixture(scope="module")
def runtime():
    pytest.importorskip("onnxscript")
    return pytest.importorskip("onnxruntime")


@pytest.fixture
def programs(runtime, tmp_path):
    """The model and the hand-written module, each with its program and its file."""
    models = [model.eval() for model in pair()]
    files = [tmp_path / "net.onnx", tmp_path / "hand.onnx"]
    shapes = ({0: torch.export.Dim.AUTO},)
    made = [torch.onnx.export(model, (X,), dynamo=True, verbose=False, dynamic_shapes=shapes) for model in models]
    for program, file in zip(made, files, strict=True):
        program.save(file)
    return list(zip(models, made, files, strict=True))


def run(runtime, file, x):
    session = runtime.InferenceSession(file)
    assert [node.name for node in session.get_inputs()] == ["x"]
    return session.run(None, {"x": x.numpy()})[0]


def test_graphs_and_outputs(runtime, programs):
    (net, program, file), (_, hand_program, hand_file) = programs
    assert [node.op_type for node in program.model.graph] == [node.op_type for node in hand_program.model.graph]
    values, hand_values = program.model.graph.initializers, hand_program.model.graph.initializers
    assert sorted(values) == sorted(hand_values) and "block_1.up.weight" in values
    for x in (X, X[:5]):
        output = run(runtime, file, x)
        assert np.array_equal(output, run(runtime, hand_file, x))
        np.testing.assert_allclose(output, net(x).detach().numpy(), rtol=1e-5, atol=1e-6)


def test_quantization(runtime, programs, tmp_path):
    tools = pytest.importorskip("onnxruntime.quantization")
    outputs = []
    for _, _, file in programs:
        small = tmp_path / f"small_{file.name}"
        tools.quantize_dynamic(file, small)
        outputs.append(run(runtime, small, X))
    assert np.array_equal(*outputs)
    assert not np.array_equal(outputs[0], run(runtime, programs[0][2], X))


def test_the_exporter_by_torchscript(runtime, tmp_path):
    outputs = []
    for name, model in zip(("net", "hand"), pair(), strict=True):
        torch.onnx.export(model.eval(), (X,), tmp_path / name, dynamo=False, input_names=["x"])
        outputs.append(run(runtime, tmp_path / name, X))
        np.testing.assert_allclose(outputs[-1], model(X).detach().numpy(), rtol=1e-5, atol=1e-6)
    assert np.array_equal(*outputs)
