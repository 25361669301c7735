"""Runs models of strangers: checked as data, loaded in a process that can do little."""
