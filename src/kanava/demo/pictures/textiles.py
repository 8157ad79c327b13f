"""Blankets, cushions, linen, towels, tablecloths and rugs."""

from kanava.demo.pictures.canvas import (
    Ink,
    box,
    clipped,
    comb,
    dashes,
    ellipse,
    folds,
    mix,
    moved,
    path,
    pattern,
    shadow,
    solid,
    stroke,
)

WOOD = "#b98a56"


def _cloth_pattern(ink: Ink) -> str:
    """An ornament `k` by look and style: stripes, checks or a fine weave."""
    if ink.look == "striped":
        return pattern(
            "k", (30, 30), box((0, 0), (30, 9), ink.accent, 0, 'opacity=".85"') + box((0, 13), (30, 3), ink.pale)
        )
    if ink.style == 1:
        return pattern(
            "k",
            (34, 34),
            path("M17 3L31 17L17 31L3 17Z", "none", f'stroke="{ink.pale}" stroke-width="2.4"')
            + ellipse((17, 17), (3.4, 3.4), ink.accent),
        )
    if ink.style == 2:
        return pattern(
            "k",
            (28, 28),
            box((0, 0), (28, 11), ink.deep, 0, 'opacity=".32"') + box((0, 0), (11, 28), ink.deep, 0, 'opacity=".32"'),
        )
    return pattern(
        "k",
        (6, 6),
        stroke("M0 0L6 6", ink.deep, 1.1, 'opacity=".28"') + stroke("M0 6L6 0", ink.pale, 0.9, 'opacity=".4"'),
    )


def blanket(ink: Ink) -> str:
    """Folded twice on itself, fringes to the front."""
    top = "M92 142 Q200 128 308 142 Q322 146 326 160 L344 214 Q200 198 56 214 L74 160 Q78 146 92 142Z"
    upper = "M56 212 Q200 196 344 212 Q354 232 344 256 Q200 240 56 256 Q46 232 56 212Z"
    lower = "M54 258 Q200 242 346 258 Q356 280 346 304 Q200 288 54 304 Q44 280 54 258Z"
    fringe = comb("M56 312Q200 296 344 312", ink.dark, 22, "3 5")
    body = ""
    for outline, tone in ((lower, ink.base), (upper, ink.base), (top, ink.light)):
        body += solid(outline, tone) + path(outline, "url(#k)") + path(outline, "url(#v)", 'opacity=".75"')
    return (
        _cloth_pattern(ink)
        + shadow(326, 160)
        + fringe
        + body
        + stroke("M56 257Q200 241 344 257", ink.line, 3, 'opacity=".4"')
        + stroke("M60 216Q200 200 340 216", "#fff", 5, 'opacity=".25"')
        + box((84, 246), (44, 30), "#f4ecdb", 3)
        + stroke("M94 258H118M94 265H110", ink.deep, 2)
        + folds("M150 150Q160 176 150 204", "M250 150Q244 176 254 204")
    )


def cushion(ink: Ink) -> str:
    """A square cushion with pointed corners and piping."""
    outline = "M72 82 Q200 108 328 82 Q304 206 330 328 Q200 304 70 328 Q96 206 72 82Z"
    return (
        _cloth_pattern(ink)
        + shadow(330, 140)
        + solid(outline)
        + path(outline, "url(#k)")
        + path(outline, "url(#c)", 'opacity=".55"')
        + path(outline, "url(#v)", 'opacity=".6"')
        + stroke(outline, ink.deep, 4, 'opacity=".7"')
        + folds(
            "M84 96Q110 124 128 132", "M316 96Q290 124 272 132", "M82 316Q110 288 128 282", "M318 316Q290 288 272 282"
        )
    )


def bed_linen(ink: Ink) -> str:
    """A stack: folded cover and pillowcase, tied with a ribbon."""
    layer = "".join(
        box((70, y), (260, 44), tone, 18)
        + box((70, y), (260, 44), "url(#k)", 18)
        + box((70, y), (260, 44), "url(#v)", 18)
        for y, tone in ((262, ink.base), (216, ink.light), (170, ink.base))
    )
    pillow = "M86 122 Q200 98 314 122 Q322 146 316 168 Q200 180 84 168 Q78 146 86 122Z"
    return (
        _cloth_pattern(ink)
        + shadow(310, 150)
        + layer
        + solid(pillow, ink.light)
        + path(pillow, "url(#k)", 'opacity=".7"')
        + path(pillow, "url(#v)", 'opacity=".7"')
        + path("M182 104L218 104L220 306L180 306Z", ink.accent, 'opacity=".9"')
        + path("M182 104L218 104L220 306L180 306Z", "url(#v)", 'opacity=".5"')
        + path("M200 136q-44-30-50 0q4 26 50 0q46 26 50 0q-6-30-50 0Z", ink.accent)
        + ellipse((200, 136), (9, 9), mix(ink.accent, "#14161c", 0.3))
        + stroke("M92 192H160M92 284H160", ink.line, 1, 'opacity=".35"')
    )


def towel(ink: Ink) -> str:
    """Hanging from a wooden rail."""
    body = "M116 78 H284 L290 330 Q200 338 110 330Z"
    loops = pattern("k", (5, 5), ellipse((2.5, 2.5), (1.4, 1.4), ink.pale, 'opacity=".4"'))
    bands = "".join(
        stroke(f"M110 {y}Q200 {y + 5} 290 {y}", colour, w)
        for y, colour, w in ((282, ink.accent if ink.style else ink.deep, 12), (302, ink.pale, 4), (262, ink.pale, 4))
    )
    return (
        loops
        + shadow(346, 110)
        + stroke("M50 74H350", "#8c6238", 13)
        + stroke("M52 71H348", "#c99a63", 4)
        + path("M128 80H296L300 268Q220 276 130 268Z", ink.deep)
        + solid(body)
        + path(body, "url(#k)")
        + clipped(
            "b",
            body,
            bands
            if ink.look != "striped"
            else "".join(stroke(f"M100 {y}H300", ink.accent, 9, 'opacity=".8"') for y in range(110, 330, 26)),
        )
        + path("M116 70Q200 62 284 70L284 90Q200 98 116 90Z", ink.light, 'opacity=".7"')
        + folds("M150 100Q146 200 154 320", "M216 100Q224 200 214 322", "M258 100Q254 190 262 300")
    )


def tablecloth(ink: Ink) -> str:
    """Laid over a table, falling over the edge."""
    top = "M82 152 L318 152 L366 214 Q200 232 34 214Z"
    fall = (
        "M34 214 Q200 232 366 214 L362 300 Q340 290 322 304 Q296 318 270 304 Q236 292 200 308 Q164 292 130 "
        "304 Q104 318 78 304 Q60 290 38 300Z"
    )
    return (
        _cloth_pattern(ink)
        + shadow(348, 150)
        + stroke("M84 290V344M316 290V344", WOOD, 13)
        + solid(fall, ink.base)
        + path(fall, "url(#k)")
        + path(fall, "url(#v)", 'opacity=".7"')
        + solid(top, ink.light)
        + path(top, "url(#k)", 'opacity=".75"')
        + dashes(
            "M40 288Q62 280 80 294Q104 306 130 294Q164 282 200 298Q236 282 270 294Q296 306 322 294Q340 280 360 288",
            ink.line,
            1,
        )
        + folds(
            "M78 222Q70 260 80 300",
            "M140 226Q136 262 132 300",
            "M204 228Q198 264 202 304",
            "M268 226Q272 262 270 300",
            "M326 220Q326 260 322 298",
        )
        + moved(
            ellipse((0, 16), (17, 6), "#2b2418", 'opacity=".2"')
            + path("M-13-16Q0-10 13-16L10 12Q0 18-10 12Z", "#f2ede2")
            + path("M-13-16Q0-10 13-16L10 12Q0 18-10 12Z", "url(#c)", 'opacity=".5"')
            + stroke("M-2-18Q-10-46-20-58M2-18Q4-50 12-66M0-18Q-2-44-2-70", "#7b8c5a", 2.4)
            + ellipse((-21, -60), (8, 7), "#e3b34d")
            + ellipse((13, -68), (8, 7), "#d98a6a")
            + ellipse((-2, -73), (8, 7), "#f3e9d4"),
            206,
            176,
        )
    )


def rug(ink: Ink) -> str:
    """Lying on the floor in perspective, with a border and fringes."""
    outline = "M98 110 H302 L362 310 H38Z"
    fringe = comb("M37 317H363", "#d9ccb2", 15, "3 5.5") + comb("M98 106H302", "#d9ccb2", 9, "2 5")
    border = "M116 124 H284 L334 294 H66Z"
    large = small = ""
    for y, size in ((154, 16), (200, 21), (254, 26)):
        for i in (-1.5, -0.5, 0.5, 1.5) if ink.style != 1 else (-1, 0, 1):
            x = 200 + i * size * 2.3
            large += (
                f"M{x:.0f} {y - size * 0.8:.0f}l{size} {size * 0.8:.0f}l-{size} "
                f"{size * 0.8:.0f}l-{size}-{size * 0.8:.0f}Z"
            )
            small += (
                f"M{x:.0f} {y - size * 0.36:.0f}l{size * 0.45:.0f} {size * 0.36:.0f}l-{size * 0.45:.0f} "
                f"{size * 0.36:.0f}l-{size * 0.45:.0f}-{size * 0.36:.0f}Z"
            )
    diamonds = path(large, ink.accent if ink.style else ink.pale, 'opacity=".85"') + path(small, ink.deep)
    stripes = "".join(
        path(f"M30 {y}H370V{y + h}H30Z", tone, 'opacity=".8"')
        for y, h, tone in (
            (130, 8, ink.accent),
            (152, 12, ink.pale),
            (182, 10, ink.accent),
            (212, 16, ink.pale),
            (248, 12, ink.accent),
            (280, 14, ink.pale),
        )
    )
    weave = pattern("k", (5, 4), stroke("M0 2H3", ink.line, 1, 'opacity=".28"'))
    return (
        weave
        + path("M98 110H302L366 322H34Z", "#2b2418", 'opacity=".14" transform="translate(3 8)"')
        + fringe
        + solid(outline)
        + clipped(
            "r",
            outline,
            stripes if ink.look == "striped" else stroke(border, ink.pale, 7) + stroke(border, ink.deep, 2) + diamonds,
        )
        + path(outline, "url(#k)")
        + stroke(outline, ink.deep, 2, 'opacity=".4"')
    )
