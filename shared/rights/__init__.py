"""The signals by which sites and files say what may be done with their content."""
