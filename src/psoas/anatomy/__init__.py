"""What the literature measured: data, no physics.

`tables` reads the CSV files beside it, one measured value a row; `sources` reads ``sources.bib``. A number is
edited by editing its row.
"""
