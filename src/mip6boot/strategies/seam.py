from hypothesis import strategies as st
from .legal import legal_messages
def hostile_messages(cls, **fields):
    return st.tuples(legal_messages(cls, **fields), st.integers(0, 10000), st.binary(max_size=3)).map(lambda t: (lambda o, at: o[:at] + t[2] + o[at+len(t[2]):])(t[0].encode(), t[1] % (len(t[0].encode())+1)))
def mutated(cls, octets, rng):
    out = bytearray(octets)
    for _ in range(rng.randrange(1, 4)):
        if out: out[rng.randrange(len(out))] = rng.randrange(256)
    if not rng.randrange(4): del out[rng.randrange(len(out)+1):]
    return bytes(out)
