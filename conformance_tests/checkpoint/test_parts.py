"""Checkpoints of several processes, which are threads here: what is written, read in boxes and refused."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import unified as u
from unified.core.checkpoint.header import Part, check_parts, checksum
from unified.core.checkpoint.together import Save
from unified.core.structure import VariableInfo

VALUES = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
PARAMS = u.Params(
    {"a/weight": VALUES, "a/bias": np.arange(3.0), "count": np.array(7, np.int64), "none": np.zeros((0, 2))}
)

# What each of three processes has: of the weight the rows by turns, and all else process 1.
OWN = [
    [("a/weight", (0, 0), VALUES[:3, :])],
    [(path, (0,) * array.ndim, array) for path, array in PARAMS.items() if path != "a/weight"],
    [("a/weight", (3, 0), np.ascontiguousarray(VALUES[3:]))],
]


def save(path: Path, own: Any = OWN, name: str = "00000001", timeout: float = 10) -> list[Exception | None]:
    """Save by a thread for each process; return what each has raised."""
    errors: list[Exception | None] = [None] * len(own)

    def run(number: int) -> None:
        try:
            Save(path, name, number, len(own), timeout).run(PARAMS, own[number], None, None)
        except Exception as error:
            errors[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(own))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    u.save(path, u.Params({"old": np.ones(1)}))
    assert save(path) == [None] * 3
    for name in (path, tmp_path / "net.safetensors.index.json"):
        assert u.load(name) == PARAMS
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "net-00000001-00001-of-00003.safetensors",
        "net-00000001-00002-of-00003.safetensors",
        "net-00000001-00003-of-00003.safetensors",
        "net.safetensors.index.json",
    ]
    (tmp_path / ".net-0badbeef-00001-of-00009.safetensors.json").write_text("{}")  # of a process that was killed
    (tmp_path / "net-0badbeef-00002-of-00009.safetensors").write_text("")
    (tmp_path / "net-other.safetensors").write_text("")
    assert save(path, [[*OWN[0], *OWN[1], *OWN[2]]], "00000002") == [None]
    assert u.load(path) == PARAMS
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "net-00000002-00001-of-00001.safetensors",
        "net-other.safetensors",
        "net.safetensors.index.json",
    ]


def test_what_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    assert save(path) == [None] * 3
    before = sorted(tmp_path.iterdir())
    gap = [OWN[0], OWN[1], [("a/weight", (4, 0), VALUES[4:])]]
    twice = [OWN[0], OWN[1], [("a/weight", (2, 0), VALUES[2:])]]
    for own in (gap, twice):
        errors = save(path, own, "00000002")
        assert "'a/weight' has the shape (6, 4), and its 2 parts are no grid that fills it" in str(errors[0])
        assert all("process 0 failed: ValueError" in str(error) for error in errors[1:])
        assert u.load(path) == PARAMS
    late = Save(path, "00000003", 0, 2, 0.05)
    with pytest.raises(u.CheckpointError, match=r"process 1 did not finish within 0\.05 seconds.*call save together"):
        late.run(PARAMS, OWN[0], None, None)
    with pytest.raises(u.CheckpointError, match="process 0 did not finish"):
        Save(path, "00000004", 1, 2, 0.05).run(PARAMS, OWN[0], None, None)
    assert u.load(path) == PARAMS
    assert set(before) <= set(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("boxes", "is_grid"),
    [
        ([((0, 0), (6, 4))], True),
        ([((0, 0), (6, 1)), ((0, 1), (6, 3))], True),
        ([((i, j), (2, 2)) for i in (0, 2, 4) for j in (0, 2)], True),
        ([], False),
        ([((0, 0), (6, 4)), ((0, 0), (6, 4))], False),
        ([((0, 0), (5, 4))], False),
        ([((0, 0), (7, 4))], False),
        ([((0,), (6,))], False),
        ([((0, 0), (3, 4)), ((3, 0), (3, 2))], False),
    ],
)
def test_grids(boxes: Any, is_grid: bool) -> None:
    info = VariableInfo("a", (6, 4), "float32")
    parts = [Part(start, shape, 0) for start, shape in boxes]
    if is_grid:
        check_parts(info, parts)
    else:
        with pytest.raises(ValueError, match="'a' has the shape"):
            check_parts(info, parts)


def edited(change: Callable[[Any], Any]) -> Callable[[Path], None]:
    """Return a function that changes the header of an index, with a checksum that fits."""

    def edit(index: Path) -> None:
        content = json.loads(index.read_text())
        header = json.loads(content["unified"])
        change(header["variables"][0])
        content["unified"] = json.dumps(header)
        content["unified_crc32"] = f"{checksum(content['unified'].encode()):08x}"
        index.write_text(json.dumps(content))

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (edited(lambda variable: variable["parts"].pop()), "no grid that fills it"),
        (edited(lambda variable: variable["parts"][0].update(start=[0])), "does not follow the format"),
        (edited(lambda variable: variable["parts"][0].update(start=[-1, 0])), "does not follow the format"),
        (edited(lambda variable: variable["parts"][0].update(crc32=1)), r"'a/weight\[0:3,0:4\]' are damaged"),
        (edited(lambda variable: variable.update(parts=3)), "does not follow the format"),
        (edited(lambda variable: variable.update(shape=[1 << 40, 1 << 40])), "no grid that fills it"),
        (lambda index: index.with_name("net-00000001-00003-of-00003.safetensors").unlink(), "cannot be read"),
        (lambda index: index.with_name("net-00000001-00003-of-00003.safetensors").write_bytes(b"x"), "not a complete"),
    ],
)
def test_damaged(tmp_path: Path, edit: Callable[[Path], None], message: str) -> None:
    path = tmp_path / "net.safetensors"
    save(path)
    edit(tmp_path / "net.safetensors.index.json")
    with pytest.raises(u.CheckpointError, match=message):
        u.load(path)


def test_a_file_of_one_process_is_read_in_place(tmp_path: Path) -> None:
    jax = pytest.importorskip("jax")
    path = tmp_path / "net.safetensors"
    u.save(path, PARAMS)
    device = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    loaded = u.load(path, "jax", like=dict.fromkeys(PARAMS, device))
    assert loaded.framework == "jax"
    assert all(np.array_equal(loaded[name], PARAMS[name]) for name in PARAMS)
    assert u.load(path, like=loaded).framework == "jax"
    with pytest.raises(ValueError, match="like= has no array at 'a/weight': say whose arrays"):
        u.load(path, like=dict.fromkeys(PARAMS, device))
    with pytest.raises(u.CheckpointError, match="holds 'a/weight', which the model does not have"):
        u.load(path, "jax", like={"a/bias": device})
    with pytest.raises(u.CheckpointError, match="does not hold 'b', which like= has"):
        u.load(path, "jax", like={**dict.fromkeys(PARAMS, device), "b": device})
    with pytest.raises(u.CheckpointError, match=r"'a/bias' with shape \(3,\), but in the model its shape is \(4,\)"):
        u.load(path, "jax", like={**loaded, "a/bias": jax.numpy.ones(4)})
    with pytest.raises(TypeError, match="like= takes a model"):
        u.load(path, like=3)


def test_saves_in_a_thread(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    values = {"a": np.zeros(1 << 20, np.float32)}
    first = u.save(path, values, background=True)
    values["a"][:] = 1
    second = u.save(path, values, background=True)  # after the first
    assert first.is_done
    second.wait()
    second.wait()
    assert (u.load(path)["a"] == 1).all()
    broken = u.save(tmp_path / "nowhere" / "net.safetensors", values, background=True)
    with pytest.raises(OSError, match="nowhere"):
        broken.wait()
    unheard = u.save(tmp_path / "nowhere" / "net.safetensors", values, background=True)
    unheard._thread.join()
    with pytest.warns(UserWarning, match="was not saved, and nobody waited"):
        unheard.__del__()
    with pytest.raises(OSError, match="nowhere"):
        unheard.wait()
