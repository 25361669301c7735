"""PostgreSQL: the driver, and transactions."""
