"""Errors of code for the other framework in a body carry a note: what it is, and what to write for both."""

import re

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
import unified.nn as nn
import unified.numpy as unp
from unified.core import backends
from unified.core.pages import link

X = np.ones((3, 4), np.float32)
ARRAYS = {"torch": torch.tensor(X), "jax": jnp.asarray(X)}
NUMBERS = {"torch": torch.tensor([0, 1, 2]), "jax": jnp.array([0, 1, 2])}
tanh = jnp.tanh

# The framework, a body that is written for the other one, and what the note says.
NOTES = {
    "function": ("jax", lambda x: torch.relu(x), r"`torch\.relu\(x\)` is a call of torch"),
    "list": ("jax", lambda x: torch.cat([x, x]), r"`torch\.cat\(\[x, x\]\)` is a call of torch"),
    "python": ("jax", lambda x: torch.nn.functional.softmax(x, -1), "is a call of torch"),
    "layer": ("jax", lambda x: torch.nn.Linear(4, 4)(x), "is a call of torch"),
    "operator": ("jax", lambda x: torch.ones(3, 4) + x, "an array of torch met one of jax"),
    "view": ("jax", lambda x: x.view(-1), r"`x\.view` is a method of torch's.*x\.reshape"),
    "view sizes": ("jax", lambda x: x.view(3, -1), r"x\.reshape"),
    "size": ("jax", lambda x: x.size(0), r"`x\.size` .*x\.shape\[0\]"),
    "permute": ("jax", lambda x: x.permute(1, 0), r"`x\.permute` .*unp\.permute_dims\(x, axes\)"),
    "unsqueeze": ("jax", lambda x: x.unsqueeze(0), r"unp\.expand_dims\(x, axis\)"),
    "not in the table": ("jax", lambda x: x.index_select(0, 1), r"`x\.index_select` is a method of torch's arrays\."),
    "within a module": ("jax", lambda x: Sized()(u.Linear(4, 2)(x)), r"x\.shape\[0\]"),
    "jnp": ("torch", lambda x: jnp.tanh(x), r"`jnp\.tanh\(x\)` is a call of jax"),
    "a bare name": ("torch", lambda x: tanh(x), r"`tanh\(x\)` is a call of jax"),
    "jnp list": ("torch", lambda x: jnp.concatenate([x, x]), "is a call of jax"),
    "jnp operator": ("torch", lambda x: x + jnp.ones((3, 4)), "an array of jax met one of torch"),
    "astype": ("torch", lambda x: x.astype("float32"), r"unp\.astype\(x, dtype\)"),
    "at": ("torch", lambda x: x.at[0].set(1), r"unp\.at\(x, index\)"),
    "labels": ("torch", lambda x: F.cross_entropy(x, NUMBERS["jax"]), "target of cross_entropy is an array of jax"),
    "labels on jax": (
        "jax",
        lambda x: F.cross_entropy(x, NUMBERS["torch"]),
        "target of cross_entropy is an array of torch",
    ),
}


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_what_a_note_advises_is_there(framework):
    modules = {"unp": unp, "F": F, "u": u}
    for text in backends.methods(framework)["METHODS"].values():
        for module, name in re.findall(r"\b(unp|F|u)\.(\w+)", text):
            assert hasattr(modules[module], name), text


class Sized(u.Module):
    def __call__(self, x):
        return x.reshape(x.size(0), 2)


def notes_of(run):
    with pytest.raises((TypeError, AttributeError, NotImplementedError)) as caught:
        run()
    return [note for note in caught.value.__notes__ if note.startswith("the body runs on ")]


@pytest.mark.parametrize("case", NOTES)
def test_code_for_the_other_framework_is_named(case):
    backend, body, pattern = NOTES[case]
    (note,) = notes_of(lambda: u.transform(body, backend=backend).init(ARRAYS[backend], rng=0))
    assert note.startswith(f"the body runs on {backend}: ") and note.endswith(link("numpy#all-functions"))
    assert re.search(pattern, note), note


def test_an_array_of_a_class_that_nothing_has_met_yet(monkeypatch):
    monkeypatch.delitem(backends._owners, type(jnp.ones(3)), raising=False)
    (note,) = notes_of(lambda: u.transform(lambda x: x + jnp.ones(4), backend="torch").init(ARRAYS["torch"], rng=0))
    assert "an array of jax met one of torch" in note


@pytest.mark.parametrize("body", [lambda x: u.Linear(4, 2)(x), lambda x: u.Conv1d(3, 2, 1)(x), lambda x: F.relu(x)])
def test_arrays_of_numpy_on_torch(body):
    net = u.transform(body, backend="torch")
    (note,) = notes_of(lambda: net.init(X, rng=0))
    assert "array of NumPy" in note and "torch.from_numpy(x)" in note
    net.init(ARRAYS["torch"], rng=0)
    assert notes_of(lambda: net(X)) == [note]


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize(
    "body",
    [
        lambda x: x.shape[0].size,
        lambda x: x.no_such_name,
        lambda x: len(3),
        lambda x: x.sum(nothing=1),
        lambda x: int("a", 1, 2, 3),
        lambda x: {}.view(-1),
    ],
    ids=["no array", "no method", "python", "keyword", "builtin", "dict"],
)
def test_other_errors_have_no_such_note(body, backend):
    with pytest.raises((TypeError, AttributeError)) as caught:
        u.transform(body, backend=backend).init(ARRAYS[backend], rng=0)
    assert not [note for note in getattr(caught.value, "__notes__", ()) if note.startswith("the body runs on ")]


def test_the_note_of_the_outermost_object_has_no_empty_path():
    class Net(nn.Module):
        def forward(self, x):
            return x @ np.ones((7, 7))

    with pytest.raises((ValueError, TypeError)) as caught:
        u.build(Net, backend="jax", rng=0)(ARRAYS["jax"])
    assert "raised in the outermost Net, called with float32[3, 4]" in caught.value.__notes__
