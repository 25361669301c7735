"""What more than one operation asks of the database, and who may see which row."""
