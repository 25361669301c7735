"""Numbers about what has happened: sums, histograms, drift, and the answers made of them."""
