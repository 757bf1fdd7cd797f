"""The language all services share: what happened, to which case, in whose words.

Pure: no network, no clock, no randomness of its own (both arrive as arguments); the only files
touched are the ones whose path is handed in. Imports nothing but itself and libraries.
"""
