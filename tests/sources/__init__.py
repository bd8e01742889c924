"""The sample world: one loopback stand-in a source, speaking its publisher's true protocol, and what it serves.

Every organisation, person, address and number in `samples/` is invented; the formats are not.
"""
