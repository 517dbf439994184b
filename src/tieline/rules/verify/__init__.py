"""Proofs about a rule set, over every record its fields allow."""
