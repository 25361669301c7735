"""What happens around a handler: parse, authorise, one transaction, answer, claim a delivery."""
