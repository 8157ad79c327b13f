"""What a plan costs, in words. Pure."""

from collections.abc import Sequence

from kanava.sourcing.routing.model import Charge, Need, Part, Places, Plan, ScarcityPrices, Terms


def charges_of(
    plan: Plan, needs: Sequence[Need], places: Places, terms: Terms, scarcity: ScarcityPrices | None = None
) -> dict[int, list[Charge]]:
    """Say in words what a plan's shipping costs, by place; 0 holds what is of the order as a whole."""
    own = {need.line_no for need in needs if need.location_id is not None}
    weights = {need.line_no: need.weight_grams for need in needs}
    by_place: dict[int, list[Part]] = {}
    for part in plan.parts:
        if part.line_no not in own:
            by_place.setdefault(part.location_id, []).append(part)
    charges: dict[int, list[Charge]] = {}
    for location_id, parts in by_place.items():
        place = places.ordered[places.index[location_id]]
        count = sum([part.quantity for part in parts])
        weight = sum([part.quantity * weights[part.line_no] for part in parts])
        listed = list(place.charges) or [Charge(place.parcel_cost_minor, "parcel", "parcel")]
        if place.tariff is not None:
            said = f"carrier, parcel of {weight:,} g"
            listed.append(Charge(place.tariff.cost_of(weight), said, "carrier", weight))
        if place.unit_cost_minor:
            said = f"handling of {count} units"
            listed.append(Charge(place.unit_cost_minor * count, said, "unit_handling", count))
        rare = sum([(scarcity or {}).get((part.variant_id, location_id), 0) * part.quantity for part in parts])
        if rare:
            said = "scarcity: the place is expected to sell these units itself"
            listed.append(Charge(rare, said, "scarcity"))
        charges[location_id] = listed
    if len(by_place) > 1 and terms.split_penalty_minor:
        further = len(by_place) - 1
        said = f"{further} further parcels"
        charges[0] = [Charge(terms.split_penalty_minor * further, said, "further_parcels", further)]
    return charges
