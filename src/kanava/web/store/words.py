"""Kinds, states, reasons and refusals of fulfilment, in words for the person who holds the phone."""

from collections.abc import Callable, Mapping, Sequence
from gettext import NullTranslations

from kanava.fulfilment.errors import (
    CodeUnknown,
    CollectionCodeWrong,
    CollectionLocked,
    FulfilmentOnHold,
    NothingToDo,
    ParcelOutdated,
    PlaceCannot,
    TakenBySomebody,
    TooManyHandedOver,
    TooManyPacked,
    TooManyPicked,
    TooManyRejected,
    WrongItem,
    WrongState,
)
from kanava.platform.errors import KanavaError
from kanava.web.common.errors import N, words_for
from kanava.web.common.translations import translations_of
from kanava.web.store.forms import Incomplete

KINDS = {"ship": N("Ship"), "pickup": N("Pickup"), "curbside": N("Curbside")}
KIND_ICONS = {"ship": "truck", "pickup": "shopping-bag", "curbside": "car"}
STATES = {
    "open": N("To pick"),
    "picking": N("Being picked"),
    "picked": N("Picked"),
    "packed": N("Packed"),
    "ready": N("Ready to hand over"),
    "shipped": N("Shipped"),
    "delivered": N("Delivered"),
    "failed": N("Could not be delivered"),
    "returned": N("Came back"),
    "collected": N("Collected"),
    "expired": N("Not collected in time"),
    "cancelled": N("Nothing left to do here"),
}
PARCEL_STATES = {
    "packed": N("Packed"),
    "shipped": N("Shipped"),
    "in_transit": N("On its way"),
    "out_for_delivery": N("Out for delivery"),
    "delivered": N("Delivered"),
    "failed": N("Could not be delivered"),
    "returned": N("Came back"),
}
GROUPS = {
    "late": N("Late"),
    "hour": N("Within the hour"),
    "today": N("Today"),
    "later": N("Later"),
}
REASONS = {
    "not_found": (N("Not found"), N("Nothing of it is promised to anybody until the shelf is counted.")),
    "damaged": (N("Damaged"), N("The damaged piece is not sold any more.")),
    "display_piece": (N("Display piece"), N("The piece stays on display and is not promised again.")),
    "no_capacity": (N("No time for it"), N("The stock stays as it is; only the work goes elsewhere.")),
}
DOCUMENTS = {
    "identity_card": N("Identity card"),
    "passport": N("Passport"),
    "driving_licence": N("Driving licence"),
    "residence_permit": N("Residence permit"),
    "other": N("Another document"),
}
DISPOSITIONS = {
    "restock": N("Back on the shelf"),
    "quarantine": N("Put aside"),
    "scrap": N("Cannot be sold"),
}
SAID = {
    "taken": N("It is yours now."),
    "released": N("It is back on the board."),
    "picked": N("All picked."),
    "moved": N("Another place has these units now; nothing is left to do for them here."),
    "stuck": N("Nobody else has these units. They stay with this order; please ask the customer."),
    "again": N("There are more on the shelf: please pick another piece."),
    "answered": N("Done, as the customer decided."),
    "packed": N("Packed."),
    "unpacked": N("Unpacked; the units are picked again."),
    "shipped": N("Handed to the carrier."),
    "staged": N("Put at the bay."),
    "ready": N("Ready: the customer is told and gets a code."),
    "handed": N("Handed over."),
    "part": N("Handed over in part; the rest still waits here."),
    "returned": N("Taken back."),
}
"""What has just been done; a page says it once, after the form that did it."""

_SENTENCES: dict[type[KanavaError], str] = {
    FulfilmentOnHold: N("The order is on hold: nothing of it may be worked on."),
    CodeUnknown: N("Nothing has this barcode or article number."),
    WrongState: N("This has moved on in the meantime. Here is how it stands now."),
    PlaceCannot: N("That place cannot do it: it has not enough, or does not hand over this way."),
    ParcelOutdated: N("Something in the parcel is no longer wanted. Please unpack it and pack what is left."),
    NothingToDo: N("There is nothing to do this with: pick something first."),
    TooManyRejected: N("That is more than is still open here."),
    TooManyPacked: N("That is more than is picked."),
    TooManyHandedOver: N("That is more than is here."),
}


def in_words(error: KanavaError, language: str, titles: Callable[[Sequence[str]], str] = ", ".join) -> str:
    """Say what was refused and what to do; `titles` names articles by their skus."""
    translations = translations_of(language)
    if isinstance(error, Incomplete):
        return translations.gettext(error.detail)
    if isinstance(error, WrongItem):
        return _wrong_item(error, translations, titles)
    with_facts = next((say for kind, say in _WITH_FACTS.items() if isinstance(error, kind)), None)
    if with_facts:
        return with_facts(error.extra, translations)
    sentence = next((each for kind, each in _SENTENCES.items() if isinstance(error, kind)), None)
    return translations.gettext(sentence) if sentence else words_for(error.status, language)


def _wrong_item(error: KanavaError, texts: NullTranslations, titles: Callable[[Sequence[str]], str]) -> str:
    _ = texts.gettext
    scanned, wanted = (
        titles([str(error.extra["scanned"])]),
        titles([str(each) for each in _list(error.extra["wanted"])]),
    )
    if not wanted:
        return _("This is %(scanned)s; nothing more is wanted here.") % {"scanned": scanned}
    return _("This is %(scanned)s. Wanted: %(wanted)s.") % {"scanned": scanned, "wanted": wanted}


def _taken(facts: Mapping[str, object], texts: NullTranslations) -> str:
    _ = texts.gettext
    return _("%(name)s has this.") % {"name": facts.get("assigned_name") or facts.get("assigned_to")}


def _too_many(facts: Mapping[str, object], texts: NullTranslations) -> str:
    _, ngettext = texts.gettext, texts.ngettext
    left = _int(facts.get("to_pick"))
    text = ngettext("Only %(num)d more is to be picked.", "Only %(num)d more are to be picked.", left)
    return text % {"num": left} if left else _("All of this is picked already.")


def _wrong_code(facts: Mapping[str, object], texts: NullTranslations) -> str:
    _, ngettext = texts.gettext, texts.ngettext
    left = _int(facts.get("tries_left"))
    text = ngettext(
        "The code is wrong. It can be tried %(num)d more time.",
        "The code is wrong. It can be tried %(num)d more times.",
        left,
    )
    return text % {"num": left} if left else _("The code is wrong.")


def _locked(facts: Mapping[str, object], texts: NullTranslations) -> str:
    ngettext = texts.ngettext
    minutes = -(-_int(facts.get("retry_after_seconds")) // 60)
    text = ngettext(
        "Too many wrong codes: no code is taken for %(num)d minute. You may look at an identity document instead.",
        "Too many wrong codes: no code is taken for %(num)d minutes. You may look at an identity document instead.",
        minutes,
    )
    return text % {"num": minutes}


_WITH_FACTS: dict[type[KanavaError], Callable[[Mapping[str, object], NullTranslations], str]] = {
    TakenBySomebody: _taken,
    TooManyPicked: _too_many,
    CollectionCodeWrong: _wrong_code,
    CollectionLocked: _locked,
}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else [value]


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
