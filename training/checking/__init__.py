"""Check a site's files as training would read them, and advise on problems."""
