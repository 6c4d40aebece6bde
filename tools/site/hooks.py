"""What mkdocs calls while it builds the site (`hooks:` in mkdocs.yml)."""

import logging
import posixpath
import re
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.site import links, notebooks, reference

ROOT = Path(__file__).parents[2]
LOGGER = logging.getLogger("mkdocs.hooks.site")
DRAWING = re.compile(r'<p><img [^>]*src="([^"]+\.svg)"[^>]*></p>')


class _Links(Treeprocessor):
    """Makes links to files outside of `docs/` links to GitHub."""

    page = ""
    files = ""

    def run(self, root: Element) -> None:
        for element in root.iter("a"):
            try:
                element.set("href", links.target(element.get("href", ""), self.page, ROOT, self.files))
            except ValueError as error:
                LOGGER.warning("%s", error)


class _LinksExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Markdown's name)
        links_of_pages = _Links(md)
        links_of_pages.page, links_of_pages.files = self.page, self.files
        md.treeprocessors.register(links_of_pages, "repository", 5)  # before mkdocs's own, of priority 0

    page = ""
    files = ""


class _Notebook(File):
    """A notebook that is a page under its own name."""

    def is_documentation_page(self) -> bool:
        return True


EXTENSION = _LinksExtension()
OUTPUTS: dict[str, dict[str, str]] = {}  # HTML of notebooks by the page and the mark in its place
RUNS: dict[str, Future[Any]] = {}  # notebooks, which run while other pages are rendered


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the pages of the reference to the navigation, and the links to the Markdown."""
    assert config.nav is not None
    for entry in config.nav:
        for title, pages in entry.items():
            if pages == f"{reference.FOLDER}/":
                entry[title] = reference.nav()
    EXTENSION.files = str(config.repo_url).rstrip("/")
    config.markdown_extensions.append(EXTENSION)  # Markdown takes objects too
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the reference, and begin to run the notebooks."""
    for path, text in reference.pages().items():
        files.append(File.generated(config, path, content=text))
    executor = ThreadPoolExecutor(max_workers=2)
    for file in [file for file in files if file.src_uri.endswith(".ipynb")]:
        page = _Notebook(file.src_uri, None, config.site_dir, config.use_directory_urls)
        page.generated_by, page.edit_uri = "notebooks", file.src_uri
        files.remove(file)
        files.append(page)  # at the end: mkdocs comes to it when it has run
        RUNS[file.src_uri] = executor.submit(notebooks.run, ROOT / "docs" / file.src_uri)
    changelog = files.get_file_from_path("changelog.md")
    assert changelog is not None
    changelog.edit_uri = "../CHANGELOG.md"
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Note which page is read."""
    EXTENSION.page = page.file.src_uri
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the outputs of notebooks and the drawings in their places."""
    for mark, output in OUTPUTS.get(page.file.src_uri, {}).items():
        html = html.replace(mark, output)
    return DRAWING.sub(_drawing, html)


def _drawing(image: re.Match[str]) -> str:
    """Return a drawing as a part of the page if it has the colours of the theme; on GitHub it is a picture."""
    drawing = (ROOT / "docs" / posixpath.normpath(image[1]).replace("../", "")).read_text()
    return f'<div class="drawing">{drawing}</div>' if "var(--md-" in drawing else image[0]


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:
    """Return the Markdown of a notebook that has run; other pages are in their files."""
    if page.file.src_uri not in RUNS:
        return None
    from nbclient.exceptions import CellExecutionError

    try:
        text, html = notebooks.markdown(RUNS[page.file.src_uri].result())
    except CellExecutionError as error:
        raise PluginError(f"{page.file.src_uri}: a cell raised\n{error}") from error
    except notebooks.NotebookError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error
    title, _, rest = text.partition("\n")
    if not title.startswith("# "):
        raise PluginError(f"{page.file.src_uri}: the first cell must begin with the title, as `# A first model`")
    OUTPUTS[page.file.src_uri] = html
    source = f"{config.repo_url}/blob/main/docs/{page.file.src_uri}"
    return f"{title}\n\n*This page is [a notebook]({source}), which ran when the site was built.*\n{rest}"


def on_post_build(**kwargs: Any) -> None:
    """Leave nothing behind for the next build of `mkdocs serve`."""
    OUTPUTS.clear()
    RUNS.clear()
