"""Shirts, knitwear and trousers, laid flat."""

from kanava.demo.pictures.canvas import (
    Ink,
    box,
    clipped,
    comb,
    dashes,
    ellipse,
    folds,
    mirrored,
    path,
    pattern,
    repeated,
    shadow,
    solid,
    stroke,
)
from kanava.demo.pictures.garment import LONG, SHORT, collar, sleeves, torso, zipper


def _crew(ink: Ink) -> str:
    neck = "M168 86 Q200 128 232 86 Q200 104 168 86Z"
    return (
        path(neck, ink.deep)
        + stroke("M166 87 Q200 134 234 87", ink.dark, 7)
        + dashes("M164 92 Q200 142 236 92", ink.line, 1)
    )


def t_shirt(ink: Ink) -> str:
    """Short sleeves, a print of ridges on the chest."""
    outline = torso(312)
    ridges = "M158 190L176 162L188 180L204 150L226 186L234 176L244 190"
    far = "M164 196L184 178L196 188L214 166L240 196"
    sun = ellipse((226, 152), (8, 8), ink.accent) if ink.style != 1 else ""
    return (
        shadow(334, 112)
        + sleeves(ink, SHORT, dashes("M80 178L114 194", ink.line, 1))
        + solid(outline)
        + folds("M148 220Q170 240 166 280", "M256 214Q236 240 240 286")
        + sun
        + stroke(ridges, ink.accent, 3.2)
        + stroke(far, ink.accent, 2, 'opacity=".6"')
        + _crew(ink)
        + dashes("M122 302Q200 312 278 302", ink.line, 1)
    )


def merino_top(ink: Ink) -> str:
    """A close-fitting long-sleeved top, fine stripes or a half zip."""
    outline = torso(310, -8)
    stripes = repeated(
        "e", stroke("M90 120Q200 130 310 120", ink.pale, 2.2, 'opacity=".6"'), ((0, y) for y in range(13, 190, 13))
    )
    striped = clipped("t", outline, stripes) if ink.style == 1 else ""
    top = (
        collar(ink) + solid(outline) + striped + zipper(ink, 84, 160)
        if ink.style == 2
        else solid(outline) + striped + _crew(ink)
    )
    return (
        shadow(332, 115)
        + sleeves(ink, LONG)
        + top
        + stroke("M126 108Q150 130 140 196", ink.line, 1.4, 'opacity=".45"')
        + stroke("M274 108Q250 130 260 196", ink.line, 1.4, 'opacity=".45"')
        + folds("M158 210Q176 236 170 272", "M246 206Q232 236 236 270")
    )


def flannel_shirt(ink: Ink) -> str:
    """Checks, button placket, collar points and a pocket."""
    outline = torso(314)
    other = ink.accent if ink.style else ink.deep
    plaid = pattern(
        "k",
        (36, 36),
        box((0, 0), (36, 12), ink.line, 0, 'opacity=".34"')
        + box((0, 0), (12, 36), ink.line, 0, 'opacity=".34"')
        + stroke("M0 24H36M24 0V36", other, 1.8, 'opacity=".8"')
        + stroke("M0 28H36M28 0V36", ink.pale, 1, 'opacity=".6"'),
    )
    point = "M168 80L200 102L180 130L158 92Z"
    return (
        plaid
        + shadow(336, 120)
        + sleeves(ink, LONG, path(LONG, "url(#k)"))
        + path("M172 76H228L214 100H186Z", ink.deep)
        + solid(outline)
        + path(outline, "url(#k)")
        + path("M192 104H208V320H192Z", ink.dark, 'opacity=".35"')
        + "".join(
            ellipse((200, y), (3, 3), ink.pale, f'stroke="{ink.line}" stroke-width=".8"') for y in range(128, 312, 34)
        )
        + mirrored(path(point, ink.base) + path(point, "url(#k)") + stroke(point, ink.line, 1, 'opacity=".5"'))
        + box((224, 150), (40, 44), "none", 3, f'stroke="{ink.line}" stroke-width="1.5" opacity=".6"')
        + folds("M150 226Q168 250 162 290")
    )


def pullover(ink: Ink) -> str:
    """Knitted, with a round yoke of small diamonds, ribbed hem and neck."""
    outline = torso(306)
    knit = pattern("k", (8, 7), stroke("M0 1L4 5L8 1", ink.deep, 1.1, 'opacity=".35"'))
    rings = ""
    for radius, colour in ((58, ink.pale), (74, ink.accent), (90, ink.pale)):
        if ink.style == 1 and radius == 74:
            continue
        rings += stroke(
            f"M{200 - radius * 1.25} 96Q200 {96 + radius * 1.5} {200 + radius * 1.25} 96",
            colour,
            7,
            'stroke-dasharray="5 6"',
        )
    ribs = comb("M122 300Q200 309 278 300", ink.line, 18, "1.6 4.4", 'opacity=".45"')
    return (
        knit
        + shadow(330, 125)
        + sleeves(ink, LONG, path(LONG, "url(#k)"))
        + solid(outline)
        + path(outline, "url(#k)")
        + (
            clipped("y", outline, rings)
            if ink.style != 2
            else stroke("M162 130V290M200 140V294M238 130V290", ink.dark, 9, 'stroke-dasharray="9 4" opacity=".7"')
        )
        + ribs
        + stroke("M166 86 Q200 130 234 86", ink.dark, 12)
        + path("M170 82 Q200 118 230 82 Q200 98 170 82Z", ink.deep)
    )


def trousers(ink: Ink) -> str:
    """Hiking trousers: belt, knee panels, thigh pocket."""
    outline = (
        "M142 62 H258 L266 96 L284 346 Q284 352 278 352 L232 354 Q226 354 225 347 L202 168 L198 168 L175 "
        "347 Q174 354 168 354 L122 352 Q116 352 116 346 L134 96Z"
    )
    knee = path("M122 214L178 212L174 262L119 264Z", ink.deep, 'opacity=".5"')
    return (
        shadow(366, 112)
        + solid(outline)
        + (mirrored(knee) if ink.style else "")
        + path("M142 62H258L261 78H139Z", ink.deep)
        + box((190, 60), (20, 20), ink.accent, 3)
        + "".join(box((x, 59), (6, 24), ink.dark, 2) for x in (156, 170, 224, 238))
        + stroke("M200 84V166", ink.line, 2, 'opacity=".6"')
        + mirrored(stroke("M146 84Q150 112 134 124", ink.line, 2.2))
        + (
            stroke("M254 160L262 206", ink.accent, 3)
            if ink.style == 2
            else box((236, 158), (34, 42), ink.dark, 4, 'opacity=".8"')
        )
        + mirrored(dashes("M160 88L146 346", ink.line, 1) + folds("M186 176Q172 190 158 188"))
        + mirrored(stroke("M118 340L176 342", ink.line, 1.4, 'opacity=".5"'))
    )


def shorts(ink: Ink) -> str:
    """Short trousers with pockets and a cord."""
    outline = (
        "M138 106 H262 L272 150 L298 268 Q299 275 292 277 L226 288 Q219 289 217 281 L203 214 L197 214 "
        "L183 281 Q181 289 174 288 L108 277 Q101 275 102 268 L128 150Z"
    )
    return (
        shadow(312, 122)
        + solid(outline)
        + path("M138 106H262L265 124H135Z", ink.deep)
        + comb("M139 115H261", ink.dark, 15, "2 5")
        + stroke("M194 122Q184 150 190 164M206 122Q218 146 210 166", ink.pale, 3)
        + stroke("M200 126V212", ink.line, 2, 'opacity=".6"')
        + mirrored(stroke("M142 128Q146 162 126 176", ink.line, 2.2) + dashes("M106 264L180 276", ink.line, 1))
        + (
            mirrored(box((112, 204), (42, 46), ink.dark, 4, 'opacity=".75" transform="rotate(8 130 220)"'))
            if ink.style
            else ""
        )
        + folds("M190 214Q176 226 160 222", "M210 214Q226 226 242 222")
    )
