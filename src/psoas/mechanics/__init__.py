"""Cited equations: pure functions on arrays. Coefficients come from the anatomy tables."""
