"""What a service lets us do: limits, budgets, backoff, the kinds of "no". Pure."""
