"""Threefry: published results, the bulk generators against the plain function, and keys."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unified.core import threefry
from unified.core.threefry import CHUNK, MASK

# Random123's kat_vectors for threefry2x32 with 20 rounds: key, counter, result.
KNOWN_ANSWERS = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((MASK, MASK), (MASK, MASK), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]

words = st.integers(0, MASK)
keys = st.tuples(words, words)


def word_at(key, position):
    """Return the word at `position` of the stream of `key`, by the plain function on Python integers."""
    x0, x1 = threefry.threefry2x32(key, (position >> 32, position & MASK))
    return x0 ^ x1


@pytest.mark.parametrize(("key", "counter", "expected"), KNOWN_ANSWERS)
def test_known_answers(key, counter, expected):
    assert threefry.threefry2x32(key, counter) == expected


@pytest.mark.parametrize("dtype", [np.uint32, np.uint64, np.int64])
@pytest.mark.parametrize(("key", "counter", "expected"), KNOWN_ANSWERS)
def test_known_answers_on_arrays(key, counter, expected, dtype):
    x0, x1 = threefry.threefry2x32(
        tuple(np.full(3, word, dtype) for word in key), tuple(np.full(3, word, dtype) for word in counter)
    )
    assert (x0.tolist(), x1.tolist()) == ([expected[0]] * 3, [expected[1]] * 3)


@pytest.mark.parametrize(("key", "counter", "expected"), KNOWN_ANSWERS)
def test_a_word_of_a_stream_is_both_halves_xored(key, counter, expected):
    position = counter[0] << 32 | counter[1]
    assert threefry.bits_chunk(key, position, 1).tolist() == [expected[0] ^ expected[1]]


@settings(deadline=None)
@given(keys, st.integers(0, 2**64 - 64), st.integers(1, 64))
def test_a_chunk_is_the_plain_function_at_each_position(key, start, count):
    chunk = threefry.bits_chunk(key, start, count)
    assert chunk.dtype == np.uint32
    assert chunk.tolist() == [word_at(key, start + i) for i in range(count)]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(keys, st.integers(0, 50)), min_size=1, max_size=12))
def test_streams_drawn_together_are_those_drawn_alone(streams):
    together = threefry.random_bits([key for key, _ in streams], [count for _, count in streams])
    assert together.tolist() == [word_at(key, i) for key, count in streams for i in range(count)]


def test_streams_drawn_together_across_chunk_borders():
    streams = [((1, 2), CHUNK - 3), ((3, 4), 10), ((5, 6), 2 * CHUNK + 1), ((7, 8), 1)]
    together = threefry.random_bits([key for key, _ in streams], [count for _, count in streams])
    alone = [threefry.bits_chunk(key, 0, count) for key, count in streams]
    assert np.array_equal(together, np.concatenate(alone))


@pytest.mark.parametrize("count", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 4 * CHUNK + 1, 9 * CHUNK + 17])
def test_a_long_stream_in_chunks(count):
    key = (0xDEADBEEF, 42)
    out = np.zeros(count, np.uint32)
    calls = []

    def consume(where, bits):
        calls.append((where.start, where.stop))
        out[where] = bits

    threefry.random_bits_into(key, count, consume)
    assert calls == [(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    positions = sorted({0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK, count // 2, count - 1})
    positions = [position for position in positions if 0 <= position < count]
    assert [int(out[position]) for position in positions] == [word_at(key, position) for position in positions]
    expected = threefry.bits_chunk(key, 0, count)
    assert np.array_equal(out, expected)


@pytest.mark.parametrize("start", [2**32 - 3, 2**32, 2**40])
def test_positions_beyond_32_bits(start):
    assert threefry.bits_chunk((1, 2), start, 6).tolist() == [word_at((1, 2), start + i) for i in range(6)]


def test_an_exception_of_the_consumer_is_raised():
    def consume(where, bits):
        if where.start == 5 * CHUNK:
            raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        threefry.random_bits_into((0, 0), 8 * CHUNK, consume)


@settings(deadline=None)
@given(keys, st.lists(st.text(max_size=20), max_size=20))
def test_paths_folded_together_are_those_folded_alone(key, paths):
    folded = threefry.fold_paths(key, paths)
    assert folded == [threefry.fold_path(key, path) for path in paths]
    assert all(type(word) is int for pair in folded for word in pair)


@given(keys, st.integers(-(2**40), 2**40))
def test_fold_in_takes_32_bits(key, data):
    assert threefry.fold_in(key, data) == threefry.threefry2x32(key, (0, data % 2**32))


@given(st.text(max_size=40))
def test_path_words_begin_the_sha256_of_the_path(path):
    digest = hashlib.sha256(path.encode("utf-8")).hexdigest()
    assert threefry.path_words(path) == (int(digest[:8], 16), int(digest[8:16], 16))


def test_path_words_of_published_digests():
    """The digest of `abc` is published in FIPS 180-2."""
    assert threefry.path_words("abc") == (0xBA7816BF, 0x8F01CFEA)
    assert threefry.path_words("") == (0xE3B0C442, 0x98FC1C14)


@pytest.mark.parametrize(
    ("seed", "key"),
    [
        (0, (0, 0)),
        (42, (0, 42)),
        (MASK, (0, MASK)),
        (1 << 32, (1, 0)),
        ((5 << 32) + 7, (5, 7)),
        (2**63 - 1, (0x7FFFFFFF, MASK)),
        (2**64 + 3, (0, 3)),
        (-1, (MASK, MASK)),
        (-5, (MASK, MASK - 4)),
        (-(2**63), (0x80000000, 0)),
    ],
)
def test_seed_key(seed, key):
    assert threefry.seed_key(seed) == key


@given(st.integers(-(2**63), 2**64 - 1))
def test_seed_key_keeps_64_bits(seed):
    high, low = threefry.seed_key(seed)
    assert 0 <= high <= MASK and 0 <= low <= MASK
    assert (high << 32 | low) == seed % 2**64


@given(keys, words, st.text(max_size=10), st.integers(0, 5))
def test_the_key_of_a_draw(root, counter, path, index):
    """Design §7: fold(stream, counter, path, index in call)."""
    key = threefry.threefry2x32(root, (0, 1))
    key = threefry.threefry2x32(key, (0, counter))
    key = threefry.threefry2x32(key, threefry.path_words(path))
    expected = threefry.threefry2x32(key, (0, index))
    assert threefry.draw_key(threefry.call_key(root, counter), path, index) == expected


def test_streams_of_variables_and_of_calls_do_not_meet():
    assert threefry.STREAM_PARAMS != threefry.STREAM_CALLS
    roots = [threefry.seed_key(seed) for seed in range(50)]
    keys = {threefry.fold_in(root, stream) for root in roots for stream in (0, 1)}
    assert len(keys) == 100
