"""Our words are our own: no string in `unified` shares a run of eight words with one of dm-haiku, Flax or blaze.

Strings are read from the sources, with their pieces joined as far as the syntax shows that they belong together. Case
and punctuation do not count, and a name counts as the words in it (`num_spatial_dims` is three). A placeholder or a
number is one word that equals any other; a run has at most two of them. Addresses and the names in lists of arguments
are left out, and no run goes from one line of an example to the next.
"""

import ast
import functools
import importlib.util
import operator
import pathlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import pytest

OURS = pathlib.Path(__file__).parents[2] / "unified"
THEIRS = ("haiku", "flax", "blaze")
LENGTH, MOST_HOLES = 8, 2
ANY = "*"
HOLE = "\0"  # a placeholder, until the text is split into words

# Phrases that a test of theirs looks for in our messages, each with that test.
EXPECTED = {
    "Cannot pass `scale` at call time if `create_scale=True`": "layer_norm_test::test_create_scale_and_scale_provided",
    "Cannot set `scale_init` if `create_scale=False`": "layer_norm_test::test_no_scale_and_init_provided",
    "Input to ConvND needs to have rank in [4, 5], but input has shape": "conv_test::test_invalid_input_shape",
    "Key {} already exists in the destination params": "lift_test::test_transparent_lift_existing_params_error",
    "Init must be called with an RNG as the first argument": "transform_test::test_invalid_rng",
    "Mask needs to have the same shape as weights. Shapes are:": "conv_test::test_invalid_mask_shape",
    "Orthogonal initializer requires at least a 2D shape": "initializers_test::test_orthogonal_invalid_shape",
    "The function `f` should not have any `varargs`": "layer_stack_test::test_layer_stack_no_varargs",
    "The number of channels must be divisible by the number of groups": (
        "group_norm_test::test_incompatible_groups_and_tensor"
    ),
    "The rank of the inputs cannot change between calls, the original": "group_norm_test::test_rank_changes",
    "`axis` should be an int, slice or iterable of ints": "layer_norm_test::test_invalid_axis",
    "`strides` and `channels` must have the same length": "mobilenetv1_test::test_error_incorrect_args_stride_list",
    "convolution operations for `num_spatial_dims` greater than 0": "conv_test::testIncorrectN",
    "fn_name must have at least one non-None value in in_axes": "stateful_test::test_vmap_no_in_axes",
    "hk.Embed's __call__ method must take an array of integer dtype but was called with an array of float32": (
        "embed_test::test_embed_dtype_check"
    ),
    "key did not have expected shape and/or dtype": "base_test::test_prng_sequence_wrong_shape",
    "must be a Tuple[int, int] or sequence of length 1": "pad_test::test_pad_sequence_tuple_wrong_length",
    "must be a scalar or sequence of length 1 or sequence of length 3": "utils_test::testIncorrectLength",
    "must be used as part of an `hk.transform`": "base_test::test_current_name_no_transform",
    "must be used within the same call to init/apply": "lift_test::test_updater_used_in_different_inner_transform",
    "out of range for input of rank 3": "bias_test::test_bias_dims_invalid",
    "parameters must be created as part of `init`": "base_test::test_parameter_in_immutable_ctx",
    "requires an RNG to be passed into the transformed function": "base_test::test_replace_rng_seq_state_no_rng",
}

FIELD = re.compile(r"\{[\w.\[\]]*(?:![rsa])?(?::[^{}\s]*)?\}|%(?:\(\w+\))?[-+#0]*[\d.]*[sdrifg]")
ADDRESS = re.compile(r"https?://\S+")
BREAK = re.compile(r"^[ \t]+\*{0,2}\w+(?:, \*{0,2}\w+)*(?: \([^)\n]*\))?:|^[ \t]*(?:>>>|\.\.\.)", re.MULTILINE)
WORD = re.compile(rf"[^\W_]+|{HOLE}")

Run = tuple[str, ...]


def text_of(node: ast.AST) -> str | None:
    """Return the text of an expression, with a hole for each part that is only known when it runs; `None` if none."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(text_or_hole, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            is_text = text_of(left) is not None or text_of(right) is not None
            return text_or_hole(left) + text_or_hole(right) if is_text else None
        case ast.BinOp(left=template, op=ast.Mod()) | ast.Call(func=ast.Attribute(value=template, attr="format")):
            return text_of(template)
        case ast.Call(func=ast.Attribute(value=separator, attr="join"), args=[ast.List(parts) | ast.Tuple(parts)]):
            between = text_of(separator)
            return None if between is None else between.join(map(text_or_hole, parts))
    return None


def text_or_hole(node: ast.AST) -> str:
    text = text_of(node)
    return HOLE if text is None else text


def words_of(text: str) -> list[str]:
    text = FIELD.sub(HOLE, text).lower().replace("'", "")
    words = [ANY if word == HOLE or word[0].isdigit() else word for word in WORD.findall(text)]
    return [word for i, word in enumerate(words) if not (i and word == words[i - 1] == ANY)]


def runs_of(text: str) -> Iterator[Run]:
    """Yield each run of eight words."""
    for part in BREAK.split(ADDRESS.sub(" ", text)):
        words = words_of(part)
        for start in range(len(words) - LENGTH + 1):
            run = tuple(words[start : start + LENGTH])
            if run.count(ANY) <= MOST_HOLES:
                yield run


def runs_in(source: str) -> dict[Run, int]:
    """Return the runs of all strings of a source, each with the line of the outermost string that has it."""
    lines: dict[Run, int] = {}
    for node in ast.walk(ast.parse(source)):  # from the outside in: a piece has no run that the whole has not
        text = text_of(node)
        for run in runs_of(text) if text else ():
            lines.setdefault(run, node.lineno)  # type: ignore[attr-defined]
    return lines


class Index:
    """Runs to find equals of, where a hole on either side equals any word."""

    def __init__(self) -> None:
        self._places: dict[frozenset[int], dict[Run, str]] = defaultdict(dict)  # by where the holes are
        self._shortened: dict[tuple[frozenset[int], frozenset[int]], dict[Run, str]] = {}

    def add(self, run: Run, place: str) -> None:
        self._places[_holes(run)].setdefault(run, place)

    def equals(self, run: Run) -> Iterator[tuple[Run, str]]:
        """Yield what `run` shares with runs that equal it, holes for the rest, and the place of one of them."""
        ours = _holes(run)
        for theirs, places in self._places.items():
            both = theirs | ours
            if len(both) > MOST_HOLES:
                continue
            words = _words_besides(both)
            if (theirs, both) not in self._shortened:
                self._shortened[theirs, both] = {words(other): place for other, place in places.items()}
            place = self._shortened[theirs, both].get(words(run))
            if place is not None:
                yield tuple(ANY if i in both else word for i, word in enumerate(run)), place


@functools.cache
def _words_besides(where: frozenset[int]) -> Callable[[Run], Run]:
    return operator.itemgetter(*(i for i in range(LENGTH) if i not in where))


def _holes(run: Run) -> frozenset[int]:
    return frozenset(i for i, word in enumerate(run) if word == ANY)


def contains(words: Sequence[str], part: Sequence[str]) -> bool:
    """Return whether `part`, without the holes at its ends, is in `words`."""
    first, last = (next(i for i, word in enumerate(each) if word != ANY) for each in (part, part[::-1]))
    part = part[first : len(part) - last]
    return any(
        all(a == b or ANY in (a, b) for a, b in zip(words[start:], part, strict=False))
        for start in range(len(words) - len(part) + 1)
    )


def common_runs(source: str, index: Index) -> Iterator[tuple[int, Run, str]]:
    """Yield the line, the words and their place for each run of a source that is in the index."""
    for run, line in runs_in(source).items():
        yield from ((line, words, place) for words, place in index.equals(run))


def folder_of(package: str) -> pathlib.Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.submodule_search_locations, f"{package} is not installed: pip install -e '.[dev]'"
    return pathlib.Path(spec.submodule_search_locations[0])


@functools.cache
def theirs() -> Index:
    index = Index()
    for package in THEIRS:
        folder = folder_of(package)
        for path in sorted(folder.rglob("*.py")):
            for run, line in runs_in(path.read_text()).items():
                index.add(run, f"{path.relative_to(folder.parent)}:{line}")
    return index


@functools.cache
def ours() -> list[tuple[str, Run, str]]:
    """Return all runs of ours that theirs have too."""
    return [
        (f"{path.relative_to(OURS.parent)}:{line}", words, place)
        for path in sorted(OURS.rglob("*.py"))
        for line, words, place in common_runs(path.read_text(), theirs())
    ]


def test_no_run_of_eight_words_is_theirs():
    phrases = [words_of(phrase) for phrase in EXPECTED]
    copies = {
        place: f"{place} has {' '.join(words)!r} of {their_place}"
        for place, words, their_place in reversed(ours())
        if not any(contains(phrase, words) for phrase in phrases)
    }
    assert not copies, "write anew:\n" + "\n".join(sorted(copies.values()))


@pytest.mark.parametrize("phrase", EXPECTED)
def test_an_exception_is_what_a_test_of_theirs_expects(phrase: str):
    file, _, name = EXPECTED[phrase].partition("::")
    pattern = " ".join(r"\S+( \S+)?" if word == ANY else word for word in words_of(phrase))
    assert any(
        re.search(pattern, " ".join(words_of(text_of(node) or "")))
        for path in folder_of("haiku").rglob(f"{file}.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and function.name == name
        for node in ast.walk(function)
    ), EXPECTED[phrase]


@pytest.mark.parametrize("phrase", EXPECTED)
def test_an_exception_is_needed(phrase: str):
    assert any(contains(words_of(phrase), words) for _, words, _ in ours())


COPIES = {
    "another case, other punctuation": "raise ValueError('the rank, of the INPUTS: cannot change; between calls.')",
    "two literals": "x = ('The rank of the inputs '\n 'cannot change between calls')",
    "a sum": "x = 'The rank of ' + 'the inputs cannot change between calls'",
    "a sum with an unknown": "x = 'The rank of ' + the_other + ' inputs cannot change between calls'",
    "an f-string": "x = f'The rank of {x!r} inputs cannot change between calls'",
    "an f-string and a literal": "x = f'{y}: the rank of the inputs cannot ' 'change between calls'",
    "within an f-string": "x = f'see {y if y else \"the rank of the inputs cannot change between calls\"}'",
    "a template": "x = 'The rank of {name} inputs cannot change between calls'.format(name=y)",
    "an old template": "x = 'The rank of %(name)s inputs cannot change between calls' % y",
    "joined": "x = ' '.join(['The rank of the inputs', 'cannot change between calls'])",
    "a docstring": '"""One line.\n\n    Where the rank of the inputs\n    cannot change between.\n    """',
    "a name for words": "x = 'the `rank_of_the_inputs` cannot_change between calls'",
    "a number": "x = 'The rank of 2 inputs cannot change between calls'",
}
NO_COPIES = {
    "seven words": "x = 'The rank of the inputs cannot change, in short'",
    "two strings": "f('The rank of the inputs', 'cannot change between calls')",
    "mostly placeholders": "x = f'The {a} of {b} inputs {c} change between {d}'",
    "a list of arguments": '"""The rank of the\n\n    inputs: cannot change between calls.\n    """',
    "an example": '"""Text.\n\n    >>> the.rank.of.the(inputs)\n    >>> cannot.change.between(calls)\n    """',
}


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_seen(copy: str):
    index = Index()
    for run in runs_of("The rank of the inputs cannot change between calls, the first was {rank}."):
        index.add(run, "theirs")
    assert list(common_runs(COPIES[copy], index))


@pytest.mark.parametrize("text", NO_COPIES)
def test_no_copy_is_seen_where_there_is_none(text: str):
    index = Index()
    for run in runs_of("The rank of the inputs cannot change between calls, the first was {rank}."):
        index.add(run, "theirs")
    assert not list(common_runs(NO_COPIES[text], index))
