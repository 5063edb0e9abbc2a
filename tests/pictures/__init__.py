"""The pictures of README, taken from the running product: `make pictures`."""
