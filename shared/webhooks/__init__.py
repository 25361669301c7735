"""Webhooks: who hears of which job's end, and how it is signed, sent and tried again."""
