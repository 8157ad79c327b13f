"""Tableware and cookware."""

from kanava.demo.pictures.canvas import Ink, box, clipped, ellipse, mirrored, mix, path, shadow, solid, stroke

WOOD = "#b98a56"
IRON = "#3b3d41"


def _speckles(ink: Ink, left: int, top: int, width: int, height: int) -> str:
    dots = ""
    for i in range(26):
        dots += ellipse((left + (i * 61) % width, top + (i * 43) % height), (1.5, 1.2), ink.line, 'opacity=".4"')
    return dots


def ornament(ink: Ink, outline: str, name: str, top: float, bottom: float) -> str:
    """Glaze: a dipped foot, bands or speckles."""
    if ink.style == 0:
        body = path(
            f"M0 {bottom - 34}Q100 {bottom - 22} 200 {bottom - 30}T400 {bottom - 34}V400H0Z",
            mix("#b58f6b", ink.base, 0.15),
        )
    elif ink.style == 1:
        body = "".join(
            stroke(f"M0 {y}Q200 {y + 16} 400 {y}", ink.accent, w)
            for y, w in ((top + 26, 5), (top + 38, 2), (bottom - 30, 3))
        )
    else:
        body = _speckles(ink, 90, int(top), 220, max(30, int(bottom - top)))
    return clipped(name, outline, body)


def mug(ink: Ink) -> str:
    """A mug with a handle."""
    body = "M104 132 Q180 146 258 132 L250 296 Q246 318 222 322 Q180 328 140 322 Q116 318 112 296Z"
    ear = "M252 168 Q322 152 320 216 Q316 274 248 270"
    return (
        shadow(326, 106, 12, 190)
        + stroke(ear, ink.deep, 23)
        + stroke(ear, ink.base, 16)
        + stroke(ear, "#fff", 4, 'opacity=".25" transform="translate(-2 -4)"')
        + path(body, ink.base)
        + ornament(ink, body, "o", 150, 322)
        + path(body, "url(#c)")
        + ellipse((181, 132), (77, 16), ink.light)
        + ellipse((181, 133), (69, 12), mix(ink.deep, "#4a2e1c", 0.5))
        + ellipse((176, 135), (52, 7), "#5b3a22", 'opacity=".8"')
        + stroke("M150 96q-10-14 0-28t0-28M190 92q-10-14 0-28t0-28", "#fff", 5, 'opacity=".5"')
    )


def bowl(ink: Ink) -> str:
    """A bowl, seen a little from above."""
    body = "M58 178 Q200 214 342 178 Q336 262 262 304 Q254 320 232 322 H168 Q146 320 138 304 Q64 262 58 178Z"
    return (
        shadow(326, 112)
        + path(body, ink.base)
        + ornament(ink, body, "o", 196, 322)
        + path(body, "url(#c)")
        + ellipse((200, 178), (142, 40), ink.light)
        + ellipse((200, 181), (131, 33), ink.dark)
        + ellipse((200, 190), (104, 22), ink.base)
        + stroke("M84 190Q120 210 170 214", "#fff", 4, 'opacity=".3"')
    )


def plate(ink: Ink) -> str:
    """A plate from above with light on its rim."""
    rings = ""
    if ink.style == 1:
        rings = ellipse((200, 204), (138, 138), "none", f'stroke="{ink.accent}" stroke-width="5"')
    if ink.style == 2:
        rings = _speckles(ink, 96, 100, 208, 208)
    return (
        ellipse((206, 218), (158, 152), "#2b2418", 'opacity=".16"')
        + ellipse((200, 204), (154, 154), "url(#f)")
        + ellipse((200, 204), (154, 154), "url(#s)", 'opacity=".7"')
        + ellipse((200, 204), (150, 150), "none", f'stroke="{ink.pale}" stroke-width="3" opacity=".8"')
        + rings
        + ellipse((203, 208), (106, 106), ink.dark, 'opacity=".55"')
        + ellipse((200, 204), (104, 104), ink.light)
        + ellipse((200, 204), (100, 100), "url(#f)")
        + stroke("M122 152Q150 112 204 110", "#fff", 7, 'opacity=".35"')
        + (
            ellipse((200, 204), (60, 60), "none", f'stroke="{ink.deep}" stroke-width="1.6" opacity=".3"')
            if ink.style == 0
            else ""
        )
    )


def pan(ink: Ink) -> str:
    """A frying pan from above with its handle."""
    grip = IRON if ink.style == 1 else WOOD
    return (
        ellipse((172, 262), (136, 104), "#2b2418", 'opacity=".2"')
        + path("M240 172L348 66Q362 56 372 66Q380 76 370 88L264 198Z", grip)
        + path("M240 172L348 66Q362 56 372 66Q380 76 370 88L264 198Z", "url(#v)")
        + path("M232 180L276 136L296 156L254 200Z", "#6f747a")
        + ellipse((358, 78), (6, 6), "#efe9dc")
        + ellipse((168, 246), (134, 116), ink.deep)
        + ellipse((168, 240), (134, 114), "url(#f)")
        + ellipse((168, 240), (134, 114), "url(#s)")
        + ellipse((168, 246), (118, 98), IRON)
        + ellipse((168, 252), (110, 88), "#4a4d52")
        + ellipse((168, 252), (74, 58), "none", 'stroke="#5d6167" stroke-width="2"')
        + ellipse((168, 252), (40, 31), "none", 'stroke="#5d6167" stroke-width="2"')
        + stroke("M82 224Q104 184 156 172", "#fff", 7, 'opacity=".22"')
        + (path("M296 206Q312 220 300 240L286 230Z", ink.base) if ink.style == 2 else "")
    )


def pot(ink: Ink) -> str:
    """A pot with its lid and two handles."""
    body = "M88 176 H312 L306 304 Q304 330 276 332 H124 Q96 330 94 304Z"
    knob = WOOD if ink.style != 1 else "#9fa5aa"
    ear = stroke("M90 212H62Q52 214 54 228Q56 240 68 240H92", ink.deep, 12)
    return (
        shadow(336, 128)
        + mirrored(ear)
        + path(body, ink.base)
        + (stroke("M90 292H310", ink.accent, 8) if ink.style == 2 else "")
        + path(body, "url(#c)")
        + box((80, 164), (240, 18), ink.dark, 9)
        + box((80, 164), (240, 18), "url(#c)", 9)
        + path("M92 164Q104 122 200 118Q296 122 308 164Z", ink.base)
        + path("M92 164Q104 122 200 118Q296 122 308 164Z", "url(#c)")
        + box((190, 102), (20, 20), ink.deep, 3)
        + ellipse((200, 98), (26, 14), knob)
        + ellipse((194, 94), (10, 4), "#fff", 'opacity=".35"')
        + stroke("M118 152Q136 134 180 130", "#fff", 5, 'opacity=".35"')
    )


def board(ink: Ink) -> str:
    """A wooden board with grain, a groove and a hole."""
    outline = (
        "M116 128 Q116 112 132 112 L174 112 Q180 84 184 64 Q188 46 200 46 Q212 46 216 64 Q220 84 226 112 "
        "L268 112 Q284 112 284 128 L284 334 Q284 350 268 350 L132 350 Q116 350 116 334Z"
    )
    if ink.style == 1:
        outline = "M96 92 Q96 76 112 76 H288 Q304 76 304 92 V318 Q304 334 288 334 H112 Q96 334 96 318Z"
    grain = "".join(
        stroke(
            f"M{x} 40Q{x + (6 if x % 3 else -8)} 190 {x + 3} 360",
            ink.deep,
            1.6,
            f'opacity="{0.2 + (x % 5) * 0.05:.2f}"',
        )
        for x in range(104, 304, 16)
    )
    knot = stroke("M232 240q8-10 16 0q-6 12-16 0M226 240q14-22 28 0q-12 24-28 0", ink.deep, 1.6, 'opacity=".4"')
    hole = ellipse((200, 66), (7, 7), "#efe9dc") if ink.style != 1 else ellipse((284, 96), (8, 8), "#efe9dc")
    return (
        path(outline, "#2b2418", 'opacity=".2" transform="translate(7 9)"')
        + path(outline, ink.dark, 'transform="translate(3 4)"')
        + solid(outline)
        + clipped("i", outline, grain + knot)
        + (
            box((134, 148), (132, 184), "none", 10, f'stroke="{ink.deep}" stroke-width="4" opacity=".45"')
            if ink.style == 0
            else ""
        )
        + hole
    )
