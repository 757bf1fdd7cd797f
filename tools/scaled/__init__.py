"""`make up-scaled`: the whole of Yikou as it is scaled out, on one machine and without containers.

Real Kafka and PostgreSQL, every service as its own process (some twice), nginx in front of them, and the
demo's company. Not part of the product: docker-compose.yml is how it is installed.
"""
