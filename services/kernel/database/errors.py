"""What can go wrong with a database, in the words of the port."""


class Passing(Exception):
    """The database cannot do it now: locked, full, gone. Nothing has happened; the same work may succeed."""


class Knotted(Passing):
    """Two transactions were in each other's way: it may succeed at once."""


class Unsure(Passing):
    """A COMMIT failed, and nobody knows whether it happened: what is repeated carries its own keys."""


class Collision(Exception):
    """A row with this key is there already."""


class StoreUnusable(Exception):
    """The database cannot be used as it is; the message says why, in Chinese and English, with no secret."""
