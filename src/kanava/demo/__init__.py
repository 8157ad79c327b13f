"""The demo retailer: a made-up chain for outdoor clothing and home goods in four countries.

`generate` gives the whole retailer as frozen records, a pure function of a seed; `load` writes it through the services
of the modules; `pictures` draws its products. Owns no tables.
"""
