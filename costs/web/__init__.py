"""The portal's pages about costs: what reports say, as HTML for people."""
