"""How fast it is, measured: `make bench`. Never a part of the tests."""
