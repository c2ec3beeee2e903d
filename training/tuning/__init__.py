"""Search for the settings that serve a site's readers best."""
