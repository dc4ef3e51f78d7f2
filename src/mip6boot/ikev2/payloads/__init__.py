"""The payloads of IKEv2, one module each."""
