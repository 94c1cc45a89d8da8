"""What of a text of VCC Live can be shown: plain words of a fixed list, and short numbers.

A sentence can hold what a person is called, or said. No pattern knows every name, number and
address, so it is the other way round: what is not known to be plain becomes "…".
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final

from tap_vcclive.hiding import MARK

# Of what services say of requests, in lower case. No word of a conversation, and no place.
_WORDS: Final = frozenset(
    """
    a about accepted access account action active address after again all allowed already also an
    and another any api are argument arguments as asked at attribute auth authenticated
    authentication authorization authorized bad be because been before begin between blocked body
    both but by call calls can cannot cdr cdrs certificate check client closed code column conflict
    connect connection contains content could count credentials customer data database date day
    days deleted denied deprecated directory disabled disposition dispositions do does doesn't
    don't done down duplicate email emails empty enabled end ended entity entry err error errors
    event exceeded exception exist exists expected expired fail failed failure false fault few
    field fields file filter first folder for forbidden found from gateway get given go gone
    greater group had half has have header headers host hour hours id identifier ids if implemented
    in inactive incorrect index inputs integer internal invalid ip is isn't it item items its json
    just key keys known large last later latest least length less licence license limit list loaded
    locked log login logs long lower maintenance malformed many match matching max maximum may
    maybe message method minimum minute minutes missing month months more most must name names need
    needed needs negative never new next no none not nothing null number numbers object of offline
    offset on one only operation option options or other out overload overloaded page pages
    parameter parameters parse parsed part password past path payload permission permissions
    permitted please positive post present private problem processed processing project projectid
    projects property protected provided query queue quota range rate reached read reason received
    record recording recordings records redirect registered registration rejected request requested
    requests required requires resource resources response restricted result results retry returned
    right rights role roles row rows same schema second seconds see sent server service session set
    shall should size smaller something start started state statistics status stopped string such
    supported syntax system table temporarily temporary text than that the their there these they
    thing things third this those time timed timeout timestamp to token too total totalcount tries
    true try type types unable unauthenticated unauthorised unauthorized unavailable unexpected
    unknown unsupported until up upper uri url use used user userid users uuid valid validation
    value values version voicefiles was went were when which while whole will with within without
    won't wrong year years yet you your zero
    """.split()  # noqa: SIM905 - a list of quoted words would be a page of quotes
)
# Plain words that people are called by, too: with a capital they begin no sentence that is shown.
_ALSO_NAMES: Final = frozenset({"page", "may", "will", "field", "price", "day", "long", "close"})

_QUOTED: Final = re.compile(
    r"(?<!\w)'.*?(?:'(?!\w)|$)|[\"“„»«`].*?(?:[\"”“»«`]|$)|[\[{<].*?(?:[\]}>]|$)", re.DOTALL
)
_EMAIL: Final = re.compile(r"\S*@\S*")
_TOKEN: Final = re.compile(r"(\(?)(.*?)(\)?(?:\.{1,3}|[,:;!?])?\)?)")
_NUMBER: Final = re.compile("[0-9]{1,4}")
_CODE: Final = re.compile("[A-Za-z]{0,3}[-_]?[0-9]{1,4}")
_DECIMAL: Final = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}")
# Words that are one, as keys of messages and names of errors are: error.bad_uuid, BadUuidError.
_JOINTS: Final = re.compile(r"[._/-]+|(?<=[a-z])(?=[A-Z])")
_MOST_DIGITS: Final = 4


def plain(text: str) -> str:
    """Return what of a sentence can be shown, with "…" for the rest; empty when most of it cannot.

    Shown are words of the list, in lower case, in capitals, or with one at the beginning of a
    sentence; keys and names that are made of such words; a number of four digits at the most.
    Nothing is shown between quotes or in brackets, and of several numbers none.
    """
    text = _QUOTED.sub(f" {MARK} ", _EMAIL.sub(f" {MARK} ", text))
    has_few_digits = sum(map(str.isdigit, text)) <= _MOST_DIGITS
    shown, begins = [], True
    for token in text.split():
        before, core, after = _parts_of(token)
        is_number = has_few_digits and _NUMBER.fullmatch(core)
        is_shown = is_number or _is_plain(core, begins=begins)
        shown.append(before + core + after if is_shown else MARK + after)
        begins = after.endswith((".", ":", "!", "?"))
    joined = _joined(shown)
    hidden = sum(token.startswith(MARK) for token in joined)
    return " ".join(joined) if hidden * 2 <= len(joined) else ""


def plain_code(text: str) -> str:
    """Return a code: a number of up to four digits, with letters before it, or plain words."""
    text = text.strip()
    is_code = _CODE.fullmatch(text) or _DECIMAL.fullmatch(text)
    return text if is_code else plain(text)


def _parts_of(token: str) -> tuple[str, str, str]:
    """Return a word or number with what stands before it and behind it."""
    match = _TOKEN.fullmatch(token)
    before, core, after = match.groups() if match else ("", token, "")
    return before, core, after


def _is_plain(core: str, *, begins: bool) -> bool:
    """Return whether a word, or words that are joined, are all of the list."""
    words = [word for word in _JOINTS.split(core) if word]
    if not words or not all(word.lower() in _WORDS for word in words):
        return False
    if core in (core.lower(), core.upper()):
        return True
    # A capital inside of a sentence begins a name, and so do several that are no name of an error.
    if len(words) > 1:
        return core.isalpha()
    return begins and core.lower() not in _ALSO_NAMES


def _joined(tokens: list[str]) -> list[str]:
    """Return tokens with those in a row that are not shown as one "…"."""
    joined: list[str] = []
    for is_hidden, group in groupby(tokens, lambda token: token.startswith(MARK)):
        run = [*group]
        joined += run[-1:] if is_hidden else run
    return joined
