"""How far the model is from people: published numbers against ours, and a population at rest."""
