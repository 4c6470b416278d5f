"""The app in a browser; only here is there a web server."""
