"""Plans before they apply: tried on past periods, told to the firms they will concern, and objectives proposed."""
