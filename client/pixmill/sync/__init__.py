"""(Written by `make contracts` from `pixmill/aio/`.) Clients and resources whose methods are awaited."""
