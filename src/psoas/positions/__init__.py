"""Positions as data, one file each; :mod:`psoas.position` reads them."""
