"""Images: their rows, which of them are copies, and how they are shown."""
