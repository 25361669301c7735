"""Projects as their owners see them."""
