"""Links of pages: to other pages as they are, to files of the repository on GitHub, to nothing else."""

from pathlib import Path

import pytest

from tools.site.links import target

ROOT = Path(__file__).parents[2]
GITHUB = "https://github.com/unified-nn/unified"


def of(link: str, page: str = "scale.md") -> str:
    return target(link, page, ROOT, GITHUB)


@pytest.mark.parametrize(
    "link",
    [
        "haiku.md",
        "state.md#random-numbers",
        "#here",
        "https://pytorch.org/docs",
        "mailto:a@b.c",
        "/unified/",
        "reference/unified.md",
        "call.svg",
    ],
)
def test_links_within_the_site_and_to_other_hosts_stay(link: str) -> None:
    assert of(link) == link


def test_files_of_the_repository_are_on_github() -> None:
    assert of("../examples/digits.py") == f"{GITHUB}/blob/main/examples/digits.py"
    assert of("../CONTRIBUTING.md#style") == f"{GITHUB}/blob/main/CONTRIBUTING.md#style"
    assert of("../../examples", "notebooks/first_model.ipynb") == f"{GITHUB}/tree/main/examples"
    assert of("../body.md", "notebooks/first_model.ipynb") == "../body.md"


def test_a_file_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"scale.md links to ../examples/gone.py: there is no examples/gone.py"):
        of("../examples/gone.py")
