"""A simulation as one HTML page: no other file, nothing from the network, light and dark."""
