"""Boots, shoes and sandals."""

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
    shadow,
    solid,
    stroke,
)


def _sole(outline: str, tone: str) -> str:
    lugs = comb("M78 308H330", tone, 13, "13 6")
    return lugs + path(outline, tone) + path(outline, "url(#s)")


def hiking_boots(ink: Ink) -> str:
    """A boot from the side: ankle, laces on hooks, toe cap, deep sole."""
    upper = "M92 88 Q130 76 176 88 L190 168 Q214 206 262 216 Q318 226 328 262 L328 286 L78 286 L84 196 Q76 140 92 88Z"
    laces = "".join(
        stroke(f"M{186 + i * 9.5:.0f} {116 + i * 24 - i * i * 1.6:.0f}l-26 10", ink.accent, 4.5) for i in range(5)
    )
    hooks = "".join(ellipse((184 + i * 9.5, 116 + i * 24 - i * i * 1.6), (3.4, 3.4), "#e8e1d2") for i in range(5))
    return (
        shadow(322, 150)
        + _sole("M74 280H332Q338 282 336 292L332 306H78Q70 300 72 286Z", "#2b2826")
        + stroke("M78 284H330", mix("#e2d9c6", ink.base, 0.2), 4)
        + solid("M140 84 Q166 52 186 62 L196 170 L150 150Z", ink.dark)
        + solid(upper)
        + path("M270 218Q322 228 328 262V286H262Q252 244 270 218Z", ink.deep, 'opacity=".8"')
        + path("M78 286L82 228Q112 222 122 286Z", ink.deep, 'opacity=".8"')
        + (
            path("M84 196Q120 204 150 190L178 230L150 284H122Q112 222 82 228Z", ink.dark, 'opacity=".55"')
            if ink.style
            else ""
        )
        + path("M88 96Q132 82 178 94L180 112Q132 100 86 116Z", ink.deep)
        + dashes("M160 108Q166 196 236 226", ink.line)
        + dashes("M84 190Q120 200 152 184", ink.line)
        + laces
        + hooks
        + stroke("M92 84Q84 66 96 64", ink.accent, 5)
    )


def trail_shoes(ink: Ink) -> str:
    """A low running shoe with overlays and a bright sole."""
    upper = (
        "M70 192 Q88 166 118 172 Q140 190 168 176 Q196 206 246 224 Q322 236 336 268 L334 284 L72 284 Q60 236 70 192Z"
    )
    laces = "".join(stroke(f"M{176 + i * 17} {190 + i * 9}l-22 14", "#f4f1ea", 4.5) for i in range(4))
    return (
        shadow(322, 155)
        + _sole("M62 276Q200 292 342 270Q350 288 334 304H78Q56 304 62 276Z", ink.deep)
        + path("M62 272Q200 288 342 266L342 284Q200 304 64 292Z", "#f3efe6")
        + solid("M92 176Q104 150 126 158L168 172L150 200Z", ink.dark)
        + solid(upper)
        + clipped(
            "u",
            upper,
            path("M180 300Q150 240 206 214L250 226Q214 250 230 300Z", ink.accent, 'opacity=".85"')
            + (path("M60 284Q72 220 112 214Q112 260 130 290Z", ink.accent, 'opacity=".7"') if ink.style else ""),
        )
        + path("M290 240Q332 246 336 268L334 284H276Q270 256 290 240Z", ink.deep, 'opacity=".8"')
        + (
            dashes("M120 200Q140 240 126 282M150 214Q160 250 150 282", ink.line)
            if ink.style == 2
            else stroke("M112 236L172 262", ink.pale, 6)
        )
        + laces
        + stroke("M70 190Q58 176 66 166", ink.accent, 6)
    )


def rubber_boots(ink: Ink) -> str:
    """A tall boot with a matt shine and a buckle."""
    upper = "M108 62 Q150 52 194 62 L198 206 Q214 232 268 240 Q318 248 324 282 L324 300 L98 300 Q104 180 108 62Z"
    return (
        shadow(330, 142)
        + _sole("M94 294H328Q334 302 328 312H98Q90 306 94 294Z", ink.deep)
        + ellipse((151, 61), (43, 9), ink.line)
        + solid(upper)
        + path("M122 72Q116 180 116 282", "none", 'stroke="#fff" stroke-width="9" stroke-linecap="round" opacity=".22"')
        + path("M106 70Q150 82 195 70L195 92Q150 104 106 92Z", ink.deep if ink.style != 1 else ink.accent)
        + path("M96 268Q200 262 324 272L324 300H98Z", ink.dark, 'opacity=".6"')
        + (
            box((128, 74), (44, 12), ink.pale, 3)
            + box((142, 69), (16, 22), "none", 4, 'stroke="#e9e2d2" stroke-width="3.4"')
            if ink.style
            else ""
        )
        + folds("M112 206Q150 222 192 208", "M120 230Q156 244 204 236")
        + stroke("M236 246Q290 250 312 272", "#fff", 5, 'opacity=".22"')
    )


def sandals(ink: Ink) -> str:
    """A pair from above: footbed and three straps."""
    bed = (
        "M150 70 Q186 66 186 130 Q184 170 180 214 Q186 300 164 332 Q144 350 122 332 Q100 300 104 226 Q104 "
        "150 116 108 Q128 72 150 70Z"
    )
    one = (
        path(bed, "#2f2a27", 'transform="translate(4 6)"')
        + path(bed, mix("#b9a184", ink.base, 0.25))
        + path(bed, "url(#s)")
        + dashes(
            "M150 80Q176 78 176 130Q174 170 170 214Q176 296 158 324Q144 336 128 324Q112 296 114 226Q114 150 "
            "126 108Q136 82 150 80Z",
            "#3a332d",
            1,
        )
        + solid("M98 176Q140 150 192 132L194 162Q144 178 100 206Z", ink.base)
        + solid("M106 134Q140 150 190 178L188 206Q140 182 104 164Z", ink.dark)
        + solid("M100 258Q142 240 186 256L186 282Q142 266 100 286Z", ink.base)
        + box((136, 246), (20, 30), ink.accent, 4)
        + (stroke("M104 192Q146 168 190 148", ink.accent, 3) if ink.style else "")
    )
    return shadow(344, 130) + moved(one, -6, 0) + f'<g transform="matrix(-1 0 0 1 406 0)">{one}</g>'
