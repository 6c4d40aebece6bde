"""Names of layers in what profilers show: operations of XLA, and ranges of torch's profiler."""

import re

import jax
import jax.numpy as jnp
import pytest
import torch

import unified as u
from benchmarks.jax_hlo import operations


class Block(u.Module):
    def __call__(self, x):
        return u.Linear(4, 4)(x)


def body(x):
    x = Block()(Block()(x))
    x = u.Sequential(u.Linear(4, 4), u.Tanh())(x)
    return u.layer_stack(2, name="h")(lambda x: u.Linear(4, 4)(x))(x)


IN_KEY = "jax_compilation_cache_include_metadata_in_key"  # CI keeps programs: names could be of an equal one


def names(function, *arguments):
    before = getattr(jax.config, IN_KEY)
    jax.config.update(IN_KEY, True)
    try:
        return set(re.findall(r'op_name="([^"]*)"', jax.jit(function).lower(*arguments).compile().as_text()))
    finally:
        jax.config.update(IN_KEY, before)


def test_operations_on_jax_carry_paths():
    net = u.transform(body, backend="jax")
    x = jnp.ones((2, 4))
    params = net.init(x, rng=0)

    def run(params, x):
        return net.apply(params, x)[0]

    def run_without(params, x):
        return net.apply(params, x)[0]

    found = names(run, params, x)
    for path in ("block/linear/", "block_1/linear/", "sequential/0/", "sequential/1/", "h/linear/"):
        assert any(f"/{path}" in name for name in found), path
    assert not any("sequential/sequential" in name for name in found)
    u.set_named_scopes(False)
    try:
        assert not any("linear/" in name for name in names(run_without, params, x) if not name.startswith("p"))
        with u.named_ranges(net):
            assert any("/block_1/linear/" in name for name in names(lambda p, x: net.apply(p, x)[0], params, x))
        unnamed = operations(lambda p, x: net.apply(p, x)[0], params, x)
    finally:
        u.set_named_scopes(True)
    assert operations(lambda p, x: net.apply(p, x)[0], params, x) == unnamed


def ranges(net, x):
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        net(x)
    return {event.key for event in profile.key_averages()}


def test_ranges_on_torch_carry_paths_within_the_context_alone():
    net = u.transform(body, backend="torch").init(torch.ones(2, 4), rng=0)
    with u.named_ranges(net):
        found = ranges(net, torch.ones(2, 4))
    assert {"block", "block/linear", "block_1/linear", "sequential/0"} <= found
    assert not any(key.rpartition("/")[2] == "linear" for key in ranges(net, torch.ones(2, 4)))
    plain = torch.nn.Sequential(torch.nn.Linear(4, 4))
    with u.named_ranges(plain):
        assert "0" in ranges(plain, torch.ones(2, 4))


def test_a_call_that_raises_leaves_no_range_open():
    net = u.transform(body, backend="torch").init(torch.ones(2, 4), rng=0)
    with u.named_ranges(net):
        with pytest.raises(RuntimeError):
            net(torch.ones(2, 5))
        assert "block/linear" in ranges(net, torch.ones(2, 4))


def test_named_ranges_refuses_what_is_no_model():
    with pytest.raises(TypeError, match="takes a model"):
        u.named_ranges(len)
