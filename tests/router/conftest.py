"""The router on each store, for every test here that asks for it."""

from tests.router.timing import router

__all__ = ["router"]
