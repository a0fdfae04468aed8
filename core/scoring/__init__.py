"""How many items are worked through: in this process, on a pool of processes or on Ray, behind one interface."""
