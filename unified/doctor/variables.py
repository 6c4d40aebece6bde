"""Environment variables that change what unified and the frameworks do."""

import os
from collections.abc import Mapping

__all__ = ["VARIABLES", "variables_set"]

VARIABLES: Mapping[str, str] = {
    "UNIFIED_BACKEND": "the backend of models that name none",
    "UNIFIED_JIT_COMPILE": "whether the graphs of jax.jit on torch are compiled",
    "UNIFIED_NAMED_SCOPES": "whether layers have their names in profiles of JAX",
    "JAX_ENABLE_X64": "whether JAX, and JAX code on torch, has arrays of 64 bits: Python's numbers become float64",
    "JAX_PLATFORMS": "the only platforms that JAX starts",
    "JAX_DISABLE_JIT": "jax.jit runs functions as they stand, on JAX and on torch",
    "JAX_DEBUG_NANS": "JAX raises where a NaN appears",
    "JAX_DEFAULT_MATMUL_PRECISION": "the precision of JAX's products; outputs of the frameworks then differ",
    "JAX_NUMPY_DTYPE_PROMOTION": "whether JAX combines arrays of different dtypes",
    "JAX_NUMPY_RANK_PROMOTION": "whether JAX adds axes to arrays that are combined",
    "JAX_THREEFRY_PARTITIONABLE": "0: other bits of jax.random, as before JAX 0.5",
    "JAX_DEFAULT_PRNG_IMPL": "the bits of jax.random, which unified has of threefry2x32 alone",
    "XLA_FLAGS": "options of JAX's compiler, such as the number of CPU devices",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false: JAX takes memory of a GPU as it needs it, so that torch has some too",
    "XLA_PYTHON_CLIENT_MEM_FRACTION": "the part of a GPU's memory that JAX takes when it starts",
    "XLA_PYTHON_CLIENT_ALLOCATOR": "how JAX takes memory of a GPU",
    "CUDA_VISIBLE_DEVICES": "the GPUs that both frameworks see",
    "PYTORCH_ALLOC_CONF": "how torch takes memory of a device",
    "PYTORCH_CUDA_ALLOC_CONF": "how torch takes memory of a GPU",
    "PYTORCH_ENABLE_MPS_FALLBACK": "whether torch runs on the CPU what Metal lacks",
    "PYTORCH_JIT": "0: torch.jit.script returns functions as they stand",
    "TORCH_COMPILE_DISABLE": "1: torch.compile returns models as they stand",
    "TORCHDYNAMO_DISABLE": "1: torch.compile returns models as they stand",
    "TORCH_FORCE_WEIGHTS_ONLY_LOAD": "whether torch.load refuses what is no tensor",
    "OMP_NUM_THREADS": "the number of threads of torch on the CPU",
    "PYTHONWARNINGS": "which warnings are shown, or are errors",
}


def variables_set() -> dict[str, str]:
    """Return those of `VARIABLES` that are set, with their values."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}
