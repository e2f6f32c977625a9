"""Standing and sitting: the posture of least muscle effort among those in balance, and what the muscles do in it."""
