"""What every face shares: rendering, languages, formats, assets, security headers, sessions, error pages."""
