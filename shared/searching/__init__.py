"""Searches: engines that know images by keywords, asked by their documented interfaces."""
