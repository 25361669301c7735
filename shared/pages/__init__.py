"""What web pages and feeds say about their images."""
