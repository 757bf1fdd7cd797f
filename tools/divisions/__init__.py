"""Makes services/domain/tables/divisions.txt: the national table of divisions, from public packages.

packages ─▶ build ─▶ services/domain/tables/{divisions.txt, licences/}

How to renew it, and what comes from where: services/domain/tables/README.md.
"""
