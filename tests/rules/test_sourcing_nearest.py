"""The nearest stores, against measuring every one of them."""

from hypothesis import given
from hypothesis import strategies as st

from kanava.sourcing.nearest import NearestStores, distance_metres

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


@given(st.lists(st.tuples(latitudes, longitudes), max_size=40), latitudes, longitudes, st.integers(1, 8))
def test_the_search_finds_what_measuring_every_store_finds(positions, latitude, longitude, count):
    index = NearestStores((number, *position) for number, position in enumerate(positions))
    measured = sorted(
        (distance_metres(latitude, longitude, *position), number) for number, position in enumerate(positions)
    )
    assert index.nearest(latitude, longitude, count) == [(number, round(metres)) for metres, number in measured[:count]]


def test_distances_are_those_of_the_earth():
    # Ljubljana to Zagreb is 117 km as the crow flies; a degree of latitude is 111 km.
    assert round(distance_metres(46.0511, 14.5051, 45.8150, 15.9819) / 1000) == 117
    assert round(distance_metres(0, 0, 1, 0) / 100) == 1112


def test_the_date_line_and_the_pole_are_no_walls():
    index = NearestStores([(1, 0.0, 179.9), (2, 0.0, 170.0), (3, 89.9, 0.0)])
    assert index.nearest(0.0, -179.9, 1)[0][0] == 1
    assert index.nearest(89.9, 180.0, 1) == [(3, 22239)]
