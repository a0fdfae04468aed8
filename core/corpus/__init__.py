"""A corpus is a table of clips and a root folder; read it, check it, audit it."""
