"""Attribute-value pairs, a module for each family of documents."""
