"""Product pictures, drawn as SVG: `draw` is a pure function of the kind of product, its colour and its style."""

from collections.abc import Callable

from kanava.demo.model import Picture
from kanava.demo.pictures import accessories, camp, decor, footwear, gear, jackets, kitchen, textiles, tops
from kanava.demo.pictures.canvas import Ink, frame

_DRAWINGS: dict[str, Callable[[Ink], str]] = {
    "parka": jackets.parka,
    "rain-jacket": jackets.rain_jacket,
    "down-jacket": jackets.down_jacket,
    "softshell-jacket": jackets.softshell,
    "fleece": jackets.fleece,
    "vest": jackets.vest,
    "trousers": tops.trousers,
    "shorts": tops.shorts,
    "merino-top": tops.merino_top,
    "t-shirt": tops.t_shirt,
    "flannel-shirt": tops.flannel_shirt,
    "pullover": tops.pullover,
    "beanie": accessories.beanie,
    "sun-hat": accessories.sun_hat,
    "gloves": accessories.gloves,
    "socks": accessories.socks,
    "scarf": accessories.scarf,
    "umbrella": accessories.umbrella,
    "hiking-boots": footwear.hiking_boots,
    "trail-shoes": footwear.trail_shoes,
    "rubber-boots": footwear.rubber_boots,
    "sandals": footwear.sandals,
    "backpack": gear.backpack,
    "duffel": gear.duffel,
    "tent": camp.tent,
    "sleeping-bag": camp.sleeping_bag,
    "sleeping-mat": camp.sleeping_mat,
    "headlamp": camp.headlamp,
    "trekking-poles": gear.trekking_poles,
    "bottle": gear.bottle,
    "flask": gear.flask,
    "stove": camp.stove,
    "camp-chair": camp.camp_chair,
    "lantern": camp.lantern,
    "guidebook": gear.guidebook,
    "trail-mix": gear.trail_mix,
    "mug": kitchen.mug,
    "bowl": kitchen.bowl,
    "plate": kitchen.plate,
    "pan": kitchen.pan,
    "pot": kitchen.pot,
    "board": kitchen.board,
    "blanket": textiles.blanket,
    "cushion": textiles.cushion,
    "bed-linen": textiles.bed_linen,
    "towel": textiles.towel,
    "tablecloth": textiles.tablecloth,
    "rug": textiles.rug,
    "table-lamp": decor.table_lamp,
    "candle": decor.candle,
    "vase": decor.vase,
    "basket": decor.basket,
}

# Clothes leave a margin for their shadow; a little larger they fill the frame as the other things do.
_LARGER = frozenset(
    "parka rain-jacket down-jacket softshell-jacket fleece vest shorts merino-top t-shirt flannel-shirt "
    "pullover scarf".split()
)
_DETAILS: dict[str, str] = {
    "hiking-boots": "140 90 190 190",
    "trail-shoes": "110 150 180 180",
    "headlamp": "100 180 180 180",
    "gloves": "40 190 170 170",
    "socks": "150 170 180 180",
    "sun-hat": "90 110 220 220",
    "beanie": "110 180 180 180",
    "bowl": "50 140 190 190",
    "plate": "50 60 190 190",
    "pan": "30 130 200 200",
    "blanket": "50 160 190 190",
    "camp-chair": "100 60 200 200",
    "tablecloth": "20 170 180 180",
    "rug": "40 150 180 180",
    "towel": "105 180 180 180",
    "stove": "110 90 180 180",
    "cushion": "60 60 200 200",
    "duffel": "110 100 190 190",
    "candle": "110 60 180 180",
}
"""Where the close-up looks, as a view box; the others look at the upper middle."""


def draw(product_type: str, colour: str, style: int = 0, look: str = "", view: str = "front") -> str:
    """Draw a product as an SVG file; `colour` is `#rrggbb`, `style` 0 to 2, `view` is `front` or `detail`."""
    ink = Ink(colour, style, look)
    box = _DETAILS.get(product_type, "110 60 180 180") if view == "detail" else "0 0 400 400"
    body = _DRAWINGS[product_type](ink)
    if product_type in _LARGER:
        body = f'<g transform="translate(-26 -16) scale(1.13)">{body}</g>'
    return frame(ink, body, box)


def draw_picture(picture: Picture) -> str:
    """Draw what a record of the retailer says."""
    return draw(picture.product_type, picture.hex, picture.style, picture.look, picture.view)
