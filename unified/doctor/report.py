"""The report of `unified doctor`, as text and as JSON."""

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import unified
from unified.core.pages import link
from unified.doctor.findings import Finding, find
from unified.doctor.packages import PACKAGES, Installed, installed, requirements
from unified.doctor.probe import FRAMEWORKS, Probe, probe
from unified.doctor.variables import VARIABLES, variables_set
from unified.doctor.versions import Requirement

__all__ = ["Report", "examine"]


@dataclass(frozen=True)
class Report:
    """What `examine` found.

    Attributes:
        packages: what is installed of the packages that unified works with, by the names of distributions.
        requirements: the releases of them that unified is made for.
        variables: the environment variables that matter, and are set.
        frameworks: what each framework said that was run.
        findings: what does not fit together.

    `str` is the text that `unified doctor` prints.
    """

    packages: Mapping[str, Installed]
    requirements: Mapping[str, Requirement]
    variables: Mapping[str, str]
    frameworks: tuple[Probe, ...]
    findings: tuple[Finding, ...]

    @property
    def is_well(self) -> bool:
        """Whether there is no problem; notes are none."""
        return all(finding.level != "problem" for finding in self.findings)

    def to_json(self) -> str:
        """Return the report as a JSON object, with `ok` for `is_well`."""
        table: dict[str, Any] = {
            "ok": self.is_well,
            "unified": {"version": unified.__version__, "location": _home()},
            "python": {"version": platform.python_version(), "location": sys.executable},
            "platform": platform.platform(),
            "packages": {
                package.distribution: {
                    **asdict(self.packages[package.distribution]),
                    "tested": package.tested,
                    "bounds": self._bounds(package.distribution),
                }
                for package in PACKAGES
                if package.distribution in self.packages
            },
            "not_installed": [
                package.distribution for package in PACKAGES if package.distribution not in self.packages
            ],
            "variables": dict(self.variables),
            "frameworks": [asdict(probe) for probe in self.frameworks],
            "findings": [asdict(finding) for finding in self.findings],
        }
        return json.dumps(table, indent=2)

    def _bounds(self, distribution: str) -> str:
        requirement = self.requirements.get(distribution)
        return "" if requirement is None else str(requirement)

    def __str__(self) -> str:
        rows = [
            ("unified", unified.__version__, "", _home()),
            ("python", platform.python_version(), "", sys.executable),
        ]
        for package in PACKAGES:
            found = self.packages.get(package.distribution)
            if found is not None:
                tested = ", ".join(filter(None, (f"tested {package.tested}", self._bounds(package.distribution))))
                rows.append((package.distribution, found.version or "?", tested, found.location))
        missing = [package for package in PACKAGES if package.distribution not in self.packages]
        lines = ["Installed", *_table(rows)]
        if missing:
            lines += ["", "Not installed", *_table([(package.distribution, package.purpose) for package in missing])]
        if self.variables:
            lines += ["", "Environment"]
            lines += [f"  {name}={value}: {VARIABLES[name]}" for name, value in self.variables.items()]
        if self.frameworks:
            lines += ["", "Frameworks", *_table([_row(probe) for probe in self.frameworks])]
        lines += ["", *self._verdict()]
        return "\n".join(lines)

    def _verdict(self) -> list[str]:
        problems = sum(finding.level == "problem" for finding in self.findings)
        lines = [
            f"{finding.level}: {finding.subject}: {finding.text}\n  -> {finding.cure}" for finding in self.findings
        ]
        ran = [probe.framework for probe in self.frameworks if probe.network]
        what = f"; a network runs on {' and '.join(ran)}" if ran else ""
        same = ", with equal initial bits and outputs" if len(ran) > 1 and not problems else ""
        number = {0: "No problems", 1: "1 problem"}.get(problems, f"{problems} problems")
        return [*lines, f"{number}{what}{same}.", f"See {link('install#unified-doctor')}"]


def examine(frameworks: Sequence[str] | None = None, devices: bool = False) -> Report:
    """Return what is installed, whether it fits together, and whether a network runs on each framework.

    Args:
        frameworks: those to run, `"torch"` and `"jax"`; without it all that are installed.
        devices: whether JAX starts all of its devices, to list them.

    Each framework runs in a process of its own, which takes seconds; none is imported into this one.
    """
    found = {package.distribution: installed(package) for package in PACKAGES}
    packages = {name: package for name, package in found.items() if package is not None}
    if frameworks is None:
        frameworks = [name for name in FRAMEWORKS if name in packages]
    probes = tuple(probe(name, devices) for name in frameworks)
    bounds, variables = requirements(), variables_set()
    return Report(packages, bounds, variables, probes, find(packages, bounds, variables, probes))


def _home() -> str:
    return str(Path(unified.__file__).parent)


def _row(probe: Probe) -> tuple[str, ...]:
    state = f"fails at its {probe.failed_at}" if probe.error else "a network runs"
    return probe.framework, probe.version or "-", state, ", ".join(probe.devices)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines with the columns of rows below each other."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
