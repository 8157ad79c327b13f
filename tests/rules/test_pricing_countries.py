"""Country codes."""

import pytest
from babel import Locale
from eu_vat_rates_data import get_all_rates

from kanava.platform.countries import COUNTRIES, check_country
from kanava.platform.errors import InvalidInput


def test_every_country_is_one_that_babel_names_and_every_vat_country_is_known() -> None:
    named = set(Locale("en").territories)
    assert COUNTRIES - named - {"XI"} == set()
    assert set(get_all_rates()) <= COUNTRIES
    assert len(COUNTRIES) == 251


@pytest.mark.parametrize("code", ["ZZ", "EU", "UN", "si", "", "SVN"])
def test_a_code_that_is_no_country_is_refused_with_its_field(code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_country(code, "ship_to.country")
    assert caught.value.errors[0].field == "ship_to.country"
