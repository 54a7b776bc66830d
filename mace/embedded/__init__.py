"""PostgreSQL and Valkey out of wheels, for the demonstration, development and tests.

Nothing here runs in production.
"""
