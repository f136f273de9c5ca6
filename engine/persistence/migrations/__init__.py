"""How stores came to have the tables they have: Alembic revisions, loaded only to upgrade one."""
