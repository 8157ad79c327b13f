"""Lamps, candles, vases and baskets."""

from kanava.demo.pictures.canvas import Ink, box, clipped, ellipse, halo, mirrored, path, pattern, shadow, solid, stroke
from kanava.demo.pictures.kitchen import ornament

WOOD = "#b98a56"


def table_lamp(ink: Ink) -> str:
    """Shade above a turned base, light on."""
    shade = "M142 60 H258 L298 190 Q200 206 102 190Z"
    bases = (
        "M176 224 Q138 262 150 302 Q160 330 200 332 Q240 330 250 302 Q262 262 224 224Z",
        "M188 220 Q194 262 172 286 Q150 310 158 332 H242 Q250 310 228 286 Q206 262 212 220Z",
        "M170 226 H230 L244 332 H156Z",
    )
    base = bases[ink.style]
    linen = pattern("k", (5, 5), stroke("M0 0V5M0 0H5", "#a99878", 0.7, 'opacity=".4"'))
    return (
        linen
        + halo((200, 170), 185)
        + shadow(338, 100)
        + stroke("M236 330Q300 338 330 318T388 330", "#6b6252", 3)
        + box((194, 186), (12, 44), "#a88752", 2)
        + path(base, ink.base)
        + path(base, "url(#c)")
        + box((150, 326), (100, 12), WOOD, 5)
        + box((150, 326), (100, 12), "url(#c)", 5)
        + path(shade, "#f6e7c3")
        + path(shade, "url(#k)")
        + path(shade, "#ffdc84", 'opacity=".3"')
        + path(shade, "url(#c)", 'opacity=".55"')
        + stroke("M142 61H258", "#b39a6b", 3)
        + stroke("M102 190Q200 206 298 190", "#b39a6b", 3)
        + stroke("M200 196V214", "#7d6a45", 2)
    )


def candle(ink: Ink) -> str:
    """Wax in a glass, flame on, paper label."""
    glass = "M124 152 Q200 168 276 152 L270 318 Q268 334 250 336 Q200 344 150 336 Q132 334 130 318Z"
    label = "M150 214Q200 224 250 214V288Q200 298 150 288Z"
    return (
        halo((200, 110), 120)
        + shadow(340, 92)
        + path(glass, ink.base)
        + path(glass, "url(#c)", 'opacity=".85"')
        + ellipse((200, 152), (76, 15), "#fff", 'opacity=".55"')
        + ellipse((200, 164), (70, 12), ink.light)
        + ellipse((200, 166), (30, 6), ink.pale)
        + stroke("M200 164V140", "#3d3026", 3.4)
        + path("M200 84q-20 30-17 46q3 16 17 18q14-2 17-18q3-16-17-46Z", "#f6a93b")
        + path("M200 110q-9 14-8 24q2 9 8 10q7-1 8-10q1-10-8-24Z", "#fff4cf")
        + path(label, "#f7f0e1")
        + box((168, 240), (64, 7), ink.deep, 2)
        + box((178, 256), (44, 4), ink.deep, 2, 'opacity=".6"')
        + (path("M200 228q8-10 0-14q-8 4 0 14Z", ink.deep) if ink.style else ellipse((200, 228), (4, 4), ink.deep))
        + (stroke("M130 306Q200 320 270 306", WOOD, 7) if ink.style == 2 else "")
        + stroke("M140 176L146 310", "#fff", 5, 'opacity=".35"')
    )


def vase(ink: Ink) -> str:
    """A vase with three dry stems."""
    bodies = (
        (
            "M182 150 Q186 182 152 214 Q112 262 142 312 Q160 340 200 340 Q240 340 258 312 Q288 262 248 214 Q214 "
            "182 218 150Z"
        ),
        (
            "M168 146 Q176 178 146 198 Q132 222 150 330 Q152 340 164 340 H236 Q248 340 250 330 Q268 222 254 198 "
            "Q224 178 232 146Z"
        ),
        (
            "M178 150 Q184 214 160 258 Q150 310 168 334 Q176 340 200 340 Q224 340 232 334 Q250 310 240 258 Q216 "
            "214 222 150Z"
        ),
    )
    body = bodies[ink.style]
    grass = "".join(
        ellipse((x, y), (5, 13), tone, f'transform="rotate({turn} {x} {y})"')
        for x, y, tone, turn in (
            (146, 60, "#c9a66b", -24),
            (156, 82, "#d8b983", -50),
            (140, 84, "#b8935a", 10),
            (204, 40, "#d8b983", 4),
            (212, 62, "#c9a66b", 34),
            (195, 66, "#b8935a", -30),
            (254, 66, "#c9a66b", 30),
            (244, 88, "#d8b983", 52),
            (260, 92, "#b8935a", 0),
        )
    )
    return (
        shadow(342, 88)
        + stroke("M198 156Q180 110 148 70M200 156Q202 100 204 48M203 156Q222 112 252 76", "#9a8655", 3)
        + grass
        + path(body, ink.base)
        + ornament(Ink(ink.base, (ink.style + 1) % 3, ""), body, "o", 190, 340)
        + path(body, "url(#c)")
        + ellipse((200, 150), (20 if ink.style != 1 else 32, 5.5), ink.line)
    )


def basket(ink: Ink) -> str:
    """A round woven basket with two handles."""
    body = "M78 168 Q200 196 322 168 L300 310 Q296 332 268 336 Q200 344 132 336 Q104 332 100 310Z"
    weave = pattern(
        "k",
        (24, 16),
        path("M0 2Q6 -2 12 2T24 2V7Q18 11 12 7T0 7Z", ink.light, 'opacity=".75"')
        + path("M0 10Q6 14 12 10T24 10V15Q18 11 12 15T0 15Z", ink.deep, 'opacity=".4"')
        + stroke("M6 0V16M18 0V16", ink.deep, 1, 'opacity=".45"'),
    )
    ear = stroke("M96 176Q70 118 122 112Q158 116 152 182", ink.dark, 11) + stroke(
        "M96 176Q70 118 122 112Q158 116 152 182", ink.light, 4, 'stroke-dasharray="6 6"'
    )
    inside = (
        (
            ellipse((170, 160), (52, 30), "#e8e0d0")
            + ellipse((226, 156), (46, 30), "#c9bfae")
            + stroke("M136 156q30-18 60 0M196 152q30-18 56 0", "#a89c86", 2)
        )
        if ink.style == 1
        else ""
    )
    return (
        weave
        + shadow(340, 118)
        + ellipse((200, 168), (122, 28), ink.line)
        + inside
        + solid(body)
        + path(body, "url(#k)")
        + path(body, "url(#c)", 'opacity=".8"')
        + (
            clipped("b", body, stroke("M80 250Q200 278 320 250", "#efe7d6", 30, 'opacity=".8"'))
            if ink.style == 2
            else ""
        )
        + stroke("M78 168Q200 196 322 168", ink.dark, 11)
        + stroke("M78 168Q200 196 322 168", ink.light, 5, 'stroke-dasharray="9 7"')
        + mirrored(ear)
    )
