"""Verbs of carts."""

from kanava.carts.service.editing import Target, add_lines, create_cart, edit_cart, remove_line, set_line
from kanava.carts.service.handing_over import get_hand_over, hand_over_signer, offer_hand_over, take_hand_over
from kanava.carts.service.holding import CartToPlace, cart_to_place, hold, release
from kanava.carts.service.showing import get_cart

__all__ = [
    "CartToPlace",
    "Target",
    "add_lines",
    "cart_to_place",
    "create_cart",
    "edit_cart",
    "get_cart",
    "get_hand_over",
    "hand_over_signer",
    "hold",
    "offer_hand_over",
    "release",
    "remove_line",
    "set_line",
    "take_hand_over",
]
