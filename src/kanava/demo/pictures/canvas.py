"""Colours, light and the frame of a drawn picture: 400 × 400, soft background, shadow on the ground, no script."""

from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

PAPER = "#f6f3ed"


def mix(one: str, other: str, part: float) -> str:
    """Give the colour that is `part` of the way from one to the other; both `#rrggbb`."""
    first = [int(one[at : at + 2], 16) for at in (1, 3, 5)]
    second = [int(other[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(first, second, strict=True))


def brightness(colour: str) -> float:
    """Say how bright a colour looks, 0 to 1."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.3 * red + 0.59 * green + 0.11 * blue


@dataclass(frozen=True)
class Ink:
    """The shades of one colour, and the wishes of the drawing: `style` 0 to 2 and a `look` such as `striped`."""

    base: str
    style: int
    look: str

    @property
    def light(self) -> str:
        return mix(self.base, "#ffffff", 0.22)

    @property
    def pale(self) -> str:
        return mix(self.base, "#ffffff", 0.5)

    @property
    def dark(self) -> str:
        return mix(self.base, "#14161c", 0.24)

    @property
    def deep(self) -> str:
        return mix(self.base, "#14161c", 0.5)

    @property
    def line(self) -> str:
        return mix(self.base, "#101218", 0.66)

    @property
    def accent(self) -> str:
        """A second colour that stands out: warm on dark things, dark on bright ones."""
        return "#dfa04e" if brightness(self.base) < 0.42 else mix(self.base, "#2a3340", 0.72)


def path(outline: str, fill: str, more: str = "") -> str:
    """Fill an outline."""
    return f'<path d="{outline}" fill="{fill}"{" " + more if more else ""}/>'


def stroke(outline: str, colour: str, width: float = 2, more: str = "") -> str:
    """Draw a line with round ends."""
    return (
        f'<path d="{outline}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linecap="round" '
        f'stroke-linejoin="round"{" " + more if more else ""}/>'
    )


def dashes(outline: str, colour: str, width: float = 1.2) -> str:
    """Draw a seam."""
    return stroke(outline, colour, width, 'stroke-dasharray="3 3" opacity=".7"')


def solid(outline: str, fill: str = "url(#f)", shade: str = "url(#s)") -> str:
    """Fill an outline with the product's colour and lay light over it, from the left to the right."""
    return path(outline, fill) + path(outline, shade)


def ellipse(centre: tuple[float, float], radii: tuple[float, float], fill: str, more: str = "") -> str:
    """Fill an ellipse."""
    (x, y), (rx, ry) = centre, radii
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"{" " + more if more else ""}/>'


def box(corner: tuple[float, float], size: tuple[float, float], fill: str, round_by: float = 0, more: str = "") -> str:
    """Fill a rectangle with round corners."""
    (x, y), (width, height) = corner, size
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{round_by:g}" fill="{fill}"'
        f"{' ' + more if more else ''}/>"
    )


def mirrored(body: str) -> str:
    """Draw a thing and its mirror image about the middle line."""
    name = f"m{crc32(body.encode()):x}"
    return f'<g id="{name}">{body}</g><use href="#{name}" transform="matrix(-1 0 0 1 400 0)"/>'


def repeated(name: str, body: str, steps: Iterable[tuple[float, float]]) -> str:
    """Draw a thing where it is, and again at every step from there."""
    return f'<g id="{name}">{body}</g>' + "".join(f'<use href="#{name}" x="{x:g}" y="{y:g}"/>' for x, y in steps)


def comb(outline: str, colour: str, width: float, teeth: str, more: str = "") -> str:
    """Draw many short lines across an outline: fringes, ribs, lugs; `teeth` is thickness and gap, `2 4`."""
    return (
        f'<path d="{outline}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-dasharray="{teeth}"'
        f"{' ' + more if more else ''}/>"
    )


def halo(centre: tuple[float, float], radius: float) -> str:
    """Draw the glow of a lamp or flame."""
    return ellipse(centre, (radius, radius), "url(#h)")


def moved(body: str, x: float, y: float, scale: float = 1) -> str:
    """Draw a thing elsewhere, larger or smaller."""
    return f'<g transform="translate({x:g} {y:g}) scale({scale:g})">{body}</g>'


def clipped(name: str, outline: str, body: str) -> str:
    """Draw a thing only inside an outline."""
    return f'<clipPath id="{name}"><path d="{outline}"/></clipPath><g clip-path="url(#{name})">{body}</g>'


def folds(*outlines: str) -> str:
    """Draw soft creases: a dark line, and a light one beside it."""
    found = []
    for outline in outlines:
        found.append(stroke(outline, "#000", 5, 'opacity=".09"'))
        found.append(stroke(outline, "#fff", 2, 'opacity=".12" transform="translate(-4 0)"'))
    return "".join(found)


def pattern(name: str, size: tuple[float, float], body: str, more: str = "") -> str:
    """Define a repeated ornament, to be used as `url(#name)`."""
    width, height = size
    return (
        f'<pattern id="{name}" width="{width:g}" height="{height:g}" patternUnits="userSpaceOnUse"'
        f"{' ' + more if more else ''}>{body}</pattern>"
    )


def shadow(y: float, width: float, height: float = 12, x: float = 200) -> str:
    """Draw the shadow on the ground."""
    return ellipse((x, y), (width, height), "url(#w)")


def frame(ink: Ink, body: str, view: str = "0 0 400 400") -> str:
    """Give the whole file. Gradients: f the product's colour, s light across it, v light down it, c a round body."""
    paper = mix(PAPER, ink.base, 0.05)
    edge = mix("#ded7cb", ink.base, 0.10)

    def stop(at: float, colour: str, opacity: float = 1) -> str:
        seen = "" if opacity == 1 else f' stop-opacity="{opacity:g}"'
        return f'<stop offset="{at:g}" stop-color="{colour}"{seen}/>'

    across = stop(0, "#fff", 0.2) + stop(0.38, "#fff", 0) + stop(1, "#000", 0.24)
    down = stop(0, "#fff", 0.22) + stop(0.45, "#fff", 0) + stop(1, "#000", 0.26)
    round_body = (
        stop(0, "#000", 0.26) + stop(0.22, "#fff", 0.2) + stop(0.38, "#fff", 0.16) + stop(0.62, "#000", 0.04)
        + stop(1, "#000", 0.36)
    )  # fmt: skip
    # Only lamps and flames use it.
    light = stop(0, "#ffe08a", 0.85) + stop(0.45, "#ffe6a3", 0.45) + stop(1, "#ffe6a3", 0)
    glow = f'<radialGradient id="h">{light}</radialGradient>' if "url(#h)" in body else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}"><defs>'
        f'<radialGradient id="g" cx=".5" cy=".4" r=".8">{stop(0, paper)}{stop(0.55, paper)}{stop(1, edge)}'
        f"</radialGradient>"
        f'<linearGradient id="f" x1="0" y1="0" x2=".55" y2="1">{stop(0, ink.light)}{stop(0.5, ink.base)}'
        f"{stop(1, ink.dark)}</linearGradient>"
        f'<linearGradient id="s">{across}</linearGradient>'
        f'<linearGradient id="v" x2="0" y2="1">{down}</linearGradient>'
        f'<linearGradient id="c">{round_body}</linearGradient>'
        f'<radialGradient id="w">{stop(0, "#2b2418", 0.34)}{stop(0.6, "#2b2418", 0.13)}{stop(1, "#2b2418", 0)}'
        f"</radialGradient>{glow}</defs>"
        f'<rect width="400" height="400" fill="url(#g)"/>{body}</svg>\n'
    )
