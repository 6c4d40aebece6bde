"""Files of weights against the libraries that write and read them, the commands, and hostile files."""

import pickle

import flax.linen as fnn
import flax.serialization
import jax
import numpy as np
import orbax.checkpoint
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from torch import nn

from unified.cli import main
from unified.compare.config import KEYS
from unified.compare.files import FileError, read, write
from unified.testing import Mapping, compare, sides

MODELS = """
import flax.linen as fnn
import jax
import numpy as np
import torch
from torch import nn

from unified.testing import sides

X = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")

class Net(fnn.Module):
    shift: float = 0.0

    @fnn.compact
    def __call__(self, x):
        x = fnn.tanh(fnn.Dense(4)(x))
        return fnn.Dense(5)(x) + self.shift

def torch_net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 5))

def torch_side():
    return sides.torch(torch_net())

def jax_side(shift=0.0):
    net = Net(shift)
    return sides.flax(net, net.init(jax.random.key(0), X))

def shifted_side():
    return jax_side(1.0)

def inputs():
    return (X,)
"""
CONFIG = 'first = "{0}:torch_side"\nsecond = "{0}:{1}"\ninputs = "{0}:inputs"\nmapping = "mapping.toml"\nrtol = 1e-4\n'


@pytest.fixture
def folder(tmp_path):
    """A folder with the models, in a module of its own name, and a configuration."""
    name = f"models_of_{abs(hash(tmp_path))}"
    (tmp_path / f"{name}.py").write_text(MODELS)
    (tmp_path / "compare.toml").write_text(CONFIG.format(name, "jax_side"))
    (tmp_path / "shifted.toml").write_text(CONFIG.format(name, "shifted_side"))
    return tmp_path


@pytest.fixture
def module():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 5))


def test_from_a_comparison_to_converted_weights(folder, module, capsys):
    assert main(["compare", str(folder / "compare.toml")]) == 0
    assert "torch and flax agree" in capsys.readouterr().out
    text = (folder / "mapping.toml").read_text()
    assert '{torch = "0.weight", flax = "params/Dense_0/kernel", axes = "a b -> b a"}' in text
    assert main(["compare", str(folder / "compare.toml")]) == 0
    assert (folder / "mapping.toml").read_text() == text
    assert main(["compare", str(folder / "shifted.toml")]) == 1
    assert "torch and flax differ" in capsys.readouterr().out

    torch_names = {f"{n}.{k}" for n in (0, 2) for k in ("weight", "bias")}
    written = {".safetensors": safetensors.torch.save_file, ".pt": torch.save, ".bin": torch.save}
    x = np.ones((2, 4), "float32")
    expected = module(torch.tensor(x)).detach().numpy()
    net = fnn.Sequential([fnn.Dense(4), fnn.tanh, fnn.Dense(5)])
    for ending, save in written.items():
        source = folder / f"model{ending}"
        save(module.state_dict(), source)
        for target in (".safetensors", ".msgpack", ""):
            converted = folder / f"params_of_{ending[1:]}{target}"
            arguments = ["--mapping", str(folder / "mapping.toml"), "-o", str(converted)]
            assert main(["convert", str(source), *arguments]) == 0
            params = _read_by_library(converted)
            params = {"layers_0": params["params"]["Dense_0"], "layers_2": params["params"]["Dense_1"]}
            assert np.allclose(net.apply({"params": params}, x), expected, atol=1e-6)
            back = folder / f"back{ending}"
            arguments = ["--mapping", str(folder / "mapping.toml"), "-o", str(back)]
            assert main(["convert", str(converted), *arguments]) == 0
            again = safetensors.torch.load_file(back) if ending == ".safetensors" else torch.load(back)
            assert set(again) == torch_names
            assert all(torch.equal(again[name], value) for name, value in module.state_dict().items())


def test_a_mapping_found_while_the_sides_differ_is_not_kept(folder, capsys):
    assert main(["compare", str(folder / "shifted.toml")]) == 1
    shown = capsys.readouterr().out
    assert "the mapping was found while the sides differ, so it may itself be wrong" in shown
    assert "was not kept as mapping.toml, but written to mapping.unverified.toml" in shown
    assert not (folder / "mapping.toml").exists()
    draft = folder / "mapping.unverified.toml"
    Mapping.load(draft).save(folder / "mapping.toml")  # read by the user, it counts as given
    assert main(["compare", str(folder / "shifted.toml")]) == 1
    assert "note:" not in capsys.readouterr().out


def test_the_help_of_compare_names_each_key_of_its_file(capsys):
    with pytest.raises(SystemExit):
        main(["compare", "--help"])
    shown = capsys.readouterr().out
    assert [key for key in (*KEYS, "layouts", "tolerances") if f"\n  {key} = " not in shown] == []


def _read_by_library(path):
    if path.suffix == ".safetensors":
        flat = safetensors.numpy.load_file(path)
        return {
            "params": {f"Dense_{n}": {k: flat[f"params/Dense_{n}/{k}"] for k in ("kernel", "bias")} for n in (0, 1)}
        }
    if path.suffix == ".msgpack":
        return flax.serialization.msgpack_restore(path.read_bytes())
    return orbax.checkpoint.PyTreeCheckpointer().restore(path)


def test_files_that_libraries_write(tmp_path):
    tree = {"params": {"layer": {"kernel": np.ones((2, 3), "float32"), "list": [np.zeros(2), np.ones(1)]}}}
    paths = {"params/layer/kernel", "params/layer/list/0", "params/layer/list/1"}
    (tmp_path / "a.msgpack").write_bytes(flax.serialization.to_bytes(tree))
    assert set(read(tmp_path / "a.msgpack", "flax")) == paths
    orbax.checkpoint.PyTreeCheckpointer().save(tmp_path / "orbax", tree)
    assert set(read(tmp_path / "orbax", "flax")) == paths
    torch.save({"epoch": 3, "model": {"a.weight": torch.ones(2, dtype=torch.bfloat16)}}, tmp_path / "a.pt")
    assert read(tmp_path / "a.pt", "torch", "model")["a.weight"].dtype == np.float32
    with pytest.raises(FileError, match="epoch is a int and no array: say with --key"):
        read(tmp_path / "a.pt", "torch")
    with pytest.raises(FileError, match="no entry 'weights'; it has epoch, model"):
        read(tmp_path / "a.pt", "torch", "weights")
    with pytest.raises(FileError, match="is there already"):
        write(tmp_path / "orbax", {"a": np.ones(2)}, "flax")
    with pytest.raises(FileError, match=r"weights are in \.safetensors"):
        write(tmp_path / "a.npy", {"a": np.ones(2)}, "flax")


class Hostile:
    """What a pickle would run."""

    ran = False

    def __reduce__(self):
        return (exec, ("from conformance_tests.compare.test_files import Hostile; Hostile.ran = True",))


@pytest.mark.parametrize("ending", [".pt", ".bin", ".safetensors", ".msgpack"])
@pytest.mark.parametrize("content", ["pickle", "torch", "random", "empty", "cut"])
def test_hostile_files_are_refused(tmp_path, ending, content):
    path = tmp_path / f"weights{ending}"
    if content == "pickle":
        path.write_bytes(pickle.dumps({"a": Hostile()}))
    elif content == "torch":
        torch.save({"a": Hostile()}, path)
    elif content == "random":
        path.write_bytes(np.random.default_rng(0).bytes(4096))
    elif content == "empty":
        path.write_bytes(b"")
    else:
        write(path, {"a": np.ones(1000)}, "torch")
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FileError, match=r"weights\.\w+"):
        read(path, "torch")
    assert not Hostile.ran


def test_what_does_not_fit_writes_nothing(folder, module, capsys):
    assert main(["compare", str(folder / "compare.toml")]) == 0
    torch.save({"0.weight": torch.ones(4, 4)}, folder / "part.pt")
    arguments = ["--mapping", str(folder / "mapping.toml"), "-o", str(folder / "out.safetensors")]
    assert main(["convert", str(folder / "part.pt"), *arguments]) == 1
    assert "lack '0.bias'" in capsys.readouterr().err
    torch.save({"other": torch.ones(4, 4)}, folder / "other.pt")
    assert main(["convert", str(folder / "other.pt"), *arguments]) == 1
    assert "has 0 names of each side" in capsys.readouterr().err
    assert main(["convert", str(folder / "missing.pt"), *arguments]) == 1
    assert not (folder / "out.safetensors").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('first = "a:b"', "second is missing"),
        ("first = 3", "first must be a str"),
        ('first = "a:b"\nsecond = "a:b"\ninputs = "a:b"\nextra = 1', "unknown key 'extra'"),
        ('first = "a:b"\nsecond = "a:b"\ninputs = "a:b"\nrtol = "x"', "rtol must be a float"),
        ('first = "nowhere_at_all:b"\nsecond = "a:b"\ninputs = "a:b"', "No module named 'nowhere_at_all'"),
        ('first = "math"\nsecond = "a:b"\ninputs = "a:b"', "must name a function"),
        ('first = "builtins:dict"\nsecond = "a:b"\ninputs = "a:b"', "returned a dict: it must return a side"),
        ("first =", "Invalid"),
    ],
)
def test_a_configuration_that_is_none(tmp_path, text, message, capsys):
    (tmp_path / "compare.toml").write_text(text)
    assert main(["compare", str(tmp_path / "compare.toml")]) == 1
    assert message in capsys.readouterr().err


def test_the_mapping_of_a_comparison_is_that_of_the_file(tmp_path, module):
    net = fnn.Sequential([fnn.Dense(4), fnn.tanh, fnn.Dense(5)])
    x = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")
    report = compare(sides.torch(module), sides.flax(net, net.init(jax.random.key(0), x)), x)
    report.mapping.save(tmp_path / "mapping.toml")
    assert Mapping.load(tmp_path / "mapping.toml") == report.mapping
