"""Ways to rest, their cues and the session's table as data; :mod:`psoas.session` reads them."""
