"""An event planner: people sign up, announce events and find those of others. ``python -m planner`` starts it."""
