"""What places cost an order: rules, load, lateness."""

from datetime import UTC, datetime

from kanava.sourcing.routing.costing import Conditions, OrderFacts, Router, Site
from kanava.sourcing.routing.ruleset import Costs, LiveRuleset, Rule, When

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
SITES = [
    Site(1, "WH", "warehouse", "SI", "Europe/Ljubljana", 300, 1200, 100),
    Site(2, "LJ", "store", "SI", "Europe/Ljubljana", 300, 1200, 20),
    Site(3, "ZG", "store", "HR", "Europe/Zagreb", 250, 900, 20),
    Site(4, "CLOSED", "store", "SI", "Europe/Ljubljana", 100, 100, 0),
]
SERVING = {1: 0, 2: 0, 3: 0, 4: 0}


def costs(router, now=SUNDAY, **facts):
    setting = router.setting(SERVING, OrderFacts(**{"channel": "web", "country": "SI", **facts}), now)
    return {place.location_id: place.parcel_cost_minor for place in setting.places.ordered}


def test_warehouses_come_first_at_the_same_cost_and_who_can_do_nothing_is_left_out():
    assert list(costs(Router(SITES, LiveRuleset()))) == [1, 2, 3]
    assert costs(Router(SITES, LiveRuleset()), country="HR") == {3: 250, 1: 1200, 2: 1200}


def test_a_rule_counts_where_everything_it_names_holds():
    rules = [
        Rule("Shops rest", "avoid", When(kinds=["store"], weekdays=["sunday"]), amount_minor=70),
        Rule("Dear goods from the warehouse", "never", When(kinds=["store"], value_from_minor=9_000)),
        Rule("Tents are in Zagreb", "prefer", When(locations=["ZG"], categories=["tents"]), amount_minor=5_000),
        Rule("Islands", "parcels_max", When(regions=["Krk"]), parcels_max=2),
    ]
    router = Router(SITES, LiveRuleset(7, Costs(), rules))
    assert costs(router) == {1: 300, 2: 370, 3: 970}
    assert costs(router, now=SATURDAY) == {1: 300, 2: 300, 3: 900}
    assert costs(router, value_minor=9_000) == {1: 300}
    # A preference counts no more than the parcel costs.
    assert costs(router, now=SATURDAY, categories=frozenset({"tents"}))[3] == 0
    facts = OrderFacts("web", "SI", "Krk")
    assert router.setting(SERVING, facts, SUNDAY).terms.parcels_max == 2


def test_work_that_waits_and_days_that_pass_count():
    router = Router(SITES, LiveRuleset(1, Costs(late_day_minor=100, busy_hour_minor=10), ()))
    assert costs(router)[2] == 300
    router.observe(Conditions(1, {1: 99, 2: 65}, {3: 2}))
    assert costs(router) == {1: 300, 2: 330, 3: 1100}
