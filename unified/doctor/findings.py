"""What does not fit together, and what to do about it: one function for each thing that is looked at."""

import importlib.metadata
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from unified.core import backends
from unified.doctor.packages import DISTRIBUTION, PACKAGES, Installed, how_to_install
from unified.doctor.probe import Probe
from unified.doctor.versions import Requirement, is_older

__all__ = ["Finding", "find"]

PYTHONS = ("3.11", "3.13")  # the oldest and the newest that CI runs
DEFECTIVE_PYTHONS = {  # by what torch warns of
    (3, 13, 0): "calls of compiled models may be slower",
    (3, 13, 8): "overloads are not checked when a model is scripted",
}
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Finding:
    """Something that a user should know.

    Attributes:
        level: `problem` if something cannot work or was never tested, `note` if it works otherwise than usual.
        subject: the package or the variable.
        text: what was found.
        cure: what to do.
    """

    level: Literal["problem", "note"]
    subject: str
    text: str
    cure: str


def find(
    packages: Mapping[str, Installed],
    requirements: Mapping[str, Requirement],
    variables: Mapping[str, str],
    probes: Sequence[Probe],
) -> tuple[Finding, ...]:
    """Return all findings, problems first.

    Args:
        packages: what is installed, by the names of distributions.
        requirements: those of unified, by the names of distributions.
        variables: the environment variables that matter.
        probes: what the frameworks that were run said.
    """
    findings = [
        *_of_python(),
        *_of_the_distribution(),
        *_of_versions(packages, requirements),
        *_of_frameworks(probes),
        *_of_equal_numbers(probes),
        *_of_devices(probes, variables),
        *_of_variables(variables),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.level != "problem"))


def _of_python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    oldest, newest = PYTHONS
    if is_older(version, oldest):
        yield Finding("problem", "python", f"Python {version} is too old", f"use Python {oldest} to {newest}")
    elif not is_older(version, _next_minor(newest)):
        yield Finding(
            "note", "python", f"Python {version} is not tested", f"use Python {oldest} to {newest} if it fails"
        )
    if sys.version_info[:3] in DEFECTIVE_PYTHONS:
        yield Finding(
            "note",
            "python",
            f"torch warns of a defect of Python {version}: {DEFECTIVE_PYTHONS[sys.version_info[:3]]}",
            "use the newest release of Python 3.13, or do not make torch's warnings errors",
        )


def _next_minor(version: str) -> str:
    major, minor = version.split(".")
    return f"{major}.{int(minor) + 1}"


def _of_the_distribution() -> Iterator[Finding]:
    names = {str(distribution.name).lower() for distribution in importlib.metadata.distributions()}
    if "unified" in names:
        yield Finding(
            "problem",
            "unified",
            "the distribution `unified` is another project's, and has a package of the same name",
            f"pip uninstall unified; pip install --force-reinstall --no-deps {DISTRIBUTION}",
        )
    if DISTRIBUTION not in names:
        yield Finding(
            "note",
            "unified",
            "it runs from files that pip has not installed, so that bounds of versions are not known",
            f"pip install {DISTRIBUTION}, or pip install -e . in a checkout",
        )


def _of_versions(packages: Mapping[str, Installed], requirements: Mapping[str, Requirement]) -> Iterator[Finding]:
    for package in PACKAGES:
        found, requirement = packages.get(package.distribution), requirements.get(package.distribution)
        if found is None:
            if requirement is not None and not requirement.extra:
                yield Finding(
                    "problem",
                    package.distribution,
                    "it is not installed, and unified needs it",
                    f'pip install "{package.distribution}{requirement.specifier}"',
                )
            continue
        if not found.version:
            continue
        if requirement is not None and not requirement.accepts(found.version):
            yield Finding(
                "problem",
                package.distribution,
                f"{found.version} is not within {requirement}, the releases that unified is made for",
                f'pip install "{package.distribution}{requirement.specifier}"',
            )
        elif (package.least and is_older(found.version, package.least)) or found.version in package.broken:
            bounds = [f">={package.least}"] * bool(package.least) + [f"!={version}" for version in package.broken]
            yield Finding(
                "problem",
                package.distribution,
                f"{found.version} does not work with the frameworks that unified is made for",
                f'pip install --upgrade "{package.distribution}{",".join(bounds)}"',
            )


def _of_frameworks(probes: Sequence[Probe]) -> Iterator[Finding]:
    for probe in probes:
        if probe.failed_at == "devices":
            yield Finding(
                "problem",
                probe.framework,
                f"it cannot list its devices: {probe.error}",
                "look at its drivers and plugins, and at JAX_PLATFORMS and CUDA_VISIBLE_DEVICES",
            )
        elif probe.failed_at == "network":
            yield Finding(
                "problem",
                probe.framework,
                f"a small network does not run on it: {probe.error}",
                "follow the other findings; without any, report this with the output of `unified doctor --json`",
            )
        elif probe.error:
            where = f" (of {probe.location})" if probe.location else ""
            yield Finding(
                "problem",
                probe.framework,
                f"it cannot be imported{where}: {probe.error}",
                f"{how_to_install(probe.framework)} --force-reinstall, and look for a file or a folder of yours named "
                f"{probe.framework}",
            )
        for warning in probe.warnings:
            yield Finding("note", probe.framework, f"its import warns: {warning}", "nothing, if all checks are ok")
    available, known = backends.available(), backends.known()
    if not available:
        yield Finding(
            "problem",
            "frameworks",
            f"none of {', '.join(known)} is installed, and a model needs one",
            " or ".join(how_to_install(name) for name in known),
        )
        return
    for name in known:
        if name not in available:
            yield Finding("note", name, "it is not installed", how_to_install(name))


def _of_equal_numbers(probes: Sequence[Probe]) -> Iterator[Finding]:
    ran = [probe for probe in probes if probe.network]
    for other in ran[1:]:
        first = ran[0]
        names = f"{first.framework} and {other.framework}"
        cure = "report this, with the output of `unified doctor --json`"
        if first.network["shapes"] != other.network["shapes"] or first.network["bits"] != other.network["bits"]:
            yield Finding("problem", names, "a network has other initial values on one than on the other", cure)
        pairs = list(zip(first.network["output"], other.network["output"], strict=False))
        if not all(math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE) for a, b in pairs):
            yield Finding("problem", names, f"the outputs of a network differ by more than {TOLERANCE}", cure)


def _of_devices(probes: Sequence[Probe], variables: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what two frameworks on one machine do to each other's GPUs."""
    devices = {probe.framework: probe.devices for probe in probes if not probe.error}
    if not any(name.startswith("cuda") for name in devices.get("torch", ())) or "jax" not in devices:
        return
    if len(devices["jax"]) == 1 and devices["jax"][0].startswith("cpu"):
        yield Finding(
            "note",
            "jax",
            "torch has a GPU here and JAX has none",
            'for JAX on NVIDIA\'s: pip install "jax[cuda13]<0.11"',
        )
    elif variables.get("XLA_PYTHON_CLIENT_PREALLOCATE", "").lower() not in ("false", "0"):
        yield Finding(
            "note",
            "XLA_PYTHON_CLIENT_PREALLOCATE",
            "JAX takes most of a GPU's memory when it starts, and torch finds the rest",
            "to use both in one process, set it to false",
        )


def _of_variables(variables: Mapping[str, str]) -> Iterator[Finding]:
    name = variables.get("UNIFIED_BACKEND")
    if name and name not in backends.known():
        choices = " or ".join(backends.known())
        yield Finding(
            "problem", "UNIFIED_BACKEND", f"there is no backend {name!r}", f"set it to {choices}, or unset it"
        )
    elif name and name not in backends.available():
        yield Finding("problem", "UNIFIED_BACKEND", f"{name} is not installed", f"{how_to_install(name)}, or unset it")
    if variables.get("JAX_ENABLE_X64", "0").lower() in ("1", "true", "yes", "on", "y", "t"):
        yield Finding(
            "note",
            "JAX_ENABLE_X64",
            "NumPy's float64 stays float64 on JAX, and parameters that are asked for without a dtype stay float32",
            "unset it for the numbers that the documentation shows",
        )
    bits = variables.get("JAX_DEFAULT_PRNG_IMPL", "")
    if bits not in ("", "threefry2x32"):
        yield Finding(
            "problem",
            "JAX_DEFAULT_PRNG_IMPL",
            f"keys of {bits!r} have other bits than unified draws",
            "unset it, or set it to threefry2x32",
        )
