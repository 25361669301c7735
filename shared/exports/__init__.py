"""Archives and tables of a dataset, written as a stream that another process can go on with."""
