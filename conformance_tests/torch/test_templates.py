"""Layers that init makes like earlier ones, compared with what `torch.nn`'s constructors make."""

import gc
import weakref

import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook

import unified as u

LAYERS = [
    (u.Linear, (3, 4), {}),
    (u.Linear, (3, 4), {"bias": False, "dtype": "float64"}),
    (u.Conv2d, (2, 4, 3), {"padding": "same", "groups": 2}),
    (u.Conv1d, (2, 4, (3,)), {"padding_mode": "circular", "padding": 1}),
    (u.ConvTranspose2d, (2, 4, 3), {"stride": 2}),
    (u.BatchNorm2d, (3,), {}),
    (u.BatchNorm1d, (3,), {"affine": False, "track_running_stats": False}),
    (u.LayerNorm, ((2, 3),), {}),
    (u.GroupNorm, (1, 3), {}),
    (u.Embedding, (5, 3), {"padding_idx": 0}),
    (u.PReLU, (), {}),
    (u.Dropout, (0.5,), {}),
    (u.LSTM, (3, 4), {}),
    (u.MultiheadAttention, (4, 2), {}),
]


def models(body):
    """Return the model of a body that takes no arguments."""
    return u.transform(body, backend="torch").init(rng=0)


@pytest.mark.parametrize(("cls", "args", "kwargs"), LAYERS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_second_layer_has_what_the_constructor_makes(cls, args, kwargs):
    def body():
        for _ in range(3):
            cls(*args, **kwargs)

    layers = list(models(body).children())
    native = {**kwargs, "dtype": torch.float64} if "dtype" in kwargs else kwargs
    expected = vars(getattr(nn, cls.__name__)(*args, **native))
    for layer in layers:
        assert [name for name in vars(layer) if name != "_path"] == list(expected)
        for name, value in expected.items():
            found = vars(layer)[name]
            assert type(found) is type(value), name
            if name in ("_parameters", "_buffers"):
                assert {key: describe(tensor) for key, tensor in found.items()} == {
                    key: describe(tensor) for key, tensor in value.items()
                }
            elif not isinstance(value, (list, dict)) or not value:
                assert found == value or isinstance(value, nn.Module), name
    first, second = (vars(layer) for layer in layers[:2])
    mutable = [name for name in first if isinstance(first[name], (list, dict, set))]
    assert all(first[name] is not second[name] for name in mutable)
    pointers = [tensor.data_ptr() for layer in layers for tensor in (*layer.parameters(), *layer.buffers())]
    assert len(set(pointers)) == len(pointers)


def describe(tensor):
    """Return what a constructor decides of a tensor."""
    return None if tensor is None else (type(tensor), tensor.shape, tensor.dtype, tensor.device, tensor.requires_grad)


def test_layers_follow_the_default_dtype_and_device_of_their_place():
    def body():
        u.Linear(2, 2)
        with torch.device("meta"):
            u.Linear(2, 2)
        u.Linear(2, 2)
        torch.set_default_dtype(torch.float64)
        u.Linear(2, 2)
        torch.set_default_device("meta")
        u.Linear(2, 2)

    try:
        layers = list(models(body).children())
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
    assert [(layer.weight.device.type, layer.weight.dtype) for layer in layers] == [
        ("cpu", torch.float32),
        ("meta", torch.float32),
        ("cpu", torch.float32),
        ("cpu", torch.float64),
        ("meta", torch.float64),
    ]


def test_registration_hooks_see_every_layer():
    seen = []
    handle = register_module_parameter_registration_hook(lambda module, name, parameter: seen.append(name))
    try:
        models(lambda: [u.Linear(2, 2) for _ in range(3)] and None)
    finally:
        handle.remove()
    assert seen == ["weight", "bias"] * 3


def test_init_fn_changes_one_layer_alone():
    def widen(layer):
        layer.weight.data.fill_(7)
        layer.extra = [1]

    def body():
        u.Linear(2, 2, init_fn=widen)
        u.Linear(2, 2)

    first, second = models(body).children()
    assert first.extra == [1] and not hasattr(second, "extra")
    assert (first.weight == 7).all() and (second.weight != 7).all()


@pytest.mark.parametrize("reads", [False, True])
def test_a_deleted_model_is_freed_at_once(reads):
    def body(x):
        x = u.Linear(None, 4)(x)
        return u.Linear(4, 4)(x) if not reads or x.sum() > -1e9 else x

    gc.collect()
    gc.disable()
    try:
        net = u.transform(body, backend="torch").init(torch.ones(1, 4), rng=0)
        layers = [weakref.ref(module) for module in net.modules()]
        del net
        assert [layer() for layer in layers] == [None] * 3
    finally:
        gc.enable()
