"""The words of a text as every database finds them: which characters belong to a word, and which count as the same.

The tables are those of SQLite's tokenizer ``unicode61`` with ``remove_diacritics 2``, in whole; a test compares them
with SQLite's.  Other databases are taught them, so that a search means the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

MARKS = (
    "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u030f\u0311\u031b\u0323\u0324\u0325"
    "\u0326\u0327\u0328\u032d\u032e\u0330\u0331"
)
"""Accents that follow their letter as characters of their own; they are left out."""


class Place(NamedTuple):
    """A word, and where it stands in its text: from ``start`` up to, not including, ``end``."""

    word: str
    start: int
    end: int


def words(text: str) -> list[str]:
    """The words of a text in order, in lower case and without accents.

    >>> words("Ça va, O'Neill?")
    ['ca', 'va', 'o', 'neill']
    """
    return _word().findall(text.translate(_folding()))


def placed_words(text: str) -> list[Place]:
    """The words of a text with their places, accents that follow a letter included.

    >>> placed_words("Ça va")
    [Place(word='ca', start=0, end=2), Place(word='va', start=3, end=5)]
    """
    folding = _folding()
    kept = [place for place, letter in enumerate(text) if folding.get(ord(letter), letter)]
    kept.append(len(text))
    found = _word().finditer(text.translate(folding))
    return [Place(match[0], kept[match.start()], kept[match.end()]) for match in found]


def word_ranges() -> Iterator[tuple[int, int]]:
    """The code points that belong to words, as pairs of the first and the last, in order."""
    last = 0
    numbers = [int(number, 36) for number in _RANGES.split()]
    for gap, length in zip(numbers[::2], numbers[1::2], strict=True):
        first = last + gap
        last = first + length
        yield first, last


def folds() -> Iterator[tuple[str, str]]:
    """Each character that counts as another one, with that one."""
    start = 0
    numbers = [int(number, 36) for number in _FOLDS.split()]
    for gap, count, step, shift in zip(numbers[::4], numbers[1::4], numbers[2::4], numbers[3::4], strict=True):
        start += gap
        moved = -(shift // 2) - 1 if shift % 2 else shift // 2
        for place in range(start, start + count * step, step):
            yield chr(place), chr(place + moved)


@cache
def _word() -> re.Pattern[str]:
    return re.compile("[" + "".join([f"{chr(first)}-{chr(last)}" for first, last in word_ranges()]) + "]+")


@cache
def _folding() -> dict[int, str | None]:
    return {**{ord(letter): plain for letter, plain in folds()}, **{ord(mark): None for mark in MARKS}}


# Numbers to the base 36: for ranges the gap since the last one and the length; for runs of letters that are folded
# alike the gap since the last run's start, how many, how far apart, and (doubled, odd where backwards) how far.
_RANGES = """
1c 9 8 p 7 p 1c 0 8 1 2 0 4 1 2 2 2 m 2 u 2 cp 5 b f 4 8 0 2 0 3m 4 2 7 2 4 3 0 2 31 2 3u 9 5r 7 14 3 3 2 0 1k
16 3 a 6 0 n 1 3 16 m 9 5 1 2 2q 2 0 g 1 8 e 3 0 f 0 2 0 2 t s 2i c 1l a 1 5 r 5 0 a 0 4 0 6 1 g p 4 1 2 3o s 0
5 1h 4 0 j 0 8 9 5 9 2 f 4 1j 2 0 8 1 3 1 4 8 2 9 3 d 3 5 3 4 4 1j 2 0 6 3 3 1 4 2 2 t 3 2 2 a 4 1j 2 0 9 0 4 0
4 j 3 b 3 e 4 1j 2 0 8 1 3 1 4 7 3 9 3 b 2 g 2 1m 6 2 4 0 5 8 2 q 9 5 4 1l 8 0 4 0 5 6 3 a 3 q 2 1 3 1j 2 0 8 0
4 0 5 6 3 a 3 t 3 1l 8 0 4 0 5 8 2 9 3 k 2 7 3 1x 2 3 7 0 2 0 9 h 4 1n 2 1 8 3 2 6 a 9 3 2c 2 1 7 0 3 a 7 1e w j
d 1c o 4 c 0 11 0 g 0 e 27 l a 7 5 5 3 4 0 4 1 8 2 5 c d 0 2 9 7 2i 2 gw d 12 b 2t 2 h7 3 g 2 p 3 25 4 z 4 s 6 q
3 t 3 1r 10 0 5 0 2 x g 49 2 39 d 3 d 3 2 2 3 2x i 6 3 j z m 6 1 3 1g b 0 u 1 2 v 8 0 7 29 6 1a i k 10 2 4 t e
1j f 7 5 z l 2 6 1p 3 1r 9 7 q 3 2 3 4 5m 14 k 5 cc 2 0 4 a 4 c 4 c 4 c 3 0 2u 4 7 9 6 a 6 g r l y e 3 0 5 0 3 9
2 0 4 4 7 0 2 0 2 0 2 3 2 a 3 3 6 4 5 0 2 1r h1 b 14 o c 28 27 l e9 0 3a t qi 2 b ay 7 3 4 6 5 0 3 33 2 d 2 2n
28 0 d 1v r 0 2i b 5z p d 3 6 2 q 8 8 4 3 4 4 2g 5 2 2 2h 2 43 3 3 b v 11 r w a v 7 2 e x 9 14 e 1s 0 75 533 1t
h3j 1k 1i 3 7g 4 2m h v 2 27 9 7 o 8 3 2u 3 3a 2 2 2 3 2 m a 9 5 1l 5 7 3 1d i 8 3 f j 5 4 16 b m e a 2 v 5 1a s
f 3 20 f b 2 7 3 d 5 m 4 0 2 1f 2 0 4 1 3 4 3 0 2 r 3 a 8 2 3 6j c 8pd 1kx 5ct 2 9 2 3r h aj 3 57 3 1 r 5 8 8 10
0 k 0 5 42 2 0 g 9 8 p 7 p c 3d 8 0 8 9 8 73 4 1f a 1k i 5 d 1f 1b bk 2 1b 2 w5 2 5i 2 u 2 5c 4 0 3 4 5 13 4 3 2
f a 11 2 54 8 xr 4 1g n 1d 4 18 j 1p 4 z f a 5 1n 4 1b f 3 5 yp e 2pj 5 esc 1b f 5 j1o 6v 9 14 1 52 x 1z 55 2g
o9 2 o 2 u 2 o 2 u 2 o 2 u 2 o 2 u 2 o 2 4kr 3 7h 19 3 2t b g 1 f 1 g 0 g 1b w 0 1p 3 18 22 u c 18 4 a 6 3 4t y
e 7 0 1z 2 l b 12 0 6 k i e 1s 0 2 0 53 0 5 2 1r 1 5 b p 42 1z 3 c 1b 1z 1l 39 gwi4 2 t 2p 3j 6p 47bj
"""

_FOLDS = """
1t q 1 1s 38 1 1 172 b 1 1 59 1 1 1 5b 1 1 1 5d 1 1 1 5f 1 1 1 5h 1 1 1 5j 1 1 1 1s 1 1 1 5j 1 1 1 5h 1 1 1 5j 1
1 1 5l 1 1 1 5n 1 1 1 5h 1 1 1 5j 1 1 1 5l 1 1 1 5n 1 1 1 1s 1 2 1 5h 2 1 1 5j 1 1 1 5l 1 1 1 5n 1 1 1 5p 2 1 1
1s 1 1 1 5j 1 1 1 5l 1 1 1 5n 1 1 1 5p 1 1 1 5j 1 1 1 1s 2 1 1 71 1 1 1 73 1 1 1 75 1 1 1 77 1 1 1 79 1 2 2 7b 3
1 1 79 1 1 1 7b 1 1 1 7d 1 1 1 7f 1 1 1 79 1 1 1 7b 1 1 1 7d 1 1 1 7f 2 2 1 79 2 1 1 7b 1 1 1 7d 1 1 1 7f 1 1 1
7h 3 1 1 7b 1 1 1 7d 1 1 1 7f 1 1 1 7h 1 1 1 7b 2 1 1 7f 1 1 1 8t 1 1 1 8v 1 1 1 8x 1 1 1 8z 1 1 1 91 1 1 1 93 1
1 1 91 1 1 1 93 1 1 1 95 1 1 1 97 1 1 1 99 1 1 1 9b 1 1 1 9d 1 2 1 9f 2 1 1 9h 1 1 1 2 2 1 1 9l 1 1 1 9n 1 1 1
9p 1 1 1 9r 1 1 1 9t 1 1 1 9v 1 1 1 9x 1 1 1 9z 1 1 1 a1 1 1 1 a3 1 1 1 a1 1 1 1 a3 1 1 1 a5 1 1 1 a7 1 1 1 a9 1
1 1 ab 1 1 1 ad 1 2 1 af 2 1 1 ah 1 1 1 2 2 1 1 al 1 1 1 an 1 1 1 ap 1 1 1 ar 1 1 1 at 1 1 1 av 1 1 1 ax 1 1 1
az 1 1 1 b1 2 1 1 2 2 1 1 b7 1 2 1 b9 2 1 1 bb 2 1 1 bd 1 1 1 bf 1 1 1 bh 1 1 1 bj 1 1 1 bl 1 1 1 bn 1 2 2 2 4 1
1 bt 1 1 1 bv 1 1 1 bx 1 1 1 bz 1 1 1 c1 1 1 1 c3 2 1 1 2 2 1 1 c9 1 1 1 cb 1 1 1 cd 1 1 1 cf 1 1 1 ch 1 1 1 cj
1 1 1 2 2 1 1 cj 1 1 1 cl 1 1 1 cn 1 1 1 cp 1 1 1 cr 1 2 1 ct 2 1 1 cv 1 1 1 cx 1 1 1 cz 1 1 1 d1 1 1 1 d3 1 1 1
d5 1 2 1 d7 2 1 1 d9 1 1 1 db 1 1 1 dd 1 1 1 2 2 1 1 dh 1 1 1 dj 1 1 1 dl 1 1 1 dn 1 1 1 dp 1 1 1 dr 1 1 1 dt 1
1 1 dv 1 1 1 dx 1 1 1 dz 1 1 1 e1 1 1 1 e3 1 1 1 e1 1 1 1 e3 1 1 1 e1 1 1 1 e3 1 2 1 e5 2 1 1 e7 1 1 1 e9 1 1 1
eb 1 1 1 ed 1 1 1 ef 1 1 1 ev 2 1 1 bo 1 2 2 2 4 1 1 bg 1 1 1 2 2 2 1 be 2 1 1 2 3 1 1 4e 1 1 1 b8 1 1 1 ba 1 1
1 2 2 1 1 be 1 1 1 bi 2 1 1 bq 1 1 1 bm 1 1 1 2 4 1 1 bq 1 1 1 bu 2 1 1 bw 1 1 1 gx 1 1 1 gz 1 2 2 2 4 1 1 c4 1
1 1 2 2 1 1 c4 3 1 1 2 2 1 1 c4 1 1 1 hf 1 1 1 hh 1 2 1 c2 2 2 2 2 4 1 1 c6 1 1 1 2 4 1 1 2 8 1 1 4 1 1 1 2 2 1
1 4 1 1 1 2 2 1 1 4 1 1 1 2 2 1 1 k7 1 1 1 k9 1 1 1 jv 1 1 1 jx 1 1 1 jn 1 1 1 jp 1 1 1 jf 1 1 1 jh 1 1 1 jj 1 1
1 jl 1 1 1 jn 1 1 1 jp 1 1 1 jr 1 1 1 jt 1 1 1 jv 1 1 1 jx 2 1 1 l5 1 1 1 l7 1 3 2 2 6 1 1 l9 1 1 1 lb 1 1 1 l5
1 1 1 l7 1 1 1 l1 1 1 1 l3 1 1 1 l5 1 1 1 l7 1 1 1 2 2 1 1 ln 1 1 1 4 1 1 1 2 2 1 1 m1 1 1 1 m3 1 1 1 5d 1 1 1
33 1 1 1 lv 1 1 1 lx 1 1 1 mp 1 1 1 mr 1 2 2 2 4 1 1 n1 1 1 1 n3 1 1 1 n5 1 1 1 n7 1 1 1 n1 1 1 1 n3 1 1 1 n5 1
1 1 n7 1 1 1 n1 1 1 1 n3 1 1 1 n5 1 1 1 n7 1 1 1 mx 1 1 1 mz 1 1 1 n1 1 1 1 n3 1 1 1 mz 1 1 1 n1 1 1 1 n3 1 1 1
n5 1 1 1 n1 1 1 1 n3 1 1 1 n5 1 1 1 n7 1 1 1 nd 1 2 1 nf 2 1 1 nh 1 1 1 2 2 1 1 ob 1 1 1 od 1 1 1 77 2 2 2 2 4 1
1 p5 1 1 1 p7 1 1 1 p1 1 1 1 p3 1 1 1 ol 1 1 1 on 1 1 1 op 1 1 1 or 1 1 1 ot 1 1 1 ov 1 1 1 ox 1 1 1 oz 1 1 1 oh
1 1 1 oj 7 1 1 gnq 1 1 1 2 2 1 1 91 1 1 1 gnk 3 1 1 2 2 1 1 at 1 1 1 3u 1 1 1 3y 1 5 2 2 8a 2 2 2 6 1 1 2 g 1 1
24 2 3 1 22 4 1 1 3k 2 2 1 3i 3 h 1 1s i 9 1 1s v 1 1 2 d 1 1 g 1 1 1 1n 1 1 1 1d 4 1 1 t 1 1 1 17 2 c 2 2 o 1 1
2z 1 1 1 2n 3 1 1 3b 1 1 1 3j 2 1 1 2 2 1 1 d 1 1 1 2 3 3 1 77 3 g 1 4g g w 1 1s 28 h 2 2 16 r 2 2 1i 1 1 u 1 7
2 2 f 18 2 2 2p 12 1 2o 29b 12 1 b7k 13 1 1 b7k 6 1 1 b7k 2lv 1 1 bp9 1 2 1 bpb 2 1 1 bpd 1 1 1 bpf 1 1 1 bph 1
1 1 bpj 1 2 1 bpl 2 2 1 bpn 2 1 1 bpp 1 1 1 bpr 1 1 1 bpt 1 1 1 bpv 1 1 1 bpx 1 1 1 bpz 1 1 1 bq1 1 1 1 bq3 1 2
1 bq5 2 1 1 bq7 1 1 1 bq9 1 1 1 bqb 1 1 1 bqd 1 1 1 bqf 1 1 1 bqh 1 1 1 bqj 1 1 1 bql 1 2 1 bqn 2 2 1 bqp 2 2 1
bqr 2 1 1 bqt 1 1 1 bqv 1 1 1 bqx 1 1 1 bqz 1 1 1 br1 1 1 1 br3 1 1 1 br5 1 1 1 br7 1 2 1 br9 2 1 1 brb 1 1 1
brd 1 1 1 brf 1 1 1 brd 1 1 1 brf 1 1 1 brh 1 1 1 brj 1 1 1 brl 1 2 1 brn 2 1 1 brp 1 1 1 brr 1 1 1 brt 1 1 1
brv 1 1 1 brx 1 1 1 brz 1 2 1 bs1 2 1 1 bs3 1 1 1 bs5 1 1 1 bs7 1 1 1 bs9 1 2 1 bsb 2 1 1 bsd 1 1 1 bsf 1 1 1
bsh 1 1 1 bsj 1 1 1 bsl 1 1 1 bsn 1 2 1 bsp 2 1 1 bsr 1 1 1 bst 1 1 1 bsv 1 1 1 bsx 1 1 1 bsz 1 1 1 bt1 1 2 1
bt3 2 1 1 bt5 1 1 1 bt7 1 1 1 bt9 1 1 1 bt7 1 1 1 bt9 1 1 1 btb 1 1 1 btd 1 1 1 btf 1 1 1 bth 1 1 1 btj 1 2 1
btl 2 1 1 btn 1 1 1 btp 1 1 1 btr 1 1 1 btt 1 1 1 btv 1 1 1 btx 1 1 1 btz 1 1 1 bu1 1 2 1 bu3 2 1 1 bu5 1 1 1
bu7 1 1 1 bu9 1 1 1 bub 1 1 1 bud 1 1 1 buf 1 2 1 buh 2 1 1 buj 1 1 1 bul 1 1 1 bun 1 1 1 bup 1 1 1 bur 1 1 1
but 1 1 1 buv 1 1 1 bux 1 2 1 buz 2 1 1 bv1 1 1 1 bv3 1 2 1 bv5 2 1 1 bv7 1 1 1 bv9 1 1 1 bvb 1 1 1 bvd 1 1 1
bvf 1 1 1 bvh 1 1 1 bvj 1 1 1 bvl 1 2 1 bvn 2 1 1 bvp 1 1 1 bvr 1 2 1 bvt 2 2 1 bvv 2 1 1 bvx 1 1 1 bvz 1 1 1
bw1 1 1 1 bw3 1 1 1 bw5 1 1 1 bx7 1 1 1 bwl 1 1 1 bwh 1 1 1 bwf 2 1 1 bwv 3 1 1 br1 2 1 1 by5 1 1 1 by7 1 1 1
by9 1 1 1 byb 1 1 1 byd 1 1 1 byf 1 1 1 byh 1 1 1 byj 1 1 1 byl 1 1 1 byn 1 1 1 byp 1 1 1 byr 1 1 1 byt 1 1 1
byv 1 1 1 byx 1 1 1 byz 1 1 1 bz1 1 1 1 bz3 1 1 1 bz5 1 1 1 bz7 1 1 1 bz9 1 1 1 bzb 1 1 1 bzd 1 1 1 bzf 1 1 1
bz9 1 1 1 bzb 1 1 1 bzd 1 1 1 bzf 1 1 1 bzh 1 1 1 bzj 1 1 1 bzl 1 1 1 bzn 1 1 1 bzp 1 1 1 bzr 1 1 1 bzt 1 1 1
bzv 1 1 1 bzx 1 1 1 bzz 1 1 1 c01 1 1 1 c03 1 1 1 bzx 1 1 1 bzz 1 1 1 c01 1 1 1 c03 1 1 1 bzt 1 1 1 bzv 1 1 1
bzx 1 1 1 bzz 1 1 1 c01 1 1 1 c03 1 1 1 c05 1 1 1 c07 1 1 1 c09 1 1 1 c0b 1 1 1 c0d 1 1 1 c0f 1 1 1 c0h 1 1 1
c0j 1 1 1 c0l 1 1 1 c0n 1 1 1 c0p 1 1 1 c0r 1 1 1 c0t 1 1 1 c0v 1 1 1 c0x 1 1 1 c0z 1 1 1 c11 1 1 1 c13 1 1 1
c0t 1 1 1 c0v 1 1 1 c0x 1 1 1 c0z 1 1 1 c11 1 1 1 c13 1 1 1 c15 1 1 1 c17 1 1 1 c19 1 1 1 c1b 1 1 1 c1d 1 1 1
c1f 1 1 1 c1h 1 1 1 c1j 1 1 1 c1d 1 1 1 c1f 1 1 1 c1h 1 1 1 c1j 1 1 1 c1l 1 1 1 c1n 1 1 1 c1p 1 1 1 c1r 1 3 2 2
e 8 1 f g 6 1 f g 8 1 f g 8 1 f g 6 1 f h 4 2 f f 8 1 f w 8 1 f g 8 1 f g 8 1 f g 2 1 f 2 2 1 43 2 1 1 h 2 1 1
b2h a 4 1 4r 4 1 1 h c 2 1 f 2 2 1 5j e 2 1 f 2 2 1 67 2 1 1 d c 2 1 73 2 2 1 6z 2 1 1 h 8a 1 1 bll 4 1 1 cxp 1
1 1 cyb 7 1 1 1k 1a g 1 w z 1 1 2 22l 1b 1 2o 2o 1 1 2 2 1 1 gkt 1 1 1 5vv 1 1 1 gjx 3 3 2 2 6 1 1 gmv 1 1 1 gl5
1 1 1 gn1 1 1 1 gmz 2 1 1 2 3 1 1 2 9 2 1 got 2 1e 2 2 2z 2 2 2 7 1 1 2 nym n 2 2 1s c 2 2 4i 7 2 2 g v 2 2 1z 2
2 2 4 1 1 1iiv 1 5 2 2 d 1 1 2 2 1 1 1t8v 3 2 2 2 g 5 2 2 a 1 1 1taf h9z q 1 1s yn 14 1 28
"""
