"""Policies: what a retailer tells the customers of a country, such as its terms and how it uses their data.

Table: `policy`. A policy is written in CommonMark, once for each country, kind and language.
"""
