"""Packs, poles, bottles, guides and provisions."""

from kanava.demo.pictures.canvas import (
    Ink,
    box,
    clipped,
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

STEEL = "#aeb4b8"
DARK = "#34363a"


def backpack(ink: Ink) -> str:
    """Front of a rucksack: lid, pocket, side pockets, straps and buckles."""
    body = "M118 124 Q116 78 158 70 L242 70 Q284 78 282 124 L292 318 Q292 348 262 350 L138 350 Q108 348 108 318Z"
    lid = "M112 122 Q112 72 160 66 L240 66 Q288 72 288 122 L284 150 Q200 168 116 150Z"
    pocket = "M136 214 Q200 204 264 214 L270 318 Q270 334 254 334 L146 334 Q130 334 130 318Z"
    side = solid("M108 236L92 244Q84 300 96 336L118 346Z", ink.deep)
    strap = stroke("M152 148V214", ink.deep, 8) + box((144, 176), (16, 18), DARK, 3)
    return (
        shadow(356, 128)
        + stroke("M178 66Q180 42 200 42Q220 42 222 66", ink.deep, 9)
        + mirrored(side)
        + solid(body)
        + solid(pocket, ink.dark if ink.style != 1 else ink.accent)
        + stroke("M142 236Q200 226 258 236", ink.line, 2.2, 'stroke-dasharray="2 2"')
        + solid(lid, ink.base if ink.style else ink.dark)
        + stroke("M130 132Q200 146 270 132", ink.line, 2)
        + mirrored(strap)
        + box((180, 270), (40, 26), ink.accent if ink.style != 1 else ink.base, 4)
        + stroke("M188 289l8-10 6 6 6-9 6 13", ink.line, 2)
        + (stroke("M150 250L250 320M250 250L150 320", ink.accent, 2.4) if ink.style == 2 else "")
        + folds("M126 170Q130 196 124 214", "M276 172Q270 196 276 214")
    )


def duffel(ink: Ink) -> str:
    """A barrel bag with carrying handles."""
    body = "M56 202 Q56 138 120 134 L280 134 Q344 138 344 202 L344 266 Q344 312 292 314 L108 314 Q56 312 56 266Z"
    handle = stroke("M132 312V190Q134 112 200 110Q266 112 268 190V312", ink.deep, 13) + stroke(
        "M132 312V190Q134 112 200 110Q266 112 268 190V312", ink.accent, 2, 'stroke-dasharray="4 4" opacity=".7"'
    )
    ends = path("M56 202Q56 138 120 134Q92 170 92 224Q92 290 108 314Q56 312 56 266Z", ink.deep, 'opacity=".6"')
    return (
        shadow(322, 160)
        + solid(body)
        + mirrored(ends)
        + path(body, "url(#v)")
        + handle
        + box((180, 98), (40, 22), ink.deep, 6)
        + stroke("M96 158H304", ink.line, 2.6, 'stroke-dasharray="2 2"')
        + box((160, 210), (80, 60), ink.dark if ink.style else ink.light, 5, 'opacity=".9"')
        + stroke("M180 254l14-22 10 12 8-12 12 22", ink.accent, 3)
        + (stroke("M56 250H344", ink.accent, 7, 'opacity=".8"') if ink.style == 2 else "")
        + folds("M110 180Q140 196 126 230", "M286 176Q262 200 276 236")
    )


def trekking_poles(ink: Ink) -> str:
    """A crossed pair with cork grips and baskets."""
    cork = "#c79a62"
    pole = (
        stroke("M200 96V346", "#3a3c40", 8)
        + stroke("M200 130V236", ink.base, 9)
        + stroke("M198 130V236", "#fff", 2.4, 'opacity=".35"')
        + stroke("M200 236V256", DARK, 12)
        + (stroke("M200 156V168M200 178V190", ink.accent, 9) if ink.style else "")
        + path("M189 44Q188 34 200 33Q214 34 211 46L210 104Q200 110 190 104Z", cork)
        + path("M189 44Q188 34 200 33Q214 34 211 46L210 104Q200 110 190 104Z", "url(#s)")
        + box((190, 100), (20, 22), ink.deep, 5)
        + stroke("M196 46Q160 70 178 108Q186 118 194 84", ink.accent, 5)
        + ellipse((200, 338), (17, 5), DARK)
        + stroke("M200 346V364", STEEL, 4)
    )
    return (
        shadow(364, 110) + f'<g transform="rotate(17 200 200)">{pole}</g><g transform="rotate(-17 200 200)">{pole}</g>'
    )


def bottle(ink: Ink) -> str:
    """A drinking bottle with a loop on its lid."""
    body = "M146 156 Q146 126 172 118 L228 118 Q254 126 254 156 L254 330 Q254 352 232 352 L168 352 Q146 352 146 330Z"
    ridges = stroke("M164 300l22-44 14 22 10-14 26 36", ink.pale, 3.4)
    return (
        shadow(354, 84)
        + stroke("M178 66Q180 34 200 34Q220 34 222 66", ink.accent if ink.style else ink.deep, 8)
        + box((170, 62), (60, 44), DARK, 8)
        + box((170, 62), (60, 44), "url(#c)", 8)
        + "".join(stroke(f"M{x} 70V98", "#55585d", 2) for x in range(178, 226, 8))
        + box((164, 104), (72, 16), STEEL, 4)
        + box((164, 104), (72, 16), "url(#c)", 4)
        + path(body, ink.base)
        + path(body, "url(#c)")
        + ridges
        + (stroke("M146 186H254", ink.accent, 8) if ink.style == 1 else "")
        + (
            path("M146 314H254V330Q254 352 232 352H168Q146 352 146 330Z", STEEL, 'opacity=".85"')
            if ink.style == 2
            else ""
        )
    )


def flask(ink: Ink) -> str:
    """A vacuum flask with its cup."""
    body = "M142 142 H258 V332 Q258 352 238 352 H162 Q142 352 142 332Z"
    cup = "M144 52 Q200 42 256 52 L258 132 H142Z"
    return (
        shadow(354, 92)
        + path(cup, STEEL)
        + path(cup, "url(#c)")
        + box((138, 126), (124, 22), "#7d8388", 4)
        + box((138, 126), (124, 22), "url(#c)", 4)
        + path(body, ink.base)
        + path(body, "url(#c)")
        + box((142, 322), (116, 14), STEEL)
        + box((142, 322), (116, 14), "url(#c)")
        + stroke("M142 176H258", ink.accent if ink.style else ink.deep, 5)
        + (stroke("M258 182Q300 190 300 236Q300 286 258 292", DARK, 12) if ink.style != 1 else "")
        + stroke("M176 270l14-26 10 14 8-10 16 22", ink.pale, 3)
        + stroke("M176 276H224", ink.pale, 2.4)
    )


def guidebook(ink: Ink) -> str:
    """A small book with mountains on the cover."""
    skies = (("#8fb7c4", "#37566b"), ("#e2b07c", "#6d4a52"), ("#a9bf94", "#33563f"))
    sky, hill = skies[ink.style]
    page = pattern("k", (4, 4), stroke("M0 2H4", "#cfc6b2", 1))
    return (
        page
        + shadow(350, 112)
        + path("M112 66L292 58Q302 58 302 68V336Q302 344 294 345L122 352Z", "#f3ecdc")
        + path("M292 60L306 70V342L296 345Z", "url(#k)")
        + path("M108 62Q100 62 100 70V342Q100 352 110 352L280 344Q288 344 288 336V62Q288 54 280 54Z", hill)
        + path("M116 62L280 55Q288 54 288 62V250L116 256Z", sky)
        + ellipse((234, 112), (20, 20), "#fbf1d3")
        + path("M116 234L160 160L184 196L222 130L288 226V290L116 300Z", mix(hill, sky, 0.35))
        + path("M222 130L240 156L226 166L214 154L206 158ZM160 160L172 178L158 186L150 178Z", "#f8f4ea")
        + path("M116 262Q180 222 288 262V344L116 351Z", hill)
        + stroke("M140 340Q170 300 220 296Q262 290 250 262", "#f5ead0", 2.6, 'stroke-dasharray="6 5"')
        + box((136, 78), (74, 10), "#fdf8ec", 2)
        + box((136, 96), (52, 6), "#fdf8ec", 2, 'opacity=".8"')
        + path("M100 70Q100 62 108 62H116V352H108Q100 352 100 342Z", "#000", 'opacity=".22"')
    )


def trail_mix(ink: Ink) -> str:
    """A paper pouch with a window on dried fruit and nuts."""
    pouch = "M112 70 H288 L296 326 Q296 350 268 352 H132 Q104 350 104 326Z"
    window = "M140 226 Q200 204 260 226 L262 306 Q200 322 138 306Z"
    band = ("#56704a", "#8a4b3c", "#3f5a72")[ink.style]
    nuts = ""
    for i in range(22):
        x, y = 142 + (i * 37) % 118, 226 + (i * 23) % 84
        tone = ("#b9793f", "#8c3a33", "#e0b873", "#6f4527", "#d9a05b")[i % 5]
        nuts += ellipse((x, y), (13, 9), tone, f'transform="rotate({i * 47 % 180} {x} {y})"')
    return (
        shadow(354, 104)
        + path(pouch, "#d8b98a")
        + path(pouch, "url(#s)")
        + path("M112 70H288L289 100H111Z", "#c4a273")
        + stroke("M114 92H286M114 98H286", "#a98655", 1.6)
        + clipped("n", window, box((130, 200), (140, 124), "#f0e0c0") + nuts)
        + stroke(window, "#a98655", 2)
        + path("M110 126H290L292 196H108Z", band)
        + box((140, 142), (120, 12), "#fbf3df", 3)
        + box((160, 164), (80, 8), "#fbf3df", 3, 'opacity=".75"')
        + path("M130 104Q124 220 128 344L144 346Q136 220 146 104Z", "#fff", 'opacity=".14"')
        + ellipse((200, 82), (6, 6), "#f0e6d2")
    )
