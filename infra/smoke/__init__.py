"""Shows that a deployment works: the main job from first to last, against any address."""
