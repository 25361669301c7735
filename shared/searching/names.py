"""The names of the engines, in the order in which their results are merged."""

from typing import Literal

EngineName = Literal["openverse", "wikimedia", "flickr", "pexels", "unsplash", "google"]
"""Engine that knows images by keywords."""
