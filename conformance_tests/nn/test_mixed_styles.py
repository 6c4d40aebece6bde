"""Objects of `unified.nn` beside modules of another framework, and beside the inline style: refused by name."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.nn as nn
from unified.core.pages import link

X = np.ones((2, 4), np.float32)
ARRAYS = {"torch": torch.tensor(X), "jax": jnp.asarray(X)}
BACKENDS = pytest.mark.parametrize("backend", ["torch", "jax"])

# What a constructor assigns after the import of `unified.nn` was forgotten, and the name that the error gives it.
FOREIGN = {
    "a layer": (lambda: torch.nn.Linear(4, 4), "part"),
    "a container": (lambda: torch.nn.ModuleList([torch.nn.Linear(4, 4)]), "part"),
    "a list": (lambda: [torch.nn.Linear(4, 4)], r"part\[0\]"),
    "a dict": (lambda: {"a": torch.nn.Linear(4, 4)}, r"part\['a'\]"),
    "nested": (lambda: [1, (torch.nn.Linear(4, 4),)], r"part\[1\]\[0\]"),
}


def holder(make):
    class Holder(nn.Module):
        def __init__(self):
            super().__init__()
            self.own = nn.Linear(4, 4)
            self.part = make()

        def forward(self, x):
            return self.own(x)

    return Holder


@pytest.mark.parametrize("case", FOREIGN)
def test_a_module_of_torch_is_no_attribute_on_jax(case):
    make, name = FOREIGN[case]
    with pytest.raises(TypeError, match=rf"Holder\.{name} is a torch\.nn\..*module of torch.*on jax.*nn\.Linear"):
        u.build(holder(make), backend="jax", rng=0)


def test_nor_one_that_a_list_got_later_nor_a_part_of_a_container():
    class Later(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = []
            self.parts.append(torch.nn.Linear(4, 4))

    with pytest.raises(TypeError, match=r"Later\.parts\[0\] is a torch"):
        u.build(Later, backend="jax", rng=0)
    with pytest.raises(TypeError, match=r"Sequential\.0 is a torch"):
        u.build(nn.Sequential, torch.nn.ReLU(), backend="jax", rng=0)


def test_on_torch_it_is_a_part_like_others():
    net = u.build(holder(FOREIGN["a layer"][0]), backend="torch", rng=0)
    assert list(net.state_dict()) == ["own.weight", "own.bias", "part.weight", "part.bias"]


def test_an_object_on_jax_is_no_attribute_on_torch():
    on_jax = u.build(nn.Linear, 4, 4, backend="jax", rng=0)
    with pytest.raises(TypeError, match=r"Holder\.part is a unified\.nn\.Linear, a module of jax.*backend='torch'"):
        u.build(holder(lambda: on_jax), backend="torch", rng=0)


class Mixed(u.Module):
    def __init__(self):
        self.layer = nn.Linear(4, 4)

    def __call__(self, x):
        return self.layer(x)


@BACKENDS
@pytest.mark.parametrize(
    "body",
    [lambda x: nn.Linear(4, 4)(x), lambda x: Mixed()(x), lambda x: u.build(nn.Linear, 4, 4, rng=0)(x)],
    ids=["layer", "module", "build"],
)
def test_an_object_in_a_body_is_refused_with_both_styles(body, backend):
    with pytest.raises(TypeError, match=r"unified\.nn, Linear, .*in the body.*u\.Linear\(2, 3\)\(x\).*build") as caught:
        u.transform(body, backend=backend).init(ARRAYS[backend], rng=0)
    assert link("styles") in str(caught.value)


def test_but_not_where_wrap_takes_a_module_of_torch():
    def body(x):
        return u.wrap(lambda: u.build(nn.Linear, 4, 2, backend="torch", rng=0))(x)

    assert u.transform(body, backend="torch").init(ARRAYS["torch"], rng=0)(ARRAYS["torch"]).shape == (2, 2)


def test_nor_in_a_transform_of_a_function_that_is_no_body():
    made = []
    u.jit(lambda x: made.append(u.build(nn.Linear, 4, 2, backend="jax", rng=0)) or x * 2)(ARRAYS["jax"])
    assert list(made[0].params) == ["weight", "bias"]


def test_an_object_made_in_a_call_on_jax_is_refused():
    class Late(nn.Module):
        def forward(self, x):
            return nn.ReLU()(x)

    with pytest.raises(TypeError, match=r"ReLU, was made in a call of another one.*constructor"):
        u.build(Late, backend="jax", rng=0)(ARRAYS["jax"])
    assert u.build(Late, backend="torch", rng=0)(ARRAYS["torch"]).shape == (2, 4)  # as in any module of torch


def test_a_module_is_no_function_to_transform_on_the_other_framework():
    with pytest.raises(TypeError, match=r"module of torch, Linear, for a model on jax: unified\.from_torch"):
        u.transform(torch.nn.Linear(2, 2), backend="jax")
    on_jax = u.build(nn.Linear, 4, 4, backend="jax", rng=0)
    with pytest.raises(TypeError, match=r"module of jax, Linear, for a model on torch: build it by.*backend='torch'"):
        u.transform(on_jax, backend="torch")
