"""What a product held, as its history says it."""

from kanava.catalog.model import AttributeDefinition
from kanava.web.console.history_words import HistoryWords

FAMILY = {
    "height": AttributeDefinition("measure", unit="cm", scale=1),
    "material": AttributeDefinition("choice", choices=["wool"], choice_names={"wool": {"sl": "volna"}}),
    "status": AttributeDefinition("text"),
    "washable": AttributeDefinition("boolean"),
}
WORDS = HistoryWords("sl", {}, FAMILY)


def test_attributes_are_written_as_their_forms_show_them() -> None:
    assert WORDS.value("attributes.height", 125) == "12.5 cm"
    assert WORDS.value("attribute.height", "12.5") == "12.5", "what a form sent is written already"
    assert WORDS.value("attributes.material", "wool") == "volna"
    assert WORDS.value("attributes.washable", True) == "Da"
    assert WORDS.value("attributes.status", "active") == "active", "an attribute is not the status of the product"
    assert WORDS.value("variants.CUP.attributes", {"height": 125}).endswith(": 12.5 cm")
