"""Calling other people's systems without being led astray: where a call may go (`addresses`), how it goes
(`client`) and what becomes of every kind of answer (`answers`)."""
