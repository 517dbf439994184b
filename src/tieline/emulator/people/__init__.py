"""Users and external contacts: whom a flow of the guides is launched for."""
