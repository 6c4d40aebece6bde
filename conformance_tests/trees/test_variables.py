"""Variables by path: first values, `Params`, partition; and training with state, draws and the optimizers of both."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import unified as u
import unified.trees as ut
from conformance_tests.trees.models import BACKENDS, Autoencoder, Linear, Net, array, filled, forward, numpy
from unified.core import backends
from unified.testing import ParityError, assert_parity

both = pytest.mark.parametrize("backend", BACKENDS)


def inline(backend):
    """The same net as a body, its params, and a call of it in training."""
    net = u.transform(forward, backend=backend, **({"rng": "portable"} if backend == "torch" else {}))
    x = array(backend, (6, 2))
    params = net.init(x, rng=0).params if backend == "torch" else net.init(x, rng=0)
    return net, u.Params(params), x


@both
def test_first_values_are_those_of_a_body(backend):
    _, params, _ = inline(backend)
    model = filled(backend)
    ours = ut.params(model)
    theirs = params.filter(lambda info: info.collection != "rng")
    assert list(ours) == list(theirs)
    for path in ours:
        assert numpy(ours[path]).tobytes() == numpy(theirs[path]).tobytes(), path
        one, two = ours.info[path], theirs.info[path]
        assert (one.shape, one.collection, one.trainable) == (two.shape, two.collection, two.trainable)


@both
def test_a_call_is_that_of_a_body(backend):
    """In evaluation, and in training: output, masks, statistics."""
    net, params, x = inline(backend)
    model = filled(backend)
    np.testing.assert_allclose(numpy(model(x)), numpy(net.apply(params, x)[0]), atol=1e-6)
    expected, changes = net.apply(params, x, training=True)
    y, new = ut.apply(model, x, training=True, rng=params["rng/key"])
    np.testing.assert_allclose(numpy(y), numpy(expected), atol=1e-6)
    for path in ("norm/running_mean", "norm/running_var", "norm/num_batches_tracked"):
        np.testing.assert_allclose(numpy(ut.params(new)[path]), numpy(changes[path]), atol=1e-6)
    assert int(model.norm.num_batches_tracked) == 0 and int(new.norm.num_batches_tracked) == 1
    assert ut.load_params(Net(4), params.filter("params", "state")) == model


def test_the_frameworks_draw_the_same_numbers():
    ys = [ut.apply(filled(b), array(b, (6, 2)), training=True, rng=3)[0] for b in BACKENDS]
    np.testing.assert_allclose(numpy(ys[0]), numpy(ys[1]), atol=1e-6)
    other = ut.apply(filled("jax"), array("jax", (6, 2)), training=True, rng=4)[0]
    assert abs(numpy(other) - numpy(ys[1])).max() > 1e-3


@both
def test_wrappers_in_training(backend):
    """A wrapper changes no draw and loses no state; `VMap` draws for each element."""
    x = array(backend, (6, 4))
    plain = ut.Sequential((ut.Linear(4, 4), ut.BatchNorm1d(4), ut.Dropout(0.5)))
    model = filled(backend, plain)
    expected, new = ut.apply(model, x, training=True, rng=5)
    for wrap in (ut.Jit, ut.Checkpoint, lambda m: ut.Jit(ut.Checkpoint(m))):
        y, wrapped = ut.apply(wrap(model), x, training=True, rng=5)
        np.testing.assert_allclose(numpy(y), numpy(expected), atol=1e-6)
        for path, value in ut.params(wrapped).items():
            np.testing.assert_allclose(numpy(value), numpy(ut.params(new)[path]), atol=1e-6)
        assert type(wrapped) is type(wrap(model))
    mapped = ut.VMap(filled(backend, ut.Sequential((ut.Dropout(0.5),))))
    y, _ = ut.apply(mapped, x * 0 + 1, training=True, rng=5)
    assert len({tuple(row) for row in numpy(y).tolist()}) > 1
    with pytest.raises(ValueError, match="'layers/1' writes state in training, and all elements"):
        ut.apply(ut.VMap(model), array(backend, (3, 6, 4)), training=True, rng=5)


@both
def test_an_ensemble(backend):
    """Stacked arrays, mapped by `module_axis`, against a loop."""
    models = [filled(backend, ut.Sequential((ut.Linear(4, 4), ut.BatchNorm1d(4))), rng=rng) for rng in range(3)]
    stack = {"jax": jnp.stack, "torch": torch.stack}[backend]
    tree_map = {"jax": jax.tree.map, "torch": torch.utils._pytree.tree_map}[backend]
    stacked = ut.VMap(tree_map(lambda *leaves: stack(leaves), *models), in_axes=None, module_axis=0)
    x = array(backend, (6, 4))
    y, new = ut.apply(stacked, x, training=True)
    for i, model in enumerate(models):
        expected, one = ut.apply(model, x, training=True)
        np.testing.assert_allclose(numpy(y[i]), numpy(expected), atol=1e-5)
        np.testing.assert_allclose(
            numpy(new.inner.layers[1].running_var[i]), numpy(one.layers[1].running_var), atol=1e-6
        )
    np.testing.assert_allclose(numpy(stacked(x)[1]), numpy(models[1](x)), atol=1e-5)


class Mapped(ut.Module):
    norm: ut.BatchNorm1d
    dropout: ut.Dropout
    how: str

    def __call__(self, x):
        if self.how == "closure":
            return jax.vmap(self.norm)(x)
        if self.how == "argument":
            return jax.jit(lambda layer, x: layer(x))(self.dropout, x)
        layer, x = ut.apply(self.norm, x, training=True)[::-1]
        return x, layer


def test_state_and_draws_that_would_get_lost_are_refused():
    model = filled("jax", Mapped(ut.BatchNorm1d(2), ut.Dropout(0.5), "closure"))
    x = jnp.ones((3, 4, 2))
    with pytest.raises(ValueError, match="'norm' writes its state inside a transform"):
        ut.apply(model, x, training=True, rng=0)
    with pytest.raises(ValueError, match=r"Dropout.* is none of the layers that apply was given"):
        ut.apply(model.replace(how="argument"), x, training=True, rng=0)
    (_, layer), _ = ut.apply(model.replace(how="by hand"), x[0], training=True, rng=0)
    assert int(layer.num_batches_tracked) == 1
    assert model(x).shape == x.shape  # in evaluation there is nothing to lose
    with pytest.raises(ValueError, match="no key to draw from: pass rng="):
        ut.apply(model.dropout, x, training=True)


@both
def test_sizes_from_an_input(backend):
    model = ut.Sequential((ut.Linear(None, 3), ut.Jit(ut.BatchNorm1d(None)), ut.VMap(ut.LazyLinear(2))))
    x = array(backend, (5, 7))
    with pytest.raises(ValueError, match="'layers/0' takes a size from its first input: call fill"):
        ut.fill(model, backend=backend)
    done = ut.fill(model, x, rng=0)
    whole = ut.fill(ut.Sequential((ut.Linear(7, 3), ut.BatchNorm1d(3), ut.Linear(3, 2))), backend=backend)
    assert ut.params(done) == ut.params(whole)
    np.testing.assert_allclose(numpy(done(x)), numpy(whole(x)), atol=1e-6)


class Counter(ut.Module):
    count: object
    scale: object
    table: object = ut.field(collection="tables", default=None)

    def __call__(self, x):
        return x * self.scale, self.replace(count=self.count + 1)


@both
def test_collections_and_metadata(backend):
    model = Counter(
        ut.var((), dtype="int32", collection="state"),
        ut.var((2,), u.initializers.ones, metadata={"sharding": ("model",)}),
        array(backend, (3,)),
    )
    model = filled(backend, model)
    for current in (model, model(array(backend, (2,)))[1], ut.load_params(model, ut.params(model))):
        info = ut.params(current).info
        assert [(i.collection, i.trainable) for i in info.values()] == [
            ("state", False),
            ("params", True),
            ("tables", False),
        ]
        assert info["scale"].metadata == {"sharding": ("model",)}
    assert int(model(array(backend, (2,)))[1].count) == 1
    assert ut.params(Linear(array(backend, np.arange(3)))).info["weight"].collection == "state"
    layer = filled(backend, ut.Linear(2, 3, metadata={"sharding": (None, "model")}))
    assert ut.params(layer).info["weight"].metadata == {"sharding": (None, "model")}


def test_arrays_of_two_frameworks():
    model = filled("jax", Autoencoder.init())
    with pytest.raises(u.BackendError, match=r"'encoder/weight' is an array of jax.*arrays of torch"):
        ut.fill(model.replace(decoder=ut.Linear(3, 2)), backend="torch")
    for call in (lambda: model(array("torch", (4, 2))), lambda: ut.apply(model, array("torch", (4, 2)))):
        with pytest.raises(u.BackendError, match="called with arrays of jax and of torch: convert"):
            call()
    moved = ut.load_params(Autoencoder.init(), ut.params(model).to("torch"))
    np.testing.assert_allclose(numpy(moved(array("torch", (4, 2)))), numpy(model(array("jax", (4, 2)))), atol=1e-6)


@both
def test_partition_and_combine(backend):
    model = filled(backend)
    chosen, rest = ut.partition(model, "parts/*", "*/bias")
    assert set(ut.params(chosen)) | set(ut.params(rest)) == set(ut.params(model))
    assert chosen.first.weight is None and rest.first.weight is model.first.weight
    assert ut.combine(chosen, rest) == ut.combine(rest, chosen) == model
    assert list(ut.params(ut.partition(model)[0])) == list(ut.params(model).split()[0])


@both
def test_loading_what_does_not_fit(backend):
    model = filled(backend, Autoencoder.init())
    values = ut.params(model)
    with pytest.raises(KeyError, match=r"missing \['decoder/bias'\], unexpected nothing"):
        ut.load_params(model, {path: values[path] for path in values if path != "decoder/bias"})
    with pytest.raises(KeyError, match=r"unexpected \['decoder/bais'\]"):
        ut.load_params(model, {**values, "decoder/bais": values["decoder/bias"]})
    with pytest.raises(ValueError, match=r"'encoder/bias' has shape \(3,\), and cannot take .*\(2,\)"):
        ut.load_params(model, {**values, "encoder/bias": values["decoder/bias"]})
    part = ut.load_params(model, {"encoder.bias": np.ones(3)}, strict=False)
    assert numpy(part.encoder.bias).tolist() == [1, 1, 1] and numpy(part.encoder.bias).dtype == np.float32
    assert part.decoder is model.decoder or part.decoder == model.decoder


def test_keys_that_are_one_name():
    with pytest.raises(ValueError, match="'parts/1/weight' is the path of two variables"):
        filled("torch", Parts({1: ut.Linear(1, 1), "1": ut.Linear(1, 1)}))


class Parts(ut.Module):
    parts: dict[object, ut.Linear]


class Chain(Parts):
    def __call__(self, x):
        for part in self.parts.values():
            x = part(x)
        return x


@both
def test_parts_of_a_dict_keep_their_order(backend):
    """JAX sorts the keys of dicts, and the parts would run in another order inside of jit."""
    model = filled(backend, Chain({"b": ut.Linear(2, 3), "a": ut.Linear(3, 3), 0: ut.Linear(3, 1)}))
    tree_map = {"jax": jax.tree.map, "torch": torch.utils._pytree.tree_map}[backend]
    again = tree_map(lambda leaf: leaf, model)
    assert list(again.parts) == ["b", "a", 0] and list(ut.params(again)) == list(ut.params(model)) and again == model
    x = array(backend, (4, 2))
    np.testing.assert_allclose(numpy(ut.Jit(model)(x)), numpy(model(x)), rtol=1e-5)
    paths = {
        "jax": lambda: [jax.tree_util.keystr(keys) for keys, _ in jax.tree_util.tree_leaves_with_path(model)],
        "torch": lambda: backends.load("torch").trees.labels(model),
    }[backend]()
    assert paths[::2] == [".parts['b'].weight", ".parts['a'].weight", ".parts[0].weight"]
    gradient = ut.Grad(lambda model: model(x).sum())(model)
    assert list(gradient.parts) == ["b", "a", 0]


@pytest.mark.parametrize("name", ["a/b", "a b", ""])
def test_keys_that_cannot_be_names(name):
    class Holder(ut.Module):
        parts: dict[str, ut.Linear]

    if name == "a/b":
        assert list(ut.params(filled("torch", Holder({name: ut.Linear(1, 1)})))) == [
            "parts/a/b/weight",
            "parts/a/b/bias",
        ]
        return
    with pytest.raises(ValueError, match=r"parts/.*cannot be a name"):
        filled("torch", Holder({name: ut.Linear(1, 1)}))


def test_a_list_that_holds_itself():
    class Holder(ut.Module):
        parts: list[object]

    parts: list[object] = [ut.Linear(1, 1)]
    model = Holder(parts)
    parts.append(parts)
    with pytest.raises(ValueError, match="hold itself"):
        ut.fill(model, backend="torch")


class Scaled(ut.Module):
    """A net that differs between the frameworks if its scale says so."""

    net: Net
    scale: float = 1.0

    def __call__(self, x):
        return {"y": self.net(x) * (self.scale if isinstance(x, jax.Array) else 1.0), "first": (self.net.first(x),)}


def test_assert_parity_takes_a_tree():
    x = np.random.default_rng(0).standard_normal((6, 2), "float32")
    assert_parity(Scaled(Net(4)), x)
    with pytest.raises(ParityError, match=r"first difference: output .output\['y'\]"):
        assert_parity(Scaled(Net(4), 1.1), x)
    with pytest.raises(ParityError, match=r"disagree|differs"):
        assert_parity(ut.Sequential((ut.Linear(2, 3), lambda y: y + (y if isinstance(y, jax.Array) else 0))), x)


def step_on_jax(model, x, y, steps=3):
    optimizer = optax.sgd(0.1, momentum=0.9)

    @jax.jit
    def step(model, state, key):
        def loss(model):
            out, new = ut.apply(model, x, training=True, rng=key)
            return ((out - y) ** 2).mean(), new

        (value, new), gradient = ut.ValueAndGrad(loss, has_aux=True)(model)
        trainable, rest = ut.partition(new)
        updates, state = optimizer.update(gradient, state, trainable)
        return ut.combine(optax.apply_updates(trainable, updates), rest), state, value

    state, losses = optimizer.init(ut.partition(model)[0]), []
    for i in range(steps):
        model, state, value = step(model, state, jax.random.key(i))
        losses.append(float(value))
    return model, losses


def step_on_torch(model, x, y, steps=3):
    params = ut.params(model).unfreeze()
    optimizer = torch.optim.SGD(params.split()[0].values(), 0.1, momentum=0.9)
    model, losses = ut.load_params(model, params), []
    for i in range(steps):
        optimizer.zero_grad()
        out, model = ut.apply(model, x, training=True, rng=i)
        loss = ((out - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return model, losses


def test_training_steps():
    """optax on JAX and `torch.optim` on torch, with dropout and batch statistics: equal losses and variables."""
    on_jax = step_on_jax(filled("jax"), array("jax", (6, 2)), array("jax", (6, 1), 2))
    on_torch = step_on_torch(filled("torch"), array("torch", (6, 2)), array("torch", (6, 1), 2))
    np.testing.assert_allclose(on_jax[1], on_torch[1], rtol=1e-5)
    for path, value in ut.params(on_jax[0]).items():
        np.testing.assert_allclose(numpy(value), numpy(ut.params(on_torch[0])[path]), atol=1e-5, err_msg=path)
    assert int(on_jax[0].norm.num_batches_tracked) == 3


def test_jax_transforms():
    model, x = filled("jax"), array("jax", (6, 2))
    shapes = jax.eval_shape(lambda m, x: ut.apply(m, x, training=True, rng=0), model, x)
    assert shapes[0].shape == (6, 1) and shapes[1].norm.running_mean.shape == (4,)
    abstract = jax.eval_shape(lambda key: ut.fill(Net(4), rng=key, backend="jax"), jax.random.key(0))
    assert jax.tree.structure(abstract) == jax.tree.structure(model)
    drawn = jax.jit(lambda key: ut.fill(Net(4), rng=key, backend="jax"))(jax.random.key(0))
    for path, value in ut.params(drawn).items():
        np.testing.assert_allclose(value, ut.params(model)[path], atol=1e-6)

    def body(model, key):
        y, model = ut.apply(model, x, training=True, rng=key)
        return model, y

    last, _ = jax.lax.scan(body, model, jax.random.split(jax.random.key(1), 4))
    assert int(last.norm.num_batches_tracked) == 4
    exported = jax.export.export(jax.jit(lambda m, x: m(x)))(model, x)
    np.testing.assert_allclose(exported.call(model, x), model(x), atol=1e-6)


def test_torch_transforms():
    model, x = filled("torch"), array("torch", (6, 2))
    part, rest = ut.partition(model)
    per_example = torch.func.vmap(torch.func.grad(lambda m, x: ut.combine(m, rest)(x[None]).sum()), (None, 0))
    gradients = per_example(part, x)
    assert gradients.first.weight.shape == (6, 4, 2)
    jacobian = torch.func.jacrev(lambda m, x: ut.combine(m, rest)(x).sum())(part, x)
    whole = ut.Grad(lambda m, x: m(x).sum())(model, x)
    torch.testing.assert_close(jacobian.first.weight, whole.first.weight)
    torch.testing.assert_close(gradients.first.weight.sum(0), whole.first.weight)
    _, tangent = torch.func.jvp(lambda m: ut.combine(m, rest)(x), (part,), (jacobian,))
    assert tangent.shape == (6, 1)
