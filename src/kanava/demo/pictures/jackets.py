"""Jackets and vests, laid flat."""

from kanava.demo.pictures.canvas import (
    Ink,
    box,
    clipped,
    dashes,
    ellipse,
    folds,
    mirrored,
    mix,
    path,
    pattern,
    shadow,
    solid,
    stroke,
)
from kanava.demo.pictures.garment import LONG, collar, hood, quilting, slanted_pockets, sleeves, torso, yoke, zipper


def parka(ink: Ink) -> str:
    """A long coat with a fur-edged hood, flap pockets and a storm flap."""
    hem, outline = 332, torso(332, 8)
    fur = mix("#d8c4a2", ink.base, 0.1)
    flap = (
        box((140, 250), (42, 46), ink.base, 4)
        + box((138, 246), (46, 16), ink.dark, 4)
        + ellipse((161, 256), (2.4, 2.4), ink.line)
    )
    return (
        shadow(352, 130)
        + sleeves(ink, LONG)
        + hood(ink)
        + stroke("M166 94 Q152 44 200 41 Q248 44 234 94", fur, 15)
        + stroke("M166 94 Q152 44 200 41 Q248 44 234 94", mix(fur, "#6d5636", 0.45), 13, 'stroke-dasharray="1 5"')
        + solid(outline)
        + yoke(ink, hem, 8)
        + folds("M136 200Q140 230 134 242", "M266 204Q260 226 266 240")
        + path("M189 100 L211 100 L213 338 L187 338Z", ink.dark, 'opacity=".55"')
        + "".join(ellipse((200, y), (3.4, 3.4), ink.accent) for y in (130, 176, 222, 268, 314))
        + stroke("M122 218Q200 230 278 218", ink.line, 2, 'opacity=".5"')
        + mirrored(flap)
    )


def rain_jacket(ink: Ink) -> str:
    """A thin shell: hood, glossy light, coloured zips."""
    hem, outline = 306, torso(306)
    bright = ink.accent
    return (
        shadow(330, 125)
        + sleeves(ink, LONG, stroke("M78 232L114 242", bright, 2) if ink.style == 2 else "")
        + hood(ink)
        + solid(outline)
        + yoke(ink, hem)
        + path("M140 110 Q132 180 138 290 L154 292 Q144 190 154 108Z", "#fff", 'opacity=".13"')
        + folds("M150 150Q170 176 166 214", "M250 150Q236 180 240 222")
        + zipper(ink, 92, hem + 4, bright)
        + slanted_pockets(ink, 226, bright)
        + mirrored(stroke("M184 98V118", ink.line, 2.4) + ellipse((184, 121), (3, 4), bright))
        + dashes(f"M126 {hem - 12}Q200 {hem - 2} 274 {hem - 12}", ink.line)
    )


def down_jacket(ink: Ink) -> str:
    """Puffed bands, stand-up collar or hood."""
    hem, outline = 300, torso(300, 4)
    top = hood(ink) if ink.style == 2 else collar(ink, mix(ink.accent, ink.base, 0.3))
    step = 17 if ink.style == 1 else 24
    return (
        shadow(326, 128)
        + sleeves(ink, LONG, quilting(ink, LONG, "r", 290, step))
        + top
        + solid(outline)
        + quilting(ink, outline, "q", hem, step)
        + zipper(ink, 84 if ink.style != 2 else 96, hem + 6)
        + slanted_pockets(ink, 232)
        + box((226, 132), (20, 12), ink.accent, 2)
    )


def softshell(ink: Ink) -> str:
    """A close jacket with panels and a chest pocket."""
    hem, outline = 304, torso(304, -4)
    return (
        shadow(328, 122)
        + sleeves(ink, LONG, path("M94 146L64 268L78 272L112 120Z", ink.deep, 'opacity=".35"'))
        + (hood(ink) if ink.style == 0 else collar(ink))
        + solid(outline)
        + clipped("p", outline, mirrored(path("M100 90L142 90Q156 190 138 330L100 330Z", ink.deep, 'opacity=".4"')))
        + yoke(ink, hem, -4)
        + folds("M160 170Q176 190 174 220", "M244 176Q232 196 236 228")
        + zipper(ink, 84, hem + 4)
        + slanted_pockets(ink, 224, ink.accent)
        + stroke("M226 146V172", ink.accent, 2.4)
    )


def fleece(ink: Ink) -> str:
    """Soft pile, contrasting chest pocket and half or full zip."""
    hem, outline = 304, torso(304)
    pile = pattern(
        "k",
        (7, 7),
        ellipse((2, 2), (1.6, 1), ink.pale, 'opacity=".35"') + ellipse((5.5, 5.5), (1.6, 1), ink.deep, 'opacity=".28"'),
    )
    return (
        pile
        + shadow(328, 125)
        + sleeves(ink, LONG, path(LONG, "url(#k)"))
        + collar(ink)
        + solid(outline)
        + path(outline, "url(#k)")
        + yoke(ink, hem)
        + zipper(ink, 80, hem + 4 if ink.style else 176, ink.accent)
        + box((222, 140), (38, 44), ink.deep, 5, 'opacity=".8"')
        + stroke("M222 154H260", ink.accent, 2.4)
        + stroke(f"M122 {hem - 6}Q200 {hem + 4} 278 {hem - 6}", ink.deep, 6, 'opacity=".6"')
    )


def vest(ink: Ink) -> str:
    """A quilted waistcoat without sleeves."""
    outline = (
        "M166 84 Q152 92 138 98 Q150 150 126 186 Q122 250 116 296 Q116 304 124 306 Q200 316 276 306 Q284 304 284 296 "
        "Q278 250 274 186 Q250 150 262 98 Q248 92 234 84 Q200 104 166 84Z"
    )
    arm = "M138 98 Q150 150 126 186"
    return (
        shadow(330, 112)
        + collar(ink, ink.accent)
        + solid(outline)
        + quilting(ink, outline, "q", 300, 20 if ink.style == 1 else 28)
        + mirrored(stroke(arm, ink.deep, 7, 'opacity=".7"'))
        + zipper(ink, 80, 308)
        + slanted_pockets(ink, 236)
        + (box((146, 138), (30, 30), ink.dark, 3) if ink.style == 2 else "")
    )
