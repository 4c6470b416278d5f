"""The map: what is drawn where; pure, so that it is tested without a screen."""
