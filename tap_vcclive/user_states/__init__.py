"""What agents have done, state by state: pages without totals, by the day. Knows no Singer."""
