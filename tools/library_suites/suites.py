"""The suites: where the tests of a library are, which of them are quick, and how many must pass."""

import importlib.metadata
import subprocess
import sys
import sysconfig
import tarfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SUITES", "Suite"]

CACHE = Path(__file__).parents[2] / "out" / "library_suites"


@dataclass(frozen=True)
class Suite:
    """The tests of one library.

    Attributes:
        distribution: its name on the package index.
        package: the package whose modules the tests are; they import it by this name.
        folder: the folder of the tests, in the installed package or in the source distribution.
        pattern: the names of the files.
        published: whether the tests are in the source distribution alone.
        quick: parts of the names of the files that the quick run takes; all if empty.
        left_out: parts of the names of files that are not run, with the reason.
        too_long: tests that are not run unless they are asked for, by parts of their names, with the reason.
        least: the number that must pass.
        least_quick: the number of the quick run.
        ours: whether the library is `unified.compat.haiku` instead of the loaded one.
    """

    distribution: str
    package: str
    folder: str
    pattern: str = "*_test.py"
    published: bool = False
    quick: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    too_long: tuple[tuple[str, str], ...] = ()
    least: int = 0
    least_quick: int = 0
    ours: bool = False

    @property
    def version(self) -> str:
        """The installed version, whose tests are run."""
        return importlib.metadata.version(self.distribution)

    def source(self) -> Path:
        """Return the folder of the tests; a source distribution is downloaded once."""
        if not self.published:
            return Path(sysconfig.get_path("purelib")) / self.folder
        name = f"{self.distribution.replace('-', '_')}-{self.version}"
        if not (CACHE / name).exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation"]
            subprocess.run(
                [*command, "--no-binary", ":all:", "-d", str(CACHE), f"{self.distribution}=={self.version}"],
                check=False,  # pip fails where it cannot build; the file is there all the same
                capture_output=True,
            )
            with tarfile.open(CACHE / f"{name}.tar.gz") as archive:
                archive.extractall(CACHE, filter="data")
        return CACHE / name / self.folder

    def files(self, quick: bool) -> list[Path]:
        """Return the files that are run."""
        source = self.source()
        found = []
        for file in sorted(source.rglob(self.pattern)):
            name = file.relative_to(source).as_posix()
            if any(part in name for part, _ in self.left_out):
                continue
            if not quick or not self.quick or any(part in name for part in self.quick):
                found.append(file)
        return found


SUITES = {
    "optax": Suite(
        "optax", "optax", "optax",
        quick=("_src/transform_test", "_src/update_test", "_src/combine_test", "losses/", "schedules/"),
        too_long=(
            ("test_optimization", "an optimizer for 10,000 steps of a few numbers each, minutes a test"),
            ("test_optimizers", "an optimizer of contrib for 30,000 steps of a few numbers each, minutes a test"),
        ),
        least=1988, least_quick=291,
    ),
    "flax-linen": Suite(
        "flax", "flax", "tests", published=True, quick=("linen_linear_test", "linen_attention_test", "core/core_"),
        left_out=(("nnx/", "the suite flax-nnx"),), least=1406, least_quick=728,
    ),
    "flax-nnx": Suite(
        "flax", "flax", "tests/nnx", published=True, quick=("nn/linear", "rngs", "state"), least=1595, least_quick=262
    ),
    "jraph": Suite("jraph", "jraph", "jraph", least=93, least_quick=93),
    "jmp": Suite("jmp", "jmp", "jmp", least=97, least_quick=97),
    "chex": Suite("chex", "chex", "chex", quick=("pytypes", "dataclass"), least=566, least_quick=61),
    "mctx": Suite("mctx", "mctx", "mctx", least=24, least_quick=24),
    "dm-haiku": Suite(
        "dm-haiku", "haiku", "haiku", quick=("_src/basic_test", "_src/recurrent_test"), least=2540, least_quick=109
    ),
    "unified.compat.haiku": Suite(
        "dm-haiku", "haiku", "haiku", quick=("_src/basic_test", "_src/recurrent_test"), least=2477, least_quick=105,
        ours=True,
    ),
}  # fmt: skip
