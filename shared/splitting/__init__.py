"""Groups a project's images by what must not be separated, and gives each group a split."""
