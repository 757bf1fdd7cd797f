"""How often addresses are read rightly, on invented ones: python -m tools.accuracy.measure --help.

Streets are split in two by their code: rules are tuned on one part only, figures are reported of the other.
"""
