"""Sums that merge by addition: histograms, how inputs drift, and adding rows up."""
