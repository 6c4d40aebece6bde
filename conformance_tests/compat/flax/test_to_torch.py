"""`flax_to_torch` against Flax on JAX: names, outputs, gradients, buffers, training and keys."""

from typing import Any, NamedTuple

import flax.core
import flax.linen
import flax.nnx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from conformance_tests.compat.flax.models import (
    RANDOM,
    attention,
    close,
    cnn,
    flatten,
    init,
    linen,
    nnx,
    numpy_tree,
    on_torch,
    recurrent,
    torch_jax,
    trained_by_optax,
)
from unified.compat import load
from unified.compat.flax import flax_to_torch

struct = load("flax.struct", "torch")
IMAGES = RANDOM.normal(size=(4, 8, 8, 3)).astype(np.float32)
SEQUENCES = RANDOM.normal(size=(3, 6, 4)).astype(np.float32)
VARIABLES = init(cnn(flax.linen), IMAGES, train=False)
MODELS: dict[str, Any] = {
    "cnn": (cnn, IMAGES, {"train": False}),
    "recurrent": (recurrent, SEQUENCES, {}),
    "attention": (attention, SEQUENCES, {"deterministic": True}),
}


def variables_of(net: torch.nn.Module, like: Any) -> Any:
    """The tensors of a net in the tree of a model's variables."""
    state = net.state_dict()

    def take(tree: Any, path: tuple[str, ...]) -> Any:
        if isinstance(tree, dict):
            return {name: take(value, (*path, name)) for name, value in tree.items()}
        return state[".".join(path)]

    return {collection: take(tree, ()) for collection, tree in like.items()}


def steps(net: Any, x: np.ndarray, count: int, **options: Any) -> list[float]:
    optimizer, losses = torch.optim.SGD(net.parameters(), 0.1), []
    for step in range(count):
        optimizer.zero_grad()
        output = net(torch.tensor(x), **({"rngs": options["rngs"](step)} if options else {}))
        loss = sum((leaf**2).mean() for leaf in torch_jax.tree_util.tree_leaves(output))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", MODELS)
def test_names_outputs_and_gradients(name: str) -> None:
    make, x, options = MODELS[name]
    theirs = make(flax.linen)
    variables = init(theirs, x, **options)
    net = flax_to_torch(make(linen), variables).eval()
    names = {".".join(path) for path in flatten(variables)}
    assert set(net.state_dict()) == names
    assert {path for path, _ in net.named_parameters()} == {
        ".".join(path) for path in flatten({"params": variables["params"]})
    }
    inputs = torch.tensor(x, requires_grad=True)
    output = net(inputs)
    close(output, jax.jit(lambda variables, x: theirs.apply(variables, x, **options))(variables, x))
    sum((leaf**2).sum() for leaf in torch_jax.tree_util.tree_leaves(output)).backward()

    def loss(params: Any, x: Any) -> Any:
        output = theirs.apply({**variables, "params": params}, x, **options)
        return sum((leaf**2).sum() for leaf in jax.tree_util.tree_leaves(output))

    wanted, wanted_x = jax.jit(jax.grad(loss, argnums=(0, 1)))(variables["params"], x)
    close(inputs.grad, wanted_x, 2e-5)
    gradients = {path: parameter.grad for path, parameter in net.named_parameters()}
    for path, value in flatten({"params": wanted}).items():
        close(gradients[".".join(path)], value, 5e-5)


def test_three_steps_with_batch_norm_and_dropout_equal_those_of_optax() -> None:
    theirs = cnn(flax.linen)
    variables = VARIABLES
    losses, trained = trained_by_optax(
        theirs, variables, IMAGES, 3, lambda step: {"dropout": jax.random.key(step)}, train=True
    )
    net = flax_to_torch(cnn(linen), variables)
    found = steps(net, IMAGES, 3, rngs=lambda step: {"dropout": torch_jax.random.key(step)})
    assert found == pytest.approx(losses, rel=1e-5)
    close(variables_of(net, variables), trained, 2e-5)
    close(net.BatchNorm_0.mean, trained["batch_stats"]["BatchNorm_0"]["mean"])
    # In evaluation the averages stay, and nothing is dropped.
    before = net.BatchNorm_0.mean.clone()
    close(net.eval()(IMAGES), theirs.apply(trained, IMAGES, train=False), 5e-5)
    assert torch.equal(net.BatchNorm_0.mean, before)


@pytest.mark.slow
def test_three_steps_of_a_recurrent_network() -> None:
    theirs = recurrent(flax.linen)
    variables = init(theirs, SEQUENCES)
    losses, trained = trained_by_optax(theirs, variables, SEQUENCES, 3)
    net = flax_to_torch(recurrent(linen), variables)
    assert steps(net, SEQUENCES, 3) == pytest.approx(losses, rel=1e-5)
    close(variables_of(net, variables), trained)


def nnx_model(library: Any) -> Any:
    class Model(library.Module):
        def __init__(self, rngs: Any) -> None:
            self.conv = library.Conv(3, 4, (3, 3), rngs=rngs)
            self.norm = library.BatchNorm(4, rngs=rngs)
            self.dropout = library.Dropout(0.5, rngs=rngs)
            self.blocks = library.List([library.Linear(4, 4, rngs=rngs) for _ in range(2)])

        def __call__(self, x: Any) -> Any:
            x = library.relu(self.norm(self.conv(x))).mean((1, 2))
            for block in self.blocks:
                x = self.dropout(block(x))
            return x

    return Model(library.Rngs(0))


def test_nnx_training() -> None:
    theirs, ours = nnx_model(flax.nnx), nnx_model(nnx)
    net = flax_to_torch(ours)
    wanted = {".".join(map(str, path)): value for path, value in flax.nnx.to_flat_state(flax.nnx.state(theirs))}
    assert set(net.state_dict()) == set(wanted)
    for name, parameter in net.named_parameters():
        close(parameter, wanted[name].get_value(), 1e-6)
    optimizer = flax.nnx.Optimizer(theirs, optax.sgd(0.1), wrt=flax.nnx.Param)
    gradient, losses = flax.nnx.jit(flax.nnx.value_and_grad(lambda model: (model(IMAGES) ** 2).mean())), []
    for _ in range(3):
        value, gradients = gradient(theirs)
        optimizer.update(theirs, gradients)
        losses.append(float(value))
    assert steps(net, IMAGES, 3) == pytest.approx(losses, rel=1e-5)
    close(net.norm.mean, theirs.norm.mean.get_value())
    assert int(net.dropout.rngs.count) == int(theirs.dropout.rngs.count.get_value()) == 6
    theirs.eval()
    close(net.eval()(IMAGES), theirs(IMAGES))
    assert torch.equal(net(IMAGES), net(IMAGES))
    # The module that was given keeps its own values and its mode.
    assert float(np.abs(np.asarray(ours.norm.mean.get_value())).max()) == 0
    assert not ours.dropout.deterministic


def test_the_mode_of_an_nnx_module_stays() -> None:
    model = nnx_model(nnx)
    model.eval()
    net = flax_to_torch(model)
    assert model.dropout.deterministic
    assert not torch.equal(net(IMAGES), net(IMAGES))


@jax.jit
def wanted_of_cnn(variables: Any, rngs: Any) -> Any:
    return cnn(flax.linen).apply(variables, IMAGES, train=True, rngs=rngs, mutable=["batch_stats"])[0]


class TestKeys:
    """`rngs`, for a model and for one call."""

    variables = VARIABLES

    def net(self, **options: Any) -> Any:
        return flax_to_torch(cnn(linen), self.variables, **options)

    def wanted(self, rngs: Any) -> Any:
        return wanted_of_cnn(self.variables, rngs)

    def test_keys_of_one_call_are_those_of_apply(self) -> None:
        key, wanted = torch_jax.random.key(7), self.wanted({"dropout": jax.random.key(7)})
        words = np.asarray(jax.random.PRNGKey(7))
        for each in (key, 7, torch_jax.random.PRNGKey(7), torch.tensor(words.astype(np.int64)), words):
            close(self.net()(IMAGES, rngs={"dropout": each}), wanted)
        close(self.net()(IMAGES, rngs=jax.random.PRNGKey(7)), wanted)
        # One key for all streams is linen's stream `params`, from which the others are drawn.
        close(self.net()(IMAGES, rngs=key), self.wanted(jax.random.key(7)))

    def test_each_call_has_the_next_key(self) -> None:
        for rngs in (3, torch_jax.random.key(3), torch_jax.random.PRNGKey(3), {"dropout": 3}):
            one, other = self.net(rngs=rngs), self.net(rngs=rngs)
            first, second = one(IMAGES), one(IMAGES)
            assert not torch.equal(first, second)
            assert torch.equal(first, other(IMAGES))
            assert torch.equal(second, other(IMAGES))
            key = jax.random.fold_in(jax.random.key(3), 1)
            close(second, self.wanted({"dropout": key}))
            assert int(one.rng_count) == 2
            resumed = self.net(rngs=99 if not isinstance(rngs, dict) else {"dropout": 99})
            resumed.load_state_dict(one.state_dict())
            third = one(IMAGES)
            assert torch.equal(resumed(IMAGES), third)

    def test_keys_of_a_call_do_not_advance_those_of_the_model(self) -> None:
        net = self.net(rngs=3)
        net(IMAGES, rngs=5)
        assert int(net.rng_count) == 0

    def test_torch_own_generator(self) -> None:
        net = self.net()
        torch.manual_seed(1)
        first, second = net(IMAGES), net(IMAGES)
        torch.manual_seed(1)
        assert torch.equal(net(IMAGES), first)
        assert not torch.equal(first, second)
        before = torch.get_rng_state()
        net.eval()(IMAGES)
        assert torch.equal(torch.get_rng_state(), before)

    def test_generators(self) -> None:
        words = torch.randint(0, 1 << 32, (2,), generator=torch.Generator().manual_seed(2))
        wanted = self.net()(IMAGES, rngs=words)
        assert torch.equal(self.net()(IMAGES, rngs=torch.Generator().manual_seed(2)), wanted)
        for rngs in (torch.Generator().manual_seed(2), {"dropout": torch.Generator().manual_seed(2)}):
            net = self.net(rngs=rngs)
            assert "rng_count" not in net.state_dict()
            assert torch.equal(net(IMAGES), wanted)
            assert not torch.equal(net(IMAGES), wanted)

    def test_what_is_no_key(self) -> None:
        for wrong in ("seed", 1.5, jax.random.key(0)):
            with pytest.raises(TypeError, match=r"rngs"):
                self.net(rngs=wrong)
            with pytest.raises(TypeError, match=r"rngs"):
                self.net()(IMAGES, rngs=wrong)
        with pytest.raises(TypeError, match=r"two words"):
            self.net()(IMAGES, rngs=torch.zeros(3))
        for call in (lambda: flax_to_torch(nnx_model(nnx), rngs=0), lambda: flax_to_torch(nnx_model(nnx))(1, rngs=0)):
            with pytest.raises(TypeError, match=r"Rngs"):
                call()


def test_modes_that_are_passed_count() -> None:
    variables = VARIABLES
    net = flax_to_torch(cnn(linen), variables)
    wanted = cnn(flax.linen).apply(variables, IMAGES, train=False)
    close(net(IMAGES, train=False), wanted)
    close(net(IMAGES, False), wanted)
    close(net.eval()(x=IMAGES), wanted)
    close(net(IMAGES.copy()), wanted)


def test_a_mode_that_the_module_has_itself_is_not_passed() -> None:
    net = flax_to_torch(linen.Dropout(0.5, deterministic=True), {})
    assert torch.equal(net(torch.ones(3)), torch.ones(3))
    net = flax_to_torch(linen.Dropout(0.5), {}, rngs=0)
    assert not torch.equal(net(torch.ones(30)), torch.ones(30))
    assert torch.equal(net.eval()(torch.ones(30)), torch.ones(30))


class Pair(NamedTuple):
    first: Any
    second: Any


@struct.dataclass
class Outputs:
    y: Any
    scale: Any
    label: str = struct.field(pytree_node=False, default="y")


def test_trees_in_and_out() -> None:
    class Model(linen.Module):
        @linen.compact
        def __call__(self, inputs: Any, batch: Any, scale: Any = 1.0) -> Any:
            y = linen.Dense(2)(inputs.y) * inputs.scale * scale
            return {"pair": Pair(y, [batch["a"][0] + 1]), "both": (y, None), "outputs": Outputs(y, scale, inputs.label)}

    inputs, batch = Outputs(torch.ones(1, 3), torch.tensor(2.0), "label"), {"a": (np.float32(3.0),)}
    net = flax_to_torch(Model(), Model().init(torch_jax.random.key(0), inputs, {"a": (torch.tensor(3.0),)}))
    found = net(inputs, batch)
    assert type(found["pair"]) is Pair
    assert type(found["outputs"]) is Outputs
    assert found["outputs"].label == "label"
    assert found["both"][1] is None
    assert float(found["pair"].second[0]) == 4
    assert isinstance(found["pair"].first, torch.Tensor)
    found["outputs"].y.sum().backward()
    assert torch.equal(net.Dense_0.bias.grad, torch.full((2,), 2.0))
    # Other values in the dataclass are arguments of the same trace, not constants of it.
    close(net(Outputs(torch.ones(1, 3), torch.tensor(4.0), "label"), batch)["both"][0], 2 * found["both"][0])
    assert len(net._traces) == 1


def test_constants_of_equal_value_are_told_apart() -> None:
    class Model(linen.Module):
        def __call__(self, x: Any, factor: Any) -> Any:
            return x if factor is True else x * factor / 2 if isinstance(factor, int) else x / factor

    net = flax_to_torch(Model(), {})
    found = [float(net(torch.tensor(1.0), factor)) for factor in (1, True, 1.0, 0.0, -0.0)]
    assert found == [0.5, 1.0, 1.0, float("inf"), float("-inf")]
    with pytest.raises(TypeError, match="neither a tree of arrays nor a hashable constant"):
        net(torch.tensor(1.0), {1})


class TestVariables:
    """What may be given as variables, and what a call may do with them."""

    x = torch.ones(1, 3)

    def test_arrays_of_every_framework(self) -> None:
        theirs = flax.linen.Dense(2)
        variables = theirs.init(jax.random.key(0), jnp.ones((1, 3)))
        wanted = theirs.apply(variables, jnp.ones((1, 3)))
        boxed = flax.linen.Dense(2, kernel_init=flax.linen.with_partitioning(jax.nn.initializers.ones, (None, "a")))
        numpy = numpy_tree(variables)
        for given in (
            variables, numpy, flax.core.freeze(variables), load("flax.core", "torch").freeze(numpy),
            {"params": {name: torch.tensor(value) for name, value in numpy["params"].items()}},
        ):  # fmt: skip
            close(flax_to_torch(linen.Dense(2), given)(self.x), wanted)
        ones = linen.Dense(2, kernel_init=linen.with_partitioning(torch_jax.nn.initializers.ones, (None, "a")))
        for given in (boxed.init(jax.random.key(0), jnp.ones((1, 3))), ones.init(torch_jax.random.key(0), self.x)):
            net = flax_to_torch(ones, given)
            assert list(net.state_dict()) == ["kernel", "bias"]
            assert torch.equal(net(self.x), torch.full((1, 2), 3.0))

    def test_they_are_copies(self) -> None:
        variables = linen.Dense(2).init(torch_jax.random.key(0), self.x)
        net = flax_to_torch(linen.Dense(2), variables)
        with torch.no_grad():
            net.kernel.zero_()
        assert float(abs(np.asarray(variables["params"]["kernel"])).max()) > 0
        net.requires_grad_(False)
        assert not net(self.x).requires_grad

    def test_a_buffer_that_the_output_needs(self) -> None:
        class Model(linen.Module):
            @linen.compact
            def __call__(self, x: Any) -> Any:
                w = self.param("w", lambda key: on_torch.ones(2))
                count = self.variable("state", "count", lambda: on_torch.ones(2))
                y, count.value = x * w * count.value, count.value + 1
                return y

        net = flax_to_torch(Model(), {"params": {"w": np.ones(2, "f4")}, "state": {"count": np.ones(2, "f4")}})
        for wanted in (1.0, 2.0):
            net.w.grad = None
            net(torch.ones(2)).sum().backward()
            assert net.w.grad.tolist() == [wanted, wanted]
        with torch.no_grad():
            net(torch.ones(2))
        assert net.count.tolist() == [4.0, 4.0]

    def test_variables_that_are_tuples(self) -> None:
        class Model(linen.Module):
            @linen.compact
            def __call__(self, x: Any) -> Any:
                carry = self.variable("state", "carry", lambda: (x * 0, x * 0))
                a, b = carry.value
                carry.value = (a + 1, b + 2)
                return x + a * b

        net = flax_to_torch(Model(), Model().init(torch_jax.random.key(0), self.x))
        assert list(net.state_dict()) == ["carry.0", "carry.1"]
        assert [float(net(self.x)[0, 0]) for _ in range(2)] == [3.0, 9.0]
        assert float(net.state_dict()["carry.1"][0, 0]) == 6

    def test_what_a_call_sows(self) -> None:
        def model(nn: Any) -> Any:
            class Sows(nn.Module):
                @nn.compact
                def __call__(self, x: Any) -> Any:
                    y = nn.Dense(2)(x)
                    self.sow("intermediates", "y", y)
                    self.sow("losses", "l", y.sum())
                    return y

            return Sows()

        variables = model(flax.linen).init(jax.random.key(0), jnp.ones((1, 3)))
        params = {"params": variables["params"]}
        net = flax_to_torch(model(linen), params)
        both = ["intermediates", "losses"]
        wanted, sown = model(flax.linen).apply(params, jnp.ones((1, 3)), mutable=both)
        for _ in range(2):
            output, found = net(self.x, mutable=both)
            close(output, wanted)
            close(found, sown)
        assert set(net(self.x, mutable="losses")[1]) == {"losses"}
        close(net(self.x), wanted)
        with pytest.raises(ValueError, match=r"leave 'losses' out"):
            flax_to_torch(model(linen), variables)(self.x)

    def test_collections_that_change_in_evaluation(self) -> None:
        variables = VARIABLES
        net = flax_to_torch(cnn(linen), variables).eval()
        _, found = net(IMAGES, mutable="batch_stats", train=True, rngs=0)
        close(net.BatchNorm_0.mean, found["batch_stats"]["BatchNorm_0"]["mean"])
        assert float(net.BatchNorm_0.mean.abs().max()) > 0
        with pytest.raises(Exception, match="immutable"):
            net(IMAGES, train=True, rngs=0)

    def test_a_variable_that_changes_its_shape_or_kind(self) -> None:
        class Model(linen.Module):
            @linen.compact
            def __call__(self, x: Any) -> Any:
                count = self.variable("state", "count", lambda: 0)
                count.value = count.value + x
                return x

        for x in (torch.ones(3), torch.tensor(0.5)):
            with pytest.raises(ValueError, match=r"'state/count' from \(\) of torch.int32"):
                flax_to_torch(Model(), {"state": {"count": 0}})(x)

    def test_mistakes(self) -> None:
        with pytest.raises(TypeError, match="imported for JAX"):
            flax_to_torch(flax.linen.Dense(2), {})
        with pytest.raises(TypeError, match="imported for JAX"):
            flax_to_torch(flax.nnx.Linear(2, 2, rngs=flax.nnx.Rngs(0)))
        with pytest.raises(TypeError, match=r"expected a module of flax.linen or flax.nnx, got Linear"):
            flax_to_torch(torch.nn.Linear(2, 2))
        with pytest.raises(TypeError, match="what its init returned"):
            flax_to_torch(linen.Dense(2))
        with pytest.raises(TypeError, match="a dict of collections"):
            flax_to_torch(linen.Dense(2), [1])
        with pytest.raises(TypeError, match="holds its variables"):
            flax_to_torch(nnx_model(nnx), {})
        with pytest.raises(TypeError, match=r"'params/kernel' is no array"):
            flax_to_torch(linen.Dense(2), {"params": {"kernel": "text"}})
        with pytest.raises(Exception, match="kernel"):  # Flax's ScopeParamNotFoundError
            flax_to_torch(linen.Dense(2), {"params": {}})(self.x)
        with pytest.raises(Exception, match="shape"):  # Flax's ScopeParamShapeError
            flax_to_torch(linen.Dense(2), {"params": {"kernel": np.ones((4, 2), "f4")}})(self.x)
        with pytest.raises(ValueError, match=r"'state/a' and another variable would both be 'a'"):
            flax_to_torch(linen.Dense(2), {"params": {"a": 1.0}, "state": {"a": 1.0}})
        with pytest.raises(ValueError, match=r"'state/a/b' lies below a variable"):
            flax_to_torch(linen.Dense(2), {"params": {"a": 1.0}, "state": {"a": {"b": 1.0}}})
        with pytest.raises(ValueError, match="has a dot"):
            flax_to_torch(linen.Dense(2), {"params": {"a.b": 1.0}})


def test_methods() -> None:
    class Coder(linen.Module):
        def setup(self) -> None:
            self.encoder, self.decoder = linen.Dense(2), linen.Dense(3)

        def __call__(self, x: Any) -> Any:
            return self.decode(self.encode(x))

        def encode(self, x: Any, train: bool = False) -> Any:
            return self.encoder(x) * (2.0 if train else 1.0)

        def decode(self, z: Any) -> Any:
            return self.decoder(z)

    x = torch.ones(1, 3)
    variables = Coder().init(torch_jax.random.key(0), x)
    wanted = Coder().apply(variables, x, method="encode")
    for method in ("encode", Coder.encode):
        net = flax_to_torch(Coder(), variables, method=method)
        close(net.eval()(x), wanted)
        close(net.train()(x), 2 * wanted)
        close(net(x, False), wanted)
