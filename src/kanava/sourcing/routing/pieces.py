"""Cutting an order's wants into the pieces that the exact search divides."""

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kanava.sourcing.routing.rules import LINES_EXACT_MAX, Want


def is_complete(
    wants: Sequence[Want], holds: npt.NDArray[np.int64], sizes: Sequence[Sequence[int]], *, by_weight: bool
) -> bool:
    """Say whether the pieces allow every division that can cost less.

    Pieces of one unit do. Wholes do where no place holds only a part, unless parcels cost by weight: then half of them
    in another parcel may keep both below a limit.
    """
    return all(
        len(cut) == want.quantity or (not by_weight and not bool(((row > 0) & (row < want.quantity)).any()))
        for want, row, cut in zip(wants, holds, sizes, strict=True)
    )


def cut_into_pieces(wants: Sequence[Want], holds: npt.NDArray[np.int64], *, by_weight: bool) -> list[list[int]] | None:
    """Cut the wants into pieces that may come from different places; None when there would be too many.

    A want that some place holds whole stays whole, unless there is room: then it is cut too, since two places that
    hold a part of it each may cost less together. Up to the limit units are pieces; larger quantities are cut where the
    largest holdings end, which is exact for two places.
    """
    sizes: list[list[int] | None] = []
    for want, row in zip(wants, holds, strict=True):
        sizes.append([want.quantity] if int(row.max()) >= want.quantity else None)
    room = LINES_EXACT_MAX - sum([size is not None for size in sizes])
    must = [index for index, size in enumerate(sizes) if size is None]
    for number, index in enumerate(must):
        share = room // (len(must) - number)
        cut = _pieces(wants[index].quantity, holds[index], share)
        if cut is None:
            return None
        sizes[index] = cut
        room -= len(cut)
    may = sorted(
        [i for i, want in enumerate(wants) if want.quantity > 1 and i not in must], key=lambda i: wants[i].quantity
    )
    for index in may:
        if room < 1:
            break
        if not by_weight and not bool(((holds[index] > 0) & (holds[index] < wants[index].quantity)).any()):
            continue
        cut = _pieces(wants[index].quantity, holds[index], room + 1)
        if cut is not None:
            sizes[index] = cut
            room -= len(cut) - 1
    return [size for size in sizes if size is not None]


def _pieces(quantity: int, row: npt.NDArray[np.int64], many: int) -> list[int] | None:
    if quantity <= many:
        return [1] * quantity
    partial = np.unique(row[(row > 0) & (row < quantity)])[::-1]
    cuts: set[int] = set()
    for held in partial.tolist():
        new = {held, quantity - held} - cuts
        if len(cuts) + len(new) > many - 1:
            break
        cuts |= new
    edges = [0, *sorted(cuts), quantity]
    sizes = [after - before for before, after in itertools.pairwise(edges)]
    largest = int(row.max())
    if any(size > largest for size in sizes) or len(sizes) > many:
        return None
    return sizes
