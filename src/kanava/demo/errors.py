"""Why the demo retailer is not loaded."""

from kanava.platform.errors import Conflict, KanavaError


class ShopNotEmpty(Conflict):
    """The database has products already; the demo retailer is for an empty one."""

    title = "The database has products already."


class DemoRefused(KanavaError):
    """A module refused rows of the demo retailer; nothing was loaded."""

    status = 500
    title = "The demo retailer does not fit this version."
