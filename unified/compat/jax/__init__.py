"""The part of the JAX API that model code uses: JAX itself on the jax backend, PyTorch underneath on torch.

    import unified.compat.jax as jax               # was: import jax
    import unified.compat.jax.numpy as jnp         # was: import jax.numpy as jnp

The framework is looked for when a function is called; see `unified.compat.jax.active_backend`. `docs/haiku.md` lists
what is offered, and where torch cannot follow JAX.

>>> import unified.compat.jax as jax, unified as u
>>> import unified.compat.jax.numpy as jnp
>>> u.set_backend("torch")
>>> jax.grad(lambda x: jnp.sum(jnp.maximum(x, 0.0)))(jnp.array([-1.0, 0.0, 2.0]))
Array([0. , 0.5, 1. ], dtype=float32)
>>> u.set_backend(None)
"""

from typing import Any as _Any

from unified.compat.jax import (
    ad_checkpoint,
    api_util,
    config,
    core,
    custom_batching,
    custom_derivatives,
    debug,
    dtypes,
    errors,
    example_libraries,
    experimental,
    flatten_util,
    image,
    lax,
    monitoring,
    nn,
    numpy,
    ops,
    profiler,
    random,
    scipy,
    sharding,
    stages,
    test_util,
    tree,
    tree_util,
    typing,
    version,
)
from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.array import Array as Array
from unified.compat.jax.either import either as _either
from unified.compat.jax.shape_struct import ShapeDtypeStruct as ShapeDtypeStruct

__version__, __version_info__ = version.__version__, version.__version_info__
checkpoint_policies = ad_checkpoint.checkpoint_policies
Device = _either("", "Device", "devices")
NamedSharding = sharding.NamedSharding
P = sharding.PartitionSpec

# Options for a block.
debug_infs = config.block("jax_debug_infs")
debug_nans = config.block("jax_debug_nans")
default_prng_impl = config.block("jax_default_prng_impl", "threefry2x32")
enable_custom_prng = config.block("jax_enable_custom_prng")
enable_x64 = config.block("jax_enable_x64")
legacy_prng_key = config.block("jax_legacy_prng_key", "allow")
numpy_dtype_promotion = config.block("jax_numpy_dtype_promotion", "standard")
numpy_rank_promotion = config.block("jax_numpy_rank_promotion", "allow")
softmax_custom_jvp = config.block("jax_softmax_custom_jvp")
threefry_partitionable = config.block("jax_threefry_partitionable")
# Of what concerns tracing, logging or transfers.
check_tracer_leaks = checking_leaks = config.block("jax_check_tracer_leaks")
debug_key_reuse = config.block("jax_debug_key_reuse")
enable_checks = config.block("jax_enable_checks")
explain_cache_misses = config.block("jax_explain_cache_misses")
log_compiles = config.block("jax_log_compiles")
no_execution = config.block("jax_no_execution")
no_tracing = config.block("jax_no_tracing")
transfer_guard = config.block("jax_transfer_guard", None)
transfer_guard_device_to_device = config.block("jax_transfer_guard_device_to_device", None)
transfer_guard_device_to_host = config.block("jax_transfer_guard_device_to_host", None)
transfer_guard_host_to_device = config.block("jax_transfer_guard_host_to_device", None)

_dispatch.define_functions(globals(), "")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("", name)
