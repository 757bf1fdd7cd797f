"""What a store writes to and reads from: the port, SQLite and PostgreSQL, and their schema.

url.py picks ─▶ sqlite.py | postgres.py (port.Database) ─▶ port.Writing, under Tx
                sessions.py: SQLModel sessions for readers and for the people's store
                schema.py: which version a database has; versions as Alembic scripts beside the tables
"""
