"""The table of names: bodies, and the paths of their variables in the order of a `state_dict`.

A scope's own parameters come first, then its own state, then what it contains, in the order of the first calls.
Bodies use the public `unified` API alone, so that every backend is held to the same table. Variables of the collection
`rng`, which a backend may add for random numbers during calls, are not listed.

To add a case, write a function of one array and decorate it with its paths; `*wb("linear")` stands for `linear/weight`
and `linear/bias`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import unified as u
from conformance_tests.core.names_modules import (
    MLP,
    AutoEncoder,
    Block,
    Built,
    BuiltMore,
    Data,
    FrozenData,
    Gained,
    Helpers,
    HTTPNet,
    Longer,
    LongerCode,
    Mixture,
    Named,
    Prepared,
    Private,
    Recursive,
    Square,
    TakesName,
    Wrapper,
)

__all__ = ["CASES", "Case"]


class Case(NamedTuple):
    """A body, the shape of its float32 input, and the paths of its variables."""

    body: Callable[[Any], Any]
    shape: tuple[int, ...]
    paths: list[str]


CASES: list[Case] = []


def gives(*paths: str, shape: tuple[int, ...] = (2, 4)) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Adds a body to the table."""

    def add(body: Callable[[Any], Any]) -> Callable[[Any], Any]:
        CASES.append(Case(body, shape, list(paths)))
        return body

    return add


def wb(*layers: str) -> list[str]:
    """The paths of the weight and bias of each layer."""
    return [f"{layer}/{name}" for layer in layers for name in ("weight", "bias")]


@gives()
def no_variables(x):
    return u.ReLU()(u.Identity()(x))


@gives(*wb("linear"))
def one_layer(x):
    return u.Linear(4, 4)(x)


@gives(*wb("linear", "linear_1", "linear_2"))
def layers_count_up(x):
    x = u.ReLU()(u.Linear(4, 4)(x))
    x = u.Tanh()(u.Linear(4, 4)(x))
    return u.Linear(4, 4)(x)


@gives(*wb("linear_1"), "linear/weight")
def the_outer_of_nested_calls_is_made_first(x):
    return u.Linear(4, 4, bias=False)(u.Linear(4, 4)(x))


@gives(*wb(*["linear"] + [f"linear_{i}" for i in range(1, 12)]))
def a_loop_of_twelve(x):
    for _ in range(12):
        x = u.Linear(4, 4)(x)
    return x


@gives(*wb("linear", "layer_norm", "linear_1", "layer_norm_1"))
def each_class_counts_alone(x):
    for _ in range(2):
        x = u.Linear(4, 4)(x)
        x = u.LayerNorm(4)(x)
    return x


@gives("linear/weight", *wb("linear_1"))
def an_option_changes_the_variables_not_the_name(x):
    x = u.Linear(4, 4, bias=False)(x)
    return u.Linear(4, 4)(x)


@gives(*wb("linear", "linear_1"))
def sizes_from_the_input(x):
    x = u.Linear(None, 5)(x)
    return u.Linear(None, 3)(x)


@gives(
    *wb("linear", "batch_norm1d"),
    "batch_norm1d/running_mean",
    "batch_norm1d/running_var",
    "batch_norm1d/num_batches_tracked",
    *wb("linear_1"),
)
def statistics_follow_the_parameters(x):
    x = u.Linear(4, 4)(x)
    x = u.BatchNorm1d(4)(x)
    return u.Linear(4, 4)(x)


@gives(*wb("linear", "linear_1"))
def a_layer_called_twice(x):
    layer = u.Linear(4, 4)
    return u.Linear(4, 4)(layer(layer(x)))


@gives(*wb("linear", "linear_1"))
def layers_made_before_they_are_called(x):
    first, second = u.Linear(4, 4, name="linear_1"), u.Linear(4, 4)
    return first(second(x))


@gives(*wb("block/linear", "block/linear_1", "block_1/linear", "block_1/linear_1"))
def modules(x):
    x = Block()(x)
    return Block()(x)


@gives(*wb("http_net/block/linear", "http_net/block/linear_1", "http_net/mlp/linear", "linear"))
def modules_in_modules(x):
    x = HTTPNet()(x)
    return u.Linear(4, 4)(x)


@gives(*wb("mlp/linear", "linear", "mlp_1/linear", "mlp_1/linear_1"))
def modules_among_layers(x):
    x = MLP(1)(x)
    x = u.Linear(4, 4)(x)
    return MLP(2)(x)


@gives(*wb("mlp/linear", "mlp/linear_1"))
def a_module_called_twice(x):
    mlp = MLP(2)
    return mlp(mlp(x))


@gives(*wb("block_1/linear", "block_1/linear_1"))
def a_module_that_is_never_called(x):
    Block()
    return Block()(x)


@gives(*wb("linear", "linear_1"))
def functions_are_no_scopes(x):
    def project(x):
        return u.Linear(4, 4)(x)

    return project(project(x))


@gives(*wb("auto_encoder/encode/linear", "auto_encoder/decode/linear"))
def methods(x):
    coder = AutoEncoder()
    return coder.decode(coder.encode(x))


@gives(*wb("auto_encoder/encode/linear", "auto_encoder/decode/linear"))
def methods_called_by_call_and_from_outside(x):
    coder = AutoEncoder()
    return coder.decode(coder.encode(coder(x)))


@gives(*wb("auto_encoder/decode/linear", "auto_encoder/encode/linear"), shape=(2, 2))
def methods_in_another_order(x):
    coder = AutoEncoder()
    return coder.encode(coder.decode(x))


@gives(*wb("private/linear", "private/linear_1", "private/linear_2"))
def private_methods_run_in_their_callers_scope(x):
    return Private()(x)


@gives(*wb("linear_1", "linear"))
def private_methods_called_from_outside(x):
    return u.Linear(4, 4)(Private()._project(x))


@gives("helpers/linear/weight", *wb("helpers/linear_1"))
def properties_and_static_methods_run_in_their_callers_scope(x):
    return Helpers()(x)


@gives(*wb("built/linear", "built/block/linear", "built/block/linear_1", "built/linear_1"))
def built_in_init(x):
    return Built()(x)


@gives(*wb("built/linear", "built/block/linear", "built/block/linear_1", "built/linear_1"))
def built_in_init_and_called_twice(x):
    built = Built()
    return built(built(x))


@gives(*wb("prepared/prepare/linear", "prepared/linear"))
def a_public_method_called_by_init(x):
    return Prepared()(x)


@gives(
    *wb(
        "built_more/linear_2",
        "built_more/linear",
        "built_more/block/linear",
        "built_more/block/linear_1",
        "built_more/linear_3",
        "built_more/linear_1",
        "built_more/linear_4",
    )
)
def super_init_and_super_call(x):
    return BuiltMore()(x)


@gives(*wb(*[f"longer/{name}" for name in ("linear", "linear_1", "linear_2", "linear_3")]))
def super_call_goes_on_counting(x):
    return Longer(2)(x)


@gives(*wb("longer_code/encode/linear", "longer_code/encode/linear_1", "longer_code/decode/linear"))
def super_of_a_method_goes_on_counting(x):
    return LongerCode()(x)


@gives(*wb("recursive/linear"))
def recursion_shares(x):
    return Recursive()(x)


@gives(*wb("wrapper/linear", "block/linear", "block/linear_1"))
def a_module_passed_in_keeps_its_path(x):
    return Wrapper(Block())(x)


@gives(*wb("wrapper/linear", "linear", "wrapper_1/linear"))
def a_layer_passed_to_two_modules_is_shared(x):
    layer = u.Linear(4, 4)
    x = Wrapper(layer)(x)
    return Wrapper(layer)(x)


@gives(*wb("wrapper_1/linear", "wrapper/linear", "mlp/linear"))
def a_module_passed_on(x):
    return Wrapper(Wrapper(MLP(1)))(x)


@gives(*wb("head", "linear"))
def a_name(x):
    x = u.Linear(4, 4, name="head")(x)
    return u.Linear(4, 4)(x)


@gives(*wb("head", "head_1", "head_2"))
def a_name_given_twice(x):
    for _ in range(3):
        x = u.Linear(4, 4, name="head")(x)
    return x


@gives(*wb("linear_1", "linear", "linear_2"))
def a_name_that_a_default_would_take(x):
    x = u.Linear(4, 4, name="linear_1")(x)
    x = u.Linear(4, 4)(x)
    return u.Linear(4, 4)(x)


@gives(*wb("linear", "linear_1", "linear_1_1"))
def a_name_that_a_default_has_taken(x):
    x = u.Linear(4, 4)(x)
    x = u.Linear(4, 4)(x)
    return u.Linear(4, 4, name="linear_1")(x)


@gives(*wb("block/linear", "linear", "block_1/linear", "block_1/mlp/linear"))
def names_across_classes(x):
    x = MLP(1, name="block")(x)
    x = u.Linear(4, 4)(x)
    return Data(4, name="block")(x)


@gives(*wb("rng_2", "rng_1"))
def the_root_keeps_one_name_for_itself(x):
    return u.Linear(4, 4, name="rng")(u.Linear(4, 4, name="rng")(x))


@gives(*wb("train", "type", "float", "half", "apply", "parameters", "forward", "training", "children"))
def names_of_attributes_of_torch_modules(x):
    for name in ("train", "type", "float", "half", "apply", "parameters", "forward", "training", "children"):
        x = u.Linear(4, 4, name=name)(x)
    return x


@gives(*wb("Größe", "_hidden"))
def names_are_identifiers(x):
    x = u.Linear(4, 4, name="Größe")(x)
    return u.Linear(4, 4, name="_hidden")(x)


@gives(*wb("encoder_1/linear", "encoder/linear"))
def a_name_given_by_init(x):
    return Named(4)(Named(4)(x))


@gives(*wb("first/linear", "second/linear"))
def a_name_as_an_argument(x):
    x = TakesName("first")(x)
    return TakesName(name="second")(x)


@gives(*wb("stem/linear", "stem/linear_1", "tail/linear", "tail/linear_1"))
def a_name_without_an_init(x):
    x = Block("stem")(x)
    return Block(name="tail")(x)


@gives(*wb("stage_1/linear", "stage/linear"))
def a_name_that_init_does_not_know_of(x):
    return MLP(1, name="stage")(MLP(depth=1, name="stage")(x))


@gives(*wb("data/linear", "data/mlp/linear", "data/mlp/linear_1", "other/linear", "other/mlp/linear"))
def dataclasses(x):
    x = Data(4, depth=2)(x)
    return Data(4, name="other")(x)


@gives(*wb("frozen_data_1/linear", "frozen_data/linear"))
def frozen_dataclasses(x):
    return FrozenData(width=4)(FrozenData(4)(x))


@gives("scale", "count", *wb("linear"))
def variables_of_the_function(x):
    x = u.Linear(4, 4)(x)
    return x * u.get_parameter("scale", (4,), u.initializers.ones) + u.get_state("count", ())


@gives("mixture/scale", "mixture/shift", "mixture/mean", "mixture/offset", *wb("mixture/linear"))
def parameters_then_state_then_layers(x):
    return Mixture()(x)


@gives("scale", *wb("linear"))
def a_variable_asked_for_twice(x):
    x = x * u.get_parameter("scale", (4,))
    return u.Linear(4, 4)(x) * u.get_parameter("scale", (4,))


@gives("linear", *wb("linear_1"))
def a_layer_after_a_variable_of_its_name(x):
    x = x * u.get_parameter("linear", (4,))
    return u.Linear(4, 4)(x)


@gives(*wb("auto_encoder/encode/linear", "linear"))
def a_method_and_a_layer_of_another_scope(x):
    x = AutoEncoder().encode(x)
    return u.Linear(2, 4)(x)


@gives(*wb("linear"))
def initialisers_change_no_names(x):
    return u.Linear(4, 4, init_fn={"weight": u.initializers.normal(), "bias": u.initializers.ones})(x)


@gives(*wb("gained_1"), "gained_1/gain", *wb("gained"), "gained/gain")
def layers_of_a_users_class(x):
    return Gained(4, 4)(Gained(4, 4)(x))


@gives(*wb("layers/0/fc1", "layers/0/linear", "layers/1/fc1", "layers/1/linear", "layers/1/linear_1", "0", "linear"))
def named_scopes_and_numbers(x):
    for number in range(2):
        with u.scope("layers", number):
            x = u.Linear(4, 4, name="fc1")(x)
            x = u.Linear(4, 4)(x)
    with u.scope("layers.1"):
        x = u.Linear(4, 4)(x)
    x = u.Linear(4, 4, name=0)(x)
    return u.Linear(4, 4)(x)


@gives("square/weight", "other/weight")
def layers_of_a_users_class_with_another_init(x):
    x = Square(4)(x)
    return Square(4, name="other")(x)
