"""Which regular expressions a form may use: those that no text can make slow. Pure.

Python and browsers both go back and try again, so "(a+)+b" takes for ever on a long row of a's. Allowed is what reads
one way: anchored at both ends, no repeat inside a repeat, no choice inside one, nothing that looks around or back, and
few ways to share the text among the repeats.
"""

import re
from collections.abc import Iterator
from re import _constants as kinds  # pyright: ignore[reportAttributeAccessIssue]
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any, Final

LONGEST: Final = 200
MOST_WAYS: Final = 100_000
"""Product of the widths of all repeats that may match more or less."""
_REPEATS: Final = {kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT}
_SIMPLE: Final = {kinds.LITERAL, kinds.NOT_LITERAL, kinds.IN, kinds.ANY, kinds.AT}
_ESCAPE: Final = re.compile(r"\\(.)")
_PLAIN_ESCAPES: Final = frozenset("dDwW^$\\.*+?()[]{}|/")
"""What both sides write alike; browsers refuse needless escapes."""
_CLASS: Final = re.compile(r"\[\^?[^\[\]]+\]")
_QUANTIFIER: Final = re.compile(r"\{[0-9]+(,[0-9]*)?\}")
_DIALECT: Final = re.compile(r"[{}\[\]]|\(\?(?!:)|[*+?}]\+")


def is_safe(pattern: str, longest_text: int) -> bool:
    """Whether a text of `longest_text` characters is matched at once, and alike by server and browser."""
    if len(pattern) > LONGEST or not (pattern.startswith("^") and pattern.endswith("$")) or not _is_plain(pattern):
        return False
    try:
        parsed = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    ways = 1
    for width in _widths(parsed, longest_text, inside=False):
        if width is None:
            return False
        ways *= width
    return ways <= MOST_WAYS


def _is_plain(pattern: str) -> bool:
    """Whether server and browser read the same in it."""
    if not set(_ESCAPE.findall(pattern)) <= _PLAIN_ESCAPES:
        return False
    bare = _ESCAPE.sub("", pattern)
    return (
        bare.endswith("$") and _DIALECT.search(_QUANTIFIER.sub("", _CLASS.sub("x", bare)).replace("(?:", "(")) is None
    )


def _widths(parsed: Any, longest: int, *, inside: bool) -> Iterator[int | None]:
    """In how many lengths each repeat may match; None for what is not allowed."""
    for kind, value in parsed:
        if kind in _REPEATS:
            least, most, inner = value
            varies = least != most
            below = list(_widths(inner, longest, inside=True))
            if below or (inside and varies):
                yield None
            if varies:
                yield min(int(most), longest) - least + 1
        elif kind is kinds.SUBPATTERN:
            yield from _widths(value[3], longest, inside=inside)
        elif kind is kinds.BRANCH:
            if inside:
                yield None
            yield len(value[1])
            for branch in value[1]:
                yield from _widths(branch, longest, inside=inside)
        elif kind not in _SIMPLE:
            yield None
