"""mip6boot speaks Mobile IPv6 bootstrapping."""
