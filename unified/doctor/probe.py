"""One framework, imported and run in a process of its own.

What it says comes back as JSON. The process has the environment of this one but for two variables: JAX is kept on the
CPU unless devices are asked for, and takes no memory of a device beforehand.
"""

import importlib
import importlib.util
import json
import os
import pkgutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

__all__ = ["FRAMEWORKS", "Probe", "main", "probe"]

FRAMEWORKS = ("torch", "jax")
MARK = "unified doctor: "
CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from unified.doctor.probe import main; main(sys.argv[2:])"
)


@dataclass(frozen=True)
class Probe:
    """What the process of one framework said.

    Attributes:
        framework: its name.
        version: what its `__version__` is; empty if it cannot be imported.
        location: the file that was imported.
        devices: what it can compute on, as far as that is known without starting a device.
        warnings: those of its import, as Python shows them by default.
        error: why it cannot be imported, run the network or list its devices; empty if it can.
        failed_at: `import`, `network`, `devices` or `process` if there is an error.
        network: what `unified.doctor.network.run` returned.
    """

    framework: str
    version: str = ""
    location: str = ""
    devices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""
    failed_at: str = ""
    network: Mapping[str, Any] = field(default_factory=dict)


def probe(framework: str, devices: bool = False, timeout: float = 300) -> Probe:
    """Run a framework in a process of its own and return what it said.

    Args:
        framework: its name, as it is imported.
        devices: whether JAX starts all of its devices, to list them.
        timeout: seconds after which the process is ended.
    """
    environment = {**os.environ, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    if not devices:
        environment["JAX_PLATFORMS"] = "cpu"
    command = [sys.executable, "-c", CODE, json.dumps(sys.path), framework, *(["--devices"] if devices else [])]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return Probe(framework, error=f"nothing was heard of it for {timeout:g} s", failed_at="process")
    lines = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if not lines:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Probe(framework, error=f"its process ended with status {done.returncode}: {last}", failed_at="process")
    said = json.loads(lines[-1].removeprefix(MARK))
    return Probe(**{**said, "devices": tuple(said["devices"]), "warnings": tuple(said["warnings"])})


def main(arguments: list[str]) -> None:
    """Import a framework, run the network and print what there is to say; `arguments` are its name and `--devices`."""
    framework, starts_devices = arguments[0], "--devices" in arguments
    said: dict[str, Any] = {"framework": framework, "devices": (), "warnings": (), "failed_at": "import"}
    try:
        spec = importlib.util.find_spec(framework)  # an import that fails leaves no module to ask
        said["location"] = str(spec.origin or "") if spec is not None else ""
        with warnings.catch_warnings(record=True) as caught:
            module = importlib.import_module(framework)
        said["warnings"] = [f"{warning.category.__name__}: {warning.message}" for warning in caught]
        said["version"] = str(module.__version__)
        said["failed_at"] = "network"
        from unified.doctor import network

        said["network"] = network.run(framework)
        said["failed_at"] = "devices"
        said["devices"] = DEVICES[framework](module, starts_devices) if framework in DEVICES else ()
        said["failed_at"] = ""
    except BaseException as error:  # a framework may raise anything at import, or leave by SystemExit
        said["error"] = f"{type(error).__name__}: {' '.join(str(error).split())}"
    print(f"\n{MARK}{json.dumps(said)}", flush=True)


def _torch_devices(torch: Any, starts_devices: bool) -> list[str]:
    """Return the devices of torch; counting them starts none."""
    names = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, *(f"xpu:{number}" for number in range(torch.xpu.device_count()))]


def _jax_devices(jax: Any, starts_devices: bool) -> list[str]:
    """Return the devices of JAX, or without starting them the CPU and the names of its plugins."""
    if starts_devices:
        return [f"{device.platform}:{device.id} ({device.device_kind})" for device in jax.devices()]
    plugins = {entry.name for entry in entry_points(group="jax_plugins")}
    with suppress(ImportError):
        plugins |= {module.name for module in pkgutil.iter_modules(importlib.import_module("jax_plugins").__path__)}
    return ["cpu", *(f"{name} (not started: --devices does)" for name in sorted(plugins))]


DEVICES: dict[str, Callable[[Any, bool], list[str]]] = {"torch": _torch_devices, "jax": _jax_devices}
