"""The training corpus: captured motion imported, cleaned, mirrored, captioned, and edits that fill what is missing."""
