"""Reads web pages and feeds for the images that they show."""
