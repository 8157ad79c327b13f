"""Hats, gloves, socks, scarves and umbrellas."""

from kanava.demo.pictures.canvas import (
    Ink,
    box,
    clipped,
    comb,
    dashes,
    ellipse,
    folds,
    mirrored,
    moved,
    path,
    pattern,
    shadow,
    solid,
    stroke,
)


def beanie(ink: Ink) -> str:
    """A knitted cap with a turned-up brim, often with a bobble."""
    crown = "M104 238 Q98 96 200 92 Q302 96 296 238Z"
    brim = "M92 232 Q200 214 308 232 Q314 236 313 246 L308 292 Q200 314 92 292 L87 246 Q86 236 92 232Z"
    ribs = "".join(
        stroke(f"M{200 + x * 1.0} 94Q{200 + x * 1.5} 150 {200 + x * 1.55} 236", ink.line, 2, 'opacity=".32"')
        for x in range(-64, 65, 16)
    )
    brim_ribs = comb("M92 264Q200 250 308 264", ink.line, 84, "2.4 7.6", 'opacity=".3"')
    bobble = "".join(
        ellipse((200 + dx, 82 + dy), (19, 18), tone)
        for dx, dy, tone in (
            (-14, 4, ink.dark),
            (14, 5, ink.dark),
            (0, -12, ink.light),
            (-8, -4, ink.base),
            (9, 0, ink.base),
        )
    )
    band = clipped(
        "b", crown, stroke("M90 190Q200 174 310 190", ink.accent, 16) + stroke("M90 164Q200 148 310 164", ink.pale, 5)
    )
    return (
        shadow(318, 118)
        + (bobble if ink.style != 1 else "")
        + solid(crown)
        + (band if ink.style == 2 else "")
        + clipped("r", crown, ribs)
        + solid(brim, ink.dark)
        + clipped("m", brim, brim_ribs)
        + (box((216, 252), (34, 24), ink.accent, 3) if ink.style == 1 else "")
    )


def sun_hat(ink: Ink) -> str:
    """A wide brim, a band and a cord."""
    brim = "M34 246 Q60 206 200 204 Q340 206 366 246 Q352 286 200 288 Q48 286 34 246Z"
    crown = "M118 238 Q112 128 152 116 Q200 104 248 116 Q288 128 282 238 Q200 262 118 238Z"
    return (
        shadow(300, 160)
        + stroke("M120 250Q128 330 196 338Q262 330 280 250", ink.deep, 2.4)
        + box((190, 330), (16, 14), ink.accent, 4)
        + solid(brim)
        + dashes("M48 248Q68 220 200 216Q332 220 352 248", ink.line)
        + path("M108 240 Q200 272 292 240 Q286 262 200 268 Q114 262 108 240Z", "#000", 'opacity=".16"')
        + solid(crown, ink.light if ink.style == 1 else "url(#f)")
        + clipped("b", crown, stroke("M108 226Q200 254 292 226", ink.accent if ink.style else ink.deep, 20))
        + dashes("M128 140Q200 120 272 140", ink.line, 1)
        + mirrored(ellipse((146, 176), (3, 3), ink.deep) + ellipse((146, 188), (3, 3), ink.deep))
    )


def gloves(ink: Ink) -> str:
    """A pair, palm down."""
    hand = (
        "M80 300 L76 208 Q58 190 46 158 Q42 144 54 141 Q63 140 70 154 L86 176 L80 98 Q80 86 90 86 Q100 86 102 "
        "98 L107 158 "
        "L107 78 Q108 66 119 66 Q130 66 130 78 L130 156 L137 84 Q139 73 149 74 Q159 76 158 88 L153 160 L163 "
        "112 Q166 102 175 104 "
        "Q184 107 182 118 L170 210 Q168 240 168 300 Q124 312 80 300Z"
    )
    palm = path("M88 206Q126 180 164 206L160 262Q124 276 90 262Z", ink.deep, 'opacity=".4"')
    cuff = solid("M76 268Q124 284 172 268L176 330Q124 346 72 330Z", ink.dark) + stroke(
        "M74 300Q124 316 174 300", ink.accent, 5
    )
    one = (
        solid(hand)
        + (palm if ink.style else "")
        + stroke(
            "M107 158Q118 176 130 156M153 160Q142 176 130 158M107 158Q98 176 88 180", ink.line, 1.6, 'opacity=".5"'
        )
        + cuff
        + folds("M98 236Q122 246 150 236")
    )
    return shadow(346, 130) + moved(one, 6, 6) + f'<g transform="matrix(-1 0 0 1 394 6)">{one}</g>'


def socks(ink: Ink) -> str:
    """A pair, one behind the other."""
    sock = (
        "M118 52 L192 52 L192 196 Q194 214 212 230 L272 280 Q296 302 282 326 Q268 344 238 336 L150 284 Q118 "
        "262 118 220Z"
    )
    heel = path("M118 198Q150 210 150 240Q150 262 132 270Q118 250 118 220Z", ink.accent)
    toe = path("M246 258L272 280Q296 302 282 326Q268 344 238 336L222 326Q250 300 246 258Z", ink.accent)
    bands = "".join(
        stroke(f"M112 {y}H198", ink.accent if ink.style != 1 else ink.pale, 6)
        for y in ((96, 112) if ink.style else (100,))
    )
    ribs = comb("M121 73H192", ink.line, 38, "1.6 4.4", 'opacity=".4"')
    flecks = "".join(
        stroke(f"M{x} {y}l5 6", ink.pale, 1.8, 'opacity=".55"')
        for x, y in ((136, 140), (164, 156), (142, 180), (178, 190), (170, 232), (196, 258), (222, 290))
    )
    one = (
        solid(sock)
        + clipped("k", sock, heel + toe + bands + (flecks if ink.style == 2 else ""))
        + ribs
        + stroke(sock, ink.line, 1, 'opacity=".25"')
    )
    # The one behind is the same drawing; it comes first so that the other lies on it.
    return shadow(346, 130) + moved(f'<g id="x">{one}</g>', 44, -14) + '<use href="#x" x="-22" y="8"/>'


def scarf(ink: Ink) -> str:
    """A folded scarf with fringes."""
    tail = "M206 150 L262 150 L276 318 L200 318Z"
    other = "M132 160 L190 150 L196 300 L118 296Z"
    loop = "M88 138 Q96 72 200 70 Q304 72 312 138 Q316 190 200 196 Q84 190 88 138Z"
    stripes = stroke("M60 224Q200 232 340 224M60 268Q200 276 340 268", ink.accent, 9)
    stripes += stroke("M60 246Q200 254 340 246M60 290Q200 298 340 290", ink.pale, 9)
    fringe = comb("M201 327H276", ink.dark, 24, "3 4") + comb("M119 307L196 310", ink.dark, 24, "3 4")
    weave = pattern("k", (6, 6), stroke("M0 6L6 0", ink.deep, 1, 'opacity=".35"'))
    body = ""
    for name, outline in (("o", other), ("t", tail)):
        body += (
            solid(outline)
            + (clipped(name, outline, stripes) if ink.style or ink.look == "striped" else "")
            + path(outline, "url(#k)")
        )
    return (
        weave
        + shadow(344, 110)
        + fringe
        + body
        + solid(loop)
        + path("M126 134Q134 104 200 102Q266 104 274 134Q262 152 200 154Q138 152 126 134Z", ink.deep)
        + path(loop, "url(#k)", 'opacity=".8"')
        + folds("M100 150Q150 184 220 182", "M112 122Q140 92 196 88", "M300 140Q280 176 220 190")
    )


def umbrella(ink: Ink) -> str:
    """Open, seen from the side, with a wooden crook."""
    canopy = (
        "M40 204 Q56 78 200 70 Q344 78 360 204 Q334 184 306 204 Q278 182 253 204 Q226 182 200 204 Q174 "
        "182 147 204 Q122 182 94 204 Q66 184 40 204Z"
    )
    panels = path(
        "M200 70Q140 110 147 204Q122 182 94 204Q96 110 200 70Z",
        ink.pale if ink.style == 1 else ink.deep,
        'opacity=".32"',
    )
    return (
        shadow(360, 90)
        + stroke("M200 60V322Q200 350 222 350Q244 350 244 326", "#7a5330", 8)
        + stroke("M198 200V322", "#c99a63", 2)
        + solid(canopy)
        + clipped(
            "u", canopy, mirrored(panels) + (stroke("M36 188Q200 150 364 188", ink.accent, 8) if ink.style == 2 else "")
        )
        + mirrored(stroke("M200 70Q96 110 94 204M200 70Q140 112 147 204", ink.line, 1.6, 'opacity=".5"'))
        + stroke("M200 70V204", ink.line, 1.4, 'opacity=".4"')
        + stroke("M200 52V70", "#5d4630", 5)
    )
