"""Programs for those who keep the project's data up to date; the product runs without them."""
