"""What tops and jackets have in common: bodies, sleeves, hoods, collars, zips."""

from kanava.demo.pictures.canvas import Ink, box, clipped, dashes, folds, mirrored, path, repeated, solid, stroke

LONG = "M134 100 Q104 108 94 146 L64 268 Q62 278 72 281 L97 288 Q106 290 109 280 L132 196Z"
SHORT = "M134 100 Q106 108 86 152 L72 184 Q70 189 75 192 L108 206 Q113 208 115 202 L130 164Z"
HOOD = "M156 98 Q142 34 200 30 Q258 34 244 98 Q200 124 156 98Z"


def torso(hem: float, flare: float = 0) -> str:
    """Outline of the front, from the neck to the hem."""
    left, right = 118 - flare, 282 + flare
    return (
        f"M168 86 Q148 94 128 103 Q120 150 122 196 Q124 250 {left} {hem - 8} Q{left} {hem} {left + 8} {hem + 2} "
        f"Q200 {hem + 12} {right - 8} {hem + 2} Q{right} {hem} {right} {hem - 8} Q276 250 278 196 Q280 150 272 103 "
        f"Q252 94 232 86 Q200 106 168 86Z"
    )


def sleeves(ink: Ink, outline: str, more: str = "") -> str:
    """Both sleeves; the cuff is a darker band."""
    cuff = ""
    if outline == LONG:
        cuff = path("M66 258 L64 268 Q62 278 72 281 L97 288 Q106 290 109 280 L112 269Z", ink.deep, 'opacity=".55"')
    fold = folds("M96 196 Q108 206 122 204") if outline == LONG else ""
    return mirrored(solid(outline, ink.base, "url(#v)") + more + cuff + fold)


def hood(ink: Ink) -> str:
    """A hood lying behind the collar."""
    inside = "M170 96 Q160 52 200 50 Q240 52 230 96 Q200 112 170 96Z"
    return solid(HOOD, ink.base, "url(#v)") + path(inside, ink.deep) + stroke(inside, ink.line, 1.5, 'opacity=".5"')


def collar(ink: Ink, inner: str = "") -> str:
    """A stand-up collar."""
    return solid("M164 94 Q160 64 174 58 L226 58 Q240 64 236 94 Q200 116 164 94Z", ink.dark, "url(#v)") + path(
        "M176 63 L224 63 Q221 84 200 96 Q179 84 176 63Z", inner or ink.deep
    )


def zipper(ink: Ink, top: float, hem: float, colour: str = "") -> str:
    """A zip down the middle with its puller."""
    teeth = colour or ink.line
    return (
        stroke(f"M200 {top}V{hem}", ink.deep, 6, 'opacity=".55"')
        + stroke(f"M200 {top}V{hem}", teeth, 2.4, 'stroke-dasharray="1.5 3.2"')
        + box((196.5, top + 8), (7, 16), teeth, 3)
    )


def slanted_pockets(ink: Ink, y: float, colour: str = "") -> str:
    """Two zipped hand pockets."""
    cut = f"M150 {y}L138 {y + 42}"
    return mirrored(stroke(cut, ink.deep, 6, 'opacity=".5"') + stroke(cut, colour or ink.line, 2))


def yoke(ink: Ink, hem: float, flare: float = 0) -> str:
    """The second tone over the shoulders, when the style has one."""
    if ink.style == 0:
        return ""
    tone = ink.deep if ink.style == 1 else ink.accent
    high = 150 if ink.style == 1 else 132
    body = path(f"M100 60H300V{high}Q200 {high + 22} 100 {high}Z", tone, 'opacity=".85"')
    return clipped("y", torso(hem, flare), body + dashes(f"M100 {high + 4}Q200 {high + 26} 300 {high + 4}", ink.line))


def quilting(ink: Ink, outline: str, name: str, hem: float, step: float) -> str:
    """Puffed bands across an outline."""
    band = path(f"M40 92Q200 102 360 92V{92 + step:g}Q200 {102 + step:g} 40 {92 + step:g}Z", "url(#v)")
    band += stroke("M40 92Q200 102 360 92", ink.line, 1.4, 'opacity=".45"')
    count = int((hem - 80) / step)
    return clipped(name, outline, repeated(f"{name}b", band, ((0, step * row) for row in range(1, count + 1))))
