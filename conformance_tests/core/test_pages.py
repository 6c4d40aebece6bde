"""Links in errors: each page and section that the code can name is in docs/, and a message ends with one link."""

import ast
import copy
import pickle
import re
import unicodedata
from pathlib import Path
from typing import get_args

import pytest
from markdown.extensions.toc import slugify

import unified as u
from unified.compare.config import ConfigError
from unified.compare.errors import MappingError, SideError
from unified.compare.files import FileError
from unified.core.errors import ExplainedError, at_path
from unified.core.pages import BASE, Page, end_with_link, link, without_links

ROOT = Path(__file__).parents[2]
PAGES = get_args(Page)
ERRORS = (
    u.BackendError,
    u.CheckpointError,
    u.NoActiveTransformError,
    u.NotInitializedError,
    u.StructureChangedError,
    u.TransformBoundaryError,
    ConfigError,
    FileError,
    MappingError,
    SideError,
)


def anchor(heading: str) -> str:
    """The name that mkdocs' extension `toc` gives to a heading."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


def anchors(page: str) -> set[str]:
    text = re.sub(r"^```.*?^```", "", (ROOT / "docs" / f"{page}.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


def named_pages() -> dict[str, set[str]]:
    """Each page that the sources name, with the files that do: by `with_page`, `link`, `end_with_link` or `page = `."""
    found: dict[str, set[str]] = {}
    for path in sorted(ROOT.glob("unified/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            value = None
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in ("with_page", "end_with_link", "link") and node.args:
                    value = node.args[-1]
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "page":
                value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found.setdefault(value.value, set()).add(path.name)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_page_and_its_section_are_there(page):
    name, _, section = page.partition("#")
    assert (ROOT / "docs" / f"{name}.md").is_file()
    assert not section or section in anchors(name)
    assert link(page) == f"https://unified-nn.github.io/unified/{name}/" + (f"#{section}" if section else "")


def test_the_anchors_are_those_of_mkdocs():
    headings = {
        line[2:].lstrip("# ")
        for page in ROOT.glob("docs/*.md")
        for line in re.findall(r"^#+ .*$", page.read_text(), re.M)
    }
    assert len(headings) > 150
    for heading in headings - {text for text in headings if "[" in text}:
        assert anchor(heading) == slugify(heading.replace("`", ""), "-"), heading


def test_every_page_is_named_somewhere_and_no_other():
    assert set(named_pages()) == set(PAGES)


@pytest.mark.parametrize("error", ERRORS)
def test_a_message_ends_with_its_page(error):
    assert issubclass(error, ExplainedError)
    raised = error("'block/weight' is not there")
    assert str(raised) == f"'block/weight' is not there\nSee {link(error.page)}"
    assert raised.args == ("'block/weight' is not there",)
    for same in (pickle.loads(pickle.dumps(raised)), copy.copy(raised)):
        assert type(same) is error and str(same) == str(raised)
    other = pickle.loads(pickle.dumps(error("why").with_page("install")))
    assert str(other).endswith("\nSee https://unified-nn.github.io/unified/install/")
    assert str(error()) == f"See {link(error.page)}"


def test_no_other_error_of_ours_lacks_a_page():
    def below(cls):
        return {cls}.union(*map(below, cls.__subclasses__()))

    ours = {cls for cls in below(ExplainedError) if cls.__module__.startswith("unified")} - {ExplainedError}
    assert set(ERRORS) <= ours
    assert all(cls.page in PAGES for cls in ours)


def test_an_error_that_quotes_another_has_one_link():
    inner = u.CheckpointError("the file ends early")
    outer = u.BackendError(f"'net.safetensors' cannot be loaded ({inner}): save it again")
    assert str(outer).count(BASE) == 1
    assert str(outer) == (
        "'net.safetensors' cannot be loaded (the file ends early): save it again\n"
        "See https://unified-nn.github.io/unified/numpy/#which-framework"
    )
    with pytest.raises(ValueError, match="'norm': a size is negative") as raised, at_path("norm"):
        raise ValueError(end_with_link("a size is negative", "objects"))
    assert str(raised.value).count(BASE) == 1 and str(raised.value).endswith("/objects/")


def test_an_error_of_python_that_quotes_one_of_ours():
    error = u.BackendError("torch.fx cannot follow u.vmap")
    assert f"it was traced ({without_links(error)}): its sizes are fixed" == (
        "it was traced (torch.fx cannot follow u.vmap): its sizes are fixed"
    )


def test_what_a_user_meets_first():
    with pytest.raises(u.NoActiveTransformError, match=r"net.init\(...\)` runs it\nSee \S+/unified/body/$"):
        u.Linear(2, 3)
    with pytest.raises(u.NoActiveTransformError, match=r"; or pass key=unified.random.key\(seed\)\nSee \S+/body/$"):
        u.random.normal((2,))
    with pytest.raises(u.BackendError, match=r"there is no backend 'pytorch': .*\nSee \S+/install/$"):
        u.set_backend("pytorch")
