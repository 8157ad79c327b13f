"""What a page of products is narrowed by, and what pages draw once."""

from kanava.search.model import Facet, FacetValue
from kanava.web.shop.facet_boxes import FACETS_SHOWN, most_useful
from kanava.web.shop.layout import Menu


def facet(number: int, count: int, *, chosen: bool = False) -> Facet:
    values = [FacetValue("a", "a", count, chosen), FacetValue("b", "b", 1, chosen=False)]
    return Facet(f"attribute.{number:02}", "", "choice", "", 0, values)


def test_a_broad_category_shows_the_facets_of_most_products_and_those_that_are_chosen():
    facets = [facet(number, count=number) for number in range(20)] + [facet(20, 0, chosen=True)]
    shown = [each.code for each in most_useful(facets)]
    assert shown == [f"attribute.{number:02}" for number in (*range(21 - FACETS_SHOWN, 20), 20)]
    assert most_useful(facets[:3]) == facets[:3]


def test_a_facet_with_a_single_value_is_nothing_to_choose():
    alone = Facet("brand", "", "choice", "", 0, [FacetValue("a", "a", 5, chosen=False)])
    assert most_useful([alone]) == []


def test_a_menu_is_drawn_once_for_each_market_and_language():
    menu, drawn = Menu(), iter("abc")
    asked = [("wide", "/si/sl"), ("wide", "/si/sl"), ("wide", "/si/en"), ("narrow", "/si/sl"), ("wide", "/si/sl")]
    assert [menu.once(name, base, lambda: next(drawn)) for name, base in asked] == ["a", "a", "b", "c", "a"]
