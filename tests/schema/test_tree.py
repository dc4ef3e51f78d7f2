"""The tree that people read."""

from __future__ import annotations

from mip6boot import mipv6


def test_a_message_with_everything() -> None:
    octets = bytes.fromhex(
        "3b040500000000010000000a"  # a Binding Update
        "0000"  # padding that an encoder would not write
        "c8020102"  # an unknown option
        "0402aabb"  # a Nonce Indices option that is too short
        "02080102030405060708"  # a Binding Refresh Advice that is too long
        "090a0b0c0d0e0f10"  # an option that runs over the end
    )
    message = mipv6.decode(octets, lenient=True)
    assert message.encode() == octets
    lines = str(message).splitlines()
    assert lines[0] == "BindingUpdate"
    assert "  flags: none" in lines
    assert "  lifetime: 40" in lines
    assert "    UnknownMobilityOption" in lines
    assert lines.count("    MalformedMobilityOption") == 3
    assert "      needs 2 octets, 0 left (care_of_nonce_index, octet 22)" in lines


def test_values_of_a_wrong_type_are_shown_all_the_same() -> None:
    update = mipv6.BindingUpdate(1, flags="text", options=())  # type: ignore[arg-type]
    assert "flags: 'text'" in str(update)
    text = mipv6.ServiceSelection("\x1b[31mred")
    assert "\x1b" not in str(text)
