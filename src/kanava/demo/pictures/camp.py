"""Tents, sleeping gear, lamps, stoves and chairs."""

from kanava.demo.pictures.canvas import (
    Ink,
    box,
    clipped,
    comb,
    dashes,
    ellipse,
    folds,
    halo,
    mirrored,
    mix,
    moved,
    path,
    shadow,
    solid,
    stroke,
)

STEEL = "#aeb4b8"
DARK = "#34363a"
WOODEN = "#a97742"


def tent(ink: Ink) -> str:
    """A dome with an open porch on a strip of meadow."""
    fly = "M34 300 Q92 120 190 96 Q300 118 368 300Z"
    porch = "M130 302 Q150 176 190 112 Q240 180 262 302Z"
    inside = "M164 302 Q176 206 194 160 Q220 212 230 302Z"
    return (
        ellipse((200, 304), (190, 26), "#b9c29a")
        + ellipse((200, 300), (182, 18), "#c8cfab")
        + stroke("M34 300L10 318M368 300L390 318", "#6b6455", 1.8)
        + solid(fly)
        + path("M190 96Q300 118 368 300H262Q240 180 190 112Z", "#000", 'opacity=".16"')
        + path(porch, ink.accent if ink.style == 1 else ink.dark)
        + path(inside, ink.line)
        + path("M164 302Q176 206 194 160Q184 240 196 302Z", ink.pale, 'opacity=".85"')
        + stroke("M34 300Q92 120 190 96Q300 118 368 300", ink.line, 3)
        + stroke("M190 96Q120 190 112 300", ink.deep, 2.6)
        + stroke("M190 98V302", ink.line, 1.4, 'opacity=".5"')
        + (
            stroke("M74 206Q120 190 142 210", ink.pale, 5)
            if ink.style == 2
            else box((282, 206), (30, 18), ink.pale, 4, 'opacity=".6"')
        )
        + stroke("M60 314l4-12 4 12M330 316l4-12 4 12M140 320l3-9 3 9", "#7d8a57", 2.4)
    )


def sleeping_bag(ink: Ink) -> str:
    """A mummy bag seen from above, zip turned back."""
    outline = (
        "M200 34 Q262 36 276 96 Q290 170 262 300 Q252 360 200 362 Q148 360 138 300 Q110 170 124 96 Q138 36 200 34Z"
    )
    rows = "".join(
        path(f"M100 {y}Q200 {y + 16} 300 {y}V{y + 27}Q200 {y + 43} 100 {y + 27}Z", "url(#v)")
        + stroke(f"M100 {y}Q200 {y + 16} 300 {y}", ink.line, 1.4, 'opacity=".45"')
        for y in range(128, 360, 27)
    )
    hole = "M200 62 Q242 64 244 102 Q242 132 200 134 Q158 132 156 102 Q158 64 200 62Z"
    lining = ink.accent if ink.style != 1 else ink.pale
    return (
        shadow(362, 96, 14)
        + solid(outline)
        + clipped("q", outline, rows)
        + solid(hole, lining)
        + path("M200 74Q232 76 234 102Q232 124 200 126Q168 124 166 102Q168 76 200 74Z", mix(lining, "#14161c", 0.35))
        + path("M166 110Q200 90 234 110Q232 126 200 128Q168 126 166 110Z", "#efe9dc")
        + (path("M244 110Q276 150 256 258Q236 190 236 128Z", lining) if ink.style else "")
        + stroke("M238 122Q262 200 246 330", ink.line, 2.4, 'stroke-dasharray="2 3"')
        + box((176, 300), (48, 24), ink.deep, 4, 'opacity=".75"')
        + stroke("M186 318l10-12 7 7 6-8 7 13", ink.pale, 2)
    )


def sleeping_mat(ink: Ink) -> str:
    """An inflated mat, its end rolled up."""
    flat = (
        "M74 262 L262 138 Q274 132 284 140 L344 190 Q352 198 342 206 L158 340 Q146 348 136 338 L72 280 Q64 270 74 262Z"
    )
    tubes = "".join(
        stroke(f"M{78 + i * 13} {276 + i * 12}L{276 + i * 13} {142 + i * 12}", ink.line, 3, 'opacity=".35"')
        + stroke(f"M{80 + i * 13} {281 + i * 12}L{278 + i * 13} {147 + i * 12}", "#fff", 3, 'opacity=".2"')
        for i in range(1, 6)
    )
    roll = (
        ellipse((118, 150), (40, 42), ink.dark)
        + ellipse((118, 150), (40, 42), "url(#s)")
        + stroke("M118 150q10-8 14 4q0 16-18 14q-20-4-14-26q10-20 36-10q20 14 8 40q-14 20-42 10", ink.pale, 3)
    )
    side = solid("M118 108L238 74Q264 72 268 108Q268 146 244 156L118 192Z", ink.base)
    return (
        shadow(330, 160)
        + solid(flat)
        + clipped(
            "m", flat, tubes if ink.style != 1 else tubes + stroke("M60 310L330 130", ink.accent, 9, 'opacity=".7"')
        )
        + ellipse((330, 198), (7, 7), ink.accent)
        + moved(side + roll + stroke("M196 86V172", ink.accent, 8) + stroke("M222 79V164", ink.deep, 8), 6, -6)
    )


def headlamp(ink: Ink) -> str:
    """A lamp on its elastic band, switched on."""
    back = "M62 206Q70 108 200 104Q330 108 338 206"
    front = "M62 206Q84 268 200 276Q316 268 338 206"
    stripes = comb if ink.style == 1 else None
    return (
        shadow(336, 120)
        + stroke(back, ink.deep, 30)
        + (
            stripes(back, ink.accent, 5, "14 8")
            if stripes
            else stroke(back, ink.accent, 4, f'opacity="{0.4 + 0.3 * ink.style}"')
        )
        + stroke(front, ink.base, 34)
        + stroke(front, "#fff", 3, 'opacity=".25" transform="translate(0 -9)"')
        + comb(front, ink.line, 34, "1.4 7", 'opacity=".25"')
        + halo((172, 266), 150)
        + box((112, 206), (176, 116), DARK, 34)
        + box((112, 206), (176, 116), "url(#s)", 34)
        + box((122, 214), (156, 84), ink.base, 28)
        + box((122, 214), (156, 84), "url(#v)", 28)
        + ellipse((172, 262), (46, 46), "#25272a")
        + ellipse((172, 262), (38, 38), "#f7e9a8")
        + ellipse((172, 262), (22, 22), "#fffbe6")
        + ellipse((248, 262), (20, 20), "#25272a")
        + ellipse((248, 262), (14, 14), "#c8473f" if ink.style == 2 else "#f3ecc9")
        + box((178, 196), (44, 14), ink.accent, 7)
    )


def stove(ink: Ink) -> str:
    """A burner on its gas cartridge, flame on."""
    can = "M130 250 Q200 232 270 250 V330 Q200 356 130 330Z"
    flames = "".join(
        path(f"M{x} 150q-10-22 0-42q12 20 4 42Z", "#5a9fd8", 'opacity=".85"') for x in (166, 182, 198, 214, 230)
    )
    return (
        shadow(346, 100)
        + path(can, ink.base)
        + path(can, "url(#c)")
        + ellipse((200, 250), (70, 15), ink.light)
        + ellipse((200, 250), (54, 10), STEEL)
        + stroke("M142 296Q200 314 258 296", ink.accent, 9 if ink.style else 4)
        + box((190, 186), (20, 66), STEEL, 3)
        + box((190, 186), (20, 66), "url(#c)", 3)
        + stroke("M210 216H268", STEEL, 6)
        + box((262, 204), (24, 24), DARK, 8)
        + mirrored(stroke("M196 206L110 160L96 120H136", "#62666a", 7) + stroke("M196 190L150 158", "#4c4f53", 6))
        + flames
        + ellipse((200, 158), (48, 13), DARK)
        + ellipse((200, 153), (48, 12), "#707478")
        + ellipse((200, 153), (38, 8), DARK)
        + flames
    )


def camp_chair(ink: Ink) -> str:
    """A folding chair with a fabric seat and a cup holder."""
    tube = "#4a4d51"
    return (
        shadow(344, 140)
        + stroke("M130 340L274 214M270 340L126 214", tube, 7)
        + stroke("M108 340L132 84M292 340L268 84", tube, 9)
        + stroke("M106 72L96 344M294 72L304 344", "#63676b", 6)
        + solid("M116 78Q200 64 284 78L278 196Q200 212 122 196Z")
        + (stroke("M120 112Q200 98 280 112", ink.accent, 9) if ink.style == 1 else "")
        + (
            clipped(
                "n",
                "M116 78Q200 64 284 78L278 196Q200 212 122 196Z",
                path("M150 60H250V220H150Z", ink.deep, 'opacity=".55"'),
            )
            if ink.style == 2
            else ""
        )
        + solid("M116 204Q200 222 284 204L300 258Q200 284 100 258Z", ink.dark)
        + stroke("M86 186H132M268 186H314", ink.deep, 15)
        + path("M296 190H326L322 222H300Z", ink.deep)
        + ellipse((311, 190), (15, 4.5), ink.line)
        + dashes("M124 188Q200 204 276 188", ink.line)
        + folds("M150 100Q160 150 154 186", "M250 100Q240 150 246 186")
        + "".join(box((x, 338), (18, 8), DARK, 3) for x in (88, 122, 262, 296))
    )


def lantern(ink: Ink) -> str:
    """A camp lantern, lit."""
    glass = "M146 150 H254 L262 268 H138Z"
    return (
        halo((200, 210), 170)
        + shadow(344, 92)
        + stroke("M146 126Q140 40 200 38Q260 40 254 126", "#55585c", 6)
        + box((178, 32), (44, 14), WOODEN, 7)
        + solid("M150 118Q200 92 250 118L258 152H142Z", ink.base)
        + path("M150 118Q200 92 250 118L258 152H142Z", "url(#c)")
        + path(glass, "#fff4cd")
        + path(glass, "url(#c)", 'opacity=".6"')
        + path("M200 180q-20 30-14 52q4 16 14 20q12-4 15-20q4-24-15-52Z", "#f5b445", 'opacity=".9"')
        + path("M200 208q-9 16-6 28q3 8 6 10q6-3 7-10q2-12-7-28Z", "#fff7d8")
        + (
            stroke("M172 150L168 268M228 150L232 268", "#55585c", 3.4)
            if ink.style != 1
            else stroke("M142 210H258", "#55585c", 3.4)
        )
        + path("M132 266H268L276 330Q200 346 124 330Z", ink.base)
        + path("M132 266H268L276 330Q200 346 124 330Z", "url(#c)")
        + ellipse((200, 302), (13, 13), ink.accent if ink.style == 2 else STEEL)
        + stroke("M200 302V292", DARK, 3)
    )
