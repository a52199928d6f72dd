"""How a long message is laid out in posts, and keeps its layout: what Slack accepts in one post,
and where each piece was first shown.

Always holds: a piece (a block with the buttons below it) is never split; no post has more than 50
blocks or 12,000 bytes of JSON, unless a single piece is larger; nothing is left out and the order
is kept. A post is first filled so that there is room for what answers add, and a piece stays in the
post that showed it first as long as it fits there, so that an answer changes no other post.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from hashlib import blake2b
from typing import Any

Block = Mapping[str, Any]
Piece = tuple[Block, ...]
Post = tuple[Block, ...]

BLOCKS_LIMIT, JSON_LIMIT = 50, 12_000
_FILLED = 10_500
"""To how many bytes a post is filled when it is made."""
_MARK_BYTES = 5


def packed(blocks: Iterable[Block]) -> tuple[Post, ...]:
    """The blocks in as few posts as possible, each filled up to `_FILLED` bytes."""
    pieces = tuple(_pieces(blocks))
    return _laid_out(pieces, [0] * len(pieces), _FILLED)


def in_place(posts: Sequence[Post], kept: Sequence[Sequence[str]]) -> tuple[Post, ...]:
    """Lays out the posts again so that each piece stays where it was first shown: `kept` holds the
    marks of each post's pieces (`fingerprints_of`). A piece that no longer fits there moves to the
    next post. If nothing is `kept`, the posts are filled as far as Slack allows.
    """
    pieces = tuple(_pieces(block for post in posts for block in post))
    if not any(kept):
        return _laid_out(pieces, [0] * len(pieces), JSON_LIMIT)
    return _laid_out(
        pieces, list(_places([fingerprint_of(piece) for piece in pieces], kept)), JSON_LIMIT
    )


def fingerprints_of(posts: Iterable[Post]) -> tuple[tuple[str, ...], ...]:
    """A mark of each piece of each post."""
    return tuple(tuple(fingerprint_of(piece) for piece in _pieces(post)) for post in posts)


def fingerprint_of(value: Any) -> str:
    """A short mark of any JSON value, the same for equal values."""
    said = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return blake2b(said.encode(), digest_size=_MARK_BYTES).hexdigest()


def _pieces(blocks: Iterable[Block]) -> Iterator[Piece]:
    """The blocks grouped into pieces that may not be split."""
    piece: list[Block] = []
    for block in blocks:
        if piece and block["type"] != "actions":
            yield tuple(piece)
            piece = []
        piece.append(block)
    if piece:
        yield tuple(piece)


def _places(marks: Sequence[str], kept: Sequence[Sequence[str]]) -> Iterator[int]:
    """The post of each piece: that of the same piece, of the piece it replaces, or of the piece
    before it."""
    before = [mark for post in kept for mark in post]
    stood = [number for number, post in enumerate(kept) for _ in post]
    for _, old, old_end, new, new_end in SequenceMatcher(
        None, before, marks, autojunk=False
    ).get_opcodes():
        for n in range(new_end - new):
            yield stood[max(0, min(old + n, old_end - 1))]


def _laid_out(pieces: Sequence[Piece], places: Sequence[int], most: int) -> tuple[Post, ...]:
    """The pieces in the posts with these numbers (ascending), or in the next post if one is full;
    an empty post is dropped."""
    posts: list[list[Block]] = []
    size = 0
    for piece, place in zip(pieces, places, strict=True):
        length = sum(len(json.dumps(block, ensure_ascii=False).encode()) + 2 for block in piece)
        full = bool(posts and posts[-1]) and (
            len(posts[-1]) + len(piece) > BLOCKS_LIMIT or size + length > most
        )
        while len(posts) <= place or full:
            posts.append([])
            size, full = 0, False
        posts[-1] += piece
        size += length
    return tuple(tuple(post) for post in posts if post)
