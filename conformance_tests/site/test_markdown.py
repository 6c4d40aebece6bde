"""Docstrings and notebooks as Markdown."""

from typing import Any

from tools.site.docstring_text import with_fenced_doctests, with_links
from tools.site.notebooks import markdown


class Node(dict[str, Any]):
    """A part of a notebook, as nbformat's: keys are attributes too."""

    __getattr__ = dict.__getitem__


def cell(kind: str, source: str, *outputs: Node) -> Node:
    return Node(cell_type=kind, source=source, outputs=list(outputs))


def shown(**data: str) -> Node:
    return Node(output_type="display_data", data={key.replace("_", "/"): value for key, value in data.items()})


def printed(text: str) -> Node:
    return Node(output_type="stream", name="stdout", text=text)


def test_a_doctest_is_a_block_of_code() -> None:
    text = (
        "Return one.\n\nArgs:\n    a: b\n        >>> f(1)\n        1\n\n>>> f()\n>>> g()\n2\n\nSource: us.\n\n>>> h()"
    )
    assert with_fenced_doctests(text) == (
        "Return one.\n\nArgs:\n    a: b\n\n        ```pycon\n        >>> f(1)\n        1\n        ```\n\n"
        "```pycon\n>>> f()\n>>> g()\n2\n```\n\nSource: us.\n\n```pycon\n>>> h()\n```"
    )


def test_what_is_in_a_block_already_stays() -> None:
    text = "Text.\n\n```python\n>>> f()\n1\n```\n\nMore."
    assert with_fenced_doctests(text) == text


def test_public_names_are_links() -> None:
    text = "See `unified.Linear`, `unified.core.x`, [`unified.Linear`](x) and ``unified.Linear``."
    linked = "See [`unified.Linear`][unified.Linear], `unified.core.x`, [`unified.Linear`](x) and ``unified.Linear``."
    assert with_links(text, {"unified.Linear"}) == linked


def test_a_notebook_is_code_with_its_outputs() -> None:
    notebook = Node(
        cells=[
            cell("markdown", "# Title"),
            cell("code", "f()", printed("one\n"), printed("\x1b[31mtwo\x1b[0m\n"), shown(text_plain="3")),
            cell("code", ""),
            cell("code", "plot()", shown(image_png="AAAA\nBBBB", text_plain="<Figure>")),
        ]
    )
    text, html = markdown(notebook)
    assert text == (
        "# Title\n\n```python\nf()\n```\n\n``` { .text .output }\none\ntwo\n3\n```\n\n```python\nplot()\n```\n\n"
        '<div data-output="output-0"></div>\n'
    )
    (picture,) = html.values()
    assert 'src="data:image/png;base64,AAAABBBB"' in picture and 'alt="&lt;Figure&gt;"' in picture


def test_html_of_an_output_stays_out_of_the_markdown() -> None:
    notebook = Node(cells=[cell("code", "table", printed("before"), shown(text_html="<b>\n\n*x*</b>", text_plain="x"))])
    text, html = markdown(notebook)
    assert "*x*" not in text and text.index("before") < text.index("data-output")
    assert list(html.values()) == ['<div class="cell-output"><b>\n\n*x*</b></div>']


def test_the_error_of_a_cell_that_may_raise_is_shown() -> None:
    error = Node(output_type="error", ename="ValueError", evalue="no", traceback=["\x1b[31mValueError\x1b[0m: no"])
    text, html = markdown(Node(cells=[cell("code", "f()", printed("one\n"), error)]))
    assert "``` { .text .output }\none\nValueError: no\n```" in text and not html


def test_a_fence_within_an_output_does_not_end_it() -> None:
    text, _ = markdown(Node(cells=[cell("code", "f()", printed("```\nx\n```"))]))
    assert "```` { .text .output }\n```\nx\n```\n````" in text
