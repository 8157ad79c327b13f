"""What counted for and against a place, in the reader's words."""

from kanava.sourcing.routing.model import Charge
from kanava.web.common.formatting import Format
from kanava.web.common.translations import translations_of
from kanava.web.console.labels import N

WORDS = {
    "parcel": N("Parcel"),
    "parcel_domestic": N("Parcel within the country"),
    "parcel_abroad": N("Parcel to another country"),
    "parcel_handling": N("Packing of a parcel"),
    "prefer": N("Preferred: %(rule)s"),
    "avoid": N("Avoided: %(rule)s"),
    "preference_limit": N("A preference counts no more than the parcel costs"),
    "scarcity": N("The place is expected to sell these units itself"),
}


def words_of(charge: Charge, language: str) -> str:
    """Say why an amount counted."""
    translations, form, number = translations_of(language), Format(language), charge.number
    if charge.kind == "carrier":
        return translations.gettext("Carrier, parcel of %(weight)s") % {"weight": form.weight(number)}
    if charge.kind in WORDS:
        return translations.gettext(WORDS[charge.kind]) % {"rule": charge.rule}
    ngettext = translations.ngettext
    said = {
        "unit_handling": ngettext("Picking of %(num)s unit", "Picking of %(num)s units", number),
        "busy_hours": ngettext("%(num)s hour of work waits there", "%(num)s hours of work wait there", number),
        "late_days": ngettext("Leaves in %(num)s day", "Leaves in %(num)s days", number),
        "further_parcels": ngettext("%(num)s further parcel", "%(num)s further parcels", number),
    }[charge.kind]
    return said % {"num": form.number(number)}
