"""Languages that shops, channels and texts of the retailer are in."""

from kanava.platform.errors import InvalidInput


def check_language(tag: str, field: str = "language") -> str:
    """Give the tag back when it names a language that CLDR knows; InvalidInput names `field` when it does not."""
    from babel import localedata  # loading Babel takes 30 ms: only where something is written

    if not localedata.exists(tag.replace("-", "_")):
        raise InvalidInput(f"{tag!r} is not a language that Kanava knows (BCP 47).", field=field)
    return tag
