"""What a site may meet on a bad day, brought about on purpose: each module is one kind of fault."""
