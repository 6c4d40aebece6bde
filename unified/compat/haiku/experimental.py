"""The names of `hk.experimental`.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#module-haiku.experimental
"""

from unified.compat.haiku.absent import AbsentModule, absent
from unified.compat.haiku.config import check_jax_usage, module_auto_repr, rng_reserve_size
from unified.compat.haiku.custom import DO_NOT_STORE, GetterContext, custom_creator, custom_getter
from unified.compat.haiku.keys import maybe_get_rng_sequence_state, replace_rng_sequence_state
from unified.compat.haiku.layer_stack import LayerStackTransparencyMapping, layer_stack
from unified.compat.haiku.lift import (
    LiftWithStateUpdater,
    lift,
    lift_with_state,
    transparent_lift,
    transparent_lift_with_state,
)
from unified.compat.haiku.module import MethodContext, force_name, intercept_methods, name_like, name_scope
from unified.compat.haiku.rng_use import optimize_rng_use
from unified.compat.haiku.running import current_name
from unified.compat.haiku.summaries import (
    ArraySpec,
    MethodInvocation,
    ModuleDetails,
    eval_summary,
    fast_eval_shape,
    tabulate,
)
from unified.compat.haiku.variables import get_current_state, get_initial_state, get_params

ParamContext = GetterContext
to_dot = absent("to_dot")
abstract_to_dot = absent("experimental.abstract_to_dot")
jaxpr_info = AbsentModule("experimental.jaxpr_info")
flax = AbsentModule("experimental.flax")

__all__ = [
    "DO_NOT_STORE",
    "ArraySpec",
    "GetterContext",
    "LayerStackTransparencyMapping",
    "LiftWithStateUpdater",
    "MethodContext",
    "MethodInvocation",
    "ModuleDetails",
    "ParamContext",
    "abstract_to_dot",
    "check_jax_usage",
    "current_name",
    "custom_creator",
    "custom_getter",
    "eval_summary",
    "fast_eval_shape",
    "flax",
    "force_name",
    "get_current_state",
    "get_initial_state",
    "get_params",
    "intercept_methods",
    "jaxpr_info",
    "layer_stack",
    "lift",
    "lift_with_state",
    "maybe_get_rng_sequence_state",
    "module_auto_repr",
    "name_like",
    "name_scope",
    "optimize_rng_use",
    "replace_rng_sequence_state",
    "rng_reserve_size",
    "tabulate",
    "to_dot",
    "transparent_lift",
    "transparent_lift_with_state",
]
