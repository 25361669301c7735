"""Messages: what they say, how they leave after commit, and how they arrive."""
