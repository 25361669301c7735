"""The runtime around every handler: parse, authorise, one transaction, answer, claim a delivery."""
