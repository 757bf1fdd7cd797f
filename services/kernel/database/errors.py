"""What can go wrong with a database, in the words of the port."""


class Passing(Exception):
    """The database cannot do it now: locked, full, gone, a deadlock. The same work may succeed later.

    From a COMMIT, nobody knows whether it happened: what is repeated carries its own keys.
    """


class Collision(Exception):
    """A row with this key is there already."""


class StoreUnusable(Exception):
    """The database cannot be used as it is; the message says why, in Chinese and English, with no secret."""
