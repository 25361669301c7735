"""A walk through the main job, as a user would do it, on a photo site of its own."""
