"""Policies and bank accounts of the demo retailer: samples in the language of each country, and in English."""

from collections.abc import Iterator

import msgspec

from kanava.demo.words import policy_texts
from kanava.policies.model import PolicyInput, PolicyKey


class Company(msgspec.Struct, frozen=True):
    """Who sells in a country: a made-up company with a sample account."""

    name: str
    address: str
    language: str
    iban: str
    bic: str


COMPANIES = {
    "SI": Company(
        "Jelovir trgovina d.o.o.", "Slovenska cesta 55a, 1000 Ljubljana", "sl", "SI56263300012039086", "JELVSI2X"
    ),
    "HR": Company("Jelovir Hrvatska d.o.o.", "Ilica 37, 10000 Zagreb", "hr", "HR1210010051863000160", "JELVHR2X"),
    "PL": Company(
        "Jelovir Polska sp. z o.o.", "ul. Marszałkowska 98, 00-510 Warszawa", "pl",
        "PL61109010140000071219812874", "JELVPLPW",
    ),
    "HU": Company(
        "Jelovir Magyarország Kft.", "Andrássy út 35, 1061 Budapest", "hu",
        "HU42117730161111101800000000", "JELVHUHB",
    ),
}  # fmt: skip


def policies() -> Iterator[tuple[PolicyKey, PolicyInput]]:
    """Give every policy of every country."""
    for country, company in COMPANIES.items():
        for language in (company.language, "en"):
            for kind, text in policy_texts(language).items():
                # A name that ends in a full stop ends the sentence too.
                body = text["body"].replace("{company}.", company.name.removesuffix(".") + ".")
                body = body.replace("{company}", company.name).replace("{address}", company.address)
                key = msgspec.convert({"country": country, "kind": kind, "language": language}, PolicyKey)
                yield key, PolicyInput(text["title"], body)
